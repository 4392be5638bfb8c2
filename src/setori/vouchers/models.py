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
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key, texts, words
from setori.texts import Texts
from setori.vouchers.rules import (
    AgeBand,
    BatchStatus,
    Decision,
    DisputeKind,
    Gives,
    LeftBecause,
    OutcomeKind,
    RedemptionStatus,
    RowStatus,
    SupportNeed,
    Unemployed,
    VoucherStatus,
)


class Programme(SQLModel, table=True):
    """A procurer's budget for vouchers of one service. On what terms they are issued stands in `Terms`."""

    __table_args__ = (UniqueConstraint("procurer_id", "id"),)

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    name: Texts = texts()
    is_open: bool = Field(default=True)
    created_at: datetime = instant()


class Terms(SQLModel, table=True):
    """One version of a programme's terms; never changed. The newest is for new vouchers, the others for theirs.

    `gives` says whether a voucher holds `units` sessions or `value_cents` of money. `silent_days` is after how many
    days a recorded session counts as confirmed when its holder says nothing (0: never). A booked time is cancelled
    late when fewer than `notice_hours` are left; whether that, or not coming, uses a session, the next two say.
    `switches` is how many times the provider may be changed (None: as often as one likes). No municipality named
    means all of the procurer's.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "programme_id"], ["programme.procurer_id", "programme.id"]),
        UniqueConstraint("programme_id", "number"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("number > 0", name="terms_number_positive"),
        CheckConstraint(
            "(gives = 'units') = (units is not null) and (gives = 'value') = (value_cents is not null)",
            name="terms_units_or_value",
        ),
        CheckConstraint("units between 1 and 100", name="terms_units_in_bounds"),
        CheckConstraint("value_cents >= price_cap_cents", name="terms_value_pays_one_session"),
        CheckConstraint("price_cap_cents > 0", name="terms_price_cap_positive"),
        CheckConstraint("validity_days between 1 and 1100", name="terms_validity_in_bounds"),
        CheckConstraint("silent_days between 0 and 60", name="terms_silent_days_in_bounds"),
        CheckConstraint("notice_hours between 0 and 168", name="terms_notice_in_bounds"),
        CheckConstraint("switches >= 0", name="terms_switches_in_bounds"),
    )

    id: UUID = key()
    procurer_id: UUID
    programme_id: UUID
    number: int
    gives: Gives = choice(Gives, "terms", "gives")
    units: int | None = Field(default=None)
    value_cents: int | None = Field(default=None, sa_type=BigInteger)
    price_cap_cents: int = Field(sa_type=BigInteger)
    validity_days: int
    target_group: Texts = texts()
    municipality_codes: list[str] = words()
    silent_days: int = Field(default=0)
    notice_hours: int = Field(default=24)
    late_cancel_uses: bool = Field(default=False)
    no_show_uses: bool = Field(default=False)
    switches: int | None = Field(default=None)
    written_by: UUID | None = Field(default=None, foreign_key="person.id")
    written_at: datetime = instant()

    @property
    def worth_cents(self) -> int:
        """What a voucher takes from the budget."""
        return self.value_cents or (self.units or 0) * self.price_cap_cents


class OutcomeFee(SQLModel, table=True):
    """What a version of terms pays for an outcome that has lasted so many months; never changed, as the terms.

    It is claimed at the latest `claim_days` days after the voucher's last day.
    """

    __tablename__ = "outcome_fee"
    __table_args__ = (
        UniqueConstraint("terms_id", "kind", "months"),
        CheckConstraint("months in (3, 6, 12)", name="outcome_fee_months_known"),
        CheckConstraint("fee_cents > 0", name="outcome_fee_positive"),
        CheckConstraint("claim_days between 1 and 1100", name="outcome_fee_claim_days_in_bounds"),
    )

    id: UUID = key()
    terms_id: UUID = Field(foreign_key="terms.id")
    kind: OutcomeKind = choice(OutcomeKind, "outcome_fee", "kind")
    months: int
    fee_cents: int = Field(sa_type=BigInteger)
    claim_days: int


class Voucher(SQLModel, table=True):
    """A promise to pay for sessions up to a price, until a day, for one person. Its account in the ledger has its id.

    Only the HMAC of the code is kept for looking up; the code itself is derived again from the id and the key.
    Unit counters are kept by the database as redemptions come and go; a voucher of a value holds no sessions until
    somebody is chosen, and then as many as its money pays there. `support_need`, `unemployed` and `age_band` are how
    the person stood when it was issued: never changed, and for the procurer's eyes only.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "programme_id"], ["programme.procurer_id", "programme.id"]),
        ForeignKeyConstraint(["programme_id", "terms_id"], ["terms.programme_id", "terms.id"]),
        ForeignKeyConstraint(["procurer_id", "envelope_id"], ["envelope.procurer_id", "envelope.id"]),
        Index("ix_voucher_envelope_id", "envelope_id", postgresql_where=text("envelope_id is not null")),
        UniqueConstraint("procurer_id", "id"),
        UniqueConstraint("code_hash"),
        CheckConstraint("expires_on >= starts_on", name="voucher_days_in_order"),
        CheckConstraint(
            "units_used >= 0 and units_held >= 0 and units_used + units_held <= units",
            name="voucher_units_not_overdrawn",
        ),
        Index("ix_voucher_desk", "procurer_id", "status", "id"),
        Index("ix_voucher_issued_by", "issued_by", "id"),
        Index("ix_voucher_closed_at", "closed_at", postgresql_where=text("closed_at is not null")),
        Index(
            "ix_voucher_due",
            "expires_on",
            postgresql_where=text("status in ('issued', 'claimed', 'chosen', 'used')"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    programme_id: UUID = Field(index=True)
    terms_id: UUID
    service_id: UUID = Field(foreign_key="service.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    envelope_id: UUID | None = Field(default=None)
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
    support_need: SupportNeed | None = choice(SupportNeed, "voucher", "support_need", nullable=True)
    unemployed: Unemployed | None = choice(Unemployed, "voucher", "unemployed", nullable=True)
    age_band: AgeBand | None = choice(AgeBand, "voucher", "age_band", nullable=True)
    issued_by: UUID = Field(foreign_key="person.id")
    issued_at: datetime = instant()
    claimed_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)

    @property
    def units_left(self) -> int:
        """Sessions that can still be recorded."""
        return self.units - self.units_used - self.units_held


class Choice(SQLModel, table=True):
    """Whom the jobseeker chose, at a price and minutes frozen on that day. One is current; earlier ones are kept.

    `left_because` says why an earlier one was left, in `left_words` for the procurer's eyes; `shares_notes` that this
    one's provider may read what earlier coaches wrote to the client.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "voucher_id"], ["voucher.procurer_id", "voucher.id"]),
        Index("one_current_choice", "voucher_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_choice_provider_id", "provider_id", "id"),
        Index("ix_choice_ended_at", "ended_at", postgresql_where=text("ended_at is not null")),
    )

    id: UUID = key()
    procurer_id: UUID
    voucher_id: UUID
    provider_id: UUID = Field(foreign_key="organisation.id")
    offering_id: UUID = Field(foreign_key="offering.id", index=True)
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    rulebook_id: UUID = Field(foreign_key="rulebook.id")
    unit_price_cents: int = Field(sa_type=BigInteger)
    unit_minutes: int
    chosen_on: date
    chosen_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    left_because: LeftBecause | None = choice(LeftBecause, "choice", "left_because", nullable=True)
    left_words: str = Field(default="", max_length=1000)
    shares_notes: bool = Field(default=False)


class EndingNotice(SQLModel, table=True):
    """That somebody was told, so many days before, that the voucher ends on a day."""

    __tablename__ = "ending_notice"

    voucher_id: UUID = Field(foreign_key="voucher.id", primary_key=True)
    expires_on: date = Field(primary_key=True)
    days: int = Field(primary_key=True)
    told_at: datetime = instant()


class Redemption(SQLModel, table=True):
    """One session as the coach recorded it, and what the jobseeker said of it. Written by SQL functions only.

    Its id is made when the form is rendered, and is the id of the posting that holds the money. `held_during` is known
    when the coach told the time, and then nobody is in two places at once. `note` is for the client, `private_note` for
    the firm. `is_silent`: nobody answered, and the terms take that for a yes; `is_sampled`: to be looked at for that.
    `corrects_id` is the disputed session that this one stands instead of. `left_after` is how many units were left by
    the receipt; nobody got one for a correction.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "voucher_id"], ["voucher.procurer_id", "voucher.id"]),
        CheckConstraint("units > 0", name="redemption_units_positive"),
        CheckConstraint(
            "amount_cents = units * unit_price_cents", name="redemption_amount_is_units_by_price"
        ),
        CheckConstraint(
            "(status in ('held', 'disputed')) = (resolved_at is null)", name="redemption_resolved_once"
        ),
        CheckConstraint("minutes between 1 and 1440", name="redemption_minutes_in_bounds"),
        CheckConstraint("(left_after is null) = (corrects_id is not null)", name="redemption_first_receipt"),
        UniqueConstraint("corrects_id"),
        Index("ix_redemption_sampled", "procurer_id", "id", postgresql_where=text("is_sampled")),
        Index("ix_redemption_voucher_id", "voucher_id", "id"),
        Index("ix_redemption_provider_id", "provider_id", "id"),
        Index("ix_redemption_settling", "procurer_id", "provider_id", "status", "confirmed_on"),
        Index("ix_redemption_waiting", "recorded_at", postgresql_where=text("status = 'held'")),
        Index("ix_redemption_resolved_at", "resolved_at", postgresql_where=text("status = 'confirmed'")),
    )

    id: UUID = key()
    procurer_id: UUID
    voucher_id: UUID
    choice_id: UUID = Field(foreign_key="choice.id", index=True)
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID
    person_id: UUID = Field(foreign_key="person.id")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    units: int
    unit_price_cents: int = Field(sa_type=BigInteger)
    amount_cents: int = Field(sa_type=BigInteger)
    service_on: date
    service_during: Any = Field(
        default=None,
        sa_column=Column(DATERANGE, Computed("daterange(service_on, service_on, '[]')", persisted=True)),
    )
    minutes: int | None = Field(default=None)
    way: str | None = Field(default=None, max_length=20)
    held_during: Any = Field(default=None, sa_column=Column(TSTZRANGE))
    note: str = Field(default="", max_length=500)
    private_note: str = Field(default="", max_length=1000)
    status: RedemptionStatus = choice(RedemptionStatus, "redemption", "status")
    recorded_by: UUID = Field(foreign_key="person.id")
    recorded_at: datetime = instant()
    resolved_by: UUID | None = Field(default=None, foreign_key="person.id")
    resolved_at: datetime | None = instant(nullable=True)
    confirmed_on: date | None = Field(default=None)
    reason: str = Field(default="", max_length=500)
    is_silent: bool = Field(default=False)
    is_sampled: bool = Field(default=False)
    corrects_id: UUID | None = Field(default=None, foreign_key="redemption.id")
    reminded_at: datetime | None = instant(nullable=True)
    left_after: int | None = Field(default=None)


