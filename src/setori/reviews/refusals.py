"""Why an answer is not taken."""

from setori.errors import Conflict


class NotOpen(Conflict):
    """Asked too long ago, or of a later stage meanwhile."""

    sentence = "This question is closed. What you said earlier counts."


class RepliedAlready(Conflict):
    """A firm replies once."""

    sentence = "Your firm has replied to this already. A reply that was refused can be written anew."


class DecidedAlready(Conflict):
    """Somebody decided meanwhile."""

    sentence = "This has been decided already. See the decision on the page."
