"""The promise: the states of a voucher and of a redemption, and when a voucher can be used. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

HOLD_LIVES = timedelta(days=30)
"""A recorded session that nobody answers lapses after this, and its value returns to the voucher; where the terms take
silence for a yes, they say after how many days."""

ASK_AGAIN_BEFORE = timedelta(days=2)
"""How long before silence counts the client is asked once more."""

BACKDATE_AT_MOST = timedelta(days=60)
"""How long after the day of a session it can still be recorded."""


RECORD_AFTER_END = timedelta(days=3)
"""How long after a voucher's last day a session that was held by then can be recorded: so long a voucher with a coach
stays open, and then its rest returns."""

RECORD_AFTER_LEAVING = timedelta(days=14)
"""How long after a client has moved on to somebody else the former coach can record sessions that were held before."""


class Gives(StrEnum):
    """What a voucher holds: a number of sessions, or money that pays for as many as the chosen price allows."""

    UNITS = "units"
    VALUE = "value"


class OutcomeKind(StrEnum):
    """What can come of it: a job, a business of one's own, or studies."""

    JOB = "job"
    BUSINESS = "business"
    STUDIES = "studies"


class VoucherStatus(StrEnum):
    """Where a voucher is in its life."""

    ISSUED = "issued"
    CLAIMED = "claimed"
    CHOSEN = "chosen"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class LeftBecause(StrEnum):
    """Why a jobseeker changed to another provider."""

    NOT_SAID = "not_said"
    PERSON = "person"
    TIMES = "times"
    DISTANCE = "distance"
    LANGUAGE = "language"
    METHOD = "method"
    PROVIDER_CANNOT = "provider_cannot"
    SOMETHING_ELSE = "something_else"


ENDING_NOTICES = (30, 7, 1)
"""How many days before a voucher ends its holder is written to."""


class RedemptionStatus(StrEnum):
    """Where one recorded session is: waiting for the jobseeker, disputed, confirmed, or undone in one of four ways."""

    HELD = "held"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REVERSED = "reversed"


DURABILITY = (3, 6, 12)
"""After how many months of an outcome a fee can be due."""


def most_in_fees(fees: Iterable[tuple[OutcomeKind, int]]) -> int:
    """The most that outcome fees, each of a kind and in cents, can come to: the steps of a kind add up, one kind pays.

    The SQL function `outcome_reserve` says the same of the fees of a version of terms.
    """
    sums: dict[OutcomeKind, int] = {}
    for kind, cents in fees:
        sums[kind] = sums.get(kind, 0) + cents
    return max(sums.values(), default=0)


