"""Reviews: what jobseekers were asked of their coach, and what they answered."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.reviews.rules import Complaint, ReplyDecision, ReportDecision, Stage


class Pulse(SQLModel, table=True):
    """A question of the system to a jobseeker: how is it, or was it, with this coach?

    Asked because of a confirmed session, `redemption_id`; the database takes no other. `code_hash` is of the code in
    the letter, with which it is answered without signing in. `closed_at`: a later stage was asked instead.
    """

    __table_args__ = (
        UniqueConstraint(
            "voucher_id",
            "offering_id",
            "coach_id",
            "stage",
            name="one_pulse_a_stage",
            postgresql_nulls_not_distinct=True,
        ),
        UniqueConstraint("code_hash"),
        Index("ix_pulse_person_id", "person_id", "invited_at"),
        Index("ix_pulse_provider_id", "provider_id", "service_id"),
        Index(
            "ix_pulse_waiting",
            "invited_at",
            postgresql_where=text("answered_at is null and closed_at is null and reminded_at is null"),
        ),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    voucher_id: UUID = Field(foreign_key="voucher.id")
    person_id: UUID = Field(foreign_key="person.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    offering_id: UUID = Field(foreign_key="offering.id")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    redemption_id: UUID = Field(foreign_key="redemption.id", index=True)
    stage: Stage = choice(Stage, "pulse", "stage")
    code_hash: bytes | None = Field(default=None)
    invited_at: datetime = instant()
    reminded_at: datetime | None = instant(nullable=True)
    answered_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)


class Review(SQLModel, table=True):
    """An answer to a pulse: five items from 1 (disagrees) to 5 (agrees), any of them left out, and words.

    `score` is the mean of its items. `replaced_at`: the person answered the same question anew, and that counts.
    `hidden_at`: its words are hidden from others; its score counts all the same. No answer is ever deleted.
    """

    __table_args__ = (
        CheckConstraint(
            "coalesce(respect between 1 and 5, true) and coalesce(plan between 1 and 5, true)"
            " and coalesce(job_market between 1 and 5, true) and coalesce(influence between 1 and 5, true)"
            " and coalesce(recommend between 1 and 5, true)",
            name="review_items_on_scale",
        ),
        CheckConstraint(
            "num_nonnulls(respect, plan, job_market, influence, recommend) > 0", name="review_says_something"
        ),
        CheckConstraint("score between 1 and 5", name="review_score_on_scale"),
        Index("one_review_counts", "pulse_id", unique=True, postgresql_where=text("replaced_at is null")),
        Index("ix_review_offering_id", "offering_id", "written_at", "id"),
        Index("ix_review_provider_id", "provider_id", "service_id"),
        Index("ix_review_person_id", "person_id", "offering_id", "coach_id"),
    )

    id: UUID = key()
    pulse_id: UUID = Field(foreign_key="pulse.id")
    person_id: UUID = Field(foreign_key="person.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    offering_id: UUID = Field(foreign_key="offering.id")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    stage: Stage = choice(Stage, "review", "stage")
    respect: int | None = Field(default=None)
    plan: int | None = Field(default=None)
    job_market: int | None = Field(default=None)
    influence: int | None = Field(default=None)
    recommend: int | None = Field(default=None)
    score: float = Field(sa_type=Float)
    text: str = Field(default="", max_length=2000)
    language: str = Field(default="fi", max_length=2)
    written_at: datetime = instant()
    replaced_at: datetime | None = instant(nullable=True)
    hidden_at: datetime | None = instant(nullable=True)


class ReviewReport(SQLModel, table=True):
    """Somebody asks to hide the words of a review; the procurer of the voucher decides. One at a time is open.

    `shown_at`: what it hid is shown again. `hidden_for` may be another reason than was reported.
    """

    __tablename__ = "review_report"
    __table_args__ = (
        CheckConstraint(
            "(decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)",
            name="review_report_decided_by_somebody",
        ),
        CheckConstraint(
            "coalesce(decision = 'hidden', false) = (hidden_for is not null)",
            name="review_report_hidden_for_a_reason",
        ),
        CheckConstraint(
            "(shown_at is null) = (shown_by is null) and (shown_at is null or decision = 'hidden')",
            name="review_report_shows_what_it_hid",
        ),
        Index("one_open_report", "review_id", unique=True, postgresql_where=text("decision is null")),
        Index("ix_review_report_procurer_id", "procurer_id", "id"),
        Index("ix_review_report_review_id", "review_id"),
    )

    id: UUID = key()
    review_id: UUID = Field(foreign_key="review.id")
    procurer_id: UUID = Field(foreign_key="organisation.id")
    by_id: UUID = Field(foreign_key="person.id")
    reason: Complaint = choice(Complaint, "review_report", "reason")
    words: str = Field(default="", max_length=500)
    reported_at: datetime = instant()
    due_on: date
    decision: ReportDecision | None = choice(ReportDecision, "review_report", "decision", nullable=True)
    hidden_for: Complaint | None = choice(Complaint, "review_report", "hidden_for", nullable=True)
    decision_words: str = Field(default="", max_length=500)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = instant(nullable=True)
    shown_by: UUID | None = Field(default=None, foreign_key="person.id")
    shown_at: datetime | None = instant(nullable=True)


class ReviewReply(SQLModel, table=True):
    """A firm's reply to a review, shown once the procurer of the voucher has looked at it. One waits or is shown."""

    __tablename__ = "review_reply"
    __table_args__ = (
        CheckConstraint("text <> ''", name="review_reply_says_something"),
        CheckConstraint(
            "(decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)",
            name="review_reply_decided_by_somebody",
        ),
        CheckConstraint(
            "coalesce(decision = 'refused', false) = (refused_for is not null)",
            name="review_reply_refused_for_a_reason",
        ),
        Index(
            "one_reply",
            "review_id",
            unique=True,
            postgresql_where=text("decision is distinct from 'refused'"),
        ),
        Index("ix_review_reply_procurer_id", "procurer_id", "id"),
        Index("ix_review_reply_review_id", "review_id"),
    )

    id: UUID = key()
    review_id: UUID = Field(foreign_key="review.id")
    procurer_id: UUID = Field(foreign_key="organisation.id")
    by_id: UUID = Field(foreign_key="person.id")
    text: str = Field(max_length=1000)
    language: str = Field(max_length=2)
    written_at: datetime = instant()
    due_on: date
    decision: ReplyDecision | None = choice(ReplyDecision, "review_reply", "decision", nullable=True)
    refused_for: Complaint | None = choice(Complaint, "review_reply", "refused_for", nullable=True)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = instant(nullable=True)
