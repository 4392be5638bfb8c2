"""Writing: consents given and ended, and what a service manager does with one."""

from setori.guiding.operations.consenting import (
    agree,
    decline,
    end,
    end_due,
    invite,
    propose,
    take_back_proposal,
)
from setori.guiding.operations.helping import (
    Beside,
    book_for,
    call_off_for,
    look,
    look_at_meeting,
    move_for,
    sit_in,
    sit_in_no_more,
    suggest,
    take_back,
)

__all__ = [
    "Beside",
    "agree",
    "book_for",
    "call_off_for",
    "decline",
    "end",
    "end_due",
    "invite",
    "look",
    "look_at_meeting",
    "move_for",
    "propose",
    "sit_in",
    "sit_in_no_more",
    "suggest",
    "take_back",
    "take_back_proposal",
]