class Dispute(SQLModel, table=True):
    """What the client says is not right with a session, what the provider says, and what the procurer decided.

    `minutes` is how long it was when the client says that it was shorter. The money stays held until it is decided, the
    client takes the dispute back, or the provider takes the session back.
    """

    __table_args__ = (
        CheckConstraint("(decision is null) = (decided_at is null)", name="dispute_decided_once"),
        Index("ix_dispute_procurer_id_opened_at", "procurer_id", "opened_at"),
    )

    redemption_id: UUID = Field(foreign_key="redemption.id", primary_key=True)
    procurer_id: UUID = Field(foreign_key="organisation.id")
    kind: DisputeKind = choice(DisputeKind, "dispute", "kind")
    minutes: int | None = Field(default=None)
    client_words: str = Field(default="", max_length=1000)
    opened_at: datetime = instant()
    provider_words: str = Field(default="", max_length=1000)
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(nullable=True)
    decision: Decision | None = choice(Decision, "dispute", "decision", nullable=True)
    decision_words: str = Field(default="", max_length=1000)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = instant(nullable=True)


class SampleLook(SQLModel, table=True):
    """What somebody found who looked at a session that silence had confirmed."""

    __tablename__ = "sample_look"
    redemption_id: UUID = Field(foreign_key="redemption.id", primary_key=True)
    is_right: bool
    words: str = Field(default="", max_length=1000)
    looked_by: UUID = Field(foreign_key="person.id")
    looked_at: datetime = instant()


