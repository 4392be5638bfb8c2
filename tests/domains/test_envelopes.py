"""A personal budget: several vouchers out of one envelope, limits for each service, nothing lost on the way back."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from setori import envelopes, jobs, vouchers
from setori.days import local_day
from setori.db import new_id, wire_of
from setori.db.invariants import count_broken
from setori.envelopes import (
    ChangeEnvelope,
    DrawVoucher,
    EndEnvelope,
    EnvelopeEmpty,
    EnvelopeOver,
    GiveEnvelope,
    LimitsTaken,
    NotForService,
    OverLimit,
    TakeOffering,
)
from setori.errors import Forbidden, NotFound
from setori.ledger import NotEnoughMoney
from setori.people import Role
from setori.vouchers import GiveReason
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.world import CAP_CENTS, PRICE_CENTS, Market, a_market

SIZE = 800_00
LAST = local_day(NOON) + timedelta(days=200)


@pytest.fixture
async def market(fresh_database) -> Market:
    return await a_market(fresh_database, units=3)


@pytest.fixture
def sessions(fresh_database):
    return fresh_database.sessions


def giving(market: Market, *, amount=SIZE, limit=600_00) -> GiveEnvelope:
    """A budget for whoever holds the market's voucher."""
    return GiveEnvelope(
        programme_id=market.programme_id,
        voucher_id=market.voucher_id,
        name="Aino Virtanen",
        email="aino@example.fi",
        amount_cents=amount,
        expires_on=LAST,
        limits={market.service_id: limit},
        reason="The plan of 2 March.",
    )


async def given(sessions, market: Market, **other) -> UUID:
    async with sessions.begin() as db:
        order = giving(market, **other)
        return await envelopes.give(db, order, by=market.actors[Role.CASE_WORKER], at=NOON)


async def drawn(sessions, market: Market, envelope_id: UUID, units=3):
    async with sessions.begin() as db:
        order, desk = (
            DrawVoucher(programme_id=market.programme_id, units=units),
            market.actors[Role.CASE_WORKER],
        )
        return await envelopes.draw(db, envelope_id, order, key=KEY, by=desk, at=NOON)


def taking(market: Market, count=3, **other) -> TakeOffering:
    return TakeOffering(offering_id=market.offering_id, coach_id=market.coach_id, sessions=count, **other)


async def free(sessions, kind: str, owner: UUID) -> int:
    query = text("select credits - debits - held from account where kind = :kind and owner_id = :owner")
    async with sessions.begin() as db:
        return (await db.exec(query, params={"kind": kind, "owner": owner})).scalar_one()


async def defects(database) -> dict[str, int]:
    return {name: rows for name, rows in (await count_broken(database.owner_url)).items() if rows}


async def test_money_is_set_aside_for_a_person_and_vouchers_come_out_of_it(sessions, market, fresh_database):
    before = await free(sessions, "budget", market.programme_id)
    envelope_id = await given(sessions, market)
    assert await free(sessions, "budget", market.programme_id) == before - SIZE
    assert await free(sessions, "envelope", envelope_id) == SIZE

    issued = await drawn(sessions, market, envelope_id)

    assert issued.person_id == market.person_id
    assert await free(sessions, "envelope", envelope_id) == SIZE - 3 * CAP_CENTS
    assert await free(sessions, "voucher", issued.voucher_id) == 3 * CAP_CENTS
    assert await free(sessions, "budget", market.programme_id) == before - SIZE, "the budget paid once"
    assert await defects(fresh_database) == {}


async def test_the_person_takes_sessions_and_the_form_sent_twice_is_one_voucher(
    sessions, market, fresh_database
):
    envelope_id, holder = await given(sessions, market), market.actors[Role.JOBSEEKER]
    order = taking(market, 2, voucher_id=new_id())
    for _ in range(2):
        async with sessions.begin() as db:
            voucher_id = await envelopes.take(db, envelope_id, order, key=KEY, by=holder, at=NOON)
    async with sessions.begin() as db:
        voucher = await vouchers.find_voucher(db, voucher_id)
        assert (voucher.status, voucher.units, voucher.issued_by) == (
            "chosen",
            2,
            market.actors[Role.CASE_WORKER].person_id,
        )
    assert await free(sessions, "envelope", envelope_id) == SIZE - 2 * CAP_CENTS
    assert await defects(fresh_database) == {}


