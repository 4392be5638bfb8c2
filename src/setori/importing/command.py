"""The command `setori import`: reads a register, says what it found, and takes it in when told to, all or nothing."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from setori.db import Database, make_sessions
from setori.errors import SetoriError
from setori.importing.fields import Kind
from setori.importing.loading import COUNTED, Loaded, known_providers, load
from setori.importing.mapping import Mapping, MappingRefused, parse_mapping
from setori.importing.problems import Problem, count_kinds
from setori.importing.reading import Reading, read
from setori.importing.refused import write_refused
from setori.settings import Settings

LARGEST = 64 * 1024 * 1024
"""Files beyond so many bytes are refused: a register of that size wants another way in."""

LINES_SHOWN = 6

DONE, REFUSED, MISUSED = 0, 1, 2


class Stopped(SetoriError):
    """The import goes no further; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked on the command line."""

    file: Path
    mapping: Mapping
    dry_run: bool
    yes: bool
    skip_bad_rows: bool


Reach = Callable[[Path | None], AbstractContextManager[Settings]]
"""Gives settings with a database that answers: the named server's, or the demo's in a folder (None: the usual one)."""


def main(argv: Sequence[str], reach: Reach, *, clock: Callable[[], datetime]) -> int:
    """Run `setori import …`. 0: imported, or it could be; 1: refused, and nothing was written; 2: not understood.

    The database is reached for only once the mapping and the file have been read.
    """
    chosen = _parser().parse_args(argv)
    try:
        mapping = _read_mapping(chosen.mapping, Kind(chosen.kind))
        wish = Wish(chosen.file, mapping, chosen.dry_run, chosen.yes, chosen.skip_bad_rows)
        file = _read_file(chosen.file)
        with reach(chosen.data) as settings:
            asyncio.run(_import(wish, file, settings.database_url, clock()))
    except MappingRefused as refused:
        for problem in refused.problems:
            _say_wrong(f"{chosen.mapping}: {problem}")
        return MISUSED
    except SetoriError as refused:
        _say_wrong(str(refused))
        return REFUSED
    except Exception as broken:
        sentence = _of_database(broken)
        if sentence is None:
            raise
        _say_wrong(f"Nothing was imported: {sentence}")
        return REFUSED
    return DONE


def _of_database(broken: BaseException) -> str | None:
    """What to say when it is the database that failed, however deep the driver's error lies; None: it was not."""
    cause: BaseException | None = broken
    while cause is not None:
        if isinstance(cause, asyncpg.UndefinedTableError):
            return "the database has no tables yet. Run `setori db upgrade` first, or start the demo once."
        if isinstance(cause, OSError | asyncpg.PostgresError):
            return f"the database did not answer. {cause}"
        cause = cause.__cause__
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="setori import", description="Take in somebody else's register.")
    parser.add_argument("kind", choices=[kind.value for kind in Kind], help="what the file lists")
    parser.add_argument("file", type=Path, help="the register as CSV")
    parser.add_argument(
        "--mapping", type=Path, required=True, help="how it is to be understood, see seed/mappings"
    )
    parser.add_argument("--data", type=Path, default=None, help="the demo's folder, when no server is named")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before writing")
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="import the good rows, and write the refused ones with their reasons beside the file",
    )
    return parser


def _read_mapping(path: Path, kind: Kind) -> Mapping:
    try:
        mapping = parse_mapping(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as broken:
        raise MappingRefused([f"it could not be read: {broken}."]) from broken
    if mapping.kind is not kind:
        raise MappingRefused([f"it is for {mapping.kind}. Say: setori import {mapping.kind} …"])
    return mapping


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise Stopped("{path} is larger than 64 MiB. Split it into smaller files.", path=path)
        return path.read_bytes()
    except OSError as broken:
        raise Stopped("{path} could not be read: {why}.", path=path, why=broken.strerror) from broken


async def _import(wish: Wish, file: bytes, database_url: str, at: datetime) -> None:
    engine, sessions = make_sessions(database_url, pool_size=1)
    try:
        async with sessions() as db:
            await _import_in(db, wish, file, at)
    finally:
        await engine.dispose()


async def _import_in(db: Database, wish: Wish, file: bytes, at: datetime) -> None:
    """Read, try, and either keep everything or nothing. Whatever raises on the way undoes the transaction."""
    known = await known_providers(db, wish.mapping)
    reading = read(file, wish.mapping, known=known)
    _tell_reading(wish, reading)
    if reading.unreadable:
        raise Stopped("Nothing was imported: the file as a whole cannot be read.")
    loaded = await load(db, reading.rows, wish.mapping, at=at)
    reading = reading.refuse(loaded.problems)
    _tell_problems("Refused on the way in", loaded.problems)
    _tell_outcome(loaded, wish.dry_run)
    refused = len(reading.refused)
    if refused and not wish.skip_bad_rows:
        raise Stopped(
            "Nothing was imported: {refused} of {all} rows are refused. Correct them, or import the others with "
            "--skip-bad-rows.",
            refused=refused,
            all=len(reading.records),
        )
    if wish.dry_run:
        print("This was a dry run: nothing was written.")
        return
    _ask(wish, reading)
    await _keep(db, wish, reading)


def _ask(wish: Wish, reading: Reading) -> None:
    """Ask before writing. Nobody can answer when the command runs by itself, so --yes must be given there."""
    if wish.yes:
        return
    if not sys.stdin.isatty():
        raise Stopped("Nothing was imported: add --yes to import without being asked.")
    answer = input(f"Import {len(reading.rows)} rows from {wish.mapping.title}? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise Stopped("Nothing was imported.")


async def _keep(db: Database, wish: Wish, reading: Reading) -> None:
    """Write the refused rows beside the file first: if that cannot be done, nothing is imported either."""
    if reading.refused:
        beside = wish.file.with_suffix(".refused.csv")
        try:
            beside.write_text(write_refused(reading), encoding="utf-8", newline="")
        except OSError as broken:
            raise Stopped(
                "Nothing was imported: the refused rows could not be written to {path}: {why}.",
                path=beside,
                why=broken.strerror,
            ) from broken
        print(f"The refused rows and their reasons are in {beside}.")
    await db.commit()
    print("Imported.")


def _tell_reading(wish: Wish, reading: Reading) -> None:
    print(f"{wish.mapping.title}: {wish.file}")
    print(f"  {len(reading.records)} rows read, {len(reading.rows)} good, {len(reading.refused)} refused")
    _tell_problems("Refused", reading.errors)
    _tell_problems("Remarks", reading.warnings)


def _tell_problems(heading: str, problems: Sequence[Problem]) -> None:
    if problems:
        print(f"{heading}:")
    for kind, count in count_kinds(problems):
        _tell_kind(kind, count, [problem for problem in problems if problem.kind == kind])


def _tell_kind(kind: str, count: int, problems: list[Problem]) -> None:
    print(f"  {count} × {kind}, such as {problems[0]}")
    lines = sorted({problem.line for problem in problems})
    if len(lines) > 1:
        more = f" and {len(lines) - LINES_SHOWN} more" if len(lines) > LINES_SHOWN else ""
        print(f"      on lines {', '.join(str(line) for line in lines[:LINES_SHOWN])}{more}")


def _tell_outcome(loaded: Loaded, dry_run: bool) -> None:
    counts = [f"{loaded.counts[word]} {word}" for word in COUNTED if loaded.counts[word] or word == "added"]
    print(f"{'Would be' if dry_run else 'To be written'}: {', '.join(counts)}")


def _say_wrong(sentence: str) -> None:
    print(sentence, file=sys.stderr)
