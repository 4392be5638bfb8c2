"""Outcomes: what is claimed to have come of a voucher, the fees that were paid for it, and those taken back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.outcomes.rules import ClaimStatus, ClawbackStatus, ClientSays, Proof, Undone
from setori.vouchers import OutcomeKind

LASTING = "months in (3, 6, 12)"


class OutcomeClaim(SQLModel, table=True):
    """What somebody says came of a voucher, and whose work it was. Every step up to `months` is claimed with it."""

    __tablename__ = "outcome_claim"
    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "voucher_id"], ["voucher.procurer_id", "voucher.id"]),
        CheckConstraint(LASTING, name="outcome_claim_months_known"),
        CheckConstraint(
            "(status in ('proposed', 'asked')) = (decided_at is null)", name="outcome_claim_decided_once"
        ),
        CheckConstraint(
            "(status in ('verified', 'taken_back')) = (verified_by_proof is not null)",
            name="outcome_claim_verified_by_something",
        ),
        Index(
            "one_open_outcome_claim",
            "voucher_id",
            "provider_id",
            unique=True,
            postgresql_where=text("status in ('proposed', 'asked')"),
        ),
        Index("ix_outcome_claim_desk", "procurer_id", "status", "claimed_at"),
        Index("ix_outcome_claim_provider_id", "provider_id", "claimed_at"),
        Index("ix_outcome_claim_voucher_id", "voucher_id"),
    )

    id: UUID = key()
    procurer_id: UUID
    voucher_id: UUID
    provider_id: UUID = Field(foreign_key="organisation.id")
    kind: OutcomeKind = choice(OutcomeKind, "outcome_claim", "kind")
    months: int
    since: date
    deadline_on: date
    status: ClaimStatus = choice(ClaimStatus, "outcome_claim", "status")
    by_client: bool
    claimed_by: UUID = Field(foreign_key="person.id")
    claimed_at: datetime = instant()
    proof: Proof = choice(Proof, "outcome_claim", "proof")
    proof_text: str = Field(max_length=1000)
    client_words: str = Field(default="", max_length=1000)
    client_says: ClientSays = choice(ClientSays, "outcome_claim", "client_says")
    client_said_at: datetime | None = instant(nullable=True)
    question: str = Field(default="", max_length=1000)
    answer: str = Field(default="", max_length=1000)
    asked_at: datetime | None = instant(nullable=True)
    answered_at: datetime | None = instant(nullable=True)
    verified_by_proof: Proof | None = choice(Proof, "outcome_claim", "verified_by_proof", nullable=True)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = instant(nullable=True)
    reason: str = Field(default="", max_length=1000)


class OutcomeStep(SQLModel, table=True):
    """A fee that was paid for one step of an outcome. Its id is the id of the posting that paid it.

    The database lets a voucher have one such step of each length at a time, all of one kind and one provider's.
    """

    __tablename__ = "outcome_step"
    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "voucher_id"], ["voucher.procurer_id", "voucher.id"]),
        CheckConstraint(LASTING, name="outcome_step_months_known"),
        CheckConstraint("amount_cents > 0", name="outcome_step_amount_positive"),
        CheckConstraint("(undone is null) = (undone_at is null)", name="outcome_step_undone_at_a_time"),
        Index("one_fee_a_step", "voucher_id", "months", unique=True, postgresql_where=text("undone is null")),
        Index("ix_outcome_step_claim_id", "claim_id"),
        Index("ix_outcome_step_settling", "procurer_id", "provider_id", "undone", "paid_on"),
    )

    id: UUID = key()
    procurer_id: UUID
    voucher_id: UUID
    claim_id: UUID = Field(foreign_key="outcome_claim.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    kind: OutcomeKind = choice(OutcomeKind, "outcome_step", "kind")
    months: int
    amount_cents: int = Field(sa_type=BigInteger)
    paid_on: date
    undone: Undone | None = choice(Undone, "outcome_step", "undone", nullable=True)
    undone_at: datetime | None = instant(nullable=True)


class Clawback(SQLModel, table=True):
    """Taking back what a claim was paid: proposed with a reason by one person, decided by another."""

    __table_args__ = (
        CheckConstraint("decided_by <> proposed_by", name="clawback_four_eyes"),
        CheckConstraint(
            "(status = 'proposed') = (decided_by is null) and (status = 'proposed') = (decided_at is null)",
            name="clawback_decided_once",
        ),
        Index("one_open_clawback", "claim_id", unique=True, postgresql_where=text("status = 'proposed'")),
        Index("ix_clawback_claim_id", "claim_id"),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    claim_id: UUID = Field(foreign_key="outcome_claim.id")
    reason: str = Field(max_length=1000)
    status: ClawbackStatus = choice(ClawbackStatus, "clawback", "status")
    proposed_by: UUID = Field(foreign_key="person.id")
    proposed_at: datetime = instant()
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = instant(nullable=True)
    answer: str = Field(default="", max_length=1000)
