"""The migrations as files: which one is the newest and which a database is at, without the tool that runs them."""

from pathlib import Path

import asyncpg

MIGRATIONS = Path(__file__).parent / "migrations"


def newest_revision() -> str:
    """The revision that an up-to-date database is at: files in versions/ begin with their revision, in order."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


async def revision_of(url: str) -> str:
    """The revision that a database is at; empty for one that no migration has seen."""
    wire = await asyncpg.connect(url)
    try:
        if await wire.fetchval("select to_regclass('public.alembic_version')") is None:
            return ""
        return str(await wire.fetchval("select max(version_num) from alembic_version") or "")
    finally:
        await wire.close()
