"""What tests of outcomes share: a voucher whose terms pay fees, and what is done with its claims."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori import outcomes, settlement
from setori.days import noon
from setori.outcomes import (
    ClaimOutcome,
    DecideClawback,
    ProposeClawback,
    VerifyClaim,
)
from setori.people import Role
from setori.settlement import ClosePeriod
from setori.vouchers import GiveOutcomeFee
from tests.world import Market

FEES = (
    GiveOutcomeFee(kind="job", months=3, fee_cents=200_00, claim_days=180),
    GiveOutcomeFee(kind="job", months=6, fee_cents=300_00, claim_days=270),
    GiveOutcomeFee(kind="job", months=12, fee_cents=500_00, claim_days=450),
    GiveOutcomeFee(kind="studies", months=3, fee_cents=150_00, claim_days=180),
)
RESERVE = 1000_00
SINCE = date(2026, 4, 1)
LATER = noon(date(2026, 7, 6))
"""Three months after somebody began to work on 1 April."""
DOCUMENT = VerifyClaim(proof="document", reason="Seen: the contract.")


def a_claim(months: int = 3, kind: str = "job", since: date = SINCE, **told: Any) -> ClaimOutcome:
    plain = {"proof": "document", "proof_text": "A contract of work of 1 April 2026."}
    return ClaimOutcome(kind=kind, months=months, since=since, **(plain | told))


async def claimed(
    sessions, market: Market, order=None, *, role=Role.PROVIDER_OWNER, at: datetime = LATER
) -> UUID:
    async with sessions.begin() as db:
        return await outcomes.claim(db, market.voucher_id, order or a_claim(), by=market.actors[role], at=at)


async def verified(sessions, market: Market, claim_id: UUID, *, at: datetime = LATER) -> int:
    async with sessions.begin() as db:
        return await outcomes.verify(db, claim_id, DOCUMENT, by=market.actors[Role.CASE_WORKER], at=at)


async def one(sessions, query: str, **given: Any) -> Any:
    async with sessions() as db:
        return (await (await db.connection()).execute(text(query), given)).one()


async def left(sessions, market: Market) -> int:
    """What is still reserved for the voucher's outcome, in cents."""
    query = "select credits - debits from account where owner_id = :id and kind = 'outcome'"
    return (await one(sessions, query, id=market.voucher_id))[0]


async def closed(sessions, market: Market, month: date, *, at: datetime | None = None) -> UUID:
    at = at or noon(month + timedelta(days=40))
    async with sessions.begin() as db:
        (statement_id,) = await settlement.close_period(
            db, ClosePeriod(month=month), by=market.actors[Role.FINANCE], at=at
        )
        return statement_id


async def figures(sessions, statement_id: UUID) -> tuple[int, ...]:
    """(lines, total, opening, offset) of a statement."""
    query = "select line_count, total_cents, opening_cents, offset_cents from statement where id = :id"
    return tuple(await one(sessions, query, id=statement_id))


async def taken_back(sessions, market: Market, claim_id: UUID, *, at: datetime, approves=True) -> None:
    """Proposed by the case worker and decided by the approver."""
    async with sessions.begin() as db:
        reason = ProposeClawback(reason="The job ended after a week.")
        clawback = await outcomes.propose_clawback(
            db, claim_id, reason, by=market.actors[Role.CASE_WORKER], at=at
        )
        await outcomes.decide_clawback(
            db, clawback, DecideClawback(approves=approves), by=market.actors[Role.APPROVER], at=at
        )


async def status(sessions, claim_id: UUID) -> str:
    return (await one(sessions, "select status from outcome_claim where id = :id", id=claim_id))[0]
