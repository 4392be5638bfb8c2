"""Why a consent cannot be given or used, each as a sentence that says what to do."""

from setori.errors import Conflict


class ConsentClosed(Conflict):
    """It was answered or ended in the meantime."""

    sentence = "This has been answered or has ended already."


class AlreadyBeside(Conflict):
    """One consent at a time between two people."""

    sentence = (
        "This service manager walks beside the client already, or the answer is waited for. "
        "Answer or end that first."
    )


class NotAServiceManager(Conflict):
    """Only somebody who works as one, for an employment area that gave the client a voucher."""

    sentence = "This person is not a service manager of the employment area. Choose one from the list."


class NotToBeSuggested(Conflict):
    """What the voucher cannot choose is not suggested."""

    sentence = "This cannot be chosen with the voucher just now. Look for another coach."


class SuggestedAlready(Conflict):
    """Once is enough."""

    sentence = "You have suggested this already. Take that back first to write other words."


class NothingToAttend(Conflict):
    """One sits in at meetings that are to come."""

    sentence = "This meeting has been called off or has begun already."
