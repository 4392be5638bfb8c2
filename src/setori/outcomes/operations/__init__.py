"""What can be done with outcomes: claiming, deciding, taking back, and returning what nobody can claim any more."""

from setori.outcomes.operations.claiming import answer, claim, say, withdraw
from setori.outcomes.operations.deciding import ask, refuse, verify
from setori.outcomes.operations.taking_back import decide_clawback, propose_clawback, return_due

__all__ = [
    "answer",
    "ask",
    "claim",
    "decide_clawback",
    "propose_clawback",
    "refuse",
    "return_due",
    "say",
    "verify",
    "withdraw",
]
