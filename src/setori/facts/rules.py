"""What the answers of the public registers mean: which are bad, which add up to a met criterion, when to ask again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from setori.days import HELSINKI
from setori.errors import Conflict

NIGHT_BEGINS_AT = 2
"""The hour, in Finland, at which every approved firm is asked about anew."""
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)


class FactKind(StrEnum):
    """What is asked of a firm."""

    STANDING = "standing"
    PREPAYMENT = "prepayment"
    TAX = "tax"
    PENSION = "pension"


class FactAnswer(StrEnum):
    """What a register says. Not having been reached is not an answer."""

    ACTIVE = "active"
    CEASED = "ceased"
    BANKRUPT = "bankrupt"
    MISSING = "missing"
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    TAXES_PAID = "taxes_paid"
    TAX_DEBT = "tax_debt"
    PENSIONS_PAID = "pensions_paid"
    PENSION_DEBT = "pension_debt"


ANSWERS: dict[FactKind, frozenset[FactAnswer]] = {
    FactKind.STANDING: frozenset(
        {FactAnswer.ACTIVE, FactAnswer.CEASED, FactAnswer.BANKRUPT, FactAnswer.MISSING}
    ),
    FactKind.PREPAYMENT: frozenset({FactAnswer.REGISTERED, FactAnswer.NOT_REGISTERED}),
    FactKind.TAX: frozenset({FactAnswer.TAXES_PAID, FactAnswer.TAX_DEBT}),
    FactKind.PENSION: frozenset({FactAnswer.PENSIONS_PAID, FactAnswer.PENSION_DEBT}),
}
BAD = frozenset(
    {
        FactAnswer.CEASED,
        FactAnswer.BANKRUPT,
        FactAnswer.MISSING,
        FactAnswer.NOT_REGISTERED,
        FactAnswer.TAX_DEBT,
        FactAnswer.PENSION_DEBT,
    }
)


class CheckOutcome(StrEnum):
    """What the registers together say of a criterion that they answer."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


class NotLooked(Conflict):
    """A task is done once."""

    sentence = "This has been looked at already."


def outcome_of(answers: Mapping[FactKind, FactAnswer]) -> CheckOutcome:
    """Bad as soon as one answer is bad, met when every register has answered well, else not known: never guessed."""
    if any(answer in BAD for answer in answers.values()):
        return CheckOutcome.NOT_MET
    return CheckOutcome.MET if set(answers) == set(FactKind) else CheckOutcome.NOT_KNOWN


def next_night(at: datetime) -> datetime:
    """The beginning of the first night after an instant."""
    local = at.astimezone(HELSINKI)
    night = local.replace(hour=NIGHT_BEGINS_AT, minute=0, second=0, microsecond=0)
    while night.timestamp() <= at.timestamp():
        night = (night + timedelta(days=1)).replace(hour=NIGHT_BEGINS_AT)
    return night.astimezone(at.tzinfo)


def retry_after(failures: int) -> timedelta:
    """How long to leave a register alone after so many failures in a row: doubling, an hour at most."""
    doublings: int = min(max(failures - 1, 0), 10)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
