"""Who: people, the organisations they act for, their ways in, and the mail that goes out to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.people.rules import OrganisationKind, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request, in one role, for one organisation (None for a jobseeker).

    `through` is set when a service manager does with a client's consent what the client may: the person is the client
    then, and the role stays the service manager's, so that whatever does not ask for `is_client` is refused.
    """

    person_id: UUID
    role: Role
    organisation_id: UUID | None
    name: str
    language: str = "fi"
    through: "Actor | None" = None

    @property
    def is_client(self) -> bool:
        """Whether it is the jobseeker, or somebody who may stand in for one here."""
        return self.role is Role.JOBSEEKER or self.through is not None

    @property
    def hand_id(self) -> UUID:
        """Who presses the button: what is written down as done by whom."""
        return self.through.person_id if self.through else self.person_id


class Person(SQLModel, table=True):
    """A human being with an e-mail address, which is kept in small letters, or with a phone number only."""

    __table_args__ = (
        UniqueConstraint("email"),
        Index("ix_person_phone", "phone", postgresql_where=text("phone is not null")),
        CheckConstraint("email = lower(email)", name="person_email_in_small_letters"),
        CheckConstraint("email is not null or phone is not null", name="person_can_be_reached"),
    )

    id: UUID = key()
    name: str = Field(max_length=120)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=16)
    language: str = Field(default="fi", max_length=2)
    created_at: datetime = instant()


class Organisation(SQLModel, table=True):
    """A procurer (an employment area) or a provider (a firm). Foreign registers have ids of their own."""

    __table_args__ = (
        UniqueConstraint("business_id"),
        UniqueConstraint("foreign_register", "foreign_id"),
        CheckConstraint(
            "business_id is not null or foreign_id is not null", name="organisation_is_identified"
        ),
        CheckConstraint(
            "(foreign_register is null) = (foreign_id is null)", name="organisation_foreign_id_is_whole"
        ),
        CheckConstraint("kind <> 'procurer' or area_code is not null", name="organisation_procurer_has_area"),
    )

    id: UUID = key()
    kind: OrganisationKind = choice(OrganisationKind, "organisation", "kind")
    name: str = Field(max_length=200)
    business_id: str | None = Field(default=None, max_length=9)
    foreign_register: str | None = Field(default=None, max_length=40)
    foreign_id: str | None = Field(default=None, max_length=60)
    area_code: str | None = Field(default=None, foreign_key="area.code")
    is_sample: bool = Field(default=False)
    created_at: datetime = instant()


class Membership(SQLModel, table=True):
    """A role that a person holds in an organisation, or for oneself."""

    __table_args__ = (
        Index(
            "one_membership",
            "person_id",
            "organisation_id",
            "role",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "(role = 'jobseeker') = (organisation_id is null)", name="membership_role_fits_organisation"
        ),
    )

    id: UUID = key()
    person_id: UUID = Field(foreign_key="person.id")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    role: Role = choice(Role, "membership", "role")
    since_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class SignInLink(SQLModel, table=True):
    """A link that lets somebody in once; only the hash of its secret is kept. Demo links are good many times."""

    __tablename__ = "sign_in_link"

    token_hash: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    membership_id: UUID | None = Field(default=None, foreign_key="membership.id")
    next_path: str = Field(default="/", max_length=200)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
    for_demo: bool = Field(default=False)


class SignIn(SQLModel, table=True):
    """A browser that is signed in. The cookie's secret is minted by the server and kept as a hash."""

    __tablename__ = "sign_in"

    id: UUID = key()
    secret_hash: bytes = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    membership_id: UUID = Field(foreign_key="membership.id")
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class ApiToken(SQLModel, table=True):
    """A bearer token of a membership; only its hash is kept."""

    __tablename__ = "api_token"

    token_hash: bytes = Field(primary_key=True)
    membership_id: UUID = Field(foreign_key="membership.id", index=True)
    label: str = Field(max_length=80)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class Mail(SQLModel, table=True):
    """A message in the outbox: what it is about and for whom; its words are made when it is sent or looked at."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_person_id_created_at", "person_id", text("created_at desc")),)

    id: UUID = key()
    person_id: UUID = Field(foreign_key="person.id")
    kind: str = Field(max_length=60)
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    created_at: datetime = instant(index=True)


class RateBucket(SQLModel, table=True):
    """How often something was tried by one subject within a window of time."""

    __tablename__ = "rate_bucket"

    rule: str = Field(primary_key=True, max_length=40)
    subject: str = Field(primary_key=True, max_length=254)
    window_at: datetime = instant()
    count: int = Field(default=0)
