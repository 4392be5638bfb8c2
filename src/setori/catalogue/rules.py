"""What can be bought: how coaches meet people, what an offering must say, and when a figure may be shown."""

from enum import StrEnum

ENOUGH_REVIEWS = 5
"""Below this many answers a mean says too little, and is told in words."""

COMPARE_AT_MOST = 3


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
