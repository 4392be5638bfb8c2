"""Letters that let somebody in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.people import Role

_OPEN = text("accepted_at is null and taken_back_at is null")


class Invitation(SQLModel, table=True):
    """A letter that lets one person begin to act for a firm. Only the hash of its secret is kept.

    `organisation_id` is the firm: known from the start when a colleague is asked, and from the registration on when
    the firm comes with its owner. `procurer_id` is who asked a firm to come; without it, it asked by itself. A letter
    that is sent again is the same invitation with another secret.
    """

    __table_args__ = (
        Index(
            "one_open_invitation",
            "person_id",
            "organisation_id",
            "procurer_id",
            "role",
            text("lower(firm_name)"),
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_invitation_procurer_id_id",
            "procurer_id",
            "id",
            postgresql_where=text("procurer_id is not null"),
        ),
        CheckConstraint(
            "accepted_at is null or organisation_id is not null", name="invitation_accepted_names_firm"
        ),
        CheckConstraint("accepted_at is null or taken_back_at is null", name="invitation_ends_once"),
        CheckConstraint("role in ('coach', 'provider_owner')", name="invitation_is_of_a_firm"),
    )

    id: UUID = key()
    token_hash: bytes = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id")
    role: Role = choice(Role, "invitation", "role")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    procurer_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    firm_name: str = Field(default="", max_length=200)
    next_path: str = Field(default="/provider", max_length=200)
    invited_by: UUID | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = instant()
    sent_at: datetime = instant()
    expires_at: datetime = instant()
    accepted_at: datetime | None = instant(nullable=True)
    taken_back_at: datetime | None = instant(nullable=True)
