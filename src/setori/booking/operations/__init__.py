"""Writing times: hours are kept, meetings booked, moved and called off, freed times offered, people reminded."""

from setori.booking.operations.closing import (
    accept,
    call_off,
    decline,
    mark_held,
    miss,
    move,
    pass_unanswered,
    release,
)
from setori.booking.operations.following import end_feed, make_feed
from setori.booking.operations.keeping import open_hours, remove_hours, remove_special_day, set_day
from setori.booking.operations.reminding import remind_due
from setori.booking.operations.reserving import reserve
from setori.booking.operations.waiting import join_line, leave_line, wait_longer

__all__ = [
    "accept",
    "call_off",
    "decline",
    "end_feed",
    "join_line",
    "leave_line",
    "make_feed",
    "mark_held",
    "miss",
    "move",
    "open_hours",
    "pass_unanswered",
    "release",
    "remind_due",
    "remove_hours",
    "remove_special_day",
    "reserve",
    "set_day",
    "wait_longer",
]
