"""Keeping the snapshot fresh: one index for each running app, with a connection of its own.

The database notes every change of what can be chosen in `catalogue_change` and tells whoever listens. The index then
reads the firms that are concerned again. It does not rely on being told: it also asks by itself, and never answers from
a snapshot that it has not found to be up to date within MAX_AGE. What it missed while a connection was down is in the
table, so it heals by asking once more; the log says that it was down, and that it is back.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.queries.index.cards import KeptCards
from setori.catalogue.queries.index.rows import Times, read_rows
from setori.catalogue.queries.index.snapshot import Snapshot
from setori.catalogue.queries.index.words import KeptWords
from setori.days import local_day
from setori.db import Sessions, make_sessions, wire_of

T = TypeVar("T")
log = structlog.get_logger()

MAX_AGE = 2.0
"""A snapshot that was not found to be up to date within so many seconds is not answered from."""

ASK_EVERY = 1.0
"""The index asks for changes by itself after so many seconds in which it was told of none."""

TOGETHER = 0.05
"""Changes that come in such a time are read together."""

RETRY_AFTER = 2.0
LEAD = timedelta(minutes=1)
"""How long before a first free time passes the next one is looked for."""

KEEP_CHANGES = timedelta(hours=1)
"""What is older is taken away; an index that has slept for half as long reads everything anew."""

TIDY_EVERY = 600.0

_CHANGES = """
    select pg_current_snapshot()::text,
           coalesce(bool_or(c.firm_id is null), false), coalesce(bool_or(c.with_words), false),
           coalesce(array_agg(distinct c.firm_id) filter (where c.firm_id is not null), '{}')
      from catalogue_change c
     where $1::text is not null and c.xid >= (pg_snapshot_xmin($1::pg_snapshot)::text)::bigint
       and not pg_visible_in_snapshot((c.xid::text)::xid8, $1::pg_snapshot)"""
"""What came to be seen since a moment of the database, however long the transactions took; and the moment now."""

_INFO = "catalogue index"


class Index:
    """The snapshot of today, and what keeps it so. Made at the app's start; reads and listens from the first search."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime],
        times: Times | None = None,
        *,
        max_age: float = MAX_AGE,
    ) -> None:
        self._url, self._clock, self._times, self._max_age = url, clock, times, max_age
        self._engine, self._sessions = make_sessions(url, pool_size=1)
        self._lock = asyncio.Lock()
        self._told = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._snapshot: Snapshot | None = None
        self._seen: str | None = None
        self._fresh_at = float("-inf")
        self._tidy_at = float("-inf")
        self._first_passes = float("inf")
        self.cards = KeptCards()
        self.words = KeptWords()
        self.lists: dict[str, Any] = {}

    async def current(self, day: date) -> Snapshot:
        """What can be chosen on a day, as it was less than MAX_AGE ago. Made now when there is none yet."""
        if (
            self._keeper is None and self._max_age > 0
        ):  # where every search looks for changes itself, nobody listens
            self._keeper = asyncio.create_task(self._keep(), name="catalogue index")
        if self._is_good(day):
            assert self._snapshot is not None
            return self._snapshot
        asked_at = time.monotonic()
        async with self._lock:
            # Somebody else who waited may have caught up since.
            if not self._is_good(day) and (self._fresh_at < asked_at or not self._is_of(day)):
                await self._catch_up(day)
            assert self._snapshot is not None
            return self._snapshot

    async def close(self) -> None:
        """Stop listening and give the connections back."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await self._engine.dispose()

    def _is_good(self, day: date) -> bool:
        return self._is_of(day) and time.monotonic() - self._fresh_at < self._max_age

    def _is_of(self, day: date) -> bool:
        return self._snapshot is not None and self._snapshot.day == day

    async def _catch_up(self, day: date) -> None:
        """Find out what has changed, and read that again; everything where there is no snapshot of the day."""
        self._told.clear()
        begun, now = time.monotonic(), self._clock()
        async with self._sessions() as db:
            wire = await wire_of(db)
            seen, everything, with_words, firms = await wire.fetchrow(_CHANGES, self._seen)
            former = self._snapshot
            if begun > self._tidy_at:
                self._tidy_at = begun + TIDY_EVERY
                await wire.execute("delete from catalogue_change where noted_at < $1", now - KEEP_CHANGES)
                await db.commit()
                wire = await wire_of(db)
            has_slept = begun - self._fresh_at > KEEP_CHANGES.total_seconds() / 2
            if former is None or former.day != day or everything or former.is_worn or has_slept:
                rows = await read_rows(db, day, times=self._times, now=now)
                generation = former.generation + 1 if former else 0
                self._snapshot = await asyncio.to_thread(Snapshot.of, day, rows, generation)
                self.words.forget()
                self.lists = {}
            elif firms or self._has_passed(now):
                changed = {*firms, *self._passed(now)}
                concerned = await _sellers(wire, changed)
                rows = await read_rows(db, day, firms=concerned, times=self._times, now=now)
                self._snapshot = await asyncio.to_thread(former.after, concerned, rows)
                if with_words:
                    self.words.forget()
        self._seen, self._fresh_at = seen, begun
        if self._snapshot is not None and self._snapshot is not former:
            self._first_passes = float(self._snapshot.earliest.min(initial=float("inf")))

    def _has_passed(self, now: datetime) -> bool:
        return self._first_passes < (now + LEAD).timestamp()

    def _passed(self, now: datetime) -> set[UUID]:
        """The firms of coaches whose first free time is over, or nearly."""
        if self._snapshot is None or not self._has_passed(now):
            return set()
        late = self._snapshot.earliest < (now + LEAD).timestamp()
        return {self._snapshot.firms[number] for number in self._snapshot.firm[late].tolist()}

    async def _keep(self) -> None:
        """Listen, and catch up when told or after a while; begin anew when the connection is lost."""
        is_down = False
        while True:
            try:
                await self._listen(was_down=is_down)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError) as error:
                if not is_down:
                    log.warning("catalogue index does not hear of changes", error=type(error).__name__)
                is_down = True
            except Exception:
                log.exception("catalogue index stumbled")
                is_down = True
            await asyncio.sleep(RETRY_AFTER)

    async def _listen(self, *, was_down: bool) -> None:
        wire = await asyncpg.connect(
            self._url, timeout=5, server_settings={"application_name": "setori catalogue"}
        )
        try:
            await wire.add_listener("catalogue", lambda *_: self._told.set())
            if was_down:
                self._told.set()
                log.info("catalogue index hears of changes again")
            while not wire.is_closed():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), ASK_EVERY)
                    await asyncio.sleep(TOGETHER)
                async with self._lock:
                    if self._snapshot is not None:
                        await self._catch_up(local_day(self._clock()))
            raise asyncpg.ConnectionDoesNotExistError("the listening connection was closed")
        finally:
            with contextlib.suppress(Exception):
                await wire.close(timeout=1)


_SELLERS = """
    select $1::uuid[] || coalesce(array_agg(distinct o.provider_id), '{}')
      from offering o where o.deliverer_id = any($1::uuid[])"""


async def _sellers(wire: Any, firms: set[UUID]) -> set[UUID]:
    """Firms, and those for whom they deliver."""
    return set(await wire.fetchval(_SELLERS, list(firms)))


async def kept(db: AsyncSession, name: str, read: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """A short list that everybody sees, read once until something of everybody's changes; else read now."""
    index = index_of(db)
    if index is None:
        return await read(db)
    lists = index.lists
    if name not in lists:
        lists[name] = await read(db)
    found: T = lists[name]
    return found


def use_index(sessions: Sessions, index: Index) -> None:
    """Let the searches of these sessions be answered from an index."""
    sessions.configure(info={_INFO: index})


def index_of(db: AsyncSession) -> Index | None:
    """The index that a session's searches are answered from, if there is one."""
    found: Index | None = db.info.get(_INFO)
    return found