class Batch(SQLModel, table=True):
    """Vouchers for many people by a file: as it was handed in, what was found in it, and what became of it.

    The file is kept until its rows are issued or given up. `reads` counts how often it was read anew.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "programme_id"], ["programme.procurer_id", "programme.id"]),
        ForeignKeyConstraint(["programme_id", "terms_id"], ["terms.programme_id", "terms.id"]),
        Index("ix_batch_procurer_id", "procurer_id", "id"),
        Index(
            "ix_batch_under_way",
            "touched_at",
            postgresql_where=text("status in ('checking', 'issuing', 'cancelling')"),
        ),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    programme_id: UUID
    terms_id: UUID
    status: BatchStatus = choice(BatchStatus, "batch", "status")
    file_name: str = Field(max_length=120)
    file: bytes = Field(sa_type=LargeBinary, nullable=False)
    header: list[str] = words()
    unused_columns: list[str] = words()
    failure: str = Field(default="", max_length=40)
    failure_at: str = Field(default="", max_length=120)
    gives_seconds: bool = Field(default=False)
    reason: str = Field(default="", max_length=500)
    made_by: UUID = Field(foreign_key="person.id")
    made_at: datetime = instant()
    started_by: UUID | None = Field(default=None, foreign_key="person.id")
    started_at: datetime | None = instant(nullable=True)
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    touched_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)


class BatchRow(SQLModel, table=True):
    """One row of a batch. Its voucher's id is made when it is read, so that it is issued once, whatever happens."""

    __tablename__ = "batch_row"
    __table_args__ = (
        UniqueConstraint("voucher_id"),
        CheckConstraint("status = 'refused' or name <> ''", name="batch_row_good_has_name"),
        Index("ix_batch_row_status", "batch_id", "status", "number"),
    )

    batch_id: UUID = Field(primary_key=True, foreign_key="batch.id")
    number: int = Field(primary_key=True)
    status: RowStatus = choice(RowStatus, "batch_row", "status")
    cells: list[str] = words()
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    name: str = Field(default="", max_length=120)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=16)
    municipality_code: str | None = Field(default=None, foreign_key="municipality.code")
    language: str = Field(default="fi", max_length=2)
    support_need: SupportNeed | None = choice(SupportNeed, "batch_row", "support_need", nullable=True)
    unemployed: Unemployed | None = choice(Unemployed, "batch_row", "unemployed", nullable=True)
    age_band: AgeBand | None = choice(AgeBand, "batch_row", "age_band", nullable=True)
    units: int = Field(default=0)
    value_cents: int = Field(default=0, sa_type=BigInteger)
    person_id: UUID
    voucher_id: UUID
