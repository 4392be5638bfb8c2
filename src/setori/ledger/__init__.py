"""The books (kirjanpito): where the money is, to the cent, in postings that are never changed."""

from setori.ledger.models import Account, Posting
from setori.ledger.operations import NotEnoughMoney, open_account, open_accounts, post, post_all
from setori.ledger.queries import find_account, list_balances
from setori.ledger.rules import BOUNDED, JOINS, AccountKind, Phase, PostingKind

__all__ = [
    "BOUNDED",
    "JOINS",
    "Account",
    "AccountKind",
    "NotEnoughMoney",
    "Phase",
    "Posting",
    "PostingKind",
    "find_account",
    "list_balances",
    "open_account",
    "open_accounts",
    "post",
    "post_all",
]
