"""Why a time cannot be had or a meeting not changed, each as a sentence that says what to do."""

from setori.errors import Conflict


class TimeTaken(Conflict):
    """Somebody was faster, or the coach's hours have changed."""

    sentence = "Somebody has just taken that time. Pick another one."


class YouAreBusy(Conflict):
    """One cannot be at two places."""

    sentence = "You have another meeting at that time. Pick another one."


class AlreadyClosed(Conflict):
    """The meeting is over or called off."""

    sentence = "This meeting has been called off or is over already."


class TooLateToMove(Conflict):
    """Moving at the last moment would go around the terms."""

    sentence = "It is too late to move this meeting. You can call it off, and the page says what that means."


class NotYetOver(Conflict):
    """Nobody has missed what has not begun."""

    sentence = "The meeting has not begun yet."


class HasBegun(Conflict):
    """What has begun is not called off any more."""

    sentence = "The meeting has begun already."


class HoursOverlap(Conflict):
    """Two stretches of the same hours."""

    sentence = "These hours lie over others of the same day. Change them, or remove the others first."


class OfferPassed(Conflict):
    """The time went on to the next one."""

    sentence = "This offer is over: the time has gone to the next one who waits."


class AlreadyWaiting(Conflict):
    """One place in the line for one voucher."""

    sentence = "You are waiting for a time already."
