"""Outcome figures against PostgreSQL: who counts for whom, what is verified and never what is paid, and the replay."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from setori import figures, jobs, outcomes, vouchers
from setori.days import local_day, noon
from setori.db import new_id, wire_of
from setori.outcomes import VerifyClaim
from setori.people import Role
from setori.vouchers import ChooseOffering, GiveOutcomeFee, IssueVoucher, RedeemVoucher, StartProgramme
from tests.domains import builders as a
from tests.domains.builders import KEY
from tests.domains.claims import FEES, a_claim
from tests.world import a_market

BEGAN = noon(date(2026, 3, 10))
LATER = noon(date(2026, 9, 15))
ALL = text("select * from outcome_figure order by provider_id, service_id, months")


async def rows(db):
    return [dict(row) for row in (await (await db.connection()).execute(ALL)).mappings()]


async def a_client(db, market, programme_id, *, sessions=3, stratum=True, at=BEGAN, email=None):
    """Somebody who used a whole voucher with the market's provider. Returns the voucher's id and its holder."""
    told = {"support_need": "medium", "unemployed": "under_6_months", "age_band": "from_20_to_24"}
    order = IssueVoucher(
        programme_id=programme_id,
        name="Aino Virtanen",
        email=email or f"aino{new_id()}@example.fi",
        **(told if stratum else {}),
    )
    issued = await vouchers.issue(db, order, key=KEY, by=market.actors[Role.CASE_WORKER], at=at)
    holder = a.Actor(issued.person_id, Role.JOBSEEKER, None, "Aino Virtanen", "fi")
    await vouchers.claim(db, issued.claim_token, at=at)
    await meet(db, market, issued, holder, sessions, at=at)
    return issued, holder


async def meet(db, market, issued, holder, sessions, *, offering=None, coach=None, owner=None, at=BEGAN):
    """Choose somebody (the market's own coach) and hold so many sessions."""
    offering_id = offering or market.offering_id
    choice = ChooseOffering(
        offering_id=offering_id, coach_id=coach or (None if offering else market.coach_id)
    )
    await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
    owner, wire = owner or market.actors[Role.PROVIDER_OWNER], await wire_of(db)
    for _ in range(sessions):
        session = new_id()
        met = RedeemVoucher(voucher_code=issued.code, service_day=local_day(at))
        await vouchers.redeem(wire, session, met, key=KEY, by=owner, at=at)
        await vouchers.confirm(wire, session, by=holder, at=at)


async def a_programme(db, market, *, fees=FEES, units=3, at=BEGAN):
    start = StartProgramme(
        service_id=market.service_id,
        name={"fi": "Valmennus"},
        units=units,
        price_cap_cents=100_00,
        validity_days=90,
        budget_cents=900_000_00,
        outcome_fees=fees,
    )
    return await vouchers.start_programme(db, start, by=market.actors[Role.CASE_WORKER], at=at)


async def reach(db, market, voucher_id, holder=None, *, months=3, verifies=True, at=None):
    """A job of so many months since April, claimed by the provider, and verified."""
    at = at or noon(date(2026, 7, 20))
    owner = market.actors[Role.PROVIDER_OWNER]
    claim_id = await outcomes.claim(db, voucher_id, a_claim(months), by=owner, at=at)
    if verifies:
        seen = VerifyClaim(proof="document", reason="Seen.")
        await outcomes.verify(db, claim_id, seen, by=market.actors[Role.CASE_WORKER], at=at)
    return claim_id


async def test_what_was_verified_counts_and_a_claim_alone_does_not(fresh_database):
    market = await a_market(fresh_database, at=BEGAN)
    async with fresh_database.sessions.begin() as db:
        programme = await a_programme(db, market)
        held = [(await a_client(db, market, programme))[0].voucher_id for _ in range(12)]
        for voucher_id in held[:7]:
            await reach(db, market, voucher_id)
        await reach(db, market, held[7], verifies=False)
        await figures.count_outcomes(db, market.service_id, at=LATER)
        three, six = await rows(db)
        assert (three["months"], three["finished"], three["observed"]) == (3, 12, 7)
        assert (six["months"], six["finished"], six["observed"]) == (6, 12, 0)
        assert three["expected"] == pytest.approx(7)
        assert three["low"] < three["rate"] < three["high"]
        assert three["strata"] == [["medium", 0, 1, 12, 7, 7 / 12]]
        assert three["provider_id"] == market.provider_id


async def test_a_verified_outcome_counts_whether_or_not_a_fee_stands_and_ends_when_it_is_taken_back(
    fresh_database,
):
    market = await a_market(fresh_database, at=BEGAN)
    async with fresh_database.sessions.begin() as db:
        programme = await a_programme(db, market)
        held = [(await a_client(db, market, programme))[0].voucher_id for _ in range(2)]
        paid, doubted = [await reach(db, market, voucher_id) for voucher_id in held]
    async with fresh_database.sessions() as db:  # nobody keeps this: the books would not agree with it
        await (await db.connection()).execute(
            text("update outcome_step set undone = 'reversed', undone_at = now() where claim_id = :id"),
            {"id": paid},
        )
        await figures.count_outcomes(db, market.service_id, at=LATER)
        assert (await rows(db))[0]["observed"] == 2
    async with fresh_database.sessions.begin() as db:
        doubt = outcomes.ProposeClawback(reason="The firm has never heard of it.")
        worker, approver = market.actors[Role.CASE_WORKER], market.actors[Role.APPROVER]
        at = noon(date(2026, 7, 21))
        clawback = await outcomes.propose_clawback(db, doubted, doubt, by=worker, at=at)
        yes = outcomes.DecideClawback(approves=True)
        await outcomes.decide_clawback(db, clawback, yes, by=approver, at=at)
        await figures.count_outcomes(db, market.service_id, at=LATER)
        assert (await rows(db))[0]["observed"] == 1


async def test_a_client_counts_for_whoever_held_most_sessions_and_once(fresh_database):
    market = await a_market(fresh_database, at=BEGAN)
    async with fresh_database.sessions.begin() as db:
        registrar = market.actors[Role.REGISTRAR]
        other = await a.a_provider(db, "Toinen Oy", at=BEGAN)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, other, "Toisen Omistaja", at=BEGAN)
        rulebook = await a.a_rulebook(db, registrar, market.service_id, at=BEGAN)
        await a.an_approval(db, rulebook, other, at=BEGAN)
        coach = await a.a_coach(db, other, "Toinen Valmentaja", at=BEGAN)
        offering = await a.an_offering(db, owner, market.service_id, [coach], at=BEGAN)
        programme = await a_programme(db, market)
        issued, holder = await a_client(db, market, programme, sessions=1)
        switched = BEGAN + timedelta(days=7)
        await meet(db, market, issued, holder, 2, offering=offering, coach=coach, owner=owner, at=switched)
        email = f"twice{new_id()}@example.fi"
        for _ in range(2):
            await a_client(db, market, programme, email=email)
        unused, _ = await a_client(db, market, programme, sessions=0)
        begun, _ = await a_client(db, market, programme, sessions=1)
        await figures.count_outcomes(db, market.service_id, at=noon(date(2026, 8, 1)))
        found = {row["provider_id"]: row["finished"] for row in await rows(db)}
        assert found == {other: 1, market.provider_id: 1}, "one who has not finished does not count"
        assert unused.voucher_id != begun.voucher_id


