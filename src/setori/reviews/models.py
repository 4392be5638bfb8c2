"""Reviews: what a jobseeker said of a session that was confirmed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from setori.db import instant, key


class Review(SQLModel, table=True):
    """A rating from 1 to 5 with words, one for each confirmed session at most.

    `replaced_at` is set by the database when the session was taken back and the same person has a later word on the
    same coach that counts: the review is kept, but neither shown nor counted any more.
    """

    __table_args__ = (
        UniqueConstraint("redemption_id"),
        CheckConstraint("rating between 1 and 5", name="review_rating_in_bounds"),
        Index("ix_review_offering_id", "offering_id", "id"),
        Index("ix_review_coach_id", "coach_id", "id"),
        Index("ix_review_person_id", "person_id", "offering_id", "coach_id"),
    )

    id: UUID = key()
    redemption_id: UUID = Field(foreign_key="redemption.id")
    person_id: UUID = Field(foreign_key="person.id")
    provider_id: UUID = Field(foreign_key="organisation.id", index=True)
    offering_id: UUID = Field(foreign_key="offering.id")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    rating: int
    text: str = Field(default="", max_length=2000)
    language: str = Field(default="fi", max_length=2)
    written_at: datetime = instant()
    replaced_at: datetime | None = instant(nullable=True)
