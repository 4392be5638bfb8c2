"""One person, one job, two vouchers: still one fee; and a new job in other months is another outcome."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import outcomes, people, vouchers
from setori.days import noon
from setori.outcomes import PaidElsewhere
from setori.people import Role
from setori.readmodels import outcomes as seen
from setori.vouchers import ChooseOffering, IssueVoucher
from tests.domains.builders import KEY, NOON
from tests.domains.claims import FEES, LATER, a_claim, claimed, one, verified
from tests.world import Market, a_market, a_session, own_sessions


@pytest.fixture
async def sessions(fresh_database):
    async with own_sessions(fresh_database) as sessions:
        yield sessions


@pytest.fixture
async def markets(fresh_database, sessions) -> tuple[Market, Market]:
    """The same market with two vouchers of one person, each with a confirmed session of one coach."""
    first = await a_market(fresh_database, fees=FEES)
    async with sessions.begin() as db:
        email = (await people.find_person(db, first.person_id)).email
        desk = first.actors[Role.CASE_WORKER]
        order = IssueVoucher(programme_id=first.programme_id, name="Aino Virtanen", email=email)
        issued = await vouchers.issue(db, order, key=KEY, by=desk, at=NOON)
        assert issued.person_id == first.person_id
        holder = first.actors[Role.JOBSEEKER]
        await vouchers.claim(db, issued.claim_token, at=NOON)
        choice = ChooseOffering(offering_id=first.offering_id, coach_id=first.coach_id)
        await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=NOON)
    second = replace(first, voucher_id=issued.voucher_id, code=issued.code)
    for market in (first, second):
        await a_session(sessions, market, confirmed=True)
    return first, second


async def test_a_job_is_paid_once_on_whichever_voucher_it_is_claimed(sessions, markets) -> None:
    first, second = markets
    early = [await claimed(sessions, market) for market in markets]
    assert await verified(sessions, first, early[0]) == 200_00
    with pytest.raises(PaidElsewhere):
        await verified(sessions, second, early[1])
    async with sessions.begin() as db:
        await outcomes.withdraw(db, early[1], by=second.actors[Role.PROVIDER_OWNER], at=LATER)
    with pytest.raises(PaidElsewhere):
        await claimed(sessions, second, a_claim(kind="studies", since=date(2026, 4, 5)))
    async with sessions() as db:
        told = await seen.list_of_person(db, second.voucher_id, by=second.actors[Role.CASE_WORKER])
    assert {one.id for one in told} == set(early), "the case worker sees what is claimed on the other voucher"


async def test_another_job_later_is_another_outcome(sessions, markets) -> None:
    first, second = markets
    await verified(sessions, first, await claimed(sessions, first))
    later = noon(date(2026, 10, 5))
    again = await claimed(sessions, second, a_claim(since=date(2026, 7, 1)), at=later)
    assert await verified(sessions, second, again, at=later) == 200_00
    assert (await one(sessions, "select count(*) from check_no_outcome_is_paid_twice"))[0] == 0


async def test_two_that_are_verified_at_once_are_paid_once(sessions, markets) -> None:
    claims = [await claimed(sessions, market) for market in markets]

    async def verify(market: Market, claim_id) -> int | None:
        try:
            return await verified(sessions, market, claim_id)
        except PaidElsewhere:
            return None

    paid = await asyncio.gather(*(verify(market, one) for market, one in zip(markets, claims, strict=True)))
    assert sorted(paid, key=str) == [200_00, None]


async def test_the_database_itself_pays_no_outcome_twice(sessions, markets) -> None:
    first, second = markets
    claims = [await claimed(sessions, market) for market in markets]
    await verified(sessions, first, claims[0])
    copied = text(
        "insert into outcome_step (id, procurer_id, voucher_id, claim_id, provider_id, kind, months, amount_cents,"
        " paid_on) select gen_random_uuid(), procurer_id, :voucher, :claim, provider_id, kind, months, amount_cents,"
        " paid_on from outcome_step"
    )
    async with sessions() as db:
        connection = await db.connection()
        with pytest.raises(DBAPIError, match="have been paid for on another voucher"):
            await connection.execute(copied, {"voucher": second.voucher_id, "claim": claims[1]})
