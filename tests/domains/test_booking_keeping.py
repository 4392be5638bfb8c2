"""Hours are kept, people reminded, calendars fed; and the database refuses what no page should ask."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import booking
from setori.booking import BookingStatus, OpenHours, SetDay
from setori.booking.refusals import (
    HoursOverlap,
    TimeTaken,
)
from setori.booking.rules import BOOKING_MOVES
from setori.errors import NotFound
from setori.people import Role
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.meetings import (
    HOURS,
    TOMORROW,
    Practice,
    a_practice,
    booked,
    is_sound,
    mails,
    status_of,
)


@pytest.fixture
async def practice(db) -> Practice:
    return await a_practice(db)


async def test_hours_are_kept_by_the_coach_and_the_owner_and_nobody_else(db, practice) -> None:
    saturday = OpenHours(**{**HOURS.model_dump(), "weekday": 6})
    hours = await booking.open_hours(db, practice.coach_id, saturday, by=practice.owner, at=NOON)
    with pytest.raises(HoursOverlap):
        await booking.open_hours(db, practice.coach_id, saturday, by=practice.coach, at=NOON)
    colleague = await a.an_actor(db, Role.COACH, practice.coach.organisation_id)
    other = await a_practice(db, clients=0)
    for stranger in (colleague, other.coach, other.owner, practice.clients[0].who, practice.desk):
        with pytest.raises(NotFound):
            await booking.open_hours(db, practice.coach_id, saturday, by=stranger, at=NOON)
        with pytest.raises(NotFound):
            await booking.remove_hours(db, hours, by=stranger, at=NOON)
    assert await booking.remove_hours(db, hours, by=practice.coach, at=NOON) == practice.coach_id
    away = SetDay(on_day=date(2026, 3, 3), kind="away")
    day = await booking.set_day(db, practice.coach_id, away, by=practice.coach, at=NOON)
    with pytest.raises(TimeTaken):
        await booked(db, practice)
    with pytest.raises(NotFound):
        await booking.remove_special_day(db, day, by=other.coach, at=NOON)
    await booking.remove_special_day(db, day, by=practice.coach, at=NOON)
    await booked(db, practice)


def test_hours_have_to_hold_a_meeting() -> None:
    plain = HOURS.model_dump()
    with pytest.raises(ValueError, match="long enough"):
        OpenHours(**{**plain, "from_time": time(9), "to_time": time(9, 30)})
    with pytest.raises(ValueError, match="both times"):
        SetDay(on_day=date(2026, 3, 3), kind="away", from_time=time(9))


async def test_reminders_come_once_for_each_time_and_not_in_the_night(db, practice) -> None:
    week = TOMORROW + timedelta(days=7)
    booking_id = await booked(db, practice, starts_at=week)
    client = practice.clients[0]
    assert await booking.remind_due(db, at=week - timedelta(hours=49)) == 0
    assert await booking.remind_due(db, at=week - timedelta(hours=48)) == 1
    assert await booking.remind_due(db, at=week - timedelta(hours=47)) == 0
    evening = datetime(2026, 3, 9, 18, 45, tzinfo=UTC)  # 20:45, for 6 in the morning is night
    assert await booking.remind_due(db, at=evening) == 1
    assert await booking.remind_due(db, at=evening + timedelta(minutes=1)) == 0
    night = evening + timedelta(minutes=20)
    assert await booking.remind_due(db, at=night) == 0
    assert (await mails(db, client.who.person_id)).count("meeting_reminder") == 2
    assert (await mails(db, practice.coach.person_id)).count("meeting_reminder_coach") == 2
    assert await status_of(db, booking_id) == ("booked", None)
    assert await is_sound(db)


async def test_a_feeds_secret_is_kept_as_a_hash_and_ends_when_told(db, practice) -> None:
    who = practice.clients[0].who
    first = await booking.make_feed(db, by=who, at=NOON)
    second = await booking.make_feed(db, by=who, at=NOON)
    with pytest.raises(NotFound):
        await booking.find_feed(db, booking.feed_hash_of(first))
    assert await booking.find_feed(db, booking.feed_hash_of(second)) == who.person_id
    kept = await (await db.connection()).execute(text("select string_agg(f::text, '') from calendar_feed f"))
    assert second not in kept.scalar_one()
    assert await booking.end_feed(db, by=who, at=NOON)
    with pytest.raises(NotFound):
        await booking.find_feed(db, booking.feed_hash_of(second))


async def test_the_database_moves_states_as_the_rules_do(db) -> None:
    connection = await db.connection()
    wrong = []
    for was, allowed in BOOKING_MOVES.items():
        for becomes in BookingStatus:
            found = await connection.execute(
                text("select booking_may_move(:was, :becomes)"), {"was": was.value, "becomes": becomes.value}
            )
            if found.scalar_one() != (becomes in allowed or becomes is was):
                wrong.append((was, becomes))
    assert wrong == []


@pytest.mark.parametrize(
    "statement",
    [
        "update booking set status = 'passed', closed_at = now() where id = :id",
        "update booking set starts_at = starts_at + interval '1 hour' where id = :id",
        "update booking set voucher_id = uuidv7() where id = :id",
        "delete from booking where id = :id",
        "insert into booking select uuidv7(), procurer_id, voucher_id, person_id, coach_id, starts_at, ends_at,"
        " busy_until, way, place, 'met', 0, notice_hours, late_uses, no_show_uses, arranged_by, arranged_at, null,"
        " null, now(), '', null from booking where id = :id",
        "insert into booking select uuidv7(), procurer_id, voucher_id, person_id, coach_id, starts_at, ends_at,"
        " busy_until, way, place, 'booked', 0, notice_hours, late_uses, no_show_uses, arranged_by, arranged_at, null,"
        " null, null, '', null from booking where id = :id",
    ],
)
async def test_the_database_refuses_what_no_page_should_ask(db, practice, statement) -> None:
    booking_id = await booked(db, practice)
    with pytest.raises(DBAPIError):
        await (await db.connection()).execute(text(statement), {"id": booking_id})
