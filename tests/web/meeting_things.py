"""Meetings among the things of a market that an address can name, and what their forms must hold."""

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import text

from setori import booking, people, vouchers
from setori.app import clock
from setori.booking import BookTime, OpenHours, SayWhy, SetDay
from setori.booking.rules import instant_of
from setori.days import local_day
from setori.db import Database
from setori.people import Role
from setori.vouchers import ChooseOffering, IssueVoucher
from tests.world import Market


def nine_in(days: int) -> datetime:
    """Nine in the morning of another day: the hours below begin then."""
    return instant_of(local_day(clock()) + timedelta(days=days), 9 * 60)


def told_of_meetings() -> dict[str, dict[str, str]]:
    """What each form about meetings must hold to be taken seriously."""
    book, move = {"starts_at": nine_in(5).isoformat()}, {"starts_at": nine_in(6).isoformat()}
    return {
        "GET /wallet/{voucher_id}/meeting": book,
        "POST /wallet/{voucher_id}/meeting": book,
        "POST /wallet/{voucher_id}/waiting": {},
        "POST /wallet/{voucher_id}/waiting/removal": {},
        "GET /meetings/{booking_id}/move": move,
        "POST /meetings/{booking_id}/move": move,
        "POST /meetings/{booking_id}/acceptance": {},
        "POST /meetings/{booking_id}/cancellation": {"reason": "I am ill."},
        "POST /provider/calendars/{coach_id}/hours": {
            "weekday": "1",
            "from_time": "19:30",
            "to_time": "20:30",
            "way": "phone",
        },
        "POST /provider/calendars/{coach_id}/days": {
            "on_day": str(local_day(clock()) + timedelta(days=40)),
            "kind": "away",
        },
        "POST /provider/hours/{hours_id}/removal": {},
        "POST /provider/days/{day_id}/removal": {},
        "POST /provider/meetings/{booking_id}/cancellation": {"reason": "I am ill."},
        "POST /provider/meetings/{booking_id}/missed": {"reason": "Nobody came."},
        "POST /provider/meetings/{booking_id}/session": {"note": "A good start."},
    }


async def meeting_things(db: Database, market: Market, key: bytes) -> dict[str, dict[str, UUID]]:
    """Hours, a day off, and meetings: two to come, two that were, and one that is offered."""
    coach, holder = market.actors[Role.COACH], market.actors[Role.JOBSEEKER]
    desk, at = market.actors[Role.CASE_WORKER], clock()
    before = at - timedelta(days=3)
    plain = OpenHours(weekday=1, from_time=time(9), to_time=time(12), way="video")
    for weekday in range(1, 8):
        hours = plain.model_copy(update={"weekday": weekday})
        await booking.open_hours(db, market.coach_id, hours, by=coach, at=before)
    evening = plain.model_copy(update={"from_time": time(18), "to_time": time(19)})
    late = await booking.open_hours(db, market.coach_id, evening, by=coach, at=before)
    off = SetDay(on_day=local_day(at) + timedelta(days=30), kind="away")
    day = await booking.set_day(db, market.coach_id, off, by=coach, at=before)
    # A voucher of its own, so that whatever ends the other one does not end these.
    email = (await people.find_person(db, holder.person_id)).email
    order = IssueVoucher(programme_id=market.programme_id, name=holder.name, email=email)
    issued = await vouchers.issue(db, order, key=key, by=desk, at=before)
    await vouchers.claim(db, issued.claim_token, at=before)
    choice = ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
    await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=before)
    found = {}
    for called, days in {
        "meeting ahead": 10,
        "another meeting ahead": 11,
        "meeting that was": -2,
        "another that was": -1,
        "meeting called off": 12,
    }.items():
        time_ = BookTime(starts_at=nine_in(days))
        found[called] = await vouchers.book(db, issued.voucher_id, time_, by=holder, at=before)
    await vouchers.wait_for_time(db, issued.voucher_id, by=holder, at=at)
    await booking.call_off(db, found["meeting called off"], SayWhy(), by=holder, at=at)
    return {
        "coach_id": {"coach": market.coach_id},
        "hours_id": {"hours": late},
        "day_id": {"day off": day},
        "booking_id": found | {"offer": await offered(db, issued.voucher_id)},
    }


async def offered(db: Database, voucher_id: UUID) -> UUID:
    """The offer that is open for a voucher."""
    found = await (await db.connection()).execute(
        text("select id from booking where voucher_id = :id and status = 'offered'"), {"id": voucher_id}
    )
    return found.scalar_one()
