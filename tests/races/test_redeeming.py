"""Many hands on one voucher at the same moment: each session is recorded once, and nothing is promised twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from setori import jobs, settlement, vouchers
from setori.db import new_id
from setori.errors import Conflict
from setori.people import Role
from setori.settlement import ClosePeriod
from setori.vouchers import RECORD_AFTER_END, DisputeSession, GiveReason, Receipt, UnknownCode
from tests.conftest import RealDatabase
from tests.domains.builders import KEY, NOON
from tests.world import Market, a_market, a_session

TIMES = 8
"""How often a race is run: who wins differs from one to the next."""
APRIL = NOON.replace(month=4, day=1)
MARCH = NOON.date().replace(day=1)


@pytest.fixture
async def pool(fresh_database: RealDatabase) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with asyncpg.create_pool(fresh_database.app_url, min_size=16, max_size=16) as pool:
        yield pool


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, units=10)


async def together(*acts: Awaitable[Any]) -> list[Any]:
    """Do all of it at once; a refusal is an answer too, and anything else that is raised is a fault."""
    answers = await asyncio.gather(*acts, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Conflict):
            raise answer
    return answers


async def status_of(pool: "asyncpg.Pool[Any]", table: str, subject: Any) -> str:
    return await pool.fetchval(f"select status from {table} where id = $1", subject)


async def test_of_a_thousand_redemptions_of_ten_sessions_ten_are_accepted(pool, market: Market) -> None:
    coach, other = market.actors[Role.COACH], market.code[:-1] + ("0" if market.code[-1] != "0" else "1")
    wrong = market.order().model_copy(update={"voucher_code": other})

    async def one(number: int) -> Any:
        order = wrong if number % 10 == 9 else market.order()
        return await vouchers.redeem(pool, new_id(), order, key=KEY, by=coach, at=NOON)

    answers = Counter(type(answer).__name__ for answer in await together(*map(one, range(1000))))
    assert answers == {"Receipt": 10, "NotEnoughLeft": 890, "UnknownCode": 100}
    row = await pool.fetchrow(
        "select v.units_held, v.units_used, a.held, (select count(*) from redemption) as sessions, "
        "(select count(*) from posting where kind = 'redeem') as holds "
        "from voucher v join account a on a.id = v.id where v.id = $1",
        market.voucher_id,
    )
    assert tuple(row) == (10, 0, 10 * market.price_cents, 10, 10)


async def test_a_rivals_hands_get_nothing_from_a_code_they_have_seen(pool, fresh_database, market) -> None:
    rival = (await a_market(fresh_database, area=("0022", "Varsinais-Suomi"))).actors[Role.COACH]
    acts = [vouchers.redeem(pool, new_id(), market.order(), key=KEY, by=rival, at=NOON) for _ in range(16)]
    assert {type(answer) for answer in await together(*acts)} == {UnknownCode}


async def test_the_same_session_sent_twenty_times_at_once_is_one_with_one_receipt(pool, market) -> None:
    coach, redemption_id = market.actors[Role.COACH], new_id()
    acts = [
        vouchers.redeem(pool, redemption_id, market.order(), key=KEY, by=coach, at=NOON) for _ in range(20)
    ]
    receipts: list[Receipt] = await together(*acts)
    assert Counter(receipt.is_replay for receipt in receipts) == {False: 1, True: 19}
    assert (
        len({(one.redemption_id, one.recorded_at, one.amount_cents, one.units_left) for one in receipts}) == 1
    )


async def test_one_id_for_two_vouchers_at_once_is_one_session(pool, fresh_database, market) -> None:
    other = await a_market(fresh_database, area=("0022", "Varsinais-Suomi"))
    for _ in range(TIMES):
        redemption_id = new_id()
        answers = await asyncio.gather(
            *(
                vouchers.redeem(pool, redemption_id, one.order(), key=KEY, by=one.actors[Role.COACH], at=NOON)
                for one in (market, other)
            ),
            return_exceptions=True,
        )
        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["OtherFigures", "Receipt"]


async def test_confirming_while_the_coach_takes_back_ends_in_one_of_two_ways(
    pool, fresh_database, market
) -> None:
    holder, coach = market.actors[Role.JOBSEEKER], market.actors[Role.COACH]
    for _ in range(TIMES):
        redemption_id = await a_session(fresh_database.sessions, market)
        yes, back = await together(
            vouchers.confirm(pool, redemption_id, by=holder, at=NOON),
            vouchers.reverse(pool, redemption_id, GiveReason(reason="a mistake"), by=coach, at=NOON),
        )
        assert isinstance(back, Receipt), "whoever comes second, the provider can take it back"
        end = await status_of(pool, "redemption", redemption_id)
        assert end == ("reversed" if isinstance(yes, Receipt) else "withdrawn")
    left = await pool.fetchrow("select units_used, units_held from voucher where id = $1", market.voucher_id)
    assert tuple(left) == (0, 0)


async def test_confirming_and_disputing_at_once_is_one_of_them(pool, fresh_database, market) -> None:
    holder = market.actors[Role.JOBSEEKER]
    for _ in range(TIMES):
        redemption_id = await a_session(fresh_database.sessions, market)
        answers = await together(
            vouchers.confirm(pool, redemption_id, by=holder, at=NOON),
            vouchers.dispute(
                pool, redemption_id, DisputeSession(words="we did not meet"), by=holder, at=NOON
            ),
        )
        assert isinstance(answers[0], Receipt), "whoever comes second, a yes takes the dispute back"
        assert await status_of(pool, "redemption", redemption_id) == "confirmed"


async def test_confirming_in_the_moment_a_session_lapses_is_one_of_them(pool, fresh_database, market) -> None:
    late = NOON + timedelta(days=31)
    for _ in range(TIMES):
        redemption_id = await a_session(fresh_database.sessions, market)
        yes, lapsed = await together(
            vouchers.confirm(pool, redemption_id, by=market.actors[Role.JOBSEEKER], at=late),
            jobs.expire(fresh_database.sessions, lambda: late),
        )
        end = await status_of(pool, "redemption", redemption_id)
        assert (end, lapsed) == (("confirmed", 0) if isinstance(yes, Receipt) else ("lapsed", 1))


async def test_recording_in_the_moment_a_voucher_expires_leaves_no_money_behind(pool, fresh_database) -> None:
    for number in range(TIMES):
        market = await a_market(fresh_database, area=(f"01{number:02}", f"Alue {number}"))
        days = (market.expires_on - market.starts_on).days
        last = NOON + timedelta(days=days) + RECORD_AFTER_END
        answer, _ = await together(
            vouchers.redeem(
                pool,
                new_id(),
                market.order(market.expires_on),
                key=KEY,
                by=market.actors[Role.COACH],
                at=last + timedelta(days=1),
            ),
            jobs.expire(fresh_database.sessions, lambda last=last: last + timedelta(days=1)),
        )
        row = await pool.fetchrow(
            "select v.status, a.held, a.credits - a.debits - a.held as free "
            "from voucher v join account a on a.id = v.id where v.id = $1",
            market.voucher_id,
        )
        # A night that met the coach's lock passes the voucher by; the next one takes it.
        if row["status"] == "chosen":
            await jobs.expire(fresh_database.sessions, lambda last=last: last + timedelta(days=1))
            row = await pool.fetchrow(
                "select v.status, a.held, a.credits - a.debits - a.held as free "
                "from voucher v join account a on a.id = v.id where v.id = $1",
                market.voucher_id,
            )
        held = market.price_cents if isinstance(answer, Receipt) else 0
        assert tuple(row) == ("expired", held, 0)


async def test_a_session_confirmed_while_its_month_is_closed_is_in_one_statement_or_the_next(
    pool, fresh_database, market
) -> None:
    finance, holder = market.actors[Role.FINANCE], market.actors[Role.JOBSEEKER]
    last = NOON.replace(day=31, hour=20)
    await a_session(fresh_database.sessions, market, confirmed=True)
    waiting = [await a_session(fresh_database.sessions, market) for _ in range(9)]

    async def close() -> Any:
        async with fresh_database.sessions.begin() as db:
            return await settlement.close_period(db, ClosePeriod(month=MARCH), by=finance, at=APRIL)

    answers = await together(
        *(vouchers.confirm(pool, one, by=holder, at=last) for one in waiting[:5]),
        close(),
        *(vouchers.confirm(pool, one, by=holder, at=last) for one in waiting[5:]),
    )
    in_time = sum(isinstance(answer, Receipt) for answer in answers)
    count, total = await pool.fetchrow("select line_count, total_cents from statement")
    assert (count, total) == (1 + in_time, (1 + in_time) * market.price_cents)
    for redemption_id in waiting:
        await vouchers.confirm(pool, redemption_id, by=holder, at=APRIL)
    assert await pool.fetchval("select count(*) from redemption where status = 'confirmed'") == 10


async def test_a_month_closed_twice_at_once_is_one_statement(pool, fresh_database, market) -> None:
    await a_session(fresh_database.sessions, market, confirmed=True)
    finance = market.actors[Role.FINANCE]

    async def close() -> Any:
        async with fresh_database.sessions.begin() as db:
            return await settlement.close_period(db, ClosePeriod(month=MARCH), by=finance, at=APRIL)

    answers = await together(*(close() for _ in range(4)))
    assert Counter(isinstance(answer, list) for answer in answers) == {True: 1, False: 3}
    assert await pool.fetchval("select count(*) from statement") == 1


async def test_a_statement_approved_twice_at_once_is_one_payment_order(pool, fresh_database, market) -> None:
    await a_session(fresh_database.sessions, market, confirmed=True)
    async with fresh_database.sessions.begin() as db:
        (statement_id,) = await settlement.close_period(
            db, ClosePeriod(month=MARCH), by=market.actors[Role.FINANCE], at=APRIL
        )

    async def approve() -> Any:
        async with fresh_database.sessions.begin() as db:
            return await settlement.approve(db, statement_id, by=market.actors[Role.APPROVER], at=APRIL)

    answers = await together(*(approve() for _ in range(6)))
    assert [type(answer).__name__ for answer in answers].count("NotDraft") == 5
    orders = await pool.fetch("select amount_cents, status from payment_order")
    assert [tuple(order) for order in orders] == [(market.price_cents, "queued")]
