"""The feed: every change of what is public, numbered in the order in which it came to be seen.

Triggers leave an entry in the transaction that makes the change, without a number. Whoever reads first numbers what
has been committed since, one reader at a time; so a number, once seen, is never followed by a smaller one, and who
asks for what came after the last number seen misses nothing, however long a transaction took.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db.base import instant

_LOCK = 20259212


class FeedEntry(SQLModel, table=True):
    """One change: what happened to which thing, and whose it is; for what coded reason, and how it was then."""

    __tablename__ = "feed_entry"
    __table_args__ = (
        Index("one_feed_number", "number", unique=True),
        Index("ix_feed_entry_waiting", "id", postgresql_where=text("number is null")),
        Index("ix_feed_entry_about_id", "about_id"),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    number: int | None = Field(default=None, sa_type=BigInteger)
    recorded_at: datetime = instant()
    what: str = Field(max_length=40)
    subject_id: UUID
    about_id: UUID
    code: str | None = Field(default=None, max_length=40)
    state: dict[str, Any] | None = Field(default=None, sa_type=JSONB)


@dataclass(frozen=True, slots=True)
class Change:
    """An entry with its number. `state` is None for what is gone, or was recorded before states were kept."""

    number: int
    recorded_at: datetime
    what: str
    subject_id: UUID
    about_id: UUID
    code: str | None
    state: dict[str, Any] | None


async def number_feed(db: AsyncSession) -> None:
    """Give numbers to what has been committed since the last reader; nothing is locked when there is nothing."""
    connection = await db.connection()
    if not await connection.scalar(text("select exists (select from feed_entry where number is null)")):
        return
    await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    await connection.execute(text(_NUMBER))


async def list_changes(db: AsyncSession, *, since: int, limit: int) -> list[Change]:
    """What came after a number, in order, up to so many."""
    await number_feed(db)
    wanted = select(FeedEntry).where(col(FeedEntry.number) > since)
    rows = (await db.exec(wanted.order_by(col(FeedEntry.number)).limit(limit))).all()
    return [
        Change(row.number or 0, row.recorded_at, row.what, row.subject_id, row.about_id, row.code, row.state)
        for row in rows
    ]


_NUMBER = """
update feed_entry f set number = n.number from (
  select id, row_number() over (order by id) + (select coalesce(max(number), 0) from feed_entry) as number
  from feed_entry where number is null
) n where f.id = n.id
"""
