"""Handing a register in, checking it, taking it in and taking it back. The work itself is done by `importing`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.db.queue import enqueue
from setori.errors import Conflict, Forbidden
from setori.intake.commands import HandIn
from setori.intake.models import ImportRun
from setori.intake.queries import own_run
from setori.intake.rules import FAILED, RunStatus, is_undoable, move
from setori.people import Actor, Role

JOB = "import"
PROBLEMS_KEPT = 2000
"""At most so many problems are kept with an import; their number is told in full."""


class KeptByAnother(Conflict):
    """A foreign register is kept up by one procurer, so that two do not overwrite each other."""

    sentence = (
        "This register is kept up by another procurer here. Ask them, or hand it in under a name of its own."
    )


class NotChecked(Conflict):
    """Rows are refused, and nobody said that the others are wanted."""

    sentence = "Some rows are refused. Correct the file, or hand it in again and choose to import the good rows only."


class NotUndoable(Conflict):
    """Undoing would have to guess what stood there before."""

    sentence = "This import also changed what stood here before, so it cannot be taken back as a whole."


class IsInUse(Conflict):
    """Something that the import made has been used since."""

    sentence = "Something that came with this import is in use by now, so it stays. Nothing was undone."


def _registrar(by: Actor) -> UUID:
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


async def hand_in(db: AsyncSession, order: HandIn, *, by: Actor, at: datetime) -> UUID:
    """Keep a file and have it checked in the background; nothing of it reaches the register. Returns the import's id.

    Raises Forbidden, KeptByAnother.
    """
    procurer_id = _registrar(by)
    await _keep_others_out(db, order.register_code, procurer_id)
    run = ImportRun(
        procurer_id=procurer_id,
        status=RunStatus.CHECKING,
        handed_in_by=by.person_id,
        handed_in_at=at,
        **order.model_dump(),
    )
    db.add(run)
    record(db, "import.handed_in", run.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await enqueue(db, JOB, run.id)
    return run.id


async def _keep_others_out(db: AsyncSession, register_code: str, procurer_id: UUID) -> None:
    wanted = select(ImportRun.id).where(
        ImportRun.register_code == register_code,
        ImportRun.procurer_id != procurer_id,
        col(ImportRun.status).in_([RunStatus.IMPORTING, RunStatus.IMPORTED]),
    )
    if (await db.exec(wanted.limit(1))).first() is not None:
        raise KeptByAnother


async def start_import(db: AsyncSession, run_id: UUID, *, by: Actor, at: datetime) -> None:
    """Have what was checked taken in, in the background. Asking again while it runs, or after, changes nothing.

    Raises Forbidden, NotFound, NotChecked, KeptByAnother, Moved.
    """
    procurer_id = _registrar(by)
    run = await own_run(db, run_id, by=by, lock=True)
    if run.status in (RunStatus.IMPORTING, RunStatus.IMPORTED):
        return
    move(run.status, RunStatus.IMPORTING)
    if not run.rows_good or (run.rows_refused and not run.skip_bad_rows):
        raise NotChecked
    await _keep_others_out(db, run.register_code, procurer_id)
    run.status, run.rows_done = RunStatus.IMPORTING, 0
    record(db, "import.started", run.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await enqueue(db, JOB, run.id)


async def tell_progress(db: AsyncSession, run_id: UUID, done: int) -> None:
    """How many rows are done, for whoever watches. In a transaction of its own."""
    await db.exec(update(ImportRun).where(col(ImportRun.id) == run_id).values(rows_done=done))


async def report_checked(
    db: AsyncSession,
    run: ImportRun,
    *,
    is_usable: bool,
    read: int,
    good: int,
    refused: int,
    counts: Mapping[str, int],
    problems: Sequence[Mapping[str, Any]],
    always: Sequence[Mapping[str, Any]] = (),
) -> None:
    """What a check has found; those of `always` are kept however many there are. Raises Moved."""
    to = RunStatus.CHECKED if is_usable else RunStatus.UNUSABLE
    move(run.status, to)
    run.status, run.rows_read, run.rows_good, run.rows_refused = to, read, good, refused
    first, rest = problems[:PROBLEMS_KEPT], problems[PROBLEMS_KEPT:]
    wanted = {(one["line"], one["column"], one["kind"]) for one in always}
    kept = [*first, *(one for one in rest if (one["line"], one["column"], one["kind"]) in wanted)]
    run.counts, run.problems = dict(counts), [dict(problem) for problem in kept]
    await db.flush()


async def finish(db: AsyncSession, run: ImportRun, counts: Mapping[str, int], *, at: datetime) -> None:
    """The rows are in: what they made is noted, so that it can be taken back. Raises Moved."""
    move(run.status, RunStatus.IMPORTED)
    run.status, run.counts, run.rows_done, run.finished_at = (
        RunStatus.IMPORTED,
        dict(counts),
        run.rows_good,
        at,
    )
    await db.flush()
    record(db, "import.finished", run.id, by_id=run.handed_in_by, at=at, procurer_id=run.procurer_id)
    await note_made(db, run.id, at=at)


async def note_made(db: AsyncSession, run_id: UUID, *, at: datetime) -> None:
    """Write down what an import has made at this moment."""
    await db.flush()
    await (await db.connection()).execute(text("select note_import(:run, :at)"), {"run": run_id, "at": at})


async def fail(db: AsyncSession, run: ImportRun, why: str, said: Sequence[Any] = (), *, at: datetime) -> None:
    """It could not be done, and nothing was written; the sentence says what to do, and `said` are its parts."""
    move(run.status, RunStatus.FAILED)
    run.status, run.failure, run.finished_at = RunStatus.FAILED, why[:2000], at
    run.problems = [{"kind": FAILED, "reason": run.failure, "said": list(said)}, *run.problems]
    await db.flush()


async def undo(db: AsyncSession, run_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take away everything that an import made, as long as nothing refers to it. Undoing again changes nothing.

    After IsInUse the transaction is over. Raises Forbidden, NotFound, Moved, NotUndoable, IsInUse.
    """
    procurer_id = _registrar(by)
    run = await own_run(db, run_id, by=by, lock=True)
    if run.status is RunStatus.UNDONE:
        return
    move(run.status, RunStatus.UNDONE)
    if not is_undoable(run.status, run.counts):
        raise NotUndoable
    run.status = RunStatus.UNDONE
    record(db, "import.undone", run.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await db.flush()
    try:
        await (await db.connection()).execute(text("select undo_import(:run)"), {"run": run_id})
    except IntegrityError as refused:
        raise IsInUse from refused
