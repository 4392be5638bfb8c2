"""What the catalogue still asks of the database is planned through indexes, however large the market."""

import asyncpg
import pytest
from bench.market import grow

from setori.app import clock
from setori.catalogue.queries.index import cards, keeping, rows, words
from setori.days import local_day
from tests.conftest import RealDatabase
from tests.world import a_market

BIG = ("offering", "offering_area", "offering_coach", "search_entry", "experience", "catalogue_change")


@pytest.fixture
async def wire(app, fresh_database: RealDatabase):
    """The owner's connection to a market of some ten thousand offerings."""
    await a_market(fresh_database, at=clock(), key=app.state.code_key)
    wire = await asyncpg.connect(fresh_database.owner_url)
    await wire.execute("update search_entry set words = words || to_tsvector('setori_plain', 'neulansilmä')")
    assert await grow(wire, 300, 50) > 10_000
    # Only the first is a needle; the copies are told apart.
    await wire.execute(
        "update search_entry set words = to_tsvector('setori_plain', md5(id::text)), plain = md5(id::text)"
        " where id > (select min(id) from search_entry)"
    )
    await wire.execute("vacuum analyze search_entry")
    await wire.execute(
        "insert into catalogue_change (xid, firm_id, with_words, noted_at)"
        " select n % 500, gen_random_uuid(), true, now() from generate_series(1, 20000) n"
    )
    await wire.execute("analyze catalogue_change")
    yield wire
    # A market of copies keeps none of the books' invariants.
    await wire.execute("truncate experience, catalogue_change")
    await wire.close()


async def plan(wire, statement: str, *told) -> str:
    return "\n".join(row[0] for row in await wire.fetch("explain " + statement, *told))


def through_indexes(plan: str) -> bool:
    return not any(f"Seq Scan on {table} " in plan + " " for table in BIG)


async def test_everything_that_is_asked_while_the_catalogue_runs_goes_through_indexes(wire):
    day = local_day(clock())
    firm = await wire.fetchval("select provider_id from offering limit 1")
    pair = await wire.fetchrow("select offering_id, coach_id from offering_coach limit 1")
    now = await wire.fetchval("select pg_current_snapshot()::text")
    by_words = words.FIND.replace("$1::text[]", "array['neulansilmä', 'neulan']")
    almost = "select id from search_entry e where plain_words('neulansilma') <% e.plain"
    card = cards._CARDS.replace("cast(:firms as uuid[])", "array[$4::uuid]")
    for name, asked, told in (
        ("words", by_words, ()),
        ("words that are almost there", almost, ()),
        ("a firm that has changed", rows._ROWS, (day, [firm])),
        ("changes", keeping._CHANGES, (now,)),
        (
            "cards",
            card.replace(":day", "$1").replace(":offerings", "$2").replace(":coaches", "$3"),
            (day, [pair[0]], [pair[1]], firm),
        ),
    ):
        found = await plan(wire, asked, *told)
        assert through_indexes(found), f"{name}:\n{found}"
    whole = await plan(wire, "select from offering o where minutes > 1")
    assert not through_indexes(whole), "this test sees a scan where there is one"
