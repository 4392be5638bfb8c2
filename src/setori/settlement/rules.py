"""Who gets paid: the states of a statement and of a payment order, and which way they may move."""

from datetime import date, timedelta
from enum import StrEnum

from setori.days import month_of


class StatementStatus(StrEnum):
    """Where a month's statement of one provider is. `offset`: approved, and what the provider owed took all of it."""

    DRAFT = "draft"
    APPROVED = "approved"
    OFFSET = "offset"
    PAID = "paid"
    MATCHED = "matched"


class PaymentStatus(StrEnum):
    """Where a payment order is; its outcome is `unknown` until the gateway has told it."""

    QUEUED = "queued"
    SENDING = "sending"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    PAID = "paid"
    MATCHED = "matched"
    FAILED = "failed"
    FROZEN = "frozen"


PAYMENT_MOVES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.QUEUED: frozenset({PaymentStatus.SENDING}),
    PaymentStatus.SENDING: frozenset(
        {
            PaymentStatus.QUEUED,
            PaymentStatus.SUBMITTED,
            PaymentStatus.UNKNOWN,
            PaymentStatus.FAILED,
            PaymentStatus.FROZEN,
            PaymentStatus.PAID,
        }
    ),
    PaymentStatus.SUBMITTED: frozenset({PaymentStatus.PAID, PaymentStatus.FAILED, PaymentStatus.FROZEN}),
    PaymentStatus.UNKNOWN: frozenset(
        {
            PaymentStatus.SENDING,
            PaymentStatus.SUBMITTED,
            PaymentStatus.PAID,
            PaymentStatus.FAILED,
            PaymentStatus.FROZEN,
        }
    ),
    PaymentStatus.PAID: frozenset({PaymentStatus.MATCHED, PaymentStatus.FROZEN}),
    PaymentStatus.MATCHED: frozenset(),
    PaymentStatus.FAILED: frozenset(),
    PaymentStatus.FROZEN: frozenset({PaymentStatus.UNKNOWN, PaymentStatus.PAID, PaymentStatus.FAILED}),
}

RESEND_FOR = timedelta(hours=20)
"""Gateways may forget a key after 24 hours and pay again, so the same key is not sent later than this."""

WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=60),
)
"""How long to wait before the gateway is asked again about an order whose outcome is unknown."""

POLL_AFTER = timedelta(minutes=2)
"""An order that has been told nothing for this long is asked about."""


def wait(attempts: int) -> timedelta:
    """The pause after so many attempts; the last one repeats."""
    return WAITS[min(max(attempts, 1), len(WAITS)) - 1]


def can_close(month: date, *, today: date) -> bool:
    """A month can be closed once it is over."""
    return month_of(month) < month_of(today)


UNPAID_AFTER = timedelta(hours=48)
"""A stopped order can be called unpaid by a person once the gateway's reports of two days had time to name it."""

NEW_ACCOUNT_WAITS = timedelta(hours=24)
"""How long an account that took another's place is not paid: time for an owner who did not change it to say so."""
