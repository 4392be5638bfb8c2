"""Why an outcome cannot be claimed, verified or taken back."""

from setori.errors import Conflict, Invalid


class NoOutcomeFees(Conflict):
    """The voucher's terms pay nothing for that."""

    sentence = "This voucher's terms pay no fee for that outcome."


class NotDelivered(Conflict):
    """Whoever held no session has no part in the outcome."""

    sentence = "No session of this provider has been confirmed on this voucher."


class TooLateToClaim(Conflict):
    """The day until which the step could be claimed has passed."""

    sentence = "The last day to claim this was {day}."


class ClaimedAlready(Conflict):
    """One claim at a time."""

    sentence = "This outcome has been claimed already and waits for the case worker."


class PaidAlready(Conflict):
    """Nothing is paid twice for one outcome."""

    sentence = "A fee has been paid for this outcome already. It is not paid twice."


class PaidElsewhere(Conflict):
    """One outcome, several vouchers: still one fee."""

    sentence = (
        "A fee for these months has been paid on another voucher of the same person. It is not paid twice."
    )


class ReserveReturned(Conflict):
    """The money went back to the budget."""

    sentence = "What was reserved for this outcome has gone back to the budget."


class NotOpen(Conflict):
    """Somebody was first."""

    sentence = "This claim has been decided already."


class NothingAsked(Conflict):
    """There is no question to answer."""

    sentence = "Nothing more is asked about this claim."


class WordIsNotEnough(Invalid):
    """A provider's own word."""

    sentence = (
        "A provider's own word is not enough: the client has to say the same, or there has to be a document."
    )


class NotVerified(Conflict):
    """Only what was paid can be taken back."""

    sentence = "No fee that could be taken back was paid for this claim."


class ClawbackWaits(Conflict):
    """One at a time."""

    sentence = "Taking this fee back waits for a second person already."


class ClawbackDecided(Conflict):
    """Somebody was first."""

    sentence = "This has been decided already."


class OwnClawback(Conflict):
    """Two people look at it."""

    sentence = "You proposed this yourself. Another person has to decide it."
