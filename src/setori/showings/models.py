"""Showings: lists as they were shown, and the choices that they led to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key, words
from setori.showings.rules import Source


class Showing(SQLModel, table=True):
    """A list that a jobseeker was shown. `pairs` are "offering_coach" from the top, `asked` the filters in force.

    With `seed` and `day` anybody may draw the order again. The person, the seed and what was asked go after a time.
    """

    __table_args__ = (
        CheckConstraint("jsonb_array_length(pairs) > 0", name="showing_shows_something"),
        Index("ix_showing_person_id", "person_id", "shown_at"),
        Index("ix_showing_shown_at", "shown_at", postgresql_where=text("person_id is not null")),
    )

    id: UUID = key()
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    source: Source = choice(Source, "showing", "source")
    ordered_by: str = Field(max_length=20)
    asked: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    seed: str = Field(max_length=80)
    day: date
    pairs: list[str] = words()
    shown_at: datetime = instant()


class ShownChoice(SQLModel, table=True):
    """That a choice was made from a list, and in which place (from 1) the chosen one stood."""

    __tablename__ = "shown_choice"
    __table_args__ = (
        CheckConstraint("place > 0", name="shown_choice_place_from_one"),
        Index("ix_shown_choice_showing_id", "showing_id"),
        Index("ix_shown_choice_chosen_on", "chosen_on"),
    )

    choice_id: UUID = Field(primary_key=True, foreign_key="choice.id")
    showing_id: UUID = Field(foreign_key="showing.id")
    place: int
    chosen_on: date
