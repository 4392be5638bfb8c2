"""What was found for somebody, the newest only; and whom somebody wants to remember."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import instant, key


class Finding(SQLModel, table=True):
    """The five answers of a jobseeker and whom they led to. `found_by` walked it with them, or was it themself.

    `picks` are as `rules.Pick` has them: pair, reason, drawback and what their sentences need.
    """

    __table_args__ = (
        CheckConstraint("jsonb_array_length(picks) between 1 and 3", name="finding_three_at_most"),
    )

    id: UUID = key()
    person_id: UUID = Field(foreign_key="person.id", unique=True)
    wishes: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    picks: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    found_by: UUID = Field(foreign_key="person.id")
    found_at: datetime = instant()


class ShortlistEntry(SQLModel, table=True):
    """A coach within an offering, or an offering that names no coaches, on the shortlist of a jobseeker."""

    __tablename__ = "shortlist_entry"
    __table_args__ = (
        UniqueConstraint(
            "person_id",
            "offering_id",
            "coach_id",
            name="shortlist_entry_once",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = key()
    person_id: UUID = Field(foreign_key="person.id")
    offering_id: UUID = Field(foreign_key="offering.id", index=True, ondelete="CASCADE")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id", index=True, ondelete="CASCADE")
    listed_at: datetime = instant()
