"""Why a voucher cannot be used or a session not changed, each as a sentence that says what to do."""

from setori.errors import Conflict, Invalid
from setori.vouchers.rules import Verdict


class UnknownCode(Conflict):
    """No voucher with this code is with this provider."""

    sentence = (
        "No voucher with this code has chosen you. Check the code, or ask your client to choose you first."
    )


class NotUsable(Conflict):
    """The voucher is closed, or not yet claimed."""

    sentence = "This voucher is not in use: it has expired, been cancelled or not been taken into use."


class NotEnoughLeft(Conflict):
    """Too few sessions, or too little money, are left."""

    sentence = "The voucher has {left} session left: not enough for this."
    plural = "The voucher has {left} sessions left: not enough for this."
    counted = "left"


class TooEarly(Conflict):
    """The day is before the voucher was valid or the coach chosen."""

    sentence = "On that day the voucher was not yet valid, or you had not yet been chosen."


class HasLeft(Conflict):
    """The client had moved on by that day, or did so too long ago."""

    sentence = (
        "Your client had chosen somebody else by then, or did so more than 14 days ago. Only sessions held before that "
        "can be recorded, and only for 14 days."
    )


class TooLate(Conflict):
    """The day is after the voucher's last one."""

    sentence = "The voucher's last day was before that day."


class FutureDay(Conflict):
    """A session is recorded after it was held."""

    sentence = "That day has not come yet. Record a session once it has been held."


class TooLongAgo(Conflict):
    """Sessions are recorded within sixty days."""

    sentence = "The session was held over 60 days ago, and cannot be recorded any more."


class NotApproved(Conflict):
    """The provider's approval was not in force on that day."""

    sentence = "Your approval for this service was not in force on that day."


class TwoPlaces(Conflict):
    """Coach or client is in another session at that time."""

    sentence = "You or your client are in another session at that time. Check the time and the minutes."


class AlreadyDecided(Conflict):
    """It has been decided, or is not disputed any more."""

    sentence = "This has been decided already."


class TooManyUnits(Invalid):
    """A correction gives more than was recorded."""

    sentence = "A correction cannot give more than was recorded."

    def __init__(self) -> None:
        super().__init__(errors={"units": self.sentence})


class OtherFigures(Invalid):
    """The same redemption id, and not the same redemption."""

    sentence = "A session with this id has been recorded with other figures. Use a new id for a new session."


class PostedAlready(Conflict):
    """The id of a posting has been used for something else."""

    sentence = "This form has been sent already, with other figures. Open the page anew."


class AlreadyResolved(Conflict):
    """Somebody was first."""

    sentence = "This session has already been {status} and cannot be changed in this way any more."


class AlreadySettled(Conflict):
    """It stands in a statement."""

    sentence = "This session is in a statement already. Ask the employment area for a correction."


class MonthClosed(Conflict):
    """The month was closed in the same instant."""

    sentence = "The month was closed just now. Try again: it will count for the next month."


class NotClaimable(Conflict):
    """The link was used, or the voucher is closed."""

    sentence = "This voucher has already been taken into use. Sign in with your e-mail address to see it."


class NotChoosable(Conflict):
    """The offering cannot be chosen with this voucher."""

    sentence = (
        "This coach cannot be chosen with your voucher: no longer on offer, or the service, the area or the approval "
        "does not fit."
    )


class TooDear(Conflict):
    """The price is over the cap."""

    sentence = "The price is {price}, and your voucher covers at most {cap} for a session."


class SwitchesUsed(Conflict):
    """The programme's terms allow so many changes, and they are used."""

    sentence = "You have changed as many times as your voucher allows. Ask your case worker."


class VoucherClosed(Conflict):
    """Nothing more can be done with it."""

    sentence = "This voucher is closed."


class ProgrammeClosed(Conflict):
    """No vouchers are issued from it now."""

    sentence = "No vouchers are issued from this programme now."


class BatchMoved(Conflict):
    """A batch is not where whoever asks believes it to be."""

    sentence = "This batch has gone on in the meantime, so this cannot be done. Look at it again."


class TermsChanged(Conflict):
    """The file was checked on terms that are no longer the newest."""

    sentence = "The programme's terms have changed since the file was checked. Check it again."


class NothingToIssue(Conflict):
    """No row of the batch can be issued."""

    sentence = "There is no row in this file for which a voucher could be issued."


OF_VERDICT: dict[Verdict, type[Conflict | Invalid]] = {
    Verdict.OTHER_FIGURES: OtherFigures,
    Verdict.UNKNOWN_CODE: UnknownCode,
    Verdict.NOT_USABLE: NotUsable,
    Verdict.TOO_EARLY: TooEarly,
    Verdict.HAS_LEFT: HasLeft,
    Verdict.TOO_LATE: TooLate,
    Verdict.FUTURE_DAY: FutureDay,
    Verdict.TOO_LONG_AGO: TooLongAgo,
    Verdict.NOT_APPROVED: NotApproved,
    Verdict.TWO_PLACES: TwoPlaces,
    Verdict.NOT_ENOUGH_LEFT: NotEnoughLeft,
}


class NobodyToMeet(Conflict):
    """Times are booked with a coach."""

    sentence = "Choose a coach first. Then you can book a time."


class NothingLeftToBook(Conflict):
    """Every session that is left has its time already."""

    sentence = "Every session that is left on your voucher has its time already."


class CountsNot(Conflict):
    """By the terms of the voucher this uses no session."""

    sentence = "By the terms of this voucher, that uses no session."


class ProviderPaused(Conflict):
    """The firm's approval is not in force."""

    sentence = "Your coach's firm cannot go on at the moment. What is left is yours: choose somebody else."
