"""Outcomes: the states of a claim, when a step is reached, and what may be verified by what. Pure."""

from datetime import date
from enum import IntEnum, StrEnum

from setori.days import months_after


class ClaimStatus(StrEnum):
    """Where a claim is: waiting for a case worker or for whoever is asked for more, or decided."""

    PROPOSED = "proposed"
    ASKED = "asked"
    VERIFIED = "verified"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"


OPEN = frozenset({ClaimStatus.PROPOSED, ClaimStatus.ASKED})

CLAIM_MOVES: dict[ClaimStatus, frozenset[ClaimStatus]] = {
    ClaimStatus.PROPOSED: frozenset(
        {ClaimStatus.ASKED, ClaimStatus.VERIFIED, ClaimStatus.REFUSED, ClaimStatus.WITHDRAWN}
    ),
    ClaimStatus.ASKED: frozenset(
        {ClaimStatus.PROPOSED, ClaimStatus.VERIFIED, ClaimStatus.REFUSED, ClaimStatus.WITHDRAWN}
    ),
    ClaimStatus.VERIFIED: frozenset({ClaimStatus.TAKEN_BACK}),
    ClaimStatus.REFUSED: frozenset(),
    ClaimStatus.WITHDRAWN: frozenset(),
    ClaimStatus.TAKEN_BACK: frozenset(),
}
"""The trigger in the database holds the same table."""


class Proof(StrEnum):
    """The evidence ladder: a register, a contract or payslip or another document, or somebody's own word."""

    REGISTER = "register"
    DOCUMENT = "document"
    OWN_WORD = "own_word"


class Trust(IntEnum):
    """How far a proof carries."""

    LOW = 1
    GOOD = 2
    HIGH = 3


TRUST = {Proof.REGISTER: Trust.HIGH, Proof.DOCUMENT: Trust.GOOD, Proof.OWN_WORD: Trust.LOW}


class ClientSays(StrEnum):
    """What the client says of what is claimed about them."""

    NOTHING = "nothing"
    AGREES = "agrees"
    OBJECTS = "objects"


class Undone(StrEnum):
    """How a fee that was paid was taken back: before its month was settled, or as a debt of the provider after it."""

    REVERSED = "reversed"
    CLAWED_BACK = "clawed_back"


class ClawbackStatus(StrEnum):
    """Taking a fee back waits for a second person."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


def lasted_on(since: date, months: int) -> date:
    """The day on which something that began has lasted so many months."""
    return months_after(since, months)


def can_verify(proof: Proof, *, by_client: bool, client_says: ClientSays) -> bool:
    """Whether a proof is enough. A provider's own word is not, until the client says the same."""
    return proof is not Proof.OWN_WORD or by_client or client_says is ClientSays.AGREES
