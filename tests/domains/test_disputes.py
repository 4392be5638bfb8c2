"""Two sides to a session: disputes with both sides' words, decisions, silence by the terms, and codes on the spot."""

import asyncio
from datetime import time, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from setori import jobs, vouchers
from setori.db import new_id
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.people import Actor, Role
from setori.vouchers import (
    AnswerDispute,
    DecideDispute,
    Decision,
    DisputeKind,
    DisputeSession,
    GiveReason,
    GiveTerms,
    IssueVoucher,
    LookAtSample,
    RedeemVoucher,
)
from setori.vouchers.rules import REDEMPTION_MOVES, RedemptionStatus
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.world import PRICE_CENTS, Market, a_market, a_session

SHORTER = DisputeSession(kind=DisputeKind.SHORTER, minutes=20, words="It lasted twenty minutes.")
NOT_HELD = DecideDispute(decision=Decision.NOT_HELD, words="There is no trace of it.")
AS_RECORDED = DecideDispute(decision=Decision.AS_RECORDED, words="The calendar shows it.")


@pytest.fixture
async def market(fresh_database) -> Market:
    return await a_market(fresh_database, units=5)


@pytest.fixture
async def pool(fresh_database):
    async with asyncpg.create_pool(fresh_database.app_url, min_size=4, max_size=8) as pool:
        yield pool


@pytest.fixture
async def disputed(fresh_database, market, pool):
    """A session of two units that the client says was shorter."""
    redemption_id = new_id()
    order = RedeemVoucher(
        voucher_code=market.code, service_day=market.chosen_on, units=2, minutes=120, begins=time(9, 0)
    )
    await vouchers.redeem(pool, redemption_id, order, key=KEY, by=market.actors[Role.COACH], at=NOON)
    await vouchers.dispute(pool, redemption_id, SHORTER, by=market.actors[Role.JOBSEEKER], at=NOON)
    return redemption_id


async def state(pool, redemption_id):
    return await pool.fetchrow(
        "select r.status, v.units_used, v.units_held, a.held, a.debits from redemption r "
        "join voucher v on v.id = r.voucher_id join account a on a.id = v.id where r.id = $1",
        redemption_id,
    )


async def test_a_disputed_session_stays_held_until_somebody_gives_way(pool, market, disputed) -> None:
    assert tuple(await state(pool, disputed)) == ("disputed", 0, 2, 2 * PRICE_CENTS, 0)
    back = GiveReason(reason="The client is right.")
    await vouchers.reverse(pool, disputed, back, by=market.actors[Role.COACH], at=NOON)
    assert tuple(await state(pool, disputed)) == ("withdrawn", 0, 0, 0, 0)


async def test_the_provider_tells_its_side_and_only_until_it_is_decided(
    fresh_database, pool, market, disputed
) -> None:
    said = AnswerDispute(words="We had two hours, in my calendar.")
    coach, desk = market.actors[Role.COACH], market.actors[Role.CASE_WORKER]
    sessions = fresh_database.sessions
    async with sessions.begin() as db:
        await vouchers.answer_dispute(db, disputed, said, by=coach, at=NOON)
        stranger = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Toinen Oy"))
        other = await a.an_actor(db, Role.COACH, market.provider_id, "Toinen Valmentaja")
        with pytest.raises(NotFound):
            await vouchers.answer_dispute(db, disputed, said, by=stranger, at=NOON)
        with pytest.raises(NotFound):
            await vouchers.answer_dispute(db, disputed, said, by=other, at=NOON)
        with pytest.raises(Forbidden):
            await vouchers.answer_dispute(db, disputed, said, by=desk, at=NOON)
    await vouchers.decide_dispute(pool, disputed, AS_RECORDED, by=desk, at=NOON)
    async with sessions.begin() as db:
        with pytest.raises(Conflict):
            await vouchers.answer_dispute(db, disputed, said, by=coach, at=NOON)
    told = await pool.fetch("select person_id, kind from outbox where kind like 'dispute_decided%'")
    assert {tuple(row) for row in told} == {
        (market.person_id, "dispute_decided"),
        (market.coach_person_id, "dispute_decided_provider"),
    }


