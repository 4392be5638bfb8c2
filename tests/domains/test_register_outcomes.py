"""What a register says came of its programmes: real figures, never −99999, shown apart, again without harm, undone."""

from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from setori import catalogue, figures, importing, intake, registry
from setori.importing import load, parse_mapping, read
from setori.intake import HandIn
from setori.people import Role
from setori.readmodels.imports import uses_of
from setori.registry import ImportProvider
from tests.domains.builders import NOON
from tests.world import a_market

DATA = Path(__file__).parents[1] / "data"
MAPPING = Path(__file__).parents[2] / "seed" / "mappings" / "nj_etpl_outcomes.toml"
FILE = (DATA / "nj_etpl_outcomes.csv").read_bytes()
FIGURES = text(
    "select f.*, o.foreign_id from register_figure f join organisation o on o.id = f.provider_id "
    "order by foreign_id::int, service_id, months"
)


def mapping_of(words: str = ""):
    return parse_mapping(words or MAPPING.read_text(encoding="utf-8"))


def keys() -> list[str]:
    return sorted({line.split(",")[0] for line in FILE.decode().splitlines()[1:]}, key=int)


async def a_ground(db) -> dict[str, UUID]:
    """The providers and services that the file speaks of."""
    for code in sorted(set(mapping_of().services.values())):
        await catalogue.add_service(db, catalogue.AddService(code=code, name={"en": code}), at=NOON)
    return {
        key: await registry.import_provider(
            db, ImportProvider(foreign_register="us-nj-etpl", foreign_id=key, name=f"School {key}"), at=NOON
        )
        for key in keys()
    }


async def rows(db):
    return [dict(row) for row in (await (await db.connection()).execute(FIGURES)).mappings()]


def test_what_is_not_available_is_left_out_and_said_and_a_row_of_nothing_is_passed_over():
    reading = read(FILE, mapping_of())
    assert reading.errors == ()
    told = Counter(problem.kind for problem in reading.warnings)
    assert told["nothing_in_words"] > 50
    assert told["nothing_known"] > 10
    assert len(reading.rows) + told["nothing_known"] == len(reading.records)
    assert all(0 <= reached <= of for row in reading.rows for _, of, reached in row.known)
    assert all(row.known for row in reading.rows)
    first = next(row for row in reading.rows if row.foreign_id == "64/131206")
    assert first.known == ((6, 158, 138), (12, 130, 116), (24, 62, 58))


def test_a_mapping_that_forgets_to_say_so_still_takes_no_minus_for_a_number():
    words = MAPPING.read_text(encoding="utf-8").replace('everywhere = ["-99999"]', "everywhere = []")
    careless = read(FILE, mapping_of(words))
    assert [row.known for row in careless.rows] == [row.known for row in read(FILE, mapping_of()).rows]
    assert Counter(problem.kind for problem in careless.warnings)["not_a_known_figure"] > 50


@pytest.mark.parametrize("cell", ["many", "nan", "inf", "1e400", "-1", "2.5"])
def test_nonsense_is_no_figure(cell):
    file = FILE.decode().splitlines()[0] + f"\n64,131206,0.5,0.5,0.5,{cell},20,20\n"
    (row,) = read(file.encode(), mapping_of()).rows
    assert row.known == ((12, 20, 10), (24, 20, 10))


def test_a_provider_that_nobody_knows_and_a_subject_twice_are_refused():
    lines = FILE.decode().splitlines()
    twice = "\n".join(
        [lines[0], "64,131206,0.5,0.5,0.5,20,20,20", "64,131206,0.6,0.5,0.5,20,20,20", lines[1]]
    )
    reading = read(twice.encode(), mapping_of(), known={"64"})
    assert [(problem.line, problem.kind) for problem in reading.errors] == [
        (3, "duplicate_key"),
        (4, "orphan"),
    ]


async def test_real_figures_have_intervals_that_contain_the_rate_of_the_large_and_pull_the_small(db):
    await a_ground(db)
    mapping = mapping_of()
    loaded = await load(db, read(FILE, mapping, known=set(keys())).rows, mapping, at=NOON)
    assert loaded.problems == []
    assert loaded.counts["added"] > 60
    found = await rows(db)
    assert {row["months"] for row in found} == {6, 12, 24}
    for row in found:
        raw = row["reached"] / row["completed"]
        assert 0 <= row["low"] <= row["rate"] <= row["high"] <= 1
        assert min(raw, row["overall"]) - 1e-9 <= row["rate"] <= max(raw, row["overall"]) + 1e-9
        if row["completed"] <= 20 and abs(raw - row["overall"]) > 0.05:
            assert abs(row["rate"] - raw) > 0.01
        if row["completed"] >= 200:
            assert row["low"] <= raw <= row["high"]
    again = await load(db, read(FILE, mapping, known=set(keys())).rows, mapping, at=NOON)
    assert set(again.counts) == {"unchanged"}
    assert await rows(db) == found


async def test_a_figure_that_has_changed_is_changed_and_counted_anew(db):
    await a_ground(db)
    mapping = mapping_of()
    await load(db, read(FILE, mapping).rows, mapping, at=NOON)
    before = await rows(db)
    news = FILE.decode().replace("64,131206,0.873417721518987", "64,131206,0.5").encode()
    loaded = await load(db, read(news, mapping).rows, mapping, at=NOON)
    assert loaded.counts["changed"] == 1
    assert [row["rate"] for row in before if row["months"] == 6] != [
        row["rate"] for row in await rows(db) if row["months"] == 6
    ]
    assert await figures.count_register(db, "somebody-else") == 0


async def test_without_the_services_nothing_is_taken_in(db):
    with pytest.raises(importing.GroundMissing, match="Import the offerings"):
        await load(db, read(FILE, mapping_of()).rows, mapping_of(), at=NOON)


async def test_handed_in_over_the_browser_it_is_checked_taken_in_and_undone(fresh_database):
    market = await a_market(fresh_database)
    registrar, sessions = market.actors[Role.REGISTRAR], fresh_database.sessions
    async with sessions.begin() as db:
        await a_ground(db)
        order = HandIn(
            kind="outcomes",
            title="Outcomes",
            register_code="us-nj-etpl",
            file_name="outcomes.csv",
            mapping=MAPPING.read_text(encoding="utf-8"),
            file=FILE + b"424242,131206,0.5,0.5,0.5,20,20,20\n",
            skip_bad_rows=True,
        )
        run = await intake.hand_in(db, order, by=registrar, at=NOON)
    await importing.run_import(sessions, run, lambda: NOON)
    async with sessions.begin() as db:
        assert await rows(db) == [], "a check writes nothing"
        assert (await intake.find_run(db, run, by=registrar)).rows_refused == 1, "nobody knows that provider"
        await intake.start_import(db, run, by=registrar, at=NOON)
    await importing.run_import(sessions, run, lambda: NOON)
    async with sessions.begin() as db:
        assert len(await rows(db)) > 60
        earlier = await intake.hand_in(
            db, order.model_copy(update={"kind": "providers"}), by=registrar, at=NOON
        )
        made = text("insert into imported_thing select :run, id, 'provider' from organisation")
        await (await db.connection()).execute(made, {"run": earlier})
        assert (await uses_of(db, earlier)).outcomes > 60
        assert (await uses_of(db, run)).outcomes == 0
        await db.rollback()
    async with sessions.begin() as db:
        await intake.undo(db, run, by=registrar, at=NOON)
    async with sessions() as db:
        assert await rows(db) == []
        left = await (await db.connection()).scalar(text("select count(*) from register_outcome"))
        assert left == 0
