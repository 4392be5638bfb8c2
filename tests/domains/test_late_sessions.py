"""Sessions held in time and recorded late: after the client moved on, and after the voucher's last day."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import text

from setori import jobs, vouchers
from setori.days import local_day
from setori.db import new_id, wire_of
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.readmodels import client_page, provider_desk, wallet
from setori.vouchers import (
    RECORD_AFTER_END,
    RECORD_AFTER_LEAVING,
    ChooseOffering,
    GiveTerms,
    IssueVoucher,
    RedeemVoucher,
)
from setori.vouchers.refusals import OF_VERDICT, NotUsable
from setori.vouchers.rules import Usable, Verdict, VoucherStatus, redeem
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.domains.test_life import another_offering
from tests.world import CAP_CENTS, PRICE_CENTS, Market, a_market

TODAY = local_day(NOON)


def after(days: int):
    return NOON + timedelta(days=days)


@pytest.fixture
async def market(fresh_database) -> Market:
    return await a_market(fresh_database, units=5)


@pytest.fixture
def sessions(fresh_database):
    return fresh_database.sessions


async def switch(sessions, market: Market, offering_id, *, at, coach_id=None, voucher_id=None, holder=None):
    async with sessions.begin() as db:
        order = ChooseOffering(offering_id=offering_id, coach_id=coach_id)
        who = holder or market.actors[Role.JOBSEEKER]
        return await vouchers.choose(db, voucher_id or market.voucher_id, order, by=who, at=at)


async def record(sessions, market: Market, day: date, *, at, by: Actor | None = None, **told):
    """The receipt, or the verdict's name."""
    order = RedeemVoucher(**({"voucher_code": market.code, "service_day": day} | told))
    who = by or market.actors[Role.COACH]
    try:
        async with sessions.begin() as db:
            return await vouchers.redeem(await wire_of(db), new_id(), order, key=KEY, by=who, at=at)
    except Conflict as refusal:
        return type(refusal).__name__


async def of_session(sessions, receipt, columns="c.id, r.provider_id, r.coach_id, r.unit_price_cents"):
    query = f"select {columns} from redemption r join choice c on c.id = r.choice_id where r.id = :id"
    async with sessions.begin() as db:
        return (await db.exec(text(query), params={"id": receipt.redemption_id})).one()


LEFT = 10
"""On which day the client of the table below moves on."""
LAST = LEFT + RECORD_AFTER_LEAVING.days


@pytest.mark.parametrize(
    ("held", "recorded", "verdict"),
    [
        (-1, LEFT, Verdict.TOO_EARLY),
        (0, LEFT, Verdict.ACCEPTED),
        (LEFT, LEFT, Verdict.ACCEPTED),
        (LEFT + 1, LEFT + 1, Verdict.HAS_LEFT),
        (LEFT, LAST, Verdict.ACCEPTED),
        (LEFT - 1, LAST + 1, Verdict.HAS_LEFT),
        (LEFT + 3, LEFT + 2, Verdict.FUTURE_DAY),
    ],
)
async def test_the_former_coach_records_what_was_held_before_the_client_moved_on(
    sessions, market, held, recorded, verdict
) -> None:
    async with sessions.begin() as db:
        other_id, _ = await another_offering(db, market, "Toinen Suunta Oy")
    await switch(sessions, market, other_id, at=after(LEFT))
    day, now = TODAY + timedelta(days=held), after(recorded) + timedelta(hours=1)
    usable = Usable(
        status=VoucherStatus.CHOSEN,
        starts_on=TODAY,
        expires_on=market.expires_on,
        units_left=5,
        cents_left=5 * CAP_CENTS,
        unit_price_cents=PRICE_CENTS,
        approved_on_day=True,
        chosen_from=TODAY,
        left_on=TODAY + timedelta(days=LEFT),
    )
    assert redeem(usable, 1, day, today=local_day(now)) is verdict
    answer = await record(sessions, market, day, at=now)
    if verdict is not Verdict.ACCEPTED:
        assert answer == OF_VERDICT[verdict].__name__
        return
    assert (await of_session(sessions, answer))[1:3] == (market.provider_id, market.coach_id)
    async with sessions.begin() as db:
        by = market.actors[Role.JOBSEEKER]
        await vouchers.confirm(await wire_of(db), answer.redemption_id, by=by, at=now)


