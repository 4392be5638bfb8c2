"""When somebody is asked how it goes, and until when they may answer. Pure."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from setori.quality.experience import Item, Stage

OPEN_FOR = timedelta(days=60)
"""For how long after it was asked a question can be answered."""

CHANGE_FOR = timedelta(days=30)
"""For how long after the first answer it can be given anew; the latest counts."""

REMIND_AFTER = timedelta(days=5)
"""After how long without an answer we ask once more, by mail, and never again."""

LOOK_BACK = timedelta(days=14)
"""For what happened longer ago than this nobody is asked any more."""

DECIDE_WITHIN = 5
"""In so many working days a procurer decides on words that were reported."""


class Complaint(StrEnum):
    """Why words should be hidden: they insult, tell of somebody what is nobody's business, or are of something else."""

    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    OFF_TOPIC = "off_topic"


class ReportDecision(StrEnum):
    """What became of reported words. Those that are hidden count on."""

    HIDDEN = "hidden"
    KEPT = "kept"


class ReplyDecision(StrEnum):
    """What became of a firm's reply. One that was refused may be written anew."""

    SHOWN = "shown"
    REFUSED = "refused"


__all__ = [
    "CHANGE_FOR",
    "DECIDE_WITHIN",
    "LOOK_BACK",
    "OPEN_FOR",
    "REMIND_AFTER",
    "Complaint",
    "Item",
    "ReplyDecision",
    "ReportDecision",
    "Stage",
    "decide_by",
    "is_open",
    "stage_due",
]


def stage_due(
    sessions: int, used: int, units: int, *, is_over: bool, asked: Collection[Stage]
) -> Stage | None:
    """What somebody is to be asked now, of one coach on one voucher, or None.

    `sessions` are those that were held with this coach and confirmed; `used` of `units` is how far the voucher is;
    `is_over`: nothing more comes, for the voucher ended or another coach was chosen. Nobody is asked before a session
    was confirmed, nor twice of one stage, nor of an earlier stage than before.
    """
    if sessions < 1 or Stage.END in asked:
        return None
    if is_over:
        return None if sessions == 1 and Stage.START in asked else Stage.END
    if Stage.MIDDLE in asked:
        return None
    if sessions >= 2 and 2 * used >= units:
        return Stage.MIDDLE
    return None if Stage.START in asked else Stage.START


def is_open(
    now: datetime, invited_at: datetime, answered_at: datetime | None, closed_at: datetime | None
) -> bool:
    """Whether a question can be answered, or its answer given anew."""
    if answered_at is not None:
        return now < answered_at + CHANGE_FOR
    return closed_at is None and now < invited_at + OPEN_FOR


def decide_by(reported_on: date, working_days: int = DECIDE_WITHIN) -> date:
    """The last day to decide: so many days from Monday to Friday after the report. Holidays are not left out."""
    day = reported_on
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5
    return day
