"""Settlement: the month's statement of a provider, its lines, payment orders, and what the gateway told."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.settlement.rules import PaymentStatus, StatementStatus


class Statement(SQLModel, table=True):
    """What a procurer owes a provider for a month: sessions and outcome fees until its end that no statement holds yet.

    The provider owed `opening_cents` back for fees that were taken back later; `offset_cents` of that are kept here,
    so that the lines less the offset are the total, and the opening less the offset is still owed.
    """

    __table_args__ = (
        UniqueConstraint("procurer_id", "provider_id", "month"),
        UniqueConstraint("number"),
        CheckConstraint("extract(day from month) = 1", name="statement_month_is_a_first_day"),
        CheckConstraint("approved_by is null or approved_by <> closed_by", name="statement_four_eyes"),
        CheckConstraint("(status = 'draft') = (approved_by is null)", name="statement_approved_by_somebody"),
        CheckConstraint(
            "total_cents >= 0 and offset_cents between 0 and opening_cents", name="statement_offset_in_bounds"
        ),
        CheckConstraint(
            "status = 'draft' or (status = 'offset') = (total_cents = 0)",
            name="statement_offset_pays_nothing",
        ),
        Index("ix_statement_desk", "procurer_id", "status", "month"),
        Index("ix_statement_provider_id", "provider_id", "month"),
    )

    id: UUID = key()
    number: int | None = Field(default=None, sa_column=Column(Integer, Identity(start=20001), nullable=False))
    procurer_id: UUID = Field(foreign_key="organisation.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    month: date
    status: StatementStatus = choice(StatementStatus, "statement", "status")
    line_count: int
    total_cents: int = Field(sa_type=BigInteger)
    opening_cents: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    offset_cents: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    closed_by: UUID = Field(foreign_key="person.id")
    closed_at: datetime = instant()
    approved_by: UUID | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = instant(nullable=True)


class StatementLine(SQLModel, table=True):
    """One confirmed session or one outcome fee in a statement. Each is in one statement at most."""

    __tablename__ = "statement_line"
    __table_args__ = (
        UniqueConstraint("redemption_id"),
        UniqueConstraint("outcome_step_id"),
        CheckConstraint("amount_cents > 0", name="statement_line_amount_positive"),
        CheckConstraint(
            "(redemption_id is null) <> (outcome_step_id is null)", name="statement_line_of_one_thing"
        ),
        Index("ix_statement_line_statement_id", "statement_id", "redemption_id"),
    )

    id: UUID = key()
    statement_id: UUID = Field(foreign_key="statement.id")
    redemption_id: UUID | None = Field(default=None, foreign_key="redemption.id")
    outcome_step_id: UUID | None = Field(default=None, foreign_key="outcome_step.id")
    amount_cents: int = Field(sa_type=BigInteger)


class StatementOffset(SQLModel, table=True):
    """What a statement keeps back of one outcome fee that was taken back after it had been settled.

    Its id is the id of its posting.
    """

    __tablename__ = "statement_offset"
    __table_args__ = (
        UniqueConstraint("statement_id", "outcome_step_id"),
        CheckConstraint("amount_cents > 0", name="statement_offset_amount_positive"),
        Index("ix_statement_offset_outcome_step_id", "outcome_step_id"),
    )

    id: UUID = key()
    statement_id: UUID = Field(foreign_key="statement.id")
    outcome_step_id: UUID = Field(foreign_key="outcome_step.id")
    amount_cents: int = Field(sa_type=BigInteger)


class PaymentOrder(SQLModel, table=True):
    """An order to pay one statement. Its id is the gateway's idempotency key, and `body` the bytes of every sending."""

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="payment_order_amount_positive"),
        CheckConstraint(
            "(status in ('paid', 'matched')) <= (paid_at is not null)", name="payment_order_paid_at_a_time"
        ),
        Index(
            "one_live_payment_order",
            "statement_id",
            unique=True,
            postgresql_where=text("status <> 'failed'"),
        ),
        Index(
            "ix_payment_order_due",
            "next_at",
            postgresql_where=text("status in ('queued', 'sending', 'submitted', 'unknown')"),
        ),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id", index=True)
    statement_id: UUID = Field(foreign_key="statement.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    status: PaymentStatus = choice(PaymentStatus, "payment_order", "status")
    amount_cents: int = Field(sa_type=BigInteger)
    creditor_name: str = Field(max_length=200)
    creditor_iban: str = Field(max_length=34)
    reference: str = Field(max_length=35)
    body: bytes
    attempts: int = Field(default=0)
    created_at: datetime = instant()
    first_sent_at: datetime | None = instant(nullable=True)
    next_at: datetime | None = instant(nullable=True)
    gateway_payment_id: str | None = Field(default=None, max_length=80)
    reason: str = Field(default="", max_length=500)
    paid_at: datetime | None = instant(nullable=True)


class GatewayEvent(SQLModel, table=True):
    """A webhook as it came, stored before it is answered; a hint only: the gateway is asked for the truth."""

    __tablename__ = "gateway_event"

    id: str = Field(primary_key=True, max_length=120)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    received_at: datetime = instant()
    handled_at: datetime | None = instant(nullable=True)


class ReportLine(SQLModel, table=True):
    """A line of the gateway's report: money that left. Matched to an order, or standing as a break with its reason."""

    __tablename__ = "report_line"
    __table_args__ = (
        Index(
            "one_line_an_order",
            "payment_order_id",
            unique=True,
            postgresql_where=text("payment_order_id is not null"),
        ),
        Index("ix_report_line_reference", "reference"),
        Index("ix_report_line_breaks", "seen_at", postgresql_where=text("break_reason <> ''")),
        CheckConstraint(
            "(payment_order_id is null) = (break_reason <> '')", name="report_line_matched_or_broken"
        ),
    )

    id: str = Field(primary_key=True, max_length=80)
    payment_order_id: UUID | None = Field(default=None, foreign_key="payment_order.id")
    amount_cents: int = Field(sa_type=BigInteger)
    creditor_iban: str = Field(max_length=34)
    reference: str = Field(max_length=60)
    booked_on: date
    seen_at: datetime = instant()
    break_reason: str = Field(default="", max_length=200)