async def test_no_service_takes_more_than_its_limit_and_nobody_more_than_there_is(sessions, market):
    envelope_id, holder = (
        await given(sessions, market, amount=500_00, limit=400_00),
        market.actors[Role.JOBSEEKER],
    )
    await drawn(sessions, market, envelope_id, 3)
    with pytest.raises(OverLimit):
        await drawn(sessions, market, envelope_id, 2)
    with pytest.raises(OverLimit):
        async with sessions.begin() as db:
            await envelopes.take(db, envelope_id, taking(market, 2), key=KEY, by=holder, at=NOON)
    other = await given(sessions, market, amount=200_00, limit=900_00)
    with pytest.raises(EnvelopeEmpty):
        await drawn(sessions, market, other, 3)
    with pytest.raises(NotEnoughMoney):
        await given(sessions, market, amount=1_000_000_00)
    assert await free(sessions, "envelope", other) == 200_00


async def test_a_service_without_a_limit_takes_nothing(sessions, market):
    async with sessions.begin() as db:
        other = await a.a_service(db, "course")
        order = giving(market).model_copy(update={"limits": {other: 100_00}})
        desk = market.actors[Role.CASE_WORKER]
        envelope_id = await envelopes.give(db, order, by=desk, at=NOON)
    with pytest.raises(OverLimit):
        await drawn(sessions, market, envelope_id, 1)


async def test_what_a_voucher_does_not_use_returns_to_the_budget_of_the_person(
    sessions, market, fresh_database
):
    envelope_id = await given(sessions, market)
    issued = await drawn(sessions, market, envelope_id)
    async with sessions.begin() as db:
        desk = market.actors[Role.CASE_WORKER]
        await vouchers.cancel(db, issued.voucher_id, GiveReason(reason="Another plan."), by=desk, at=NOON)
    assert await free(sessions, "envelope", envelope_id) == SIZE
    issued = await drawn(sessions, market, envelope_id)
    await jobs.expire(sessions, lambda: NOON + timedelta(days=100))
    assert await free(sessions, "voucher", issued.voucher_id) == 0
    assert await free(sessions, "envelope", envelope_id) == SIZE
    assert await defects(fresh_database) == {}


async def test_at_its_end_everything_unused_is_the_programmes_again(sessions, market, fresh_database):
    before = await free(sessions, "budget", market.programme_id)
    envelope_id, holder = await given(sessions, market), market.actors[Role.JOBSEEKER]
    async with sessions.begin() as db:
        voucher_id = await envelopes.take(db, envelope_id, taking(market), key=KEY, by=holder, at=NOON)
    async with sessions.begin() as db:
        order, desk = EndEnvelope(reason="Moved to another area."), market.actors[Role.CASE_WORKER]
        await envelopes.end(db, envelope_id, order, by=desk, at=NOON)
        await envelopes.end(db, envelope_id, order, by=desk, at=NOON)
    assert await free(sessions, "envelope", envelope_id) == 0
    assert await free(sessions, "voucher", voucher_id) == 3 * CAP_CENTS, "what was given stays given"
    assert await free(sessions, "budget", market.programme_id) == before - 3 * CAP_CENTS
    with pytest.raises(EnvelopeOver):
        await drawn(sessions, market, envelope_id, 1)
    await jobs.expire(sessions, lambda: NOON + timedelta(days=100))
    assert await free(sessions, "budget", market.programme_id) == before + market.value_cents
    assert await defects(fresh_database) == {}


async def test_the_night_ends_a_budget_whose_last_day_is_over(sessions, market, fresh_database):
    before = await free(sessions, "budget", market.programme_id)
    envelope_id = await given(sessions, market)
    await jobs.expire(sessions, lambda: NOON + timedelta(days=200))
    assert await free(sessions, "envelope", envelope_id) == SIZE
    await jobs.expire(sessions, lambda: NOON + timedelta(days=201))
    assert await free(sessions, "envelope", envelope_id) == 0
    assert await free(sessions, "budget", market.programme_id) == before + market.value_cents
    assert await defects(fresh_database) == {}


async def test_a_budget_is_changed_but_not_under_what_was_taken(sessions, market, fresh_database):
    envelope_id, desk = await given(sessions, market), market.actors[Role.CASE_WORKER]
    await drawn(sessions, market, envelope_id, 3)

    async def change(amount: int, limit: int) -> None:
        order = ChangeEnvelope(
            amount_cents=amount,
            expires_on=LAST,
            limits={market.service_id: limit},
            reason="The plan changed.",
        )
        async with sessions.begin() as db:
            await envelopes.change(db, envelope_id, order, by=desk, at=NOON)

    with pytest.raises(LimitsTaken) as refused:
        await change(200_00, 200_00)
    assert set(refused.value.errors) == {"amount_euros", f"limits.{market.service_id}"}
    await change(300_00, 300_00)
    assert await free(sessions, "envelope", envelope_id) == 0
    await change(1_000_00, 900_00)
    assert await free(sessions, "envelope", envelope_id) == 700_00
    await drawn(sessions, market, envelope_id, 6)
    assert await defects(fresh_database) == {}


