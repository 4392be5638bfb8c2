"""What is written to people about their meetings: a subject, words, where the button leads, and what it says."""

from collections.abc import Mapping
from datetime import datetime

from setori.web import i18n
from setori.web.guiding_mails import GUIDING
from setori.web.i18n import N_, gettext
from setori.web.names import name

MEETINGS: dict[str, tuple[str, str, str, str]] = {
    **GUIDING,
    "meeting_confirmed": (
        N_("Your time is booked: {starts_at}"),
        N_("With {coach}, {place}. You can move it or call it off on the page, which also says until when."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_booked": (
        N_("A client booked a time: {starts_at}"),
        N_("It is in your calendar."),
        "/provider/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_moved": (
        N_("A meeting was moved to {starts_at}"),
        N_("It was {was} before. The new time is in your calendar."),
        "/provider/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_moved_yours": (
        N_("Your meeting was moved to {starts_at}"),
        N_("It was {was} before. With {coach}, {place}."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_called_off": (
        N_("A client called a meeting off: {starts_at}"),
        N_("The time is free again for others. What your client wrote is on the page."),
        "/provider/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_off": (
        N_("Your coach had to call your meeting off: {starts_at}"),
        N_("We are sorry. It uses nothing of your voucher. The next free times: {times}. {reason}"),
        "/wallet/{voucher_id}/times",
        N_("Pick a new time"),
    ),
    "meeting_missed": (
        N_("Your coach says that you did not meet: {starts_at}"),
        N_("If that is not right, say so: your word is heard before anything is used or paid."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_released": (
        N_("A booked time has been let go: {starts_at}"),
        N_(
            "Your voucher no longer leads to this coach, so the time with {coach} was called off. It uses nothing."
        ),
        "/wallet",
        N_("My voucher"),
    ),
    "meeting_released_coach": (
        N_("A booked time is free again: {starts_at}"),
        N_("Your client's voucher ended or goes on with somebody else. Thank you for your work so far."),
        "/provider/calendar",
        N_("See your calendar"),
    ),
    "time_offered": (
        N_("A time has come free for you: {starts_at}"),
        N_("With {coach}. It is yours to take until {answer_by}; after that the next one is asked."),
        "/meetings/{booking_id}",
        N_("Look at it"),
    ),
    "meeting_reminder": (
        N_("You have a meeting: {starts_at}"),
        N_("With {coach}, {place}. If you cannot come, say so on the page."),
        "/meetings/{booking_id}",
        N_("See the meeting"),
    ),
    "meeting_reminder_coach": (
        N_("You meet a client: {starts_at}"),
        N_("If you cannot come, call it off on the page: your client is told the next free times."),
        "/provider/meetings/{booking_id}",
        N_("See the meeting"),
    ),
}


def meeting_in_words(told: Mapping[str, object]) -> dict[str, object]:
    """When and where a meeting is, in the reader's language."""
    moments = {key: _moment(told[key]) for key in ("starts_at", "was", "answer_by") if told.get(key)}
    said: dict[str, object] = {**moments}
    if "starts_at" in said:
        said["place"] = told.get("place") or name(str(told.get("way") or ""))
    times = told.get("times")
    if isinstance(times, list):
        said["times"] = ", ".join(_moment(one) for one in times) or gettext("none at the moment")
    return said


def _moment(told: object) -> str:
    return i18n.moment(datetime.fromisoformat(str(told)))
