"""Guided choice (ohjattu valinta): five plain questions, at most three coaches, each with a reason and a drawback."""

from setori.finding.commands import Wishes
from setori.finding.models import Finding
from setori.finding.operations import keep
from setori.finding.queries import Three, find, find_kept, show_kept
from setori.finding.rules import (
    AT_MOST,
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
    "Candidate",
    "Drawback",
    "Finding",
    "Loosened",
    "Pick",
    "Reason",
    "Three",
    "Wishes",
    "drawback_of",
    "find",
    "find_kept",
    "keep",
    "pick",
    "reason_for",
    "show_kept",
]
