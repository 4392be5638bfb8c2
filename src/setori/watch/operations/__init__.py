"""What is done: the nightly look, traces of answers, and looking after flags."""

from setori.watch.operations.looking import erase_traces, look, trace
from setori.watch.operations.tending import answer, ask, close, take

__all__ = ["answer", "ask", "close", "erase_traces", "look", "take", "trace"]
