"""When a consent is in force, what it lets a service manager do, and how it moves. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

DAYS = 90
"""How long a consent lasts, unless the client says otherwise."""

MOST_DAYS = 365
"""The longest that a client can say yes for at a time."""

ANSWER_DAYS = 30
"""A proposal that the client has not answered by then is taken for a no."""

LOOK_EVERY = timedelta(minutes=15)
"""The same page looked at again within this time is one look."""


class ConsentStatus(StrEnum):
    """Where a consent is: proposed to the client, in force, ended, or refused (by a no, or by silence)."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REFUSED = "refused"


CONSENT_MOVES: dict[ConsentStatus, frozenset[ConsentStatus]] = {
    ConsentStatus.PROPOSED: frozenset({ConsentStatus.IN_FORCE, ConsentStatus.REFUSED}),
    ConsentStatus.IN_FORCE: frozenset({ConsentStatus.ENDED}),
    ConsentStatus.ENDED: frozenset(),
    ConsentStatus.REFUSED: frozenset(),
}


class Scope(StrEnum):
    """What a client allows, each by itself."""

    SEE = "see"
    SHORTLIST = "shortlist"
    BOOK = "book"
    ATTEND = "attend"


class Deed(StrEnum):
    """What a service manager has done, for the client to read: looks, and acts."""

    LOOKED = "looked"
    LOOKED_FOR_COACHES = "looked_for_coaches"
    LOOKED_AT_TIMES = "looked_at_times"
    LOOKED_AT_MEETING = "looked_at_meeting"
    SUGGESTED = "suggested"
    TOOK_BACK = "took_back"
    BOOKED = "booked"
    MOVED = "moved"
    CALLED_OFF = "called_off"
    SITS_IN = "sits_in"
    SITS_NOT_IN = "sits_not_in"


LOOKS = frozenset({Deed.LOOKED, Deed.LOOKED_FOR_COACHES, Deed.LOOKED_AT_TIMES, Deed.LOOKED_AT_MEETING})

NEEDS: dict[Deed, frozenset[Scope]] = {
    Deed.LOOKED: frozenset(Scope),
    Deed.LOOKED_FOR_COACHES: frozenset({Scope.SHORTLIST}),
    Deed.LOOKED_AT_TIMES: frozenset({Scope.BOOK}),
    Deed.LOOKED_AT_MEETING: frozenset({Scope.BOOK, Scope.ATTEND}),
    Deed.SUGGESTED: frozenset({Scope.SHORTLIST}),
    Deed.TOOK_BACK: frozenset({Scope.SHORTLIST}),
    Deed.BOOKED: frozenset({Scope.BOOK}),
    Deed.MOVED: frozenset({Scope.BOOK}),
    Deed.CALLED_OFF: frozenset({Scope.BOOK}),
    Deed.SITS_IN: frozenset({Scope.ATTEND}),
    Deed.SITS_NOT_IN: frozenset({Scope.ATTEND}),
}
"""Of which any one is enough for a deed. The database holds the same table."""


def look_of(at: datetime) -> datetime:
    """The beginning of the quarter of an hour in which somebody looks: one look of a kind is kept in each."""
    return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % LOOK_EVERY


def until_by_default(today: date) -> date:
    """The last day that is offered for a consent."""
    return today + timedelta(days=DAYS)


def is_sensible_end(until_on: date, today: date) -> bool:
    """Whether a consent can be given until a day."""
    return today <= until_on <= today + timedelta(days=MOST_DAYS)
