"""Flags: what the nightly look found of a provider, who looks after it, what the firm says, and what it was."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.watch.rules import Evidence, FlagKind, FlagOutcome, FlagStatus


class Flag(SQLModel, table=True):
    """Something worth a question to a provider. At most one of a kind is open between a procurer and a provider.

    `evidence` is what was counted on `found_on`, never changed; `latest` what was counted on `seen_on`, the last night
    on which it was found again.
    """

    __table_args__ = (
        CheckConstraint("(status = 'found') = (owner_id is null)", name="flag_is_looked_after"),
        CheckConstraint("(owner_id is null) = (taken_at is null)", name="flag_taken_at_a_time"),
        CheckConstraint("(asked_at is null) = (question = '')", name="flag_asked_a_question"),
        CheckConstraint("(asked_at is null) = (answer_by is null)", name="flag_asked_until_a_day"),
        CheckConstraint("status not in ('asked', 'answered') or asked_at is not null", name="flag_asked"),
        CheckConstraint(
            "(answered_at is null) = (answer = '') and (answered_at is null) = (answered_by is null)",
            name="flag_answered_with_words",
        ),
        CheckConstraint("status <> 'answered' or answered_at is not null", name="flag_answered"),
        CheckConstraint("answered_at is null or asked_at is not null", name="flag_answers_a_question"),
        CheckConstraint(
            "(status = 'closed') = (outcome is not null) and (status = 'closed') = (closed_at is not null)"
            " and (status = 'closed') = (closing_words <> '') and (status = 'closed') = (closed_by is not null)",
            name="flag_closed_with_an_outcome",
        ),
        Index(
            "one_open_flag",
            "procurer_id",
            "provider_id",
            "kind",
            unique=True,
            postgresql_where=text("status <> 'closed'"),
        ),
        Index("ix_flag_procurer_id", "procurer_id", "id"),
        Index("ix_flag_provider_id", "provider_id", "id", postgresql_where=text("asked_at is not null")),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    kind: FlagKind = choice(FlagKind, "flag", "kind")
    status: FlagStatus = choice(FlagStatus, "flag", "status")
    evidence: Evidence = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    found_on: date
    latest: Evidence = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    seen_on: date
    owner_id: UUID | None = Field(default=None, foreign_key="person.id")
    taken_at: datetime | None = instant(nullable=True)
    question: str = Field(default="", max_length=2000)
    asked_at: datetime | None = instant(nullable=True)
    answer_by: date | None = Field(default=None)
    answer: str = Field(default="", max_length=2000)
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(nullable=True)
    outcome: FlagOutcome | None = choice(FlagOutcome, "flag", "outcome", nullable=True)
    closing_words: str = Field(default="", max_length=2000)
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = instant(nullable=True)


class NightlyLook(SQLModel, table=True):
    """That a procurer's providers were looked at on a day, and how many flags were raised."""

    __tablename__ = "nightly_look"

    procurer_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    looked_on: date = Field(primary_key=True)
    raised: int
    looked_at: datetime = instant()


class ReviewTrace(SQLModel, table=True):
    """From where an answer came, as keyed hashes from which nothing can be read back; erased after a time."""

    __tablename__ = "review_trace"
    __table_args__ = (Index("ix_review_trace_made_at", "made_at"),)

    review_id: UUID = Field(foreign_key="review.id", primary_key=True)
    device: bytes = Field(sa_type=LargeBinary, nullable=False)
    network: bytes = Field(sa_type=LargeBinary, nullable=False)
    made_at: datetime = instant()
