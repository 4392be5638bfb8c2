"""What a machine knows of two clients of one coach: their vouchers, sessions, meetings, and a budget."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import text

from setori import jobs
from setori.days import HELSINKI, local_day
from setori.db import Database, make_sessions
from setori.errors import Conflict, Invalid
from setori.people import Actor
from tests.domains.builders import NOON
from tests.domains.meetings import Practice, a_practice

UNITS, PRICE, CAP = 3, 80_00, 100_00
GRANTED = UNITS * CAP * 4
"""Four vouchers' worth: the fifth is refused, unless something came back."""

SLOT = timedelta(hours=1)
PAUSE = timedelta(minutes=15)
LATE = 24
"""The notice of the programme's terms, in hours."""


@dataclass
class Meeting:
    """A meeting as the model knows it."""

    starts_at: datetime
    status: str = "booked"
    is_recorded: bool = False


@dataclass
class Client:
    """A client's voucher as the model knows it."""

    who: Actor
    voucher_id: UUID
    code: str
    status: str
    last_day: Any
    value: int = UNITS * CAP
    meetings: dict[UUID, Meeting] = field(default_factory=dict)
    sessions: dict[UUID, str] = field(default_factory=dict)

    def count(self, *statuses: str) -> int:
        return sum(status in statuses for status in self.sessions.values())

    @property
    def left(self) -> int:
        return UNITS - self.count("held", "disputed", "confirmed")


class Lives(RuleBasedStateMachine):
    """A procurer, a coach and two clients in a database, and the same in Python."""

    database: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.engine, self.sessions = make_sessions(self.database.app_url, pool_size=1)
        self.now: datetime = NOON
        self.granted = GRANTED
        self.issued = 2
        self.clients: list[Client] = []
        self.practice: Practice = self.run(self._begin)

    def night(self) -> None:
        """What the jobs do of a night."""

        async def jobs_of_the_night() -> None:
            await jobs.expire(self.sessions, lambda: self.now)
            await jobs.look_after_meetings(self.sessions, lambda: self.now)

        self.loop.run_until_complete(jobs_of_the_night())

    def teardown(self) -> None:
        """One more night, which takes home what a session gave back to a voucher that was closed; then the books."""
        self.night()
        defects = self.loop.run_until_complete(self.database.defects())
        self.loop.run_until_complete(self.engine.dispose())
        self.loop.close()
        assert defects == {}

    async def _begin(self, db: Database) -> Practice:
        practice = await a_practice(db, clients=2, units=UNITS, budget_cents=GRANTED)
        for one in practice.clients:
            last_day = local_day(NOON) + timedelta(days=90)
            self.clients.append(Client(one.who, one.voucher_id, one.code, "chosen", last_day))
        return practice

    def run(self, act: Callable[[Database], Awaitable[Any]]) -> Any:
        """What comes of an act in a transaction of its own; a refusal is an answer, and changes nothing."""

        async def done() -> Any:
            try:
                async with self.sessions.begin() as db:
                    return await act(db)
            except (Conflict, Invalid) as refusal:
                return refusal

        return self.loop.run_until_complete(done())

    def expect(self, ok: bool, answer: Any) -> bool:
        assert isinstance(answer, Exception) is not ok, (answer, "was expected" if ok else "was not expected")
        return ok

    def time_of(self, day: int, slot: int) -> datetime:
        """The start of one of a day's times by the clock in Finland; the door opens at nine."""
        begins = datetime.combine(local_day(self.now) + timedelta(days=day), time(9), HELSINKI)
        return (begins + slot * (SLOT + PAUSE)).astimezone(NOON.tzinfo)

    def is_free(self, client: Client, starts_at: datetime, without: UUID | None = None) -> bool:
        """Whether the coach has that time and did not call it off, nobody else has it, and it may be booked today."""
        if local_day(starts_at).isoweekday() > 5 or starts_at < self.now + timedelta(hours=2):
            return False
        taken = {
            meeting.starts_at
            for one in self.clients
            for meeting_id, meeting in one.meetings.items()
            if meeting.status in ("booked", "met", "coach_away") and meeting_id != without
        }
        return starts_at not in taken and local_day(starts_at) <= client.last_day

    def live(self, client: Client) -> int:
        """Meetings that are still to be recorded; a coach has a week for that."""
        since = self.now - timedelta(days=7)
        return sum(one.status == "booked" and one.starts_at > since for one in client.meetings.values())

    def is_usable(self, client: Client) -> bool:
        return client.status == "chosen" and local_day(self.now) <= client.last_day

    def a_meeting(self, data: st.DataObject, *statuses: str) -> tuple[Client, UUID, Meeting] | None:
        found = [
            (one, key, meeting)
            for one in self.clients
            for key, meeting in one.meetings.items()
            if meeting.status in statuses
        ]
        return data.draw(st.sampled_from(found)) if found else None

    def may_record(self, client: Client, day: Any) -> bool:
        days = local_day(NOON) <= day <= min(local_day(self.now), client.last_day)
        return client.status == "chosen" and client.left > 0 and days

    def let_go(self, client: Client) -> None:
        for meeting in client.meetings.values():
            if meeting.status == "booked" and meeting.starts_at > self.now:
                meeting.status = "released"

    def free_budget(self) -> int:
        query = text(
            "select credits - debits - held from account where kind = 'budget' and owner_id = :programme"
        )

        async def act(db: Database) -> int:
            given = {"programme": self.practice.programme_id}
            return int((await db.exec(query, params=given)).scalar_one())

        return int(self.run(act))

    async def _sessions(self, db: Database) -> dict[UUID, str]:
        return {row[0]: row[1] for row in await db.exec(text("select id, status from redemption"))}

    async def _meetings(self, db: Database) -> dict[UUID, tuple[str, datetime]]:
        return {
            row[0]: (row[1], row[2])
            for row in await db.exec(text("select id, status, starts_at from booking"))
        }

    async def _money(self, db: Database) -> dict[UUID, Any]:
        query = text(
            "select v.id, v.status, v.units_used, v.units_held, a.held, a.credits - a.debits - a.held as free "
            "from voucher v join account a on a.id = v.id where v.programme_id = :programme"
        )
        rows = await db.exec(query, params={"programme": self.practice.programme_id})
        return {row["id"]: row for row in rows.mappings()}
