"""What may be told in confidence, and what those who handle it may write."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from setori.concerns.rules import LONGEST
from setori.people import Command, Empty

Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class TellConcern(Command):
    """Something harmful that happened, with the voucher it is about. The form brings its id, so sent twice is once."""

    id: UUID
    voucher_id: UUID
    words: Told
    reach: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class AddWords(Command):
    """More words to a report: of whoever told it, or an answer of whoever handles it."""

    words: Told


class TakeConcern(Command):
    """Who was seen to handle it, nobody or a colleague: it is taken from nobody else."""

    seen_with: Annotated[UUID | None, Empty] = None


class CloseConcern(Command):
    """What was done, for those who handle reports, and the answer to the person."""

    done: Told
    answer: Told
