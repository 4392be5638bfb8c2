"""Vouchers (palveluseteli): programmes with a budget, vouchers, choices, and the sessions redeemed from them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key, texts
from setori.texts import Texts
from setori.vouchers.rules import RedemptionStatus, VoucherStatus


class Programme(SQLModel, table=True):
    """On what terms a procurer issues vouchers for a service: how many sessions, at most what price, how long."""

    __table_args__ = (
        CheckConstraint("units between 1 and 100", name="programme_units_in_bounds"),
        CheckConstraint("price_cap_cents > 0", name="programme_price_cap_positive"),
        CheckConstraint("validity_days between 1 and 1100", name="programme_validity_in_bounds"),
        UniqueConstraint("procurer_id", "id"),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    name: Texts = texts()
    units: int
    price_cap_cents: int = Field(sa_type=BigInteger)
    validity_days: int
    is_open: bool = Field(default=True)
    created_at: datetime = instant()


class Voucher(SQLModel, table=True):
    """A promise to pay for sessions up to a price, until a day, for one person. Its account in the ledger has its id.

    Only the HMAC of the code is kept for looking up; the code itself is derived again from the id and the key.
    Unit counters are kept by the database as redemptions come and go.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "programme_id"], ["programme.procurer_id", "programme.id"]),
        UniqueConstraint("procurer_id", "id"),
        UniqueConstraint("code_hash"),
        CheckConstraint("expires_on >= starts_on", name="voucher_days_in_order"),
        CheckConstraint(
            "units_used >= 0 and units_held >= 0 and units_used + units_held <= units",
            name="voucher_units_not_overdrawn",
        ),
        Index("ix_voucher_desk", "procurer_id", "status", "id"),
        Index("ix_voucher_issued_by", "issued_by", "id"),
        Index(
            "ix_voucher_due",
            "expires_on",
            postgresql_where=text("status in ('issued', 'claimed', 'chosen', 'used')"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    programme_id: UUID
    service_id: UUID = Field(foreign_key="service.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    status: VoucherStatus = choice(VoucherStatus, "voucher", "status")
    code_hash: bytes
    claim_hash: bytes | None = Field(default=None, unique=True)
    units: int
    units_used: int = Field(default=0)
    units_held: int = Field(default=0)
    price_cap_cents: int = Field(sa_type=BigInteger)
    value_cents: int = Field(sa_type=BigInteger)
    starts_on: date
    expires_on: date
    issued_by: UUID = Field(foreign_key="person.id")
    issued_at: datetime = instant()
    claimed_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)

    @property
    def units_left(self) -> int:
        """Sessions that can still be recorded."""
        return self.units - self.units_used - self.units_held


class Choice(SQLModel, table=True):
    """Whom the jobseeker chose, at a price frozen on that day. One is current; earlier ones are kept."""

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "voucher_id"], ["voucher.procurer_id", "voucher.id"]),
        Index("one_current_choice", "voucher_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_choice_provider_id", "provider_id", "id"),
    )

    id: UUID = key()
    procurer_id: UUID
    voucher_id: UUID
    provider_id: UUID = Field(foreign_key="organisation.id")
    offering_id: UUID = Field(foreign_key="offering.id", index=True)
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    rulebook_id: UUID = Field(foreign_key="rulebook.id")
    unit_price_cents: int = Field(sa_type=BigInteger)
    chosen_on: date
    chosen_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class Redemption(SQLModel, table=True):
    """One session as the coach recorded it, and what the jobseeker said of it. Written by SQL functions only.

    Its id is made when the form is rendered, and is the id of the posting that holds the money.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "voucher_id"], ["voucher.procurer_id", "voucher.id"]),
        CheckConstraint("units > 0", name="redemption_units_positive"),
        CheckConstraint(
            "amount_cents = units * unit_price_cents", name="redemption_amount_is_units_by_price"
        ),
        CheckConstraint("(status = 'held') = (resolved_at is null)", name="redemption_resolved_once"),
        Index("ix_redemption_voucher_id", "voucher_id", "id"),
        Index("ix_redemption_provider_id", "provider_id", "id"),
        Index("ix_redemption_settling", "procurer_id", "provider_id", "status", "confirmed_on"),
        Index("ix_redemption_waiting", "recorded_at", postgresql_where=text("status = 'held'")),
    )

    id: UUID = key()
    procurer_id: UUID
    voucher_id: UUID
    choice_id: UUID = Field(foreign_key="choice.id", index=True)
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID
    units: int
    unit_price_cents: int = Field(sa_type=BigInteger)
    amount_cents: int = Field(sa_type=BigInteger)
    service_on: date
    service_during: Any = Field(
        default=None,
        sa_column=Column(DATERANGE, Computed("daterange(service_on, service_on, '[]')", persisted=True)),
    )
    note: str = Field(default="", max_length=500)
    status: RedemptionStatus = choice(RedemptionStatus, "redemption", "status")
    recorded_by: UUID = Field(foreign_key="person.id")
    recorded_at: datetime = instant()
    resolved_by: UUID | None = Field(default=None, foreign_key="person.id")
    resolved_at: datetime | None = instant(nullable=True)
    confirmed_on: date | None = Field(default=None)
    reason: str = Field(default="", max_length=500)