async def test_whose_terms_pay_no_outcome_counts_nowhere_and_without_stratum_one_is_compared_with_others_like_it(
    fresh_database,
):
    market = await a_market(fresh_database, at=BEGAN)
    async with fresh_database.sessions.begin() as db:
        without = await a_programme(db, market, fees=())
        await a_client(db, market, without)
        await figures.count_outcomes(db, market.service_id, at=LATER)
        assert await rows(db) == []
        short = await a_programme(
            db, market, fees=(GiveOutcomeFee(kind="job", months=3, fee_cents=1, claim_days=1),)
        )
        await a_client(db, market, short, stratum=False)
        await figures.count_outcomes(db, market.service_id, at=LATER)
        (only,) = await rows(db)
        assert only["months"] == 3
        assert only["strata"] == [[None, None, None, 1, 0, 0.0]]


async def test_the_night_passes_over_a_service_in_which_nothing_can_be_known(fresh_database):
    market = await a_market(fresh_database, at=BEGAN)
    async with fresh_database.sessions.begin() as db:
        await a_client(db, market, await a_programme(db, market, fees=()))
    assert await jobs.look_after_figures(fresh_database.sessions, lambda: LATER) == 0
    async with fresh_database.sessions.begin() as db:
        await a_client(db, market, await a_programme(db, market))
    assert await jobs.look_after_figures(fresh_database.sessions, lambda: noon(date(2026, 5, 1))) == 0
    assert await jobs.look_after_figures(fresh_database.sessions, lambda: noon(date(2026, 6, 10))) == 1
    async with fresh_database.sessions() as db:
        assert [row["finished"] for row in await rows(db)] == [1]


async def test_the_night_counts_each_service_once_and_a_decision_counts_it_again(fresh_database):
    market = await a_market(fresh_database, at=BEGAN)
    async with fresh_database.sessions.begin() as db:
        programme = await a_programme(db, market)
        held = [(await a_client(db, market, programme))[0].voucher_id for _ in range(2)]
    assert await jobs.look_after_figures(fresh_database.sessions, lambda: LATER) == 1
    async with fresh_database.sessions() as db:
        first = await rows(db)
    assert await jobs.look_after_figures(fresh_database.sessions, lambda: LATER) == 0
    async with fresh_database.sessions.begin() as db:
        await figures.count_outcomes(db, market.service_id, at=LATER)
        assert await rows(db) == first, "counting again gives the same rows"
        before = await (await db.connection()).scalar(WAITING)
        await reach(db, market, held[0])
        assert await (await db.connection()).scalar(WAITING) == before + 1
    tomorrow = LATER + timedelta(days=1)
    assert await jobs.look_after_figures(fresh_database.sessions, lambda: tomorrow) == 1
    async with fresh_database.sessions() as db:
        assert [row["observed"] for row in await rows(db)] == [1, 0]


WAITING = text("select count(*) from pgqueuer where entrypoint = 'figures'")