async def test_whose_session_it_was_is_told_by_the_day_the_hour_and_who_records_it(sessions, market) -> None:
    owner = market.actors[Role.PROVIDER_OWNER]
    async with sessions.begin() as db:
        colleague = await a.an_actor(db, Role.COACH, market.provider_id, "Olli Ojala")
        second_id = await a.a_coach(db, market.provider_id, "Olli Ojala", person_id=colleague.person_id)
        cheap_id = await a.an_offering(db, owner, market.service_id, [second_id], price_cents=70_00)
    await switch(sessions, market, cheap_id, coach_id=second_id, at=after(5))
    day = TODAY + timedelta(days=5)
    mine = await record(sessions, market, day, at=after(6))
    theirs = await record(sessions, market, day, at=after(6), by=colleague)
    firms = await record(sessions, market, day, at=after(6), by=owner)
    before = await record(sessions, market, day - timedelta(days=1), at=after(6), by=owner)
    seen = [(await of_session(sessions, one))[2:] for one in (mine, theirs, firms, before)]
    former, current = (market.coach_id, PRICE_CENTS), (second_id, 70_00)
    assert seen == [former, current, current, former]
    # NOON is when the client moved on: what began later was not with the former coach.
    async with sessions.begin() as db:
        other_id, _ = await another_offering(db, market, "Toinen Suunta Oy")
    await switch(sessions, market, other_id, at=after(7))
    told = {"day": TODAY + timedelta(days=7), "at": after(8), "by": colleague, "minutes": 45}
    hour = (NOON + timedelta(hours=3)).time().replace(tzinfo=None)
    assert await record(sessions, market, begins=hour, **told) == "HasLeft"
    assert not isinstance(await record(sessions, market, begins=time(8, 0), **told), str)


async def test_money_pays_the_former_coach_at_the_former_price(fresh_database, sessions, market) -> None:
    owner, desk = market.actors[Role.PROVIDER_OWNER], market.actors[Role.CASE_WORKER]
    async with sessions.begin() as db:
        terms = GiveTerms(
            gives="value", value_cents=2 * PRICE_CENTS, price_cap_cents=2 * PRICE_CENTS, validity_days=60
        )
        await vouchers.change_terms(db, market.programme_id, terms, by=desk, at=NOON)
        order = IssueVoucher(programme_id=market.programme_id, name="Veikko Virta", email="v@example.fi")
        issued = await vouchers.issue(db, order, key=KEY, by=desk, at=NOON)
        holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Veikko Virta", "fi")
        await vouchers.claim(db, issued.claim_token, at=NOON)
        dear_id = await a.an_offering(db, owner, market.service_id, price_cents=2 * PRICE_CENTS)
        other_id, other = await another_offering(db, market, "Toinen Suunta Oy")
    mine = {"voucher_id": issued.voucher_id, "holder": holder}
    await switch(sessions, market, other_id, at=NOON, **mine)
    await switch(sessions, market, dear_id, at=after(1), **mine)

    async def left():
        query = text("select units - units_used - units_held from voucher where id = :id")
        async with sessions.begin() as db:
            return (await db.exec(query, params={"id": issued.voucher_id})).scalar_one()

    assert await left() == 1, "one at the dear price"
    late = await record(sessions, market, TODAY, at=after(2), by=other, voucher_code=issued.code)
    assert (await of_session(sessions, late))[3] == PRICE_CENTS
    assert (late.units_left, await left()) == (0, 0), "half the money is no session at the dear price"
    again = await record(sessions, market, TODAY, at=after(2), by=other, voucher_code=issued.code)
    assert not isinstance(again, str), "but it is one at the former price"
    third = await record(sessions, market, TODAY, at=after(2), by=other, voucher_code=issued.code)
    assert third == "NotEnoughLeft"
    for one in (late, again):
        async with sessions.begin() as db:
            wire = await wire_of(db)
            back = vouchers.GiveReason(reason="By mistake.")
            await vouchers.reverse(wire, one.redemption_id, back, by=other, at=after(2))
    assert await left() == 1, "what comes back is counted at the price of today"


