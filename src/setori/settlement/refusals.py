"""Why a month is not closed or a statement not approved."""

from setori.errors import Conflict


class MonthNotOver(Conflict):
    """Sessions can still come."""

    sentence = "The month is not over yet. It can be closed from the first day of the next one."


class NothingToSettle(Conflict):
    """No confirmed session waits for a statement in that month, or it has been closed already."""

    sentence = "There is nothing to settle: no confirmed sessions of that month are without a statement."


class NotDraft(Conflict):
    """Approved already."""

    sentence = "This statement has been approved already."


class FourEyes(Conflict):
    """Two people look at each payment."""

    sentence = "You closed this statement yourself. Another person has to approve it."


class NoBankAccount(Conflict):
    """Where should the money go?"""

    sentence = "The provider has not given a bank account. Ask them to add one to their profile."


class ChangedSinceSeen(Conflict):
    """The provider has another account, or the sum is another, since the approver looked."""

    sentence = "The account or the sum has changed since you looked at it. Look again before you approve."


class AccountTooNew(Conflict):
    """The provider's account was changed within the last day."""

    sentence = "The provider changed its bank account within the last 24 hours. It can be paid a day after the change."


class NotFrozen(Conflict):
    """Nothing is stopped: the order moved on meanwhile."""

    sentence = "This payment is not stopped any more. Look at where it is now."


class MoneyLeft(Conflict):
    """The gateway's report has a line with this order's reference."""

    sentence = "The gateway's report says that money has left with this reference. Ask the gateway to correct it first."


class TooEarlyToCallUnpaid(Conflict):
    """The report of the next days may still name it."""

    sentence = (
        "A stopped payment can be called unpaid two days after it was sent, "
        "once the reports have had time to name it."
    )
