"""Reports in confidence (luottamukselliset ilmoitukset): harm is told to those who are named for it only."""

from setori.concerns.commands import AddWords, CloseConcern, TakeConcern, TellConcern
from setori.concerns.models import Concern, ConcernMessage
from setori.concerns.operations import add_words, answer, close, look, look_at_list, take, tell
from setori.concerns.queries import ConcernView, HolderOf, MessageView, find, list_own, list_vouchers
from setori.concerns.refusals import ConcernClosed, NotInYourHands, TakenMeanwhile
from setori.concerns.rules import CONCERN_MOVES, ConcernStatus

__all__ = [
    "CONCERN_MOVES",
    "AddWords",
    "CloseConcern",
    "Concern",
    "ConcernClosed",
    "ConcernMessage",
    "ConcernStatus",
    "ConcernView",
    "HolderOf",
    "MessageView",
    "NotInYourHands",
    "TakeConcern",
    "TakenMeanwhile",
    "TellConcern",
    "add_words",
    "answer",
    "close",
    "find",
    "list_own",
    "list_vouchers",
    "look",
    "look_at_list",
    "take",
    "tell",
]