@pytest.mark.parametrize(
    ("decision", "after"),
    [
        (AS_RECORDED, ("confirmed", 2, 0, 0, 2 * PRICE_CENTS)),
        (NOT_HELD, ("refused", 0, 0, 0, 0)),
        (
            DecideDispute(decision=Decision.CORRECTED, units=1, minutes=20, words="Half of it was held."),
            ("refused", 1, 0, 0, PRICE_CENTS),
        ),
    ],
)
async def test_the_case_worker_decides_what_is_paid(pool, market, disputed, decision, after) -> None:
    desk = market.actors[Role.CASE_WORKER]
    receipt = await vouchers.decide_dispute(pool, disputed, decision, by=desk, at=NOON)
    assert tuple(await state(pool, disputed)) == after
    if decision.decision is Decision.CORRECTED:
        assert (receipt.status, receipt.units) == (RedemptionStatus.CONFIRMED, 1)
        assert receipt.redemption_id != disputed
    with pytest.raises(Conflict):
        await vouchers.decide_dispute(
            pool,
            disputed,
            NOT_HELD if decision is not NOT_HELD else AS_RECORDED,
            by=desk,
            at=NOON,
        )


async def test_a_decision_is_the_procurers_own_and_never_more_than_was_recorded(
    fresh_database, pool, market, disputed
) -> None:
    neighbour = await a_market(fresh_database, area=("0037", "Pohjois-Pohjanmaa"))
    with pytest.raises(NotFound):
        await vouchers.decide_dispute(
            pool, disputed, NOT_HELD, by=neighbour.actors[Role.CASE_WORKER], at=NOON
        )
    with pytest.raises(Forbidden):
        await vouchers.decide_dispute(pool, disputed, NOT_HELD, by=market.actors[Role.FINANCE], at=NOON)
    more = DecideDispute(decision=Decision.CORRECTED, units=3, words="More than that.")
    with pytest.raises(Invalid) as refused:
        await vouchers.decide_dispute(pool, disputed, more, by=market.actors[Role.CASE_WORKER], at=NOON)
    assert set(refused.value.errors) == {"units"}
    assert (await state(pool, disputed))["status"] == "disputed", "nothing is half decided"


async def test_a_case_worker_cannot_decide_what_nobody_disputes(fresh_database, pool, market) -> None:
    redemption_id = await a_session(fresh_database.sessions, market)
    for decision in (AS_RECORDED, NOT_HELD):
        with pytest.raises(Conflict):
            await vouchers.decide_dispute(
                pool, redemption_id, decision, by=market.actors[Role.CASE_WORKER], at=NOON
            )
    assert (await state(pool, redemption_id))["status"] == "held"


async def test_deciding_twice_and_taking_back_at_once_is_one_of_them(pool, market, disputed) -> None:
    desk, coach = market.actors[Role.CASE_WORKER], market.actors[Role.COACH]
    acts = (
        vouchers.decide_dispute(pool, disputed, AS_RECORDED, by=desk, at=NOON),
        vouchers.decide_dispute(pool, disputed, NOT_HELD, by=desk, at=NOON),
        vouchers.confirm(pool, disputed, by=market.actors[Role.JOBSEEKER], at=NOON),
        vouchers.reverse(pool, disputed, GiveReason(reason="a mistake"), by=coach, at=NOON),
    )
    for answer in await asyncio.gather(*acts, return_exceptions=True):
        assert not isinstance(answer, Exception) or isinstance(answer, Conflict)
    row = await state(pool, disputed)
    assert row["status"] in ("confirmed", "refused", "withdrawn", "reversed")
    assert row["held"] == 0


