"""What kinds of accounts and postings there are, and which posting may join which accounts."""

from enum import StrEnum


class AccountKind(StrEnum):
    """What an account stands for. Budget, envelope, voucher, outcome and payout can never be overdrawn."""

    APPROPRIATION = "appropriation"
    BUDGET = "budget"
    ENVELOPE = "envelope"
    VOUCHER = "voucher"
    OUTCOME = "outcome"
    PROVIDER_ACCRUED = "provider_accrued"
    PAYOUT = "payout"
    BANK_CLEARING = "bank_clearing"
    BANK = "bank"
    RECEIVABLE = "receivable"
    SUSPENSE = "suspense"


class PostingKind(StrEnum):
    """What happened, as the books say it."""

    APPROPRIATE = "appropriate"
    DEAPPROPRIATE = "deappropriate"
    ALLOT = "allot"
    HAND_BACK = "hand_back"
    DRAW = "draw"
    RESTORE = "restore"
    ISSUE = "issue"
    RETURN = "return"
    REDEEM = "redeem"
    REVERSE = "reverse"
    SETTLE = "settle"
    UNSETTLE = "unsettle"
    PAY = "pay"
    MATCH = "match"
    RESERVE_OUTCOME = "reserve_outcome"
    OUTCOME_FEE = "outcome_fee"
    RETURN_OUTCOME = "return_outcome"
    REVERSE_OUTCOME = "reverse_outcome"
    CLAWBACK = "clawback"
    OFFSET = "offset"


class Phase(StrEnum):
    """Whether money moves now, is held, or a hold ends."""

    POST = "post"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"


BOUNDED = frozenset(
    {
        AccountKind.BUDGET,
        AccountKind.ENVELOPE,
        AccountKind.VOUCHER,
        AccountKind.OUTCOME,
        AccountKind.PAYOUT,
    }
)

JOINS: dict[PostingKind, tuple[AccountKind, AccountKind]] = {
    PostingKind.APPROPRIATE: (AccountKind.APPROPRIATION, AccountKind.BUDGET),
    PostingKind.DEAPPROPRIATE: (AccountKind.BUDGET, AccountKind.APPROPRIATION),
    PostingKind.ALLOT: (AccountKind.BUDGET, AccountKind.ENVELOPE),
    PostingKind.HAND_BACK: (AccountKind.ENVELOPE, AccountKind.BUDGET),
    PostingKind.DRAW: (AccountKind.ENVELOPE, AccountKind.BUDGET),
    PostingKind.RESTORE: (AccountKind.BUDGET, AccountKind.ENVELOPE),
    PostingKind.ISSUE: (AccountKind.BUDGET, AccountKind.VOUCHER),
    PostingKind.RETURN: (AccountKind.VOUCHER, AccountKind.BUDGET),
    PostingKind.REDEEM: (AccountKind.VOUCHER, AccountKind.PROVIDER_ACCRUED),
    PostingKind.REVERSE: (AccountKind.PROVIDER_ACCRUED, AccountKind.VOUCHER),
    PostingKind.SETTLE: (AccountKind.PROVIDER_ACCRUED, AccountKind.PAYOUT),
    PostingKind.UNSETTLE: (AccountKind.PAYOUT, AccountKind.PROVIDER_ACCRUED),
    PostingKind.PAY: (AccountKind.PAYOUT, AccountKind.BANK_CLEARING),
    PostingKind.MATCH: (AccountKind.BANK_CLEARING, AccountKind.BANK),
    PostingKind.RESERVE_OUTCOME: (AccountKind.BUDGET, AccountKind.OUTCOME),
    PostingKind.OUTCOME_FEE: (AccountKind.OUTCOME, AccountKind.PROVIDER_ACCRUED),
    PostingKind.RETURN_OUTCOME: (AccountKind.OUTCOME, AccountKind.BUDGET),
    PostingKind.REVERSE_OUTCOME: (AccountKind.PROVIDER_ACCRUED, AccountKind.OUTCOME),
    PostingKind.CLAWBACK: (AccountKind.RECEIVABLE, AccountKind.OUTCOME),
    PostingKind.OFFSET: (AccountKind.PROVIDER_ACCRUED, AccountKind.RECEIVABLE),
}
"""Which account a posting debits and credits. The trigger in the database holds the same table."""
