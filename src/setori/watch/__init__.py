"""The watch (seuranta): each night what firms do is looked at, and what is odd becomes a question, never a verdict."""

from setori.watch import rules
from setori.watch.commands import AnswerFlag, AskProvider, CloseFlag, TakeFlag
from setori.watch.models import Flag, NightlyLook, ReviewTrace
from setori.watch.operations import answer, ask, close, erase_traces, look, take, trace
from setori.watch.queries import FlagView, count_open, find, list_due, list_of_procurer, list_of_provider
from setori.watch.refusals import FlagMoved, FlagTakenMeanwhile, NotHeardYet, NotYourFlag
from setori.watch.rules import FLAG_MOVES, FlagKind, FlagOutcome, FlagStatus

__all__ = [
    "FLAG_MOVES",
    "AnswerFlag",
    "AskProvider",
    "CloseFlag",
    "Flag",
    "FlagKind",
    "FlagMoved",
    "FlagOutcome",
    "FlagStatus",
    "FlagTakenMeanwhile",
    "FlagView",
    "NightlyLook",
    "NotHeardYet",
    "NotYourFlag",
    "ReviewTrace",
    "TakeFlag",
    "answer",
    "ask",
    "close",
    "count_open",
    "erase_traces",
    "find",
    "list_due",
    "list_of_procurer",
    "list_of_provider",
    "look",
    "rules",
    "take",
    "trace",
]
