"""Outcome fees in statements: settled, taken back by two people, kept from what comes, and what the night returns."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from setori import outcomes, settlement, vouchers
from setori.days import noon
from setori.db.invariants import count_broken
from setori.errors import Forbidden, NotFound
from setori.outcomes import (
    ClawbackDecided,
    DecideClawback,
    NotVerified,
    OwnClawback,
    ProposeClawback,
    ReserveReturned,
)
from setori.people import Actor, Role
from setori.vouchers import RECORD_AFTER_END, IssueVoucher
from tests.domains import builders as a
from tests.domains.builders import KEY
from tests.domains.claims import (
    FEES,
    LATER,
    RESERVE,
    a_claim,
    claimed,
    closed,
    figures,
    left,
    one,
    status,
    taken_back,
    verified,
)
from tests.world import Market, a_market, a_session, own_sessions


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


async def test_before_its_month_is_settled_a_fee_goes_back_to_the_reserve(sessions, market) -> None:
    claim_id = await claimed(sessions, market)
    await verified(sessions, market, claim_id)
    await taken_back(sessions, market, claim_id, at=LATER)
    assert await left(sessions, market) == RESERVE
    assert await status(sessions, claim_id) == "taken_back"
    statement = await closed(sessions, market, date(2026, 7, 1))
    assert await figures(sessions, statement) == (1, 80_00, 0, 0)
    assert await claimed(sessions, market), "and can be claimed again"


async def test_after_its_month_a_fee_is_owed_and_kept_from_the_next_statements(
    fresh_database, sessions, market
) -> None:
    claim_id = await claimed(sessions, market)
    await verified(sessions, market, claim_id)
    settled = await closed(sessions, market, date(2026, 7, 1))
    await taken_back(sessions, market, claim_id, at=noon(date(2026, 8, 20)))
    assert await left(sessions, market) == RESERVE
    assert await figures(sessions, settled) == (2, 280_00, 0, 0), "what is closed stays closed"
    holder = market.actors[Role.JOBSEEKER]
    async with sessions.begin() as db:
        order = IssueVoucher(programme_id=market.programme_id, name="Aino Virtanen", email="two@example.fi")
        desk = market.actors[Role.CASE_WORKER]
        at = noon(date(2026, 8, 20))
        issued = await vouchers.issue(db, order, key=KEY, by=desk, at=at)
        await vouchers.claim(db, issued.claim_token, at=at)
        choice = vouchers.ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
        who = Actor(issued.person_id, Role.JOBSEEKER, None, holder.name, "fi")
        await vouchers.choose(db, issued.voucher_id, choice, by=who, at=at)
    other = replace(
        market, voucher_id=issued.voucher_id, code=issued.code, actors={**market.actors, Role.JOBSEEKER: who}
    )
    months = [(date(2026, 8, 1), 80_00, 200_00, 80_00), (date(2026, 9, 1), 80_00, 120_00, 80_00)]
    for month, earned, opening, kept in months:
        await a_session(sessions, other, at=noon(month + timedelta(days=24)), confirmed=True)
        statement = await closed(sessions, market, month)
        assert await figures(sessions, statement) == (1, earned - kept, opening, kept)
        async with sessions.begin() as db:
            approver = market.actors[Role.APPROVER]
            assert await settlement.approve(db, statement, by=approver, at=noon(date(2026, 12, 1))) is None
    for _ in range(2):
        await a_session(sessions, other, at=noon(date(2026, 10, 9 + _)), confirmed=True)
    last = await closed(sessions, market, date(2026, 10, 1))
    assert await figures(sessions, last) == (2, 120_00, 40_00, 40_00)
    assert {k: n for k, n in (await count_broken(fresh_database.owner_url)).items() if n} == {}


async def test_taking_back_takes_two_people_of_the_same_area(sessions, market) -> None:
    claim_id = await claimed(sessions, market)
    desk, approver = market.actors[Role.CASE_WORKER], market.actors[Role.APPROVER]
    reason, yes = ProposeClawback(reason="It was not so."), DecideClawback(approves=True)
    async with sessions() as db:
        with pytest.raises(NotVerified):
            await outcomes.propose_clawback(db, claim_id, reason, by=desk, at=LATER)
    await verified(sessions, market, claim_id)
    async with sessions.begin() as db:
        clawback = await outcomes.propose_clawback(db, claim_id, reason, by=desk, at=LATER)
        elsewhere = await a.a_procurer(db, "0037", "Pohjois-Pohjanmaa")
        neighbour = await a.an_actor(db, Role.APPROVER, elsewhere)
    async with sessions() as db:
        for by, refusal in (
            (desk, OwnClawback),
            (neighbour, NotFound),
            (market.actors[Role.FINANCE], Forbidden),
        ):
            with pytest.raises(refusal):
                await outcomes.decide_clawback(db, clawback, yes, by=by, at=LATER)
    async with sessions.begin() as db:
        await outcomes.decide_clawback(db, clawback, DecideClawback(approves=False), by=approver, at=LATER)
        with pytest.raises(ClawbackDecided):
            await outcomes.decide_clawback(db, clawback, yes, by=approver, at=LATER)
    assert await status(sessions, claim_id) == "verified"
    assert await left(sessions, market) == RESERVE - 200_00


async def test_the_night_returns_what_nobody_can_claim_any_more(fresh_database, sessions, market) -> None:
    last = market.expires_on + timedelta(days=450)
    await market.night(fresh_database, noon(last))
    assert await left(sessions, market) == RESERVE
    claim_id = await claimed(sessions, market, a_claim(months=12), at=noon(last))
    await market.night(fresh_database, noon(last + timedelta(days=5)))
    assert await left(sessions, market) == RESERVE, "a claim that waits keeps its money"
    assert await verified(sessions, market, claim_id, at=noon(last + timedelta(days=9))) == RESERVE
    await taken_back(sessions, market, claim_id, at=noon(last + timedelta(days=9)))
    await market.night(fresh_database, noon(last + timedelta(days=10)))
    assert await left(sessions, market) == 0


async def test_a_voucher_that_ended_without_a_session_gives_its_reserve_back_the_night_it_closes(
    fresh_database, sessions
) -> None:
    market = await a_market(fresh_database, fees=FEES)
    await market.night(fresh_database, noon(market.expires_on + RECORD_AFTER_END + timedelta(days=1)))
    assert await left(sessions, market) == 0
    free = "select credits - debits from account where owner_id = :id and kind = 'budget'"
    assert (await one(sessions, free, id=market.programme_id))[0] == 100_000_00


async def test_what_went_back_to_the_budget_is_not_claimed(fresh_database, sessions, market) -> None:
    after = noon(market.expires_on + timedelta(days=451))
    await market.night(fresh_database, after)
    with pytest.raises(ReserveReturned):
        await claimed(sessions, market, at=noon(date(2026, 7, 7)))
