"""Runs the migrations as the owner of the tables; the app itself never owns anything."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from setori import (
    booking,
    catalogue,
    concerns,
    dialogue,
    envelopes,
    evidence,
    facts,
    figures,
    finding,
    guiding,
    intake,
    joining,
    ledger,
    outcomes,
    people,
    places,
    registry,
    reviews,
    settlement,
    showings,
    vouchers,
    watch,
)
from setori.db import metadata

DOMAINS = (
    booking,
    catalogue,
    concerns,
    dialogue,
    envelopes,
    evidence,
    facts,
    figures,
    finding,
    guiding,
    intake,
    joining,
    ledger,
    outcomes,
    people,
    places,
    registry,
    reviews,
    settlement,
    showings,
    vouchers,
    watch,
)
"""Importing a domain makes its tables known."""

TEMPORAL_KEYS = {
    "booking_coach_is_at_one_place",
    "booking_person_is_at_one_place",
    "weekly_hours_do_not_overlap",
    "consents_do_not_overlap",
    "approval_days_do_not_overlap",
    "partner_days_do_not_overlap",
    "redemption_day_inside_approval",
}


def ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave the job queue's tables and what SQLAlchemy has no words for out of comparisons."""
    if kind == "table":
        return name is not None and not name.startswith("pgqueuer")
    return name not in TEMPORAL_KEYS


def migrate(connection: Connection) -> None:
    """Bring one database up to date, in one transaction, one migrator at a time."""
    context.configure(connection=connection, target_metadata=metadata, include_object=ours, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(20259211)"))
        connection.execute(text("set local role setori_owner"))
        context.run_migrations()


async def migrate_at(url: str) -> None:
    """Connect as somebody who may become the owner, migrate, and leave."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_at(context.config.get_main_option("sqlalchemy.url") or ""))