def test_the_database_allows_the_moves_of_the_rules(shared_database) -> None:
    async def ask() -> None:
        wire = await asyncpg.connect(shared_database.app_url)
        for was in RedemptionStatus:
            for becomes in RedemptionStatus:
                may = await wire.fetchval("select allowed_redemption_move($1, $2)", was.value, becomes.value)
                assert may == (was is becomes or becomes in REDEMPTION_MOVES[was]), (was, becomes)
        await wire.close()

    asyncio.run(ask())


async def silent_market(fresh_database, market, days: int) -> tuple[str, object]:
    """A voucher whose terms take silence for a yes after so many days, with the market's coach chosen."""
    terms = GiveTerms(units=60, price_cap_cents=100_00, validity_days=90, silent_days=days)
    desk = market.actors[Role.CASE_WORKER]
    async with fresh_database.sessions.begin() as db:
        await vouchers.change_terms(db, market.programme_id, terms, by=desk, at=NOON)
        order = IssueVoucher(programme_id=market.programme_id, name="Hilja Salo", email="hilja@example.fi")
        issued = await vouchers.issue(db, order, key=KEY, by=desk, at=NOON)
        holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Hilja Salo", "fi")
        await vouchers.claim(db, issued.claim_token, at=NOON)
        choice = vouchers.ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
        await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=NOON)
    return issued.code, holder


async def test_silence_confirms_after_the_days_of_the_terms_and_never_before(
    fresh_database, pool, market
) -> None:
    code, holder = await silent_market(fresh_database, market, 14)
    coach, ids = market.actors[Role.COACH], [new_id() for _ in range(40)]
    for redemption_id in ids:
        order = RedeemVoucher(voucher_code=code, service_day=NOON.date())
        await vouchers.redeem(pool, redemption_id, order, key=KEY, by=coach, at=NOON)
    other = await a_session(fresh_database.sessions, market)
    await vouchers.dispute(pool, ids[0], DisputeSession(words="we did not meet"), by=holder, at=NOON)

    async def after(days: float) -> dict[str, int]:
        later = NOON + timedelta(days=days)
        await jobs.expire(fresh_database.sessions, lambda: later)
        rows = await pool.fetch(
            "select status, count(*)::int from redemption where id = any($1) group by 1", ids
        )
        return dict(tuple(row) for row in rows)

    assert await after(11.9) == {"held": 39, "disputed": 1}
    assert await pool.fetchval("select count(*) from outbox where kind = 'session_waits'") == 0
    assert await after(12.1) == {"held": 39, "disputed": 1}
    assert await after(13) == {"held": 39, "disputed": 1}
    assert await pool.fetchval("select count(*) from outbox where kind = 'session_waits'") == 39, "once"
    assert await after(14.1) == {"confirmed": 39, "disputed": 1}
    assert (await state(pool, other))["status"] == "held", "whose terms wait for a yes"
    sampled = await pool.fetch("select id, is_silent from redemption where is_sampled")
    assert 0 < len(sampled) < 20, "chance picks about one in ten"
    assert all(row["is_silent"] for row in sampled)

    look = LookAtSample(is_right=False, words="They never met.")
    desk = market.actors[Role.CASE_WORKER]
    async with fresh_database.sessions.begin() as db:
        await vouchers.look_at_sample(db, sampled[0]["id"], look, by=desk, at=NOON)
        with pytest.raises(Conflict):
            await vouchers.look_at_sample(db, sampled[0]["id"], look, by=desk, at=NOON)
        with pytest.raises(NotFound):
            await vouchers.look_at_sample(db, other, look, by=desk, at=NOON)


