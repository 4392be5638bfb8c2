"""The pages of meetings, from both sides, with how many queries they take; calendars read back by a library."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

import httpx
import pytest
from icalendar import Calendar
from litestar import Litestar
from sqlalchemy import event
from sqlalchemy.engine import Engine

from setori import booking, vouchers
from setori.app import clock
from setori.booking import BookTime, OpenHours, SayWhy
from setori.days import HELSINKI, local_day
from setori.people import Role
from tests.conftest import RealDatabase
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market, a_session


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the app sends meanwhile, but for savepoints."""
    sent: list[str] = []

    def keep(_conn, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", keep)


class Stage:
    """A market whose coach is in every day, and visitors of both sides."""

    def __init__(
        self, app: Litestar, database: RealDatabase, client: httpx.AsyncClient, market: Market
    ) -> None:
        self.app, self.database, self.client, self.market = app, database, client, market
        self.holder, self.coach = market.actors[Role.JOBSEEKER], market.actors[Role.COACH]

    async def visit(self, role: Role) -> Visitor:
        return await visitor(self.client, self.database.sessions, self.market.actors[role])

    async def slots(self) -> list[booking.Slot]:
        today = local_day(clock())
        async with self.database.sessions() as db:
            free = await booking.list_free(
                db, [self.market.coach_id], first=today, last=today + timedelta(days=20), now=clock()
            )
        return free[self.market.coach_id]

    async def booked(self, number: int = 20):
        starts_at = (await self.slots())[number].starts_at
        async with self.database.sessions.begin() as db:
            return await vouchers.book(
                db, self.market.voucher_id, BookTime(starts_at=starts_at), by=self.holder, at=clock()
            )


@pytest.fixture
async def stage(app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase) -> Stage:
    return await a_stage(app, client, fresh_database)


async def a_stage(app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase) -> Stage:
    """A coach who is in every day from nine to five."""
    at = clock() - timedelta(days=3)
    market = await a_market(fresh_database, at=at, key=app.state.code_key)
    async with fresh_database.sessions.begin() as db:
        for weekday in range(1, 8):
            hours = OpenHours(
                weekday=weekday, from_time=time(9), to_time=time(17), way="video",
                place="https://video.example.fi/maija", minutes=45,
            )  # fmt: skip
            await booking.open_hours(db, market.coach_id, hours, by=market.actors[Role.COACH], at=at)
    return Stage(app, fresh_database, client, market)


def wall(at: datetime) -> str:
    return at.astimezone(HELSINKI).strftime("%-H:%M")


async def test_a_jobseeker_books_moves_and_calls_off_without_a_script(stage: Stage) -> None:
    me = await stage.visit(Role.JOBSEEKER)
    home = f"/wallet/{stage.market.voucher_id}"
    assert f'href="{home}/times"' in (await me.get("/wallet")).text, "the next step is one button"
    slot, other = (await stage.slots())[20:22]
    listed = (await me.get(f"{home}/times?since={local_day(slot.starts_at)}")).text
    path = f"{home}/meeting?starts_at={quote(slot.starts_at.isoformat(), safe='/')}"
    assert path.replace("&", "&amp;") in listed
    asked = await me.get(path)
    assert "uses no session" not in asked.text
    assert "nothing is used" in asked.text
    done = await me.post(f"{home}/meeting", {"starts_at": slot.starts_at.isoformat()})
    assert done.status_code == 303
    meeting = done.headers["location"].partition("?")[0]
    shown = (await me.get(done.headers["location"])).text
    assert "The time is yours." in shown
    assert "https://video.example.fi/maija" in shown
    wallet = (await me.get("/wallet")).text
    assert meeting in wallet
    again = await me.post(f"{home}/meeting", {"starts_at": slot.starts_at.isoformat()})
    assert again.status_code == 409
    assert "Somebody has just taken that time" in again.text
    to = other.starts_at.isoformat()
    assert (await me.get(f"{meeting}/move?starts_at={quote(to)}")).status_code == 200
    assert (await me.post(f"{meeting}/move", {"starts_at": to})).status_code == 303
    assert wall(other.starts_at) in (await me.get(meeting)).text
    assert "Nothing of your voucher is used" in (await me.get(f"{meeting}/cancellation")).text
    assert (await me.post(f"{meeting}/cancellation", {"reason": "Kuume."})).status_code == 303
    assert "Called off in good time" in (await me.get(meeting)).text
    gone = await me.post(f"{meeting}/move", {"starts_at": to})
    assert gone.status_code == 409


async def test_a_coach_keeps_the_week_and_says_what_became_of_a_meeting(stage: Stage) -> None:
    me = await stage.visit(Role.COACH)
    first = await me.get("/provider/calendar")
    assert first.status_code == 303
    base = first.headers["location"]
    page = (await me.get(f"{base}/hours")).text
    assert page.count("/removal") == 7
    plain = {"weekday": "1", "from_time": "18:00", "to_time": "19:30", "way": "phone", "minutes": "45"}
    assert (await me.post(f"{base}/hours", plain)).status_code == 303
    assert (await me.post(f"{base}/hours", plain)).status_code == 409
    short = await me.post(f"{base}/hours", {**plain, "from_time": "20:00", "to_time": "20:10"})
    assert short.status_code == 422
    assert "long enough" in short.text
    day = {
        "on_day": str(local_day(clock()) + timedelta(days=1)),
        "kind": "away",
        "from_time": "",
        "to_time": "",
    }
    assert (await me.post(f"{base}/days", day)).status_code == 303
    tomorrow = local_day(clock()) + timedelta(days=1)
    assert tomorrow not in [local_day(slot.starts_at) for slot in await stage.slots()]
    booking_id = await stage.booked()
    async with stage.database.sessions() as db:
        meeting = await booking.find_booking(db, booking_id, by=stage.coach)
    week = (await me.get(f"{base}?since={local_day(meeting.starts_at)}")).text
    assert "Aino Virtanen" in week
    assert (await me.get("/provider/meetings/" + str(booking_id))).status_code == 200
    early = await me.post(f"/provider/meetings/{booking_id}/missed", {"reason": ""})
    assert early.status_code == 409
    assert (
        await me.post(f"/provider/meetings/{booking_id}/cancellation", {"reason": "Kipeä"})
    ).status_code == 303
    assert "Called off by the coach" in (await me.get(f"/provider/meetings/{booking_id}")).text
    owner = await stage.visit(Role.PROVIDER_OWNER)
    assert base in (await owner.get("/provider/calendar")).text


async def test_a_meeting_that_was_held_is_recorded_from_its_page(stage: Stage) -> None:
    at = clock() - timedelta(days=2)
    async with stage.database.sessions.begin() as db:
        free = await booking.list_free(
            db, [stage.market.coach_id], first=local_day(at), last=local_day(at) + timedelta(days=1), now=at
        )
        slot = free[stage.market.coach_id][0]
        order = BookTime(starts_at=slot.starts_at)
        booking_id = await vouchers.book(db, stage.market.voucher_id, order, by=stage.holder, at=at)
    me, client = await stage.visit(Role.COACH), await stage.visit(Role.JOBSEEKER)
    assert "To be recorded" in (await me.get("/provider")).text
    assert "This time has begun" in (await client.get(f"/meetings/{booking_id}")).text
    done = await me.post(f"/provider/meetings/{booking_id}/session", {"note": "Hyvä alku."})
    assert done.status_code == 303
    assert "Hyvä alku." in (await client.get(f"/sessions/{booking_id}")).text
    assert "You met" in (await client.get(f"/meetings/{booking_id}")).text


async def test_pages_take_the_same_few_queries_however_much_there_is(stage: Stage) -> None:
    me, coach = await stage.visit(Role.JOBSEEKER), await stage.visit(Role.COACH)
    pages = [
        (me, f"/wallet/{stage.market.voucher_id}/times", 12),
        (me, "/wallet", 15),
        (coach, f"/provider/calendars/{stage.market.coach_id}", 12),
        (coach, "/provider", 14),
        (me, f"/offerings/{stage.market.offering_id}", 24),
    ]
    before = [await taken(who, path) for who, path, _ in pages]
    for number in (5, 15, 25):
        await stage.booked(number)
    after = [await taken(who, path) for who, path, _ in pages]
    assert after == before
    assert [(path, n) for n, (_, path, most) in zip(after, pages, strict=True) if n > most] == []


async def taken(who: Visitor, path: str) -> int:
    await who.get(path)
    with counted() as sent:
        answer = await who.get(path)
    assert answer.status_code == 200, path
    return len(sent)


async def test_the_first_free_time_stands_on_the_offering(stage: Stage) -> None:
    page = await Visitor(stage.client).get(
        f"/offerings/{stage.market.offering_id}?coach={stage.market.coach_id}"
    )
    first = (await stage.slots())[0]
    assert "First free time" in page.text
    assert wall(first.starts_at) in page.text


async def test_waiting_in_the_line_and_taking_what_comes_free(stage: Stage) -> None:
    me = await stage.visit(Role.JOBSEEKER)
    home = f"/wallet/{stage.market.voucher_id}"
    booking_id = await stage.booked(30)
    assert (await me.post(f"{home}/waiting", {})).status_code == 303
    assert "as number 1" in (await me.get(f"{home}/times")).text
    async with stage.database.sessions.begin() as db:
        # The own meeting comes free, and the only one who waits is oneself.
        await booking.call_off(db, booking_id, SayWhy(), by=stage.holder, at=clock())
    wallet = (await me.get("/wallet")).text
    offer = re.search(r"/meetings/([0-9a-f-]{36})", wallet)
    assert offer
    assert "A time has come free for you" in wallet
    assert (await me.post(f"/meetings/{offer[1]}/acceptance", {})).status_code == 303
    assert "Time booked" in (await me.get(f"/meetings/{offer[1]}")).text
    assert "as number" not in (await me.get(f"{home}/times")).text


async def test_one_meeting_and_the_whole_calendar_are_read_back_by_a_library(stage: Stage) -> None:
    booking_id = await stage.booked()
    me = await stage.visit(Role.JOBSEEKER)
    answer = await me.get(f"/meetings/{booking_id}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert max(len(line.encode()) for line in answer.text.split("\r\n")) <= 75, "lines are folded"
    async with stage.database.sessions() as db:
        meeting = await booking.find_booking(db, booking_id, by=stage.holder)
    (one,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert one["uid"] == f"{booking_id}@setori"
    assert one.decoded("dtstart") == meeting.starts_at.astimezone(UTC)
    assert one.decoded("dtend") == meeting.ends_at.astimezone(UTC)
    assert (one["status"], one["sequence"], one["location"]) == (
        "CONFIRMED",
        0,
        "https://video.example.fi/maija",
    )

    made = await me.post("/calendar", {})
    found = re.search(r"http://testserver.local(/calendars/[\w-]+\.ics)", made.text)
    assert found
    assert found[1] not in (await me.get("/calendar")).text, "shown once"
    stranger = Visitor(stage.client)
    feed = Calendar.from_ical((await stranger.get(found[1])).content)
    assert [event["uid"] for event in feed.walk("VEVENT")] == [f"{booking_id}@setori"]
    async with stage.database.sessions.begin() as db:
        await booking.call_off(db, booking_id, SayWhy(), by=stage.coach, at=clock())
    (gone,) = Calendar.from_ical((await stranger.get(found[1])).content).walk("VEVENT")
    assert (gone["status"], gone["sequence"]) == ("CANCELLED", 1)

    coach = await stage.visit(Role.COACH)
    made = await coach.post("/calendar", {})
    theirs = re.search(r"http://testserver.local(/calendars/[\w-]+\.ics)", made.text)
    assert theirs
    (event,) = Calendar.from_ical((await stranger.get(theirs[1])).content).walk("VEVENT")
    assert "Aino V." in event["summary"]
    assert "Virtanen" not in event.to_ical().decode(), "a client's whole name is not for a calendar"

    assert (await me.post("/calendar/removal", {})).status_code == 303
    assert (await stranger.get(found[1])).status_code == 404


async def test_a_page_that_is_older_than_ones_own_no_does_not_confirm(stage: Stage) -> None:
    me = await stage.visit(Role.JOBSEEKER)
    session = await a_session(stage.database.sessions, stage.market, at=clock(), key=stage.app.state.code_key)
    page = f"/sessions/{session}"
    assert 'name="seen" value="held"' in (await me.get(page)).text
    await me.post(f"{page}/dispute", {"kind": "did_not_happen", "words": "Nobody was there."})
    stale = await me.post(f"{page}/confirmation", {"seen": "held"})
    assert stale.status_code == 409
    assert "You have said meanwhile" in stale.text
    assert (await me.post(f"{page}/confirmation", {"seen": "disputed"})).status_code == 303


@pytest.mark.parametrize(
    "odd", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T10:00"]
)
async def test_a_time_at_the_edge_of_time_is_none(stage: Stage, odd: str) -> None:
    me = await stage.visit(Role.JOBSEEKER)
    home = f"/wallet/{stage.market.voucher_id}"
    assert (await me.get(f"{home}/meeting?starts_at={quote(odd)}")).status_code == 404
    assert (await me.post(f"{home}/meeting", {"starts_at": odd})).status_code == 404
