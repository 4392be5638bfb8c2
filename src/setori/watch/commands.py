"""What those who look after flags write, and what a firm answers."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from setori.people import Command, Empty
from setori.watch.rules import FlagOutcome

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class TakeFlag(Command):
    """Who was seen to look after it, nobody or a colleague: it is taken from nobody else."""

    seen_with: Annotated[UUID | None, Empty] = None


class AskProvider(Command):
    """The question to the firm."""

    question: Said


class AnswerFlag(Command):
    """What the firm says to it."""

    answer: Said


class CloseFlag(Command):
    """What it was, and why; the firm reads both if it was asked."""

    outcome: FlagOutcome
    words: Said
