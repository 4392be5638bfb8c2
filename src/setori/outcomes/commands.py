"""What people may ask about outcomes, as forms spell it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from setori.outcomes.rules import Proof
from setori.people import Command, Empty
from setori.vouchers import Months, OutcomeKind

Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]
Maybe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class ClaimOutcome(Command):
    """What came of it, since when, how long it has lasted, and what shows it.

    `proof_text` says what the register, the document or the word is. The file itself is not uploaded. `provider_id` is
    whose work it was, when the client claims and has met several.
    """

    kind: OutcomeKind
    since: date
    months: Months
    proof: Proof
    proof_text: Told
    provider_id: Annotated[UUID | None, Empty] = None


class SayOfClaim(Command):
    """What the client says of a claim; whoever objects says why."""

    agrees: bool
    words: Maybe = ""


class AskMore(Command):
    """What else the case worker has to know."""

    question: Told


class AnswerMore(Command):
    """The answer to that."""

    answer: Told


class VerifyClaim(Command):
    """By which proof the case worker has found it true, and what was seen."""

    proof: Proof
    reason: Maybe = ""


class RefuseClaim(Command):
    """Why no fee is paid."""

    reason: Told


class ProposeClawback(Command):
    """Why a fee that was paid should be taken back."""

    reason: Told


class DecideClawback(Command):
    """What the second person says."""

    approves: bool
    answer: Maybe = Field(default="")
