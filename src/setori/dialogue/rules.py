"""What do you say: when a dialogue is open, who sees what was said, and what must be answered before publishing."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from setori.errors import Conflict, Invalid, SetoriError

CLOSING_DAYS = 3
"""How many days before the last one the deadline is near."""
LONGEST_DAYS = 180
CONFIRM_WITHIN = timedelta(days=7)
"""How long an outsider has to open the link of what was written."""
NEWS_STAYS_NEW = timedelta(days=14)
ASKED_AGAIN_AFTER = timedelta(minutes=5)
"""Whoever asks for the same link again sooner gets no second letter."""
WINDOW, REMARKS_PER_WINDOW, LINKS_PER_WINDOW = timedelta(hours=1), 60, 10
"""What one person may write, and how many links one address is sent, within a while."""


class Shows(StrEnum):
    """When comments are for everybody's eyes: as they come, or all together after the close."""

    AT_ONCE = "at_once"
    AFTER_CLOSE = "after_close"


class RemarkKind(StrEnum):
    """A comment is weighed, a question is answered."""

    COMMENT = "comment"
    QUESTION = "question"


class Verdict(StrEnum):
    """What became of a comment."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    NOT_ACCEPTED = "not_accepted"


class DialogueStatus(StrEnum):
    """Open for comments, then the comments are answered, then the rulebook is published with all of it."""

    OPEN = "open"
    ANSWERING = "answering"
    PUBLISHED = "published"


class News(StrEnum):
    """What those who follow an area and a service are told."""

    OPENED = "opened"
    CLOSING = "closing"
    PUBLISHED = "published"


class DialogueClosed(Conflict):
    """Comments are taken until the last day."""

    sentence = "This rulebook is no longer open for comments."


class DialogueOver(Conflict):
    """After publication nothing is added."""

    sentence = "The rulebook has been published, and the dialogue about it is over."


class StillOpen(Conflict):
    """Nothing is decided while others may still speak."""

    sentence = "The rulebook is open for comments until the end of {day}. Publish it after that."


class NotAnswered(Conflict):
    """Everybody who said something gets an answer."""

    sentence = "{count} comment or question has no answer yet. Answer it before you publish."
    plural = "{count} comments or questions have no answer yet. Answer them before you publish."
    counted = "count"


class AnsweredAlready(Conflict):
    """An answer stays with the words that it answers."""

    sentence = "This has been answered already. You can withdraw it, or write a new one."


class WithdrawnAlready(Conflict):
    """What its author took back is neither answered nor mended."""

    sentence = "This has been withdrawn by its author."


class OthersWords(Conflict):
    """Somebody of the same firm has mended it since the form was opened."""

    sentence = "Somebody has changed this since you opened it. Look at it once more before you change it."


class BadLastDay(Invalid):
    """The last day for comments is one that people can plan for."""

    sentence = "Choose another last day."


class TooMuch(SetoriError):
    """One address wrote, or was sent, more than people do."""

    status = 429
    sentence = "That was a lot within an hour. Wait a while and go on."


class LinkTooOld(Conflict):
    """A link that is unknown or too old; the two are told apart by nobody."""

    sentence = "This link is not valid, or it is too old. Send the form again to get a new one."


class UnknownLink(LinkTooOld):
    """A link to leave that is none of ours."""

    sentence = "This link is not known. Take the one in the newest message that you got."


def status_of(closes_on: date, published_at: datetime | None, *, on: date) -> DialogueStatus:
    """Where a dialogue is on a day; the last day is still open."""
    if published_at is not None:
        return DialogueStatus.PUBLISHED
    return DialogueStatus.OPEN if on <= closes_on else DialogueStatus.ANSWERING


def may_see_comment(
    shows: Shows, status: DialogueStatus, *, is_own: bool, is_procurers: bool, is_verified: bool
) -> bool:
    """Whether somebody sees a comment: its author and the procurer always, others as the procurer chose."""
    if not is_verified:
        return False
    return is_own or is_procurers or shows is Shows.AT_ONCE or status is not DialogueStatus.OPEN


def check_last_day(day: date, *, today: date, former: date | None = None) -> None:
    """Refuse a last day that is past, too far away, or earlier than people were told. Raises BadLastDay."""
    if former is not None and day <= former:
        raise BadLastDay(errors={"closes_on": "A dialogue can only be made longer."})
    if day <= today:
        raise BadLastDay(errors={"closes_on": "Choose a day after today."})
    if day > today + timedelta(days=LONGEST_DAYS):
        raise BadLastDay(errors={"closes_on": "Choose a day within half a year."})


def is_near(closes_on: date, *, on: date) -> bool:
    """Whether the deadline is near enough to be told of."""
    return timedelta(0) <= closes_on - on <= timedelta(days=CLOSING_DAYS)


def place_of(code: str | None, codes: Iterable[str]) -> int:
    """Where a remark stands: nought on the whole, else the place of its criterion. Raises Invalid."""
    if code is None:
        return 0
    for place, known in enumerate(codes, start=1):
        if known == code:
            return place
    raise Invalid(errors={"code": "Choose one from the list."})
