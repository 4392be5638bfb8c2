"""Work for later: a job is written in the same transaction as what it is about, and a worker takes it from there."""

from uuid import UUID

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db.session import wire_of


async def enqueue(db: AsyncSession, job: str, subject_id: UUID) -> None:
    """Leave a job about one thing; it is seen by the worker when, and only when, the transaction commits."""
    wire = await wire_of(db)
    await Queries(AsyncpgDriver(wire)).enqueue(job, subject_id.bytes)
