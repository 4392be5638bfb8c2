"""The session of a loading writes its traces at the end of the transaction: all of them, or none."""

from sqlalchemy import text

from setori.db import make_sessions, new_id, record
from tests.conftest import RealDatabase
from tests.domains.builders import NOON


async def traces(database: RealDatabase) -> list[str]:
    async with database.sessions.begin() as db:
        found = await db.exec(text("select action from audit_entry where action like 'sample.%' order by id"))
        return [row.action for row in found]


async def test_traces_are_written_with_what_they_are_about_or_not_at_all(
    fresh_database: RealDatabase,
) -> None:
    engine, sessions = make_sessions(fresh_database.app_url, is_loading=True)
    try:
        async with sessions.begin() as db:
            record(db, "sample.one", new_id(), by_id=None, at=NOON, figure=1)
            await db.flush()
            record(db, "sample.two", new_id(), by_id=None, at=NOON)
            assert await traces(fresh_database) == []
        assert await traces(fresh_database) == ["sample.one", "sample.two"]

        async with sessions() as db:
            record(db, "sample.lost", new_id(), by_id=None, at=NOON)
            await db.flush()
            await db.rollback()
        async with sessions.begin() as db:
            record(db, "sample.three", new_id(), by_id=None, at=NOON)
        assert await traces(fresh_database) == ["sample.one", "sample.two", "sample.three"]
    finally:
        await engine.dispose()
