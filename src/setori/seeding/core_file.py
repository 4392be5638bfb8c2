"""The command `setori rulebook core FILE`: a national core from a file of YAML becomes the next version of it."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from setori import registry
from setori.db import Database, make_sessions
from setori.errors import Invalid
from setori.registry import DraftCriterion, PublishCore, Term, term_of
from setori.settings import Settings

LARGEST = 1024 * 1024
DONE, REFUSED, MISUSED = 0, 1, 2

Reach = Callable[[Path | None], AbstractContextManager[Settings]]
"""Gives settings with a database that answers."""


class CoreRefused(Exception):
    """The file cannot be used; `problems` are all the reasons, each a sentence."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(problems[0])


class _OnlyTried(Exception):
    """The transaction of a dry run ends without a trace."""


def main(argv: Sequence[str], reach: Reach, *, clock: Callable[[], datetime]) -> int:
    """Run `setori rulebook …`. 0: published, or it could be; 1: refused, and nothing was written; 2: not understood."""
    chosen = _parser().parse_args(argv)
    try:
        order = read_core(chosen.file)
    except CoreRefused as refused:
        return _refuse(chosen.file, refused.problems, MISUSED)
    with reach(chosen.data) as settings:
        try:
            asyncio.run(_publish(settings.database_url, order, clock(), dry_run=chosen.dry_run))
        except Invalid as refused:
            problems = [f"{_place(order, name)}: {why}" for name, why in refused.errors.items()] or [
                str(refused)
            ]
            return _refuse(chosen.file, problems, REFUSED)
    return DONE


def read_core(path: Path) -> PublishCore:
    """A national core as a file says it: a list of criteria, or one under the name `core`. Raises CoreRefused."""
    told = _read(path)
    if isinstance(told, dict):
        told = told.get("core")
    if not isinstance(told, list) or not told:
        raise CoreRefused(
            "There is no list of criteria. Write each as `- code: …`, at the top or under `core:`."
        )
    criteria, problems = [], []
    for n, one in enumerate(told, 1):
        try:
            criteria.append(DraftCriterion.model_validate(one))
        except ValidationError as wrong:
            code = one.get("code", "") if isinstance(one, dict) else ""
            where = f"criterion {n}" + (f" ({code})" if code else "")
            problems += [f"{where}{_at(error)}: {error['msg']}." for error in wrong.errors()]
    if problems:
        raise CoreRefused(*problems)
    try:
        return PublishCore(criteria=criteria)
    except ValidationError as wrong:
        raise CoreRefused(*[f"{error['msg']}." for error in wrong.errors()]) from wrong


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise CoreRefused("The file is larger than 1 MiB. That is no rulebook.")
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as broken:
        raise CoreRefused(f"The file could not be read: {broken.strerror}.") from broken
    except UnicodeDecodeError as broken:
        raise CoreRefused("The file is not UTF-8. Save it as UTF-8.") from broken
    except (yaml.YAMLError, RecursionError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise CoreRefused(
            f"{where}this is not YAML: {getattr(wrong, 'problem', None) or 'it cannot be read'}."
        ) from wrong


async def _publish(database_url: str, order: PublishCore, at: datetime, *, dry_run: bool) -> None:
    engine, sessions = make_sessions(database_url, pool_size=1)
    try:
        async with sessions.begin() as db:
            before = await _newest(db)
            changed = list(_changes(before, _terms(order)))
            if before and not changed:
                print("The national core says this already. Nothing was written.")
                return
            version = await registry.publish_core(db, order, at=at)
            for line in changed:
                print(line)
            if dry_run:
                raise _OnlyTried
        print(
            f"The national core, version {version}, is published: {len(order.criteria)} criteria. It enters each "
            "rulebook with that rulebook's next version."
        )
    except _OnlyTried:
        print(f"It would be version {version}, with {len(order.criteria)} criteria. Nothing was written.")
    finally:
        await engine.dispose()


async def _newest(db: Database) -> list[Term]:
    cores = await registry.list_cores(db, limit=1)
    return cores[0].criteria if cores else []


def _terms(order: PublishCore) -> list[Term]:
    return [term_of(one.model_dump(mode="json") | {"is_core": True}) for one in order.criteria]


def _changes(before: list[Term], after: list[Term]) -> Iterator[str]:
    for line in registry.diff(before, after):
        what = ", ".join(change.value for change in line.changes)
        yield f"  {line.code}: {what}" + (f" ({', '.join(line.changed)})" if line.changed else "")


def _at(error: Any) -> str:
    return f", {'.'.join(str(part) for part in error['loc'])}" if error["loc"] else ""


def _place(order: PublishCore, name: str) -> str:
    """`criteria.2.maximum` as a person counts."""
    parts = name.split(".")
    if len(parts) == 3 and parts[1].isdecimal():
        return f"criterion {int(parts[1]) + 1} ({order.criteria[int(parts[1])].code}), {parts[2]}"
    return name


def _refuse(path: Path, problems: Sequence[str], code: int) -> int:
    for problem in problems:
        print(f"setori: {path}: {problem}", file=sys.stderr)
    print("Nothing was written.", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="setori rulebook", description="The national core of all rulebooks."
    )
    parser.add_argument("what", choices=["core"], help="what the file holds")
    parser.add_argument(
        "file", type=Path, help="the criteria as YAML, as in seed/world/rulebooks.yaml under core"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")
    parser.add_argument("--data", type=Path, default=None, help="the demo's folder, when no server is named")
    return parser
