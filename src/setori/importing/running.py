"""Imports handed in over the browser: checked and taken in by the worker, all or nothing, while somebody watches."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from setori import intake, people
from setori.db import Database, Sessions
from setori.errors import SetoriError
from setori.importing.loading import Loaded, known_providers, load
from setori.importing.mapping import Mapping, parse_mapping
from setori.importing.problems import Problem, Weight
from setori.importing.reading import Reading, read
from setori.importing.reasons import as_json, say
from setori.intake import ImportRun, RunStatus


class _Unusable(Exception):
    """The check has ended: what it wrote on the way is undone."""

    def __init__(self, reading: Reading, loaded: Loaded | None) -> None:
        self.reading, self.loaded = reading, loaded


async def run_import(sessions: Sessions, run_id: UUID, clock: Callable[[], datetime]) -> None:
    """Do what an import waits for: check it, or take it in. Doing it again, after a crash too, does it once.

    A check takes the rows in like an import and undoes the transaction, so that it finds what an import would find.
    """

    async def tell(done: int) -> None:
        async with sessions.begin() as beside:
            await intake.tell_progress(beside, run_id, done)

    try:
        async with sessions.begin() as db:
            run = await intake.load_run(db, run_id)
            if run is None or run.status not in (RunStatus.CHECKING, RunStatus.IMPORTING):
                return
            await _work(db, run, tell, at=clock())
    except _Unusable as checked:
        async with sessions.begin() as db:
            await _report(db, run_id, checked.reading, checked.loaded)
    except SetoriError as refused:
        async with sessions.begin() as db:
            if (run := await intake.load_run(db, run_id)) is not None:
                said = as_json(say(refused.sentence, **refused.params))
                await intake.fail(db, run, str(refused), said, at=clock())


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is refused: the line on which it begins, why, part by part, and its fields as they stand."""

    line: int
    reasons: list[tuple[str, list[list[Any]]]]
    """The column (empty: the row as a whole) and the parts of the sentence."""
    fields: tuple[str, ...]


async def list_refused(
    db: Database, run_id: UUID, *, by: people.Actor
) -> tuple[tuple[str, ...], list[RefusedRow]]:
    """The header of an import's file, and all its refused rows in order. Raises NotFound.

    The file is read anew, since only the first remarks are kept; what the domains refused is kept in full.
    """
    view = await intake.find_run(db, run_id, by=by)
    run = await intake.load_run(db, view.id)
    assert run is not None
    mapping = await _mapping_of(db, run)
    known = await known_providers(db, mapping)
    reading = await asyncio.to_thread(read, run.file, mapping, known=known)
    told: dict[int, dict[str, list[list[Any]]]] = {}
    for one in run.problems:
        if one.get("weight") == Weight.ERROR.value:
            told.setdefault(one["line"], {})[one["column"]] = one["said"]
    for problem in reading.errors:
        told.setdefault(problem.line, {}).setdefault(problem.column, as_json(problem.reason))
    rows = [
        RefusedRow(line, list(reasons.items()), reading.records.get(line, ()))
        for line, reasons in sorted(told.items())
    ]
    return reading.header, rows


async def _work(db: Database, run: ImportRun, tell: Any, *, at: datetime) -> None:
    """Raises _Unusable at the end of a check."""
    status, skip_bad_rows = run.status, run.skip_bad_rows
    mapping = await _mapping_of(db, run)
    known = await known_providers(db, mapping)
    reading = await asyncio.to_thread(read, run.file, mapping, known=known)
    if reading.unreadable:
        raise _Unusable(reading, None)
    loaded = await load(db, reading.rows, mapping, at=at, tell=tell)
    if status is RunStatus.CHECKING:
        raise _Unusable(reading.refuse(loaded.problems), loaded)
    refused = {problem.line for problem in (*reading.errors, *loaded.problems)}
    if len(refused) > run.rows_refused and not skip_bad_rows:
        raise intake.NotChecked
    await intake.finish(db, run, loaded.counts, at=at)


async def _mapping_of(db: Database, run: ImportRun) -> Mapping:
    """The mapping, turned to the procurer's own area: nobody imports into somebody else's."""
    mapping = parse_mapping(run.mapping)
    area = (await people.find_organisation(db, run.procurer_id)).area_code or ""
    changed: dict[str, Any] = {}
    if mapping.approval is not None:
        changed["approval"] = mapping.approval.model_copy(update={"area": area})
    if mapping.areas:
        changed["areas"] = [area]
    return mapping.model_copy(update=changed)


async def _report(db: Database, run_id: UUID, reading: Reading, loaded: Loaded | None) -> None:
    run = await intake.load_run(db, run_id)
    if run is None:
        return
    problems = sorted(
        reading.problems, key=lambda one: (one.weight is not Weight.ERROR, one.line, one.column)
    )
    await intake.report_checked(
        db,
        run,
        is_usable=loaded is not None,
        read=len(reading.records),
        good=len(reading.rows) if loaded is not None else 0,
        refused=len(reading.refused),
        counts=loaded.counts if loaded is not None else {},
        problems=[_plain(problem) for problem in problems],
        always=[_plain(problem) for problem in loaded.problems] if loaded is not None else [],
    )


def _plain(problem: Problem) -> dict[str, Any]:
    said = {"said": as_json(problem.reason)}
    return {**asdict(problem), **said, "value": problem.value[:120], "weight": problem.weight.value}
