"""Batches of vouchers in a database that commits: a town, a file, and what became of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori import places, vouchers
from setori.db import Database, Sessions
from setori.ledger import AccountKind, find_account
from setori.people import Actor, Role
from setori.vouchers import HandInBatch, StartBatch
from tests.conftest import RealDatabase
from tests.domains.builders import KEY
from tests.world import Market, a_market

HEAD = "nimi;sähköposti;puhelin;kunta;kieli;tuen tarve;työttömänä;ikä;tapaamiset;arvo"
WORTH = 10 * 100_00


async def a_town(fresh_database: RealDatabase) -> Market:
    """A market whose area has two municipalities, beside an area with another."""
    mine = await a_market(fresh_database, area=("0011", "Pirkanmaa"))
    async with fresh_database.sessions.begin() as db:
        await places.load_areas(db, {"0022": {"fi": "Varsinais-Suomi"}})
        await places.load_municipalities(
            db,
            [
                ("837", "0011", {"fi": "Tampere", "sv": "Tammerfors"}),
                ("536", "0011", {"fi": "Nokia"}),
                ("853", "0022", {"fi": "Turku", "sv": "Åbo"}),
            ],
        )
    return mine


def desk(market: Market) -> Actor:
    return market.actors[Role.CASE_WORKER]


def people(n: int, start: int = 1) -> str:
    rows = [f"Nuori {i};nuori{i}@example.fi;;Tampere;fi;;;;;" for i in range(start, start + n)]
    return "\n".join([HEAD, *rows])


async def handed_in(sessions: Sessions, market: Market, words: str, at: Any) -> UUID:
    async with sessions.begin() as db:
        order = HandInBatch(programme_id=market.programme_id, file_name="a.csv", file=words.encode())
        batch_id = await vouchers.hand_in_batch(db, order, by=desk(market), at=at)
    await run(sessions, batch_id, at)
    return batch_id


async def started(sessions: Sessions, market: Market, batch_id: UUID, at: Any, **told: Any) -> None:
    async with sessions.begin() as db:
        await vouchers.start_batch(db, batch_id, StartBatch(**told), by=desk(market), at=at)


async def run(sessions: Sessions, batch_id: UUID, at: Any, chunk: int = 7) -> None:
    await vouchers.run_batch(sessions, batch_id, key=KEY, clock=lambda: at, chunk=chunk)


async def rows(sessions: Sessions, query: str, **given: Any) -> list[Any]:
    async with sessions.begin() as db:
        return [tuple(row) for row in (await (await db.connection()).execute(text(query), given)).all()]


async def status(sessions: Sessions, batch_id: UUID) -> str:
    return (await rows(sessions, "select status from batch where id = :b", b=batch_id))[0][0]


async def issued(sessions: Sessions, market: Market, batch_id: UUID) -> int:
    query = "select count(*) from batch_row r join voucher v on v.id = r.voucher_id where r.batch_id = :b"
    return (await rows(sessions, query, b=batch_id))[0][0]


async def free(db: Database, market: Market) -> int:
    budget = await find_account(db, market.procurer_id, AccountKind.BUDGET, market.programme_id)
    assert budget
    return budget.available


async def batches_of(database: RealDatabase, market: Market, key: bytes, *, at: Any) -> dict[str, UUID]:
    """Batches of vouchers: one that waits for its start, one to be checked again, one that is issued."""
    found, desk = {}, market.actors[Role.CASE_WORKER]
    for called in ("checked", "to be checked again", "issued"):
        file = f"name;email\nSample;{called.replace(' ', '-')}@example.fi\n".encode()
        order = HandInBatch(programme_id=market.programme_id, file_name="sample.csv", file=file)
        async with database.sessions.begin() as db:
            batch_id = found[f"batch {called}"] = await vouchers.hand_in_batch(db, order, by=desk, at=at)
        await vouchers.run_batch(database.sessions, batch_id, key=key, clock=lambda: at)
        if called == "issued":
            async with database.sessions.begin() as db:
                await vouchers.start_batch(db, batch_id, StartBatch(), by=desk, at=at)
            await vouchers.run_batch(database.sessions, batch_id, key=key, clock=lambda: at)
    return found


def said_of_batches(reason: dict[str, str]) -> dict[str, dict[str, str]]:
    """What the forms of a batch must hold to be taken seriously."""
    base = "POST /procurer/vouchers/batches/{batch_id}"
    return {f"{base}/start": {}, f"{base}/check": {}, f"{base}/cancellation": reason}