async def test_an_answer_and_silence_at_once_is_one_of_them(fresh_database, pool, market) -> None:
    code, holder = await silent_market(fresh_database, market, 3)
    later = NOON + timedelta(days=3, hours=1)
    for _ in range(6):
        redemption_id = new_id()
        order = RedeemVoucher(voucher_code=code, service_day=NOON.date())
        await vouchers.redeem(pool, redemption_id, order, key=KEY, by=market.actors[Role.COACH], at=NOON)
        said, _ = await asyncio.gather(
            vouchers.dispute(pool, redemption_id, DisputeSession(words="no" * 3), by=holder, at=later),
            jobs.hear_silence(fresh_database.sessions, lambda: later),
            return_exceptions=True,
        )
        status = (await state(pool, redemption_id))["status"]
        assert status == ("confirmed" if isinstance(said, Conflict) else "disputed")


async def test_nobody_is_in_two_places_at_once(pool, market) -> None:
    coach = market.actors[Role.COACH]

    def at(hour: int, minute: int = 0, minutes: int = 60) -> RedeemVoucher:
        return RedeemVoucher(
            voucher_code=market.code, service_day=NOON.date(), minutes=minutes, begins=time(hour, minute)
        )

    async def record(order, redemption_id=None):
        return await vouchers.redeem(pool, redemption_id or new_id(), order, key=KEY, by=coach, at=NOON)

    first = new_id()
    await record(at(9), first)
    assert (await record(at(9), first)).is_replay
    with pytest.raises(Conflict, match="another session"):
        await record(at(9, 59))
    with pytest.raises(Conflict, match="not come"):
        await record(at(23))
    await record(at(10))
    with pytest.raises(Invalid):
        await record(at(9, minutes=50), first)
    answers = await asyncio.gather(record(at(7)), record(at(7, 30)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1


async def test_a_code_on_the_spot_confirms_one_session_once(pool, market) -> None:
    coach, until = market.actors[Role.COACH], NOON + vouchers.PRESENCE_LIVES
    shown = vouchers.presence_of(market.voucher_id, 0, until, KEY)

    async def record(units: int = 1, at=NOON, code=shown) -> bool:
        receipt = await vouchers.redeem(pool, new_id(), market.order(units=units), key=KEY, by=coach, at=at)
        return await vouchers.confirm_on_the_spot(pool, receipt, code, key=KEY, at=at)

    assert not await record(units=2), "it says yes to one session"
    two = vouchers.presence_of(market.voucher_id, 1, until, KEY)
    assert not await record(code=two, at=until), "it lives minutes"
    three = vouchers.presence_of(market.voucher_id, 2, until, KEY)
    assert await record(code=three)
    assert not await record(code=three), "it is for the next session alone"
    used, resolved_by = await pool.fetchrow(
        "select v.units_used, r.resolved_by from voucher v join redemption r on r.voucher_id = v.id "
        "where v.id = $1 and r.status = 'confirmed'",
        market.voucher_id,
    )
    assert (used, resolved_by) == (1, market.person_id)


@given(st.text(max_size=30))
def test_nothing_else_is_a_code_on_the_spot(shown: str) -> None:
    assert not vouchers.is_present(shown, UUID(int=1), 0, NOON, KEY)


async def test_a_changed_decision_cannot_be_written_by_the_application(pool, disputed) -> None:
    for act in (
        "update dispute set decision = 'not_held'",
        "update redemption set status = 'confirmed'",
        "delete from dispute",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(act)


async def test_the_months_books_hold_a_correction_and_not_what_it_corrects(
    fresh_database, pool, market, disputed
) -> None:
    half = DecideDispute(decision=Decision.CORRECTED, units=1, words="Half of it was held.")
    await vouchers.decide_dispute(pool, disputed, half, by=market.actors[Role.CASE_WORKER], at=NOON)
    async with fresh_database.sessions() as db:
        rows = (
            await db.exec(text("select status, amount_cents from redemption order by recorded_at, id"))
        ).all()  # type: ignore[call-overload]
    assert sorted(tuple(row) for row in rows) == [("confirmed", PRICE_CENTS), ("refused", 2 * PRICE_CENTS)]
