"""Two hands on one outcome: it is paid once, its money is either claimed or returned, and a month is closed whole."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from setori import outcomes, settlement
from setori.days import noon
from setori.errors import Conflict
from setori.outcomes import DecideClawback, PaidAlready, ProposeClawback, RefuseClaim
from setori.people import Role
from setori.settlement import ClosePeriod
from tests.domains.claims import (
    FEES,
    LATER,
    RESERVE,
    a_claim,
    claimed,
    figures,
    left,
    one,
    status,
    verified,
)
from tests.world import Market, a_market, a_session

TIMES = 4
"""How often a race is run: who wins differs from one to the next."""


@pytest.fixture
def sessions(fresh_database):
    return fresh_database.sessions


async def a_race_market(database: Any, number: int) -> Market:
    """A market of its own with one confirmed session and outcome fees."""
    market = await a_market(database, fees=FEES, area=(f"01{number:02}", f"Alue {number}"))
    await a_session(database.sessions, market, confirmed=True)
    return market


async def together(*acts: Any) -> list[Any]:
    """Do all of it at once; a refusal is an answer too, and anything else that is raised is a fault."""
    answers = await asyncio.gather(*acts, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Conflict):
            raise answer
    return answers


async def test_one_claim_verified_by_many_is_paid_once(fresh_database, sessions) -> None:
    market = await a_race_market(fresh_database, 0)
    claim_id = await claimed(sessions, market)
    answers = await together(*(verified(sessions, market, claim_id) for _ in range(8)))
    assert [answer for answer in answers if not isinstance(answer, Conflict)] == [200_00]
    assert await left(sessions, market) == RESERVE - 200_00


async def test_many_who_claim_at_once_make_one_claim(fresh_database, sessions) -> None:
    market = await a_race_market(fresh_database, 0)
    roles = [Role.PROVIDER_OWNER, Role.JOBSEEKER] * 4
    answers = await together(*(claimed(sessions, market, role=role) for role in roles))
    assert sum(not isinstance(answer, Conflict) for answer in answers) == 1


async def test_of_two_claims_for_one_outcome_verified_at_once_one_is_paid(fresh_database, sessions) -> None:
    """A second provider's claim for the same voucher, written past the operation that would refuse it."""
    for number in range(TIMES):
        market = await a_race_market(fresh_database, number)
        first = await claimed(sessions, market)
        other = await one(
            sessions,
            "select o.id from organisation o where o.kind = 'provider' and o.id <> :id "
            "union select id from organisation where id <> :id limit 1",
            id=market.provider_id,
        )
        async with sessions.begin() as db:
            connection = await db.connection()
            await connection.exec_driver_sql(
                "insert into outcome_claim select (jsonb_populate_record(c, jsonb_build_object("
                "'id', uuidv7(), 'provider_id', $2::text))).* from outcome_claim c where id = $1",
                (first, str(other[0])),
            )
        second = (
            await one(
                sessions,
                "select id from outcome_claim where voucher_id = :id and id <> :first",
                id=market.voucher_id,
                first=first,
            )
        )[0]
        answers = await together(*(verified(sessions, market, claim) for claim in (first, second)))
        assert sorted(map(str, answers)) == sorted(["20000", str(PaidAlready())])
        assert await left(sessions, market) == RESERVE - 200_00
        async with sessions.begin() as db:
            for claim in (first, second):
                if await status(sessions, claim) == "proposed":
                    reason = RefuseClaim(reason="The other firm was paid.")
                    desk = market.actors[Role.CASE_WORKER]
                    await outcomes.refuse(db, claim, reason, by=desk, at=LATER)


async def test_a_claim_on_the_last_day_and_the_night_leave_it_claimed_or_returned(
    fresh_database, sessions
) -> None:
    for number in range(TIMES):
        market = await a_race_market(fresh_database, number)
        last = market.expires_on + timedelta(days=450)
        claiming = claimed(sessions, market, a_claim(months=12), at=noon(last))
        night = market.night(fresh_database, noon(last + timedelta(days=1)))
        pair = (claiming, night) if number % 2 else (night, claiming)
        answers = await together(*pair)
        refused = any(isinstance(answer, Conflict) for answer in answers)
        assert await left(sessions, market) == (0 if refused else RESERVE)


async def test_verifying_after_the_window_and_the_night_pay_or_return_to_the_cent(
    fresh_database, sessions
) -> None:
    for number in range(TIMES):
        market = await a_race_market(fresh_database, number)
        last = market.expires_on + timedelta(days=450)
        claim_id = await claimed(
            sessions, market, a_claim(months=6), at=noon(market.expires_on + timedelta(days=200))
        )
        after = noon(last + timedelta(days=1))
        await together(verified(sessions, market, claim_id, at=after), market.night(fresh_database, after))
        assert await status(sessions, claim_id) == "verified", "what is claimed in time keeps its money"
        assert await left(sessions, market) in (0, RESERVE - 500_00)
        await market.night(fresh_database, after)
        assert await left(sessions, market) == 0


async def test_taking_back_and_closing_the_month_agree_on_which_it_was(fresh_database, sessions) -> None:
    august = date(2026, 8, 12)
    for number in range(TIMES):
        market = await a_race_market(fresh_database, number)
        claim_id = await claimed(sessions, market)
        await verified(sessions, market, claim_id)
        async with sessions.begin() as db:
            reason = ProposeClawback(reason="It was not so.")
            desk = market.actors[Role.CASE_WORKER]
            clawback = await outcomes.propose_clawback(db, claim_id, reason, by=desk, at=LATER)

        async def close(market: Market = market) -> Any:
            async with sessions.begin() as db:
                order = ClosePeriod(month=date(2026, 7, 1))
                by = market.actors[Role.FINANCE]
                return (await settlement.close_period(db, order, by=by, at=noon(august)))[0]

        async def decide(market: Market = market, clawback: Any = clawback) -> None:
            async with sessions.begin() as db:
                by, yes = market.actors[Role.APPROVER], DecideClawback(approves=True)
                await outcomes.decide_clawback(db, clawback, yes, by=by, at=noon(august))

        statement = (await together(*((close(), decide()) if number % 2 else (decide(), close()))))[
            0 if number % 2 else 1
        ]
        undone = (await one(sessions, "select undone from outcome_step where claim_id = :id", id=claim_id))[0]
        settled = (2, 280_00, 0, 0) if undone == "clawed_back" else (1, 80_00, 0, 0)
        assert await figures(sessions, statement) == settled
        assert await left(sessions, market) == RESERVE
