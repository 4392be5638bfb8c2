"""Reports in confidence: what happened in somebody's own words, who handles it, and what was said since."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from setori.concerns.rules import LONGEST, ConcernStatus
from setori.db import choice, instant, key


class Concern(SQLModel, table=True):
    """A report of harm by the holder of a voucher to its procurer. No provider sees it and no figure counts it."""

    __table_args__ = (
        CheckConstraint(
            "(status = 'received') = (handler_id is null)", name="concern_is_handled_by_somebody"
        ),
        CheckConstraint("(handler_id is null) = (taken_at is null)", name="concern_taken_at_a_time"),
        CheckConstraint("(status = 'closed') = (closed_at is not null)", name="concern_closed_at_a_time"),
        CheckConstraint("(status = 'closed') = (done <> '')", name="concern_closed_with_what_was_done"),
        Index("ix_concern_procurer_id", "procurer_id", "id"),
        Index("ix_concern_person_id", "person_id", "id"),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    person_id: UUID = Field(foreign_key="person.id")
    voucher_id: UUID = Field(foreign_key="voucher.id")
    words: str = Field(max_length=LONGEST)
    reach: str = Field(default="", max_length=200)
    status: ConcernStatus = choice(ConcernStatus, "concern", "status")
    told_at: datetime = instant()
    handler_id: UUID | None = Field(default=None, foreign_key="person.id")
    taken_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    done: str = Field(default="", max_length=LONGEST)


class ConcernMessage(SQLModel, table=True):
    """What was written to a report later, by whoever told it or whoever handles it."""

    __tablename__ = "concern_message"
    __table_args__ = (Index("ix_concern_message_concern_id", "concern_id", "id"),)

    id: UUID = key()
    concern_id: UUID = Field(foreign_key="concern.id")
    by_id: UUID = Field(foreign_key="person.id")
    words: str = Field(max_length=LONGEST)
    written_at: datetime = instant()
