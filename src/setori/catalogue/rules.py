"""What can be bought: how coaches meet people, what an offering must say, and when a figure may be shown."""

from collections.abc import Iterable
from enum import StrEnum

from setori.texts import Texts

ENOUGH_REVIEWS = 5
"""Below this many answers a mean says too little, and is told in words."""

COMPARE_AT_MOST = 3

SEPARATOR = "\x1f"
"""Between an offering's own words and those of its coaches, where it is searched."""


class Way(StrEnum):
    """How a coach and a jobseeker meet."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"
    CHAT = "chat"


class Unit(StrEnum):
    """What one unit of an offering is."""

    SESSION = "session"
    COURSE = "course"


class Order(StrEnum):
    """How a list of coaches is put in order. Nobody can pay for a place."""

    TURNS = "turns"
    PRICE = "price"
    REVIEWS = "reviews"
    NAME = "name"


def shown_mean(count: int, total: int) -> float | None:
    """The mean of ratings 1–5 once there are enough of them, else None: too early to say."""
    return round(total / count, 1) if count >= ENOUGH_REVIEWS else None


def search_text(
    texts: Iterable[Texts], names: Iterable[str], coaches: Iterable[tuple[str, Texts, list[str]]]
) -> str:
    """All the words by which an offering is found, in small letters: its own, then those of its coaches.

    The two are kept apart by SEPARATOR, so that a coach is not found by the words of another coach.
    """
    own = [word for text in texts for word in text.values()] + list(names)
    theirs = [
        " ".join((name, *own_words.values(), *specialities)) for name, own_words, specialities in coaches
    ]
    return SEPARATOR.join((" ".join(own), " ".join(theirs))).lower()
