"""The books: accounts, and immutable postings that each debit one account and credit another."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.ledger.rules import AccountKind, Phase, PostingKind


class Account(SQLModel, table=True):
    """An account of one procurer. Bounded kinds carry counters in cents, kept by a trigger; others only postings.

    `owner_id` tells whose it is: a programme, envelope, voucher, provider or payment order; None: the procurer's own.
    """

    __table_args__ = (
        UniqueConstraint("procurer_id", "id"),
        Index(
            "one_account",
            "procurer_id",
            "kind",
            "owner_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_account_outcome", "owner_id", postgresql_where=text("kind = 'outcome'")),
        Index("ix_account_envelope", "owner_id", postgresql_where=text("kind = 'envelope'")),
        CheckConstraint("credits >= 0 and debits >= 0 and held >= 0", name="account_counters_not_negative"),
        CheckConstraint(
            "kind not in ('budget', 'envelope', 'voucher', 'outcome', 'payout') or credits - debits - held >= 0",
            name="account_not_overdrawn",
        ),
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    kind: AccountKind = choice(AccountKind, "account", "kind")
    owner_id: UUID | None = Field(default=None)
    credits: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    debits: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    held: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))

    @property
    def available(self) -> int:
        """What can still be used, in cents; meaningful for bounded accounts."""
        return self.credits - self.debits - self.held


class Posting(SQLModel, table=True):
    """Money that moved, or was held: never changed, never deleted. Whoever asks makes its id, so it happens once."""

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "debit_id"], ["account.procurer_id", "account.id"]),
        ForeignKeyConstraint(["procurer_id", "credit_id"], ["account.procurer_id", "account.id"]),
        CheckConstraint("amount > 0 and amount < 100000000000", name="posting_amount_in_bounds"),
        CheckConstraint("debit_id <> credit_id", name="posting_joins_two_accounts"),
        CheckConstraint(
            "(phase in ('capture', 'release')) = (hold_id is not null)", name="posting_resolves_a_hold"
        ),
        CheckConstraint(
            "(kind in ('reverse', 'reverse_outcome', 'clawback')) = (reverses_id is not null)",
            name="posting_reverses_something",
        ),
        Index("one_resolution", "hold_id", unique=True, postgresql_where=text("hold_id is not null")),
        Index("one_reversal", "reverses_id", unique=True, postgresql_where=text("reverses_id is not null")),
        *(
            Index(f"one_{kind}", "reference_id", unique=True, postgresql_where=text(f"kind = '{kind}'"))
            for kind in ("draw", "issue", "settle", "unsettle", "pay", "match", "reserve_outcome")
        ),
        Index("ix_posting_credit_id_booked_on", "credit_id", "booked_on"),
        Index("ix_posting_debit_id_booked_on", "debit_id", "booked_on"),
    )

    id: UUID = key()
    procurer_id: UUID
    kind: PostingKind = choice(PostingKind, "posting", "kind")
    phase: Phase = choice(Phase, "posting", "phase")
    debit_id: UUID
    credit_id: UUID
    amount: int = Field(sa_type=BigInteger)
    reference_id: UUID = Field(index=True)
    """What it is about: a redemption, a voucher, a programme, a statement or a payment order."""
    hold_id: UUID | None = Field(default=None, foreign_key="posting.id")
    reverses_id: UUID | None = Field(default=None, foreign_key="posting.id")
    booked_on: date
    posted_at: datetime = instant()
    by_id: UUID | None = Field(default=None, foreign_key="person.id")
