"""Writing reports in confidence: telling, and handling."""

from setori.concerns.operations.handling import answer, close, look, look_at_list, take
from setori.concerns.operations.telling import add_words, tell

__all__ = ["add_words", "answer", "close", "look", "look_at_list", "take", "tell"]
