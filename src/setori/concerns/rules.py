"""How a report of harm moves, and how soon somebody should have begun. Pure."""

from datetime import timedelta
from enum import StrEnum


class ConcernStatus(StrEnum):
    """Where a report in confidence is: received, being handled by somebody, or closed with what was done."""

    RECEIVED = "received"
    BEING_HANDLED = "being_handled"
    CLOSED = "closed"


CONCERN_MOVES: dict[ConcernStatus, frozenset[ConcernStatus]] = {
    ConcernStatus.RECEIVED: frozenset({ConcernStatus.BEING_HANDLED}),
    ConcernStatus.BEING_HANDLED: frozenset({ConcernStatus.CLOSED}),
    ConcernStatus.CLOSED: frozenset(),
}

BEGIN_WITHIN = timedelta(days=2)
"""So soon somebody should have taken up a report; it is late after that."""

LONGEST = 4000
"""How much can be told at once, in characters."""
