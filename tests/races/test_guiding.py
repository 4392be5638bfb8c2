"""The client's end of a consent against what the service manager is doing: either it was before, or it is refused."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from setori import booking, guiding, vouchers
from setori.booking import BookTime, SayWhy
from setori.guiding import BookFor, Deed, Suggest
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.companions import Side, a_side, invited, proposed, yes
from tests.domains.meetings import TOMORROW
from tests.races.test_booking import run

SOON = NOON + timedelta(minutes=1)
ROUNDS = 6


async def a_side_in(database: RealDatabase) -> Side:
    async with database.sessions.begin() as db:
        return await a_side(db, clients=1)


async def begun(database: RealDatabase, side: Side, *, at: datetime = NOON) -> UUID:
    async with database.sessions.begin() as db:
        return await invited(db, side, at=at)


async def one(database: RealDatabase, query: str, **given: object) -> object:
    async with database.sessions() as db:
        return (await (await db.connection()).execute(text(query), given)).scalar_one()


@pytest.mark.parametrize("first", ["end", "book"])
async def test_whoever_is_first_holds_the_consent_and_the_other_waits(
    fresh_database: RealDatabase, first: str
) -> None:
    """Both orders, one after the other on purpose: the second begins while the first has not committed."""
    side = await a_side_in(fresh_database)
    consent_id = await begun(fresh_database, side)
    book = BookFor(voucher_id=side.client.voucher_id, starts_at=TOMORROW)
    ends = (guiding.end, (consent_id,), {"by": side.client.who, "at": SOON})
    books = (guiding.book_for, (consent_id, book), {"by": side.manager, "at": SOON})
    (work, given, named), (other, others, named_too) = (ends, books) if first == "end" else (books, ends)
    async with fresh_database.sessions.begin() as db:
        await work(db, *given, **named)
        await db.flush()
        second = asyncio.create_task(run(fresh_database, other, *others, **named_too))
        done, _ = await asyncio.wait({second}, timeout=0.3)
        assert not done, "it waits for the one that was first"
    assert await second == ("NotFound" if first == "end" else "done")
    booked = await one(fresh_database, "select count(*) from booking where status = 'booked'")
    traced = await one(fresh_database, "select count(*) from guiding_trace")
    assert booked == traced == (0 if first == "end" else 1)
    assert await one(fresh_database, "select status from consent") == "ended"


async def test_an_end_and_every_deed_at_once(fresh_database: RealDatabase) -> None:
    side = await a_side_in(fresh_database)
    async with fresh_database.sessions.begin() as db:
        other = await a.a_coach(db, side.practice.owner.organisation_id, "Oona Toinen")
        offering = await a.an_offering(db, side.practice.owner, side.practice.service_id, [other])
    for number in range(ROUNDS):
        soon = SOON + timedelta(minutes=number)
        consent_id = await begun(fresh_database, side, at=soon)
        book = BookFor(voucher_id=side.client.voucher_id, starts_at=TOMORROW)
        order = Suggest(voucher_id=side.client.voucher_id, offering_id=offering, coach_id=other)
        earlier = soon - timedelta(milliseconds=1)  # it came first, and was slower on its way to the lock
        asked = [
            run(fresh_database, guiding.end, consent_id, by=side.client.who, at=earlier),
            run(fresh_database, guiding.book_for, consent_id, book, by=side.manager, at=soon),
            run(fresh_database, guiding.suggest, consent_id, order, by=side.manager, at=soon),
            run(fresh_database, guiding.look, consent_id, by=side.manager, at=soon),
        ]
        answers = await asyncio.gather(*(asked if number % 2 else asked[::-1]))
        assert answers.count("done") >= 1
        assert set(answers) <= {"done", "NotFound"}
        done = answers.count("done") - 1
        traces = await one(
            fresh_database, "select count(*) from guiding_trace where consent_id = :id", id=consent_id
        )
        assert traces == done
        late = await run(fresh_database, guiding.look, consent_id, Deed.LOOKED, by=side.manager, at=soon)
        assert late == "NotFound"
        for meeting in await live(fresh_database):
            await run(fresh_database, booking.call_off, meeting, SayWhy(), by=side.client.who, at=soon)


async def live(database: RealDatabase) -> list[UUID]:
    async with database.sessions() as db:
        rows = await (await db.connection()).execute(text("select id from booking where status = 'booked'"))
        return [row[0] for row in rows.all()]


async def test_a_yes_and_a_no_at_once_are_one_of_them(fresh_database: RealDatabase) -> None:
    side = await a_side_in(fresh_database)
    for number in range(ROUNDS):
        async with fresh_database.sessions.begin() as db:
            consent_id = await proposed(db, side)
        both = [
            run(fresh_database, guiding.agree, consent_id, yes(), by=side.client.who, at=SOON),
            run(fresh_database, guiding.decline, consent_id, by=side.client.who, at=SOON),
        ]
        answers = await asyncio.gather(*(both if number % 2 else both[::-1]))
        assert sorted(answers) == ["ConsentClosed", "done"]
        await run(fresh_database, guiding.end, consent_id, by=side.client.who, at=SOON)


async def test_two_yeses_at_once_are_one_consent(fresh_database: RealDatabase) -> None:
    side = await a_side_in(fresh_database)
    for _ in range(ROUNDS):
        answers = await asyncio.gather(
            *(run(fresh_database, invited, side, at=NOON) for _ in range(2)),
            run(fresh_database, proposed, side, at=NOON),
        )
        assert sorted(answers) == ["AlreadyBeside", "AlreadyBeside", "done"]
        async with fresh_database.sessions.begin() as db:
            await (await db.connection()).execute(
                text(
                    "update consent set status = 'refused', closed_at = proposed_at where status = 'proposed'"
                )
            )
        for (id,) in await still_open(fresh_database):
            await run(fresh_database, guiding.end, id, by=side.client.who, at=NOON)


async def still_open(database: RealDatabase) -> list[tuple[UUID]]:
    async with database.sessions() as db:
        rows = await (await db.connection()).execute(text("select id from consent where status = 'in_force'"))
        return [tuple(row) for row in rows.all()]


async def test_the_same_time_for_two_clients_is_booked_once(fresh_database: RealDatabase) -> None:
    async with fresh_database.sessions.begin() as db:
        side = await a_side(db)
        consents = [await invited(db, side, client=client) for client in side.practice.clients]
    asked = [
        run(
            fresh_database,
            guiding.book_for,
            consent_id,
            BookFor(voucher_id=client.voucher_id, starts_at=TOMORROW),
            by=side.manager,
            at=SOON,
        )
        for consent_id, client in zip(consents, side.practice.clients, strict=True)
    ]
    own = side.practice.clients[0]
    mine = run(
        fresh_database, vouchers.book, own.voucher_id, BookTime(starts_at=TOMORROW), by=own.who, at=SOON
    )
    answers = await asyncio.gather(*asked, mine)
    assert answers.count("done") == 1
    assert set(answers) == {"done", "TimeTaken"}
