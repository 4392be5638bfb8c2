"""A national core from a file: published, tried, refused with every reason and where it stands."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from setori import registry
from setori.db import make_sessions
from setori.seeding import core_file
from setori.settings import Settings
from tests.conftest import own_database
from tests.domains.builders import NOON

GOOD = """
core:
- code: K1
  kind: registry_check
  text: {fi: Y-tunnus, sv: FO-nummer, en: Business ID}
- code: K2
  kind: number
  minimum: 1
  maximum: 9
  text: {fi: Valmentajia, sv: Coacher, en: Coaches}
"""
SHIPPED = Path(__file__).parents[2] / "seed" / "world" / "rulebooks.yaml"


@pytest.fixture
async def run(cluster, empty_template, tmp_path):
    """The command with a database of its own; it runs a loop itself, so it is called from a thread."""
    async with own_database(cluster, empty_template) as database:

        @contextmanager
        def reach(folder: Path | None) -> Iterator[Settings]:
            yield Settings(database_url=database.app_url, demo=True)

        async def command(text: str | bytes, *more: str) -> int:
            file = tmp_path / "core.yaml"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            words = ["core", str(file), *more]
            return await asyncio.to_thread(core_file.main, words, reach, clock=lambda: NOON)

        command.database = database
        yield command


async def versions(run) -> list[list[str]]:
    engine, sessions = make_sessions(run.database.app_url)
    async with sessions() as db:
        found = [[term.code for term in core.criteria] for core in await registry.list_cores(db)]
    await engine.dispose()
    return found


async def test_a_core_is_tried_published_and_followed_by_its_next_version(run, capsys) -> None:
    assert await run(GOOD, "--dry-run") == core_file.DONE
    assert "It would be version 1, with 2 criteria. Nothing was written." in capsys.readouterr().out
    assert await versions(run) == []
    assert await run(GOOD) == core_file.DONE
    assert "version 1, is published: 2 criteria" in capsys.readouterr().out
    assert await run(GOOD) == core_file.DONE
    assert "says this already" in capsys.readouterr().out
    assert await versions(run) == [["K1", "K2"]]
    assert await run(GOOD.replace("maximum: 9", "maximum: 12").replace("K1", "K7")) == core_file.DONE
    told = capsys.readouterr().out
    assert "K2: changed (maximum)" in told
    assert "K7: added" in told
    assert "K1: removed" in told
    assert await versions(run) == [["K7", "K2"], ["K1", "K2"]]


async def test_the_shipped_core_is_a_file_like_any_other(run) -> None:
    assert await run(SHIPPED.read_bytes()) == core_file.DONE


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("core: [", core_file.MISUSED, "line 1, column 8: this is not YAML"),
        (b"\xff\xfe\x00", core_file.MISUSED, "The file is not UTF-8"),
        ("titles: {}", core_file.MISUSED, "There is no list of criteria"),
        ("- just words", core_file.MISUSED, "criterion 1"),
        (GOOD.replace("kind: number", "kind: numbers"), core_file.MISUSED, "criterion 2 (K2), kind:"),
        (GOOD.replace("minimum", "minimun"), core_file.MISUSED, "criterion 2 (K2), minimun:"),
        (GOOD.replace("K2", "K1"), core_file.REFUSED, "Two criteria have the same code."),
        (GOOD.replace("minimum: 1", "minimum: 10"), core_file.REFUSED, "criterion 2 (K2), maximum: The most"),
        ("!!python/object/apply:os.getcwd []", core_file.MISUSED, "this is not YAML"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place_and_nothing_is_written(
    run, capsys, text: str | bytes, code: int, says: str
) -> None:
    assert await run(text) == code
    told = capsys.readouterr()
    assert says in told.err
    assert "Nothing was written." in told.err
    assert await versions(run) == []


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(core_file.CoreRefused, match="could not be read: No such file"):
        core_file.read_core(Path("no-such-file.yaml"))
