"""Vouchers for many in the sample market: one list that was issued, and one that waits to be looked at."""

from datetime import datetime, timedelta
from functools import partial

from setori import vouchers
from setori.db import Sessions
from setori.people import Role
from setori.seeding.market import Market
from setori.seeding.reading import SEED
from setori.vouchers import HandInBatch, StartBatch

LISTS = (("batch-issued.csv", timedelta(days=2), True), ("batch-waiting.csv", timedelta(hours=1), False))


async def hand_in_lists(sessions: Sessions, market: Market, *, key: bytes, at: datetime) -> None:
    """Hand in the lists of seed/world/ for the first procurer's first programme, and issue the first of them."""
    desk = next(iter(market.desks.values()))
    worker, (programme_id, _) = desk.staff[Role.CASE_WORKER][0], desk.programmes[0]
    for name, ago, is_issued in LISTS:
        then = at - ago
        file = (SEED / "world" / name).read_bytes()
        order = HandInBatch(programme_id=programme_id, file_name=f"sample-{name}", file=file)
        async with sessions.begin() as db:
            batch_id = await vouchers.hand_in_batch(db, order, by=worker, at=then)
        await vouchers.run_batch(sessions, batch_id, key=key, clock=partial(_same, then))
        if is_issued:
            async with sessions.begin() as db:
                await vouchers.start_batch(db, batch_id, StartBatch(), by=worker, at=then)
            await vouchers.run_batch(sessions, batch_id, key=key, clock=partial(_same, then))


def _same(at: datetime) -> datetime:
    return at
