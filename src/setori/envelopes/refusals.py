"""Why something cannot come out of a personal budget, each as a sentence that says what to do."""

from setori.errors import Conflict, Invalid


class EnvelopeOver(Conflict):
    """Its last day has passed, or it was ended."""

    sentence = "This budget is over. What its vouchers hold can still be used."


class OverLimit(Conflict):
    """A service would take more than its limit."""

    sentence = "The budget's limit for this service does not cover it. Take fewer, or ask your case worker."


class EnvelopeEmpty(Conflict):
    """Less is left than asked for."""

    sentence = "There is not enough left in the budget for this."


class LimitsTaken(Invalid):
    """Vouchers have taken more than a new limit or amount would allow."""


class NotForService(Conflict):
    """No open programme gives vouchers for this service and price."""

    sentence = "There is no open programme that pays for this. Ask your case worker."
