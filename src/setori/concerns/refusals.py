"""Why a report cannot be taken or written to."""

from setori.errors import Conflict


class TakenMeanwhile(Conflict):
    """Somebody else took it up since the page was opened."""

    sentence = "A colleague has taken this up meanwhile. See who on the page."


class NotInYourHands(Conflict):
    """Only whoever handles it answers and closes."""

    sentence = "Take this up first: whoever handles it answers and closes it."


class ConcernClosed(Conflict):
    """It is over."""

    sentence = "This report is closed. If something new has happened, tell it anew."