async def test_a_session_of_the_last_day_is_recorded_on_the_next_ones_and_then_the_rest_returns(
    sessions, market
) -> None:
    holder, owner = market.actors[Role.JOBSEEKER], market.actors[Role.PROVIDER_OWNER]
    last = NOON + (market.expires_on - TODAY)
    morning, closed = last + timedelta(days=1), last + RECORD_AFTER_END + timedelta(days=1)
    free = text("select a.credits - a.debits - a.held from account a where a.id = :id")
    async with sessions.begin() as db:
        order = IssueVoucher(programme_id=market.programme_id, name="Veikko Virta", email="v@example.fi")
        unclaimed = await vouchers.issue(db, order, key=KEY, by=market.actors[Role.CASE_WORKER], at=NOON)
    await jobs.expire(sessions, lambda: morning)
    async with sessions.begin() as db:
        ticket = await wallet.find_voucher(db, holder, market.voucher_id, on=local_day(morning))
        assert (ticket.is_open, ticket.can_choose) == (True, False)
        assert ticket.records_until == local_day(last + RECORD_AFTER_END)
        listed = await provider_desk.list_clients(db, by=owner, on=local_day(morning))
        assert [row.voucher_id for row in listed.items] == [market.voucher_id], (
            "still there to be recorded for"
        )
        status = text("select status from voucher where id = :id")
        assert (await db.exec(status, params={"id": unclaimed.voucher_id})).scalar_one() == "expired", (
            "nobody waits for what nobody can have held"
        )
    assert await record(sessions, market, local_day(morning), at=morning) == "TooLate"
    receipt = await record(sessions, market, local_day(last), at=morning)
    assert receipt.units_left == 4
    await jobs.expire(sessions, lambda: last + RECORD_AFTER_END)
    async with sessions.begin() as db:
        assert (await db.exec(free, params={"id": market.voucher_id})).scalar_one() > 0
    await jobs.expire(sessions, lambda: closed)
    async with sessions.begin() as db:
        assert (await db.exec(free, params={"id": market.voucher_id})).scalar_one() == 0, (
            "all of it, that night"
        )
        listed = await provider_desk.list_clients(db, by=owner, on=local_day(closed))
        assert listed.items == []
    assert await record(sessions, market, local_day(last), at=closed) == NotUsable.__name__


async def test_the_former_coach_finds_the_client_by_the_code_and_is_told_until_when(sessions, market) -> None:
    owner = market.actors[Role.PROVIDER_OWNER]
    async with sessions.begin() as db:
        former = (await db.exec(text("select id from choice"))).scalar_one()
        other_id, _ = await another_offering(db, market, "Toinen Suunta Oy")
    await switch(sessions, market, other_id, at=after(3))
    hashed = market.code_hash(KEY)
    async with sessions.begin() as db:
        seen = await client_page.find_client(db, former, by=owner)
        assert seen.records_until == TODAY + timedelta(days=3) + RECORD_AFTER_LEAVING
        found = await provider_desk.find_client_by_code(db, hashed, by=owner, on=seen.records_until)
        assert found is not None
        assert found.id == former
        on = seen.records_until + timedelta(days=2)
        assert await provider_desk.find_client_by_code(db, hashed, by=owner, on=on) is None
        assert (await provider_desk.list_clients(db, by=owner, on=TODAY)).items == []