async def test_nobody_else_gives_sees_or_takes(sessions, market, fresh_database):
    other = await a_market(fresh_database, 3, area=("0022", "Varsinais-Suomi"))
    envelope_id = await given(sessions, market)
    for role in (Role.REGISTRAR, Role.FINANCE, Role.PROVIDER_OWNER, Role.JOBSEEKER):
        with pytest.raises(Forbidden):
            async with sessions.begin() as db:
                await envelopes.give(db, giving(market), by=market.actors[role], at=NOON)
    for foreign in (other.actors[Role.CASE_WORKER], other.actors[Role.JOBSEEKER]):
        with pytest.raises(NotFound):
            async with sessions.begin() as db:
                await envelopes.find(db, envelope_id, by=foreign)
    holder = other.actors[Role.JOBSEEKER]
    with pytest.raises(NotFound):
        async with sessions.begin() as db:
            await envelopes.take(db, envelope_id, taking(market), key=KEY, by=holder, at=NOON)
    with pytest.raises(NotFound):
        async with sessions.begin() as db:
            await envelopes.give(db, giving(market), by=other.actors[Role.CASE_WORKER], at=NOON)


async def test_what_no_programme_pays_for_is_not_taken(sessions, market):
    envelope_id, holder = await given(sessions, market), market.actors[Role.JOBSEEKER]
    async with sessions.begin() as db:
        await vouchers.open_programme(
            db, market.programme_id, is_open=False, by=market.actors[Role.CASE_WORKER], at=NOON
        )
    with pytest.raises(NotForService):
        async with sessions.begin() as db:
            await envelopes.take(db, envelope_id, taking(market), key=KEY, by=holder, at=NOON)


async def test_the_database_lets_nobody_move_an_envelopes_money_elsewhere(sessions, market, fresh_database):
    """Postings made by hand: to another budget, for another's voucher, over a limit; the checks see the rest."""
    envelope_id = await given(sessions, market, limit=200_00)
    wire = await asyncpg.connect(fresh_database.owner_url)
    try:
        place, budget = [
            await wire.fetchval("select id from account where kind = $1 and owner_id = $2", kind, owner)
            for kind, owner in (("envelope", envelope_id), ("budget", market.programme_id))
        ]
        post = (
            "insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on,"
            " posted_at) values (uuidv7(), $1, $2, 'post', $3, $4, $5, $6, $7, now())"
        )
        day = local_day(NOON)
        for kind, debit, credit, cents, about in (
            ("draw", place, budget, market.value_cents, market.voucher_id),
            ("restore", budget, place, 100, market.voucher_id),
            ("hand_back", place, budget, 100, market.voucher_id),
            ("allot", budget, place, 100, new_id()),
        ):
            with pytest.raises(asyncpg.CheckViolationError):
                await wire.execute(post, market.procurer_id, kind, debit, credit, cents, about, day)
        with pytest.raises(asyncpg.CheckViolationError):
            await wire.execute("update envelope set person_id = given_by where id = $1", envelope_id)
        await wire.execute(
            "alter table voucher disable trigger user; alter table envelope disable trigger user"
        )
        await wire.execute(
            "update voucher set envelope_id = $1 where id = $2", envelope_id, market.voucher_id
        )
        await wire.execute("update envelope set ended_at = now() where id = $1", envelope_id)
        assert set(await defects(fresh_database)) == {
            "check_envelopes_pay_for_their_vouchers",
            "check_ended_envelopes_are_empty",
        }
        await wire.execute("update voucher set envelope_id = null")
        await wire.execute("update envelope set ended_at = null")
    finally:
        await wire.close()


async def test_a_session_paid_from_it_is_used_and_the_rest_comes_back(sessions, market, fresh_database):
    envelope_id, holder = await given(sessions, market), market.actors[Role.JOBSEEKER]
    async with sessions.begin() as db:
        voucher_id = await envelopes.take(db, envelope_id, taking(market, 1), key=KEY, by=holder, at=NOON)
    redemption_id = new_id()
    async with sessions.begin() as db:
        wire = await wire_of(db)
        order = vouchers.RedeemVoucher(
            voucher_code=vouchers.code_of(voucher_id, KEY), service_day=local_day(NOON)
        )
        await vouchers.redeem(wire, redemption_id, order, key=KEY, by=market.actors[Role.COACH], at=NOON)
        await vouchers.confirm(wire, redemption_id, by=holder, at=NOON)
    await jobs.expire(sessions, lambda: NOON + timedelta(days=1))
    assert await free(sessions, "envelope", envelope_id) == SIZE - PRICE_CENTS
    assert await defects(fresh_database) == {}
