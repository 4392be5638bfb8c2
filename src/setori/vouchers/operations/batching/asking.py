"""What a case worker asks of a batch: hand it in, have it checked again, start it or let it go on, end it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.db.queue import enqueue
from setori.errors import Forbidden
from setori.people import Actor, Role
from setori.vouchers import queries
from setori.vouchers.commands import EndBatch, HandInBatch, StartBatch
from setori.vouchers.models import Batch, BatchRow
from setori.vouchers.refusals import BatchMoved, NothingToIssue, ProgrammeClosed, TermsChanged
from setori.vouchers.rules import BATCH_MOVES, BATCH_UNDER_WAY, BatchStatus, RowStatus

JOB = "batch"


async def hand_in_batch(db: AsyncSession, order: HandInBatch, *, by: Actor, at: datetime) -> UUID:
    """Keep a file and have it checked in the background; nobody gets anything yet. Returns the batch's id.

    Raises Forbidden, NotFound for another procurer's programme, ProgrammeClosed.
    """
    programme = await queries.find_programme(db, order.programme_id, _desk(by))
    if not programme.is_open:
        raise ProgrammeClosed
    batch = Batch(
        procurer_id=programme.procurer_id,
        programme_id=programme.id,
        terms_id=(await queries.newest_terms(db, programme.id)).id,
        status=BatchStatus.CHECKING,
        file_name=order.file_name,
        file=order.file,
        made_by=by.person_id,
        made_at=at,
        touched_at=at,
    )
    db.add(batch)
    await _note(db, batch, "batch.handed_in", by=by, at=at)
    return batch.id


async def check_again(db: AsyncSession, batch_id: UUID, *, by: Actor, at: datetime) -> None:
    """Read the file anew, on the newest terms and with those who have got vouchers since. Raises BatchMoved."""
    batch = await queries.lock_batch(db, batch_id, _desk(by))
    _move(batch, BatchStatus.CHECKING)
    await _note(db, batch, "batch.handed_in", by=by, at=at)


async def start_batch(
    db: AsyncSession, batch_id: UUID, order: StartBatch, *, by: Actor, at: datetime
) -> None:
    """Issue what was checked, or go on where the money had run out. Asking again while it runs changes nothing.

    Raises Forbidden, NotFound, BatchMoved, ProgrammeClosed, TermsChanged, NothingToIssue.
    """
    procurer_id = _desk(by)
    batch = await queries.lock_batch(db, batch_id, procurer_id)
    if batch.status in (BatchStatus.ISSUING, BatchStatus.ISSUED):
        return
    goes_on = batch.status is BatchStatus.STOPPED
    _move(batch, BatchStatus.ISSUING)
    if not (await queries.find_programme(db, batch.programme_id, procurer_id)).is_open:
        raise ProgrammeClosed
    if not goes_on:
        if (await queries.newest_terms(db, batch.programme_id)).id != batch.terms_id:
            raise TermsChanged
        batch.gives_seconds = order.gives_seconds
        batch.started_by, batch.started_at = by.person_id, at
    if not await _count_waiting(db, batch):
        raise NothingToIssue
    batch.failure = ""
    await _note(db, batch, "batch.started", by=by, at=at)


async def end_batch(db: AsyncSession, batch_id: UUID, order: EndBatch, *, by: Actor, at: datetime) -> None:
    """Leave out what is not issued yet, and have taken back what nobody has taken into use, when that is asked for.

    Raises Forbidden, NotFound, BatchMoved when there is nothing to end.
    """
    batch = await queries.lock_batch(db, batch_id, _desk(by))
    takes_back = order.takes_back and batch.status is not BatchStatus.CHECKED
    _move(batch, BatchStatus.CANCELLING if takes_back else BatchStatus.CANCELLED)
    batch.reason, batch.ended_by, batch.finished_at, batch.file = order.reason, by.person_id, at, b""
    await leave_out_the_rest(db, batch)
    await _note(db, batch, "batch.ended", by=by, at=at)


async def leave_out_the_rest(db: AsyncSession, batch: Batch) -> None:
    """Mark what is not issued, and will not be."""
    await db.exec(
        update(BatchRow)
        .where(
            col(BatchRow.batch_id) == batch.id,
            col(BatchRow.status).in_([RowStatus.GOOD, RowStatus.WARNED]),
        )
        .values(status=RowStatus.LEFT_OUT)
    )


def waiting_statuses(batch: Batch) -> list[RowStatus]:
    """Which rows are to be issued."""
    return [RowStatus.GOOD, RowStatus.WARNED] if batch.gives_seconds else [RowStatus.GOOD]


async def _count_waiting(db: AsyncSession, batch: Batch) -> int:
    wanted = select(func.count()).where(
        col(BatchRow.batch_id) == batch.id, col(BatchRow.status).in_(waiting_statuses(batch))
    )
    return (await db.exec(wanted)).one()


async def _note(db: AsyncSession, batch: Batch, action: str, *, by: Actor, at: datetime) -> None:
    batch.touched_at = at
    record(db, action, batch.id, by_id=by.person_id, at=at, procurer_id=batch.procurer_id)
    await db.flush()
    if batch.status in BATCH_UNDER_WAY:
        await enqueue(db, JOB, batch.id)


def _move(batch: Batch, to: BatchStatus) -> None:
    if to not in BATCH_MOVES[batch.status]:
        raise BatchMoved
    batch.status = to


def _desk(by: Actor) -> UUID:
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id
