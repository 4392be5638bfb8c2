"""Two at once: one of them has the time, the other is told so in a sentence, and nobody has half of anything."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from setori import booking, people, vouchers
from setori.booking import BookTime, SayWhy
from setori.errors import SetoriError
from setori.people import Actor, Role
from setori.vouchers import ChooseOffering, IssueVoucher
from tests.conftest import RealDatabase
from tests.domains.builders import KEY, NOON
from tests.domains.meetings import Client, Practice, a_practice

TOMORROW = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
ROUNDS = 8


async def run(database: RealDatabase, work: Callable[..., Awaitable[object]], *given, **named) -> str:
    """Do something in a transaction of its own. Returns "done", or the name of the refusal."""
    try:
        async with database.sessions.begin() as db:
            await work(db, *given, **named)
    except SetoriError as refusal:
        return type(refusal).__name__
    return "done"


async def practice_in(database: RealDatabase, **told) -> Practice:
    async with database.sessions.begin() as db:
        return await a_practice(db, **told)


def book(database: RealDatabase, client: Client, starts_at: datetime = TOMORROW) -> Awaitable[str]:
    order = BookTime(starts_at=starts_at)
    return run(database, vouchers.book, client.voucher_id, order, by=client.who, at=NOON)


async def live(database: RealDatabase) -> list[tuple[UUID, datetime, str]]:
    async with database.sessions() as db:
        rows = await (await db.connection()).execute(
            text(
                "select id, starts_at, status from booking where status in ('offered', 'booked') order by id"
            )
        )
        return [tuple(row) for row in rows.all()]


async def test_two_people_want_one_time(fresh_database: RealDatabase) -> None:
    practice = await practice_in(fresh_database, units=10)
    for number in range(ROUNDS):
        at = TOMORROW + timedelta(days=(0, 1, 2, 3, 6, 7, 8, 9)[number])
        pair = practice.clients if number % 2 else practice.clients[::-1]
        answers = await asyncio.gather(*(book(fresh_database, client, at) for client in pair))
        assert sorted(answers) == ["TimeTaken", "done"]
    assert len(await live(fresh_database)) == ROUNDS


async def test_one_person_wants_two_coaches_at_one_time(fresh_database: RealDatabase) -> None:
    one = await practice_in(fresh_database, units=10)
    other = await practice_in(fresh_database, units=10, clients=0)
    first = one.clients[0]
    async with fresh_database.sessions.begin() as db:
        email = (
            await (await db.connection()).execute(
                text("select email from person where id = :id"), {"id": first.who.person_id}
            )
        ).scalar_one()
        order = IssueVoucher(programme_id=other.programme_id, name="Aino Virtanen", email=email)
        issued = await vouchers.issue(db, order, key=KEY, by=other.desk, at=NOON)
        await vouchers.claim(db, issued.claim_token, at=NOON)
        choice = ChooseOffering(offering_id=other.offering_id, coach_id=other.coach_id)
        await vouchers.choose(db, issued.voucher_id, choice, by=first.who, at=NOON)
    second = Client(Actor(first.who.person_id, Role.JOBSEEKER, None, "", "fi"), issued.voucher_id, "")
    for number in range(ROUNDS):
        at = TOMORROW + timedelta(days=(0, 1, 2, 3, 6, 7, 8, 9)[number])
        pair = (first, second) if number % 2 else (second, first)
        answers = await asyncio.gather(*(book(fresh_database, client, at) for client in pair))
        assert sorted(answers) == ["YouAreBusy", "done"]


async def test_the_last_session_is_booked_once(fresh_database: RealDatabase) -> None:
    practice = await practice_in(fresh_database, units=1, clients=1)
    client = practice.clients[0]
    times = [TOMORROW + timedelta(days=days) for days in range(3)]
    answers = await asyncio.gather(*(book(fresh_database, client, at) for at in times))
    assert sorted(answers) == ["NothingLeftToBook", "NothingLeftToBook", "done"]


async def test_moving_and_calling_off_leave_one_meeting_or_none(fresh_database: RealDatabase) -> None:
    practice = await practice_in(fresh_database, units=100, clients=1)
    client = practice.clients[0]
    for number in range(ROUNDS):
        at = TOMORROW + timedelta(days=(6, 7, 8, 9, 13, 14, 15, 16)[number])
        assert await book(fresh_database, client, at) == "done"
        (meeting, _, _), *_ = await live(fresh_database)
        later = BookTime(starts_at=at + timedelta(minutes=75))
        both = [
            run(fresh_database, vouchers.move_meeting, meeting, later, by=client.who, at=NOON),
            run(fresh_database, booking.call_off, meeting, SayWhy(), by=client.who, at=NOON),
        ]
        answers = await asyncio.gather(*(both if number % 2 else both[::-1]))
        assert answers.count("done") >= 1
        assert set(answers) <= {"done", "AlreadyClosed"}
        assert await live(fresh_database) == [], "called off, before or after it was moved"


async def test_a_freed_time_is_taken_once(fresh_database: RealDatabase) -> None:
    practice = await practice_in(fresh_database, units=100, clients=3)
    holder, other, waiting = practice.clients
    for number in range(ROUNDS):
        at = TOMORROW + timedelta(days=(6, 7, 8, 9, 13, 14, 15, 16)[number])
        assert await book(fresh_database, holder, at) == "done"
        meeting = next(id for id, start, _ in await live(fresh_database) if start == at)
        await run(fresh_database, vouchers.wait_for_time, waiting.voucher_id, by=waiting.who, at=NOON)
        both = [
            run(fresh_database, booking.call_off, meeting, SayWhy(), by=holder.who, at=NOON),
            book(fresh_database, other, at),
        ]
        await asyncio.gather(*(both if number % 2 else both[::-1]))
        there = [(id, status) for id, start, status in await live(fresh_database) if start == at]
        assert len(there) == 1, "the one who waits is asked, or the other was there in time: never both"
        (offer, status), *_ = there
        if status == "offered":
            assert await book(fresh_database, other, at) == "TimeTaken"
            answers = await asyncio.gather(
                run(fresh_database, vouchers.accept_time, offer, by=waiting.who, at=NOON),
                run(fresh_database, booking.pass_unanswered, at=NOON + timedelta(days=1, minutes=number)),
            )
            assert set(answers) <= {"done", "OfferPassed"}


async def test_both_reminders_at_once_are_one(fresh_database: RealDatabase) -> None:
    practice = await practice_in(fresh_database, clients=1)
    client = practice.clients[0]
    week = TOMORROW + timedelta(days=7)
    assert await book(fresh_database, client, week) == "done"
    at = week - timedelta(hours=47)
    await asyncio.gather(*(run(fresh_database, booking.remind_due, at=at) for _ in range(3)))
    async with fresh_database.sessions() as db:
        told = (await people.list_outbox(db, person_id=client.who.person_id)).items
    assert [mail.kind for mail in told].count("meeting_reminder") == 1
