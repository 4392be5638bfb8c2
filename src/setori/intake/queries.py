"""Reading imports. The file itself is fetched only to be worked on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.intake.models import ImportRun
from setori.intake.rules import FAILED, UNDER_WAY, RunStatus, is_undoable
from setori.people import PROCURER_ROLES, Actor

PROBLEMS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class RunRow:
    """An import in a list."""

    id: UUID
    status: RunStatus
    title: str
    file_name: str
    rows_good: int
    rows_refused: int
    handed_in_at: datetime


@dataclass(frozen=True, slots=True)
class RunView:
    """An import with what was found in it. `counts` are by the words of the importing, such as added or approved."""

    id: UUID
    status: RunStatus
    kind: str
    title: str
    file_name: str
    skip_bad_rows: bool
    rows_read: int
    rows_good: int
    rows_refused: int
    rows_done: int
    counts: dict[str, int]
    problem_count: int
    failure: str
    failure_said: list[Any]
    handed_in_at: datetime
    finished_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has it."""
        return self.status in UNDER_WAY

    @property
    def is_undoable(self) -> bool:
        """Whether it can be taken back as a whole."""
        return is_undoable(self.status, self.counts)

    @property
    def can_start(self) -> bool:
        """Whether its rows can be imported now."""
        wanted = self.skip_bad_rows or not self.rows_refused
        return self.status is RunStatus.CHECKED and wanted and self.rows_good > 0


def _procurer(by: Actor) -> UUID:
    if by.role not in PROCURER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


async def list_runs(
    db: AsyncSession, *, by: Actor, after: UUID | None = None, limit: int = 24
) -> Page[RunRow]:
    """The procurer's imports, the newest first."""
    wanted = (
        select(ImportRun)
        .options(defer(col(ImportRun.file)), defer(col(ImportRun.mapping)), defer(col(ImportRun.problems)))  # type: ignore[arg-type]
        .where(ImportRun.procurer_id == _procurer(by))
        .order_by(col(ImportRun.id).desc())
        .limit(limit + 1)
    )
    if after is not None:
        wanted = wanted.where(col(ImportRun.id) < after)
    runs = (await db.exec(wanted)).all()
    rows = [
        RunRow(
            run.id,
            run.status,
            run.title,
            run.file_name,
            run.rows_good,
            run.rows_refused,
            run.handed_in_at,
        )
        for run in runs
    ]
    return page_of(rows, [run.id for run in runs], limit)


async def find_run(db: AsyncSession, run_id: UUID, *, by: Actor) -> RunView:
    """One import of the procurer. Raises NotFound."""
    run = await own_run(db, run_id, by=by)
    return RunView(
        run.id,
        run.status,
        run.kind,
        run.title,
        run.file_name,
        run.skip_bad_rows,
        run.rows_read,
        run.rows_good,
        run.rows_refused,
        run.rows_done,
        run.counts,
        len(run.problems),
        run.failure,
        next((one.get("said", []) for one in run.problems if one["kind"] == FAILED), []),
        run.handed_in_at,
        run.finished_at,
    )


async def list_problems(
    db: AsyncSession, run_id: UUID, *, by: Actor, start: int = 0, limit: int = PROBLEMS_A_PAGE
) -> tuple[list[dict[str, Any]], int | None]:
    """What is wrong with its rows in the order of the file, from one place on, and where the next page begins."""
    kept = (await own_run(db, run_id, by=by)).problems
    problems = [one for one in kept if one["kind"] != FAILED]
    start = max(start, 0)
    return problems[start : start + limit], start + limit if start + limit < len(problems) else None


async def own_run(db: AsyncSession, run_id: UUID, *, by: Actor, lock: bool = False) -> ImportRun:
    """The procurer's own import, without its file. Raises NotFound."""
    wanted = select(ImportRun).options(defer(col(ImportRun.file))).where(ImportRun.id == run_id)  # type: ignore[arg-type]
    if lock:
        wanted = wanted.with_for_update()
    run = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if run is None or run.procurer_id != _procurer(by):
        raise NotFound
    return run


async def load_run(db: AsyncSession, run_id: UUID) -> ImportRun | None:
    """An import with its file, for the worker; one worker at a time until the transaction ends."""
    lock = select(func.pg_advisory_xact_lock(func.hashtextextended(str(run_id), 0)))
    await db.exec(lock)
    return (await db.exec(select(ImportRun).where(ImportRun.id == run_id))).first()
