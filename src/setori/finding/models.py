"""What was found for somebody: kept in the wallet, the newest only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
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
