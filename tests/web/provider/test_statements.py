"""A statement is read down to the session, and its file is harmless to open."""

import csv
import io
import re
from uuid import uuid4

import pytest

from setori import settlement
from setori.app import clock
from setori.days import last_day, local_day, month_of, next_month, noon
from setori.people import Role
from setori.settlement import ClosePeriod
from setori.web.spreadsheets import harmless
from tests.domains import builders as a


@pytest.fixture
async def statement(world) -> str:
    """The page of a statement of two sessions; its month was closed as soon as it was over."""
    who = await world.a_client()
    for _ in range(2):
        await world.a_session(who, confirmed=True)
    month = month_of(local_day(clock()))
    async with world.sessions.begin() as db:
        finance = await a.an_actor(db, Role.FINANCE, world.procurer_id, at=clock())
        order = ClosePeriod(month=month)
        closed = await settlement.close_period(db, order, by=finance, at=noon(next_month(month)))
    return f"/provider/statements/{closed[0]}"


async def test_the_owner_sees_each_session_and_where_the_payment_is(world, visitor, statement) -> None:
    owner = await visitor(world.owner)
    page = (await owner.get(statement)).text
    assert "€160.00" in page
    assert len(set(re.findall(r'href="/provider/sessions/([0-9a-f-]{36})"', page))) == 2
    assert "a second person at the employment area is checking it" in page
    assert "Veera" not in page, "payment needs no names of jobseekers"
    assert "Being checked" in (await owner.get("/provider/statements")).text


async def test_the_file_holds_every_session_and_adds_up(world, visitor, statement) -> None:
    owner = await visitor(world.owner)
    file = await owner.get(f"{statement}/lines.csv")
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["Amount"] for row in rows] == ["80.00", "80.00"]
    assert last_day(month_of(local_day(clock()))).strftime("%Y-%m") == rows[0]["Month"]


@pytest.mark.parametrize("cell", ["=1+1", "+358", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_looks_like_a_formula_is_kept_as_text(cell) -> None:
    assert harmless(cell) == f"'{cell}"


async def test_a_session_in_a_statement_is_no_longer_taken_back(world, visitor, statement) -> None:
    owner = await visitor(world.owner)
    session = re.findall(r'href="(/provider/sessions/[0-9a-f-]{36})"', (await owner.get(statement)).text)[0]
    assert f"{session}/reversal" not in (await owner.get(session)).text
    assert "in a statement already" in (await owner.get(f"{session}/reversal")).text
    refused = await owner.post(f"{session}/reversal", {"reason": "Liian myöhään"})
    assert refused.status_code == 409


async def test_another_firms_statement_is_the_same_404_as_a_missing_one(world, visitor, statement) -> None:
    rival = await visitor(world.rival)
    for tail in ("", "/lines.csv"):
        assert (await rival.get(statement + tail)).status_code == 404
        assert (await rival.get(f"/provider/statements/{uuid4()}{tail}")).status_code == 404
    assert statement not in (await rival.get("/provider/statements")).text
    assert (await (await visitor(world.coach)).get(statement)).status_code == 403
