"""Asking, answering and counting."""

from setori.reviews.operations.answering import answer
from setori.reviews.operations.asking import ask_after, ask_due, remind
from setori.reviews.operations.counting import count_all, recount
from setori.reviews.operations.moderating import decide_report, report, show_again
from setori.reviews.operations.replying import decide_reply, reply

__all__ = [
    "answer",
    "ask_after",
    "ask_due",
    "count_all",
    "decide_reply",
    "decide_report",
    "recount",
    "remind",
    "reply",
    "report",
    "show_again",
]
