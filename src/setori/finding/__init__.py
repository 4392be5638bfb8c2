"""Guided choice (ohjattu valinta): five plain questions, at most three coaches, each with a reason and a drawback."""

from setori.finding.commands import Wishes
from setori.finding.models import Finding, ShortlistEntry
from setori.finding.operations import add_to_shortlist, keep, take_off_shortlist
from setori.finding.queries import Pair, Three, find, find_kept, list_shortlist, show_kept
from setori.finding.rules import (
    AT_MOST,
    LIST_AT_MOST,
    Candidate,
    Drawback,
    Loosened,
    Pick,
    Reason,
    drawback_of,
    pick,
    reason_for,
)

__all__ = [
    "AT_MOST",
    "LIST_AT_MOST",
    "Candidate",
    "Drawback",
    "Finding",
    "Loosened",
    "Pair",
    "Pick",
    "Reason",
    "ShortlistEntry",
    "Three",
    "Wishes",
    "add_to_shortlist",
    "drawback_of",
    "find",
    "find_kept",
    "keep",
    "list_shortlist",
    "pick",
    "reason_for",
    "show_kept",
    "take_off_shortlist",
]
