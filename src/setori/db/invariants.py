"""The invariants: views named check_…, each listing the rows that break one; all of them are empty, always."""

import asyncpg


async def count_broken(url: str) -> dict[str, int]:
    """Each invariant of the database with the number of rows that break it."""
    wire = await asyncpg.connect(url)
    try:
        return await count_broken_on(wire)
    finally:
        await wire.close()


async def count_broken_on(wire: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    """The same on a connection that is open already, within its transaction."""
    names = await wire.fetch(
        "select viewname from pg_views where schemaname = 'public' and viewname like 'check\\_%' order by 1"
    )
    return {row[0]: await wire.fetchval(f'select count(*) from "{row[0]}"') for row in names}