class SupportNeed(StrEnum):
    """How much support somebody needs to find work, as the case worker judges it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Unemployed(StrEnum):
    """For how long somebody has been out of work."""

    UNDER_6 = "under_6_months"
    FROM_6_TO_24 = "from_6_to_24_months"
    OVER_24 = "over_24_months"


class AgeBand(StrEnum):
    """How old somebody is."""

    UNDER_20 = "under_20"
    FROM_20_TO_24 = "from_20_to_24"
    FROM_25_TO_29 = "from_25_to_29"
    FROM_30 = "from_30"


class BatchStatus(StrEnum):
    """Where a batch of vouchers is: its file is read, it is looked at, issued, stopped for want of money, ended."""

    CHECKING = "checking"
    UNUSABLE = "unusable"
    CHECKED = "checked"
    ISSUING = "issuing"
    STOPPED = "stopped"
    ISSUED = "issued"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class RowStatus(StrEnum):
    """What becomes of one row of a batch: good or warned of, refused, issued, or left out in the end."""

    GOOD = "good"
    WARNED = "warned"
    REFUSED = "refused"
    ISSUED = "issued"
    LEFT_OUT = "left_out"


BATCH_MOVES: dict[BatchStatus, frozenset[BatchStatus]] = {
    BatchStatus.CHECKING: frozenset({BatchStatus.CHECKED, BatchStatus.UNUSABLE}),
    BatchStatus.UNUSABLE: frozenset(),
    BatchStatus.CHECKED: frozenset({BatchStatus.CHECKING, BatchStatus.ISSUING, BatchStatus.CANCELLED}),
    BatchStatus.ISSUING: frozenset(
        {BatchStatus.STOPPED, BatchStatus.ISSUED, BatchStatus.CANCELLED, BatchStatus.CANCELLING}
    ),
    BatchStatus.STOPPED: frozenset({BatchStatus.ISSUING, BatchStatus.CANCELLED, BatchStatus.CANCELLING}),
    BatchStatus.ISSUED: frozenset({BatchStatus.CANCELLING}),
    BatchStatus.CANCELLING: frozenset({BatchStatus.CANCELLED}),
    BatchStatus.CANCELLED: frozenset({BatchStatus.CANCELLING}),
}
BATCH_UNDER_WAY = frozenset({BatchStatus.CHECKING, BatchStatus.ISSUING, BatchStatus.CANCELLING})
"""The worker has it."""


class DisputeKind(StrEnum):
    """What the jobseeker says is not right with a session."""

    DID_NOT_HAPPEN = "did_not_happen"
    SHORTER = "shorter"
    OTHERWISE = "otherwise"


class Decision(StrEnum):
    """What the procurer decides when the two sides do not agree."""

    AS_RECORDED = "as_recorded"
    CORRECTED = "corrected"
    NOT_HELD = "not_held"


VOUCHER_MOVES: dict[VoucherStatus, frozenset[VoucherStatus]] = {
    VoucherStatus.ISSUED: frozenset({VoucherStatus.CLAIMED, VoucherStatus.EXPIRED, VoucherStatus.CANCELLED}),
    VoucherStatus.CLAIMED: frozenset({VoucherStatus.CHOSEN, VoucherStatus.EXPIRED, VoucherStatus.CANCELLED}),
    VoucherStatus.CHOSEN: frozenset({VoucherStatus.USED, VoucherStatus.EXPIRED, VoucherStatus.CANCELLED}),
    VoucherStatus.USED: frozenset({VoucherStatus.CHOSEN, VoucherStatus.EXPIRED}),
    VoucherStatus.EXPIRED: frozenset(),
    VoucherStatus.CANCELLED: frozenset(),
}

REDEMPTION_MOVES: dict[RedemptionStatus, frozenset[RedemptionStatus]] = {
    RedemptionStatus.HELD: frozenset(
        {
            RedemptionStatus.CONFIRMED,
            RedemptionStatus.DISPUTED,
            RedemptionStatus.WITHDRAWN,
            RedemptionStatus.LAPSED,
        }
    ),
    RedemptionStatus.DISPUTED: frozenset(
        {RedemptionStatus.CONFIRMED, RedemptionStatus.REFUSED, RedemptionStatus.WITHDRAWN}
    ),
    RedemptionStatus.CONFIRMED: frozenset({RedemptionStatus.REVERSED}),
    RedemptionStatus.REFUSED: frozenset(),
    RedemptionStatus.WITHDRAWN: frozenset(),
    RedemptionStatus.LAPSED: frozenset(),
    RedemptionStatus.REVERSED: frozenset(),
}


class Verdict(StrEnum):
    """What the books say when somebody asks to use a voucher. `accepted` and `replayed` are the good ones."""

    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    OTHER_FIGURES = "other_figures"
    UNKNOWN_CODE = "unknown_code"
    NOT_USABLE = "not_usable"
    TOO_EARLY = "too_early"
    HAS_LEFT = "has_left"
    TOO_LATE = "too_late"
    FUTURE_DAY = "future_day"
    TOO_LONG_AGO = "too_long_ago"
    NOT_APPROVED = "not_approved"
    TWO_PLACES = "two_places"
    NOT_ENOUGH_LEFT = "not_enough_left"


@dataclass(frozen=True, slots=True)
class Usable:
    """What `redeem` looks at, in the order that it looks: days, units, and the provider's approval."""

    status: VoucherStatus
    starts_on: date
    expires_on: date
    units_left: int
    cents_left: int
    unit_price_cents: int
    approved_on_day: bool
    chosen_from: date
    left_on: date | None = None
    """When the client moved on from the choice under which this session was held."""
    left_before: bool = False
    """Whether the client had moved on by the time that was told."""
    counts_money: bool = False
    """Whether only money counts: a voucher of a value pays for the former coach at that one's price."""
    is_elsewhere: bool = False
    """Whether coach or client is in another session at the time that was told."""


def redeem(voucher: Usable, units: int, service_on: date, *, today: date) -> Verdict:
    """Whether a session of some units on a day may be recorded now. The SQL function `redeem` decides the same.

    A voucher can be used on its last day, and sessions held in time can still be recorded afterwards while it has not
    been closed: `RECORD_AFTER_END`; and `RECORD_AFTER_LEAVING` when the client has moved on.
    """
    if voucher.status not in (VoucherStatus.CHOSEN, VoucherStatus.USED):
        return Verdict.NOT_USABLE
    if service_on > today:
        return Verdict.FUTURE_DAY
    if service_on < today - BACKDATE_AT_MOST:
        return Verdict.TOO_LONG_AGO
    if service_on < voucher.starts_on or service_on < voucher.chosen_from:
        return Verdict.TOO_EARLY
    if voucher.left_on is not None and (
        service_on > voucher.left_on or voucher.left_before or today > voucher.left_on + RECORD_AFTER_LEAVING
    ):
        return Verdict.HAS_LEFT
    if service_on > voucher.expires_on:
        return Verdict.TOO_LATE
    if not voucher.approved_on_day:
        return Verdict.NOT_APPROVED
    if voucher.is_elsewhere:
        return Verdict.TWO_PLACES
    if (
        units > voucher.units_left and not voucher.counts_money
    ) or units * voucher.unit_price_cents > voucher.cents_left:
        return Verdict.NOT_ENOUGH_LEFT
    return Verdict.ACCEPTED


MOST_TIMES = 2
"""How many times what the programme's terms give one voucher may hold: more takes new terms, which finance sees."""
