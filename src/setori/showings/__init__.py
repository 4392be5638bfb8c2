"""Showings (näytöt): whom a reader was shown, in what order and why, and whom they chose: so that all can see it."""

from setori.showings.models import Showing, ShownChoice
from setori.showings.operations import erase, note, note_choice
from setori.showings.queries import Turns, list_turns
from setori.showings.rules import Source

__all__ = ["Showing", "ShownChoice", "Source", "Turns", "erase", "list_turns", "note", "note_choice"]
