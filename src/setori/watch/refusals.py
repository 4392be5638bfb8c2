"""Why a flag cannot be taken up, asked about, answered or closed."""

from setori.errors import Conflict


class FlagTakenMeanwhile(Conflict):
    """Somebody else took it up since the page was opened."""

    sentence = "A colleague has taken this up meanwhile. See who on the page."


class NotYourFlag(Conflict):
    """Only whoever looks after it asks and closes."""

    sentence = "Take this up first: whoever looks after it asks the firm and closes it."


class FlagMoved(Conflict):
    """It is not where that can be done: it was asked, answered or closed meanwhile."""

    sentence = "This has moved on meanwhile. See on the page where it stands."


class NotHeardYet(Conflict):
    """A breach, or something put right, is written down once the firm has been heard."""

    sentence = "Ask the firm first, and wait for its answer or until its time is over."
