"""What came of a voucher: reserved at issue, claimed, verified, paid once, and taken back when it was not so."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from setori import outcomes, settlement
from setori.days import noon
from setori.db.invariants import count_broken
from setori.outcomes import (
    ClaimOutcome,
    VerifyClaim,
)
from setori.people import Role
from setori.settlement import ClosePeriod
from setori.vouchers import GiveOutcomeFee
from tests.world import Market, a_market, a_session, own_sessions

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


@pytest.fixture
async def market(fresh_database) -> Market:
    """A market whose programme pays outcome fees, with one confirmed session."""
    market = await a_market(fresh_database, fees=FEES)
    async with own_sessions(fresh_database) as sessions:
        await a_session(sessions, market, confirmed=True)
    return market


@pytest.fixture
async def sessions(fresh_database):
    async with own_sessions(fresh_database) as sessions:
        yield sessions


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


async def test_a_voucher_reserves_the_most_that_its_outcome_can_come_to(sessions, market) -> None:
    assert await left(sessions, market) == RESERVE
    budget = "select credits, debits from account where owner_id = :id and kind = 'budget'"
    assert tuple(await one(sessions, budget, id=market.programme_id)) == (
        100_000_00,
        market.value_cents + RESERVE,
    )


async def test_a_claim_that_is_verified_is_paid_into_the_months_statement(
    fresh_database, sessions, market
) -> None:
    claim_id = await claimed(sessions, market)
    assert await verified(sessions, market, claim_id) == 200_00
    assert await left(sessions, market) == RESERVE - 200_00
    statement_id = await closed(sessions, market, date(2026, 7, 1))
    assert await figures(sessions, statement_id) == (2, 280_00, 0, 0)
    async with sessions.begin() as db:
        assert await settlement.approve(
            db, statement_id, by=market.actors[Role.APPROVER], at=noon(date(2026, 8, 12))
        )
    assert {k: n for k, n in (await count_broken(fresh_database.owner_url)).items() if n} == {}
