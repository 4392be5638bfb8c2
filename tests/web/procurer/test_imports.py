"""A register handed in over the browser: checked, looked at, taken in by the worker, and taken back."""

import csv
import re
from pathlib import Path
from uuid import UUID

import pytest

from setori import importing, registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.web.procurer.imports import LARGEST
from tests.domains import builders as a
from tests.web.visiting import Visitor, visitor
from tests.world import a_market

DATA = Path(__file__).parents[2] / "data"
FILE = (DATA / "nj_etpl_providers.csv").read_bytes()
MAPPINGS = Path(__file__).parents[3] / "seed" / "mappings"
SHIPPED = {"mapping": "nj_etpl_providers", "skip_bad_rows": "yes"}


class Desk(Visitor):
    """A registrar with a file in hand."""

    async def hand_in(self, file: bytes, name: str = "register.csv", **typed: str):
        page = await self.get("/procurer/imports/new")
        csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)[1]
        return await self.client.post(
            "/procurer/imports",
            data={"_csrf": csrf, **typed},
            files={"file": (name, file, "text/csv")},
            headers=self.headers,
        )


@pytest.fixture
async def market(fresh_database, app):
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    async with fresh_database.sessions.begin() as db:
        service = await a.a_service(db, "vocational-training", at=clock())
        await a.a_rulebook(db, market.actors[Role.REGISTRAR], service, at=clock())
    return market


@pytest.fixture
async def desk(client, fresh_database, market) -> Desk:
    who = await visitor(client, fresh_database.sessions, market.actors[Role.REGISTRAR])
    desk = Desk(client)
    desk.headers = who.headers
    return desk


def run_of(answer) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[-1]


async def work(database, path: str) -> None:
    await importing.run_import(database.sessions, UUID(path), clock)


async def imported(database) -> dict:
    async with database.sessions() as db:
        return await registry.list_imported(db, "us-nj-etpl")


async def approvals(database) -> dict[str, int]:
    """How many approvals each imported provider has."""
    known = await imported(database)
    async with database.sessions() as db:
        return {
            foreign: len(await registry.list_approvals(db, told[0], on=local_day(clock())))
            for foreign, told in known.items()
        }


async def test_a_register_is_checked_seen_taken_in_and_taken_back(desk, fresh_database) -> None:
    run = run_of(await desk.hand_in(FILE, "..\\etpl providers.csv", **SHIPPED))
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "Being checked" in page
    assert "etpl providers.csv" in page
    assert "..\\" not in page

    await work(fresh_database, run)
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "Import 18 rows" in page
    assert await imported(fresh_database) == {}, "a check writes nothing"

    start = f"/procurer/imports/{run}/start"
    assert [(await desk.post(start)).status_code for _ in range(2)] == [303, 303]
    for _ in range(2):  # a job that is delivered twice
        await work(fresh_database, run)
    known = await imported(fresh_database)
    assert len(known) == 18
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "What was done" in page
    assert "Undo the import" in page
    async with fresh_database.sessions() as db:
        (approval,) = await registry.list_approvals(db, known["68"][0], on=local_day(clock()))
    assert approval.status == "in_force"

    assert "Undo this import?" in (await desk.get(f"/procurer/imports/{run}/undo")).text
    for _ in range(2):
        assert (await desk.post(f"/procurer/imports/{run}/undo")).status_code == 303
    assert await imported(fresh_database) == {}
    assert "Undone" in (await desk.get(f"/procurer/imports/{run}")).text


async def test_taking_an_import_back_leaves_what_an_earlier_one_brought(desk, fresh_database) -> None:
    lines = FILE.splitlines(keepends=True)
    for file in (b"".join(lines[:-1]), FILE):
        run = run_of(await desk.hand_in(file, **SHIPPED))
        await work(fresh_database, run)
        await desk.post(f"/procurer/imports/{run}/start")
        await work(fresh_database, run)
    assert len(await imported(fresh_database)) == 18
    before = await approvals(fresh_database)
    assert sum(before.values()) > 5
    assert (await desk.post(f"/procurer/imports/{run}/undo")).status_code == 303
    after = await approvals(fresh_database)
    assert len(after) == 17
    assert after.items() <= before.items()


async def test_what_is_in_use_by_now_is_not_taken_back(desk, market, fresh_database) -> None:
    run = run_of(await desk.hand_in(FILE, **SHIPPED))
    await work(fresh_database, run)
    await desk.post(f"/procurer/imports/{run}/start")
    await work(fresh_database, run)
    provider_id = (await imported(fresh_database))["68"][0]
    async with fresh_database.sessions.begin() as db:
        await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, at=clock())
    answer = await desk.post(f"/procurer/imports/{run}/undo")
    assert (answer.status_code, "in use by now" in answer.text) == (409, True)
    assert len(await imported(fresh_database)) == 18
    assert "Imported" in (await desk.get(f"/procurer/imports/{run}")).text


async def test_an_import_that_changed_something_cannot_be_taken_back(desk, fresh_database) -> None:
    for file in (FILE, FILE.replace(b"Approved", b"Suspend")):
        run = run_of(await desk.hand_in(file, **SHIPPED))
        await work(fresh_database, run)
        await desk.post(f"/procurer/imports/{run}/start")
        await work(fresh_database, run)
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "Approval changed" in page
    assert "cannot be taken back" in page
    assert (await desk.post(f"/procurer/imports/{run}/undo")).status_code == 409


async def test_refused_rows_are_listed_and_hold_the_import_up(desk, fresh_database) -> None:
    run = run_of(await desk.hand_in(FILE.replace(b"Approved", b"Perhaps", 1), mapping="nj_etpl_providers"))
    await work(fresh_database, run)
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "Perhaps" in page
    assert "Some rows are refused" in page
    answer = await desk.post(f"/procurer/imports/{run}/start")
    assert answer.status_code == 409
    assert "Some rows are refused" in answer.text
    assert await imported(fresh_database) == {}


@pytest.mark.parametrize(
    ("file", "typed", "says"),
    [
        (b"", SHIPPED, "Choose the file."),
        (FILE, {}, "Choose how the file is to be understood."),
        (FILE, {"mapping": "own"}, "Paste the mapping"),
        (FILE, {"mapping": "own", "mapping_text": "kind = ["}, "Mapping"),
        (FILE, {"mapping": "../../pyproject"}, "Choose how the file is to be understood."),
    ],
)
async def test_what_cannot_be_understood_is_said_at_its_field(desk, file, typed, says) -> None:
    answer = await desk.hand_in(file, **typed)
    assert answer.status_code == 422
    assert says in answer.text


async def test_a_file_that_is_no_register_is_unusable_and_a_large_one_is_refused(
    desk, fresh_database
) -> None:
    run = run_of(await desk.hand_in(b"\x89PNG\r\n\x1a\n" + bytes(2000), **SHIPPED))
    await work(fresh_database, run)
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "The file as a whole cannot be read" in page
    assert "/start" not in page
    big = run_of(await desk.hand_in(b"x" * 3_000_000, **SHIPPED))
    assert big, "larger than other forms, within its own bound"
    assert (await desk.hand_in(b"x" * (LARGEST + 1), **SHIPPED)).status_code == 413


async def test_a_register_is_kept_up_by_one_procurer(desk, client, app, market, fresh_database) -> None:
    run = run_of(await desk.hand_in(FILE, **SHIPPED))
    await work(fresh_database, run)
    await desk.post(f"/procurer/imports/{run}/start")
    other = await a_market(
        fresh_database, at=clock(), key=app.state.code_key, area=("0022", "Varsinais-Suomi")
    )
    neighbour = Desk(client)
    neighbour.headers = (await visitor(client, fresh_database.sessions, other.actors[Role.REGISTRAR])).headers
    answer = await neighbour.hand_in(FILE, **SHIPPED)
    assert answer.status_code == 409
    assert "kept up by another procurer" in answer.text
    assert "Nothing has been handed in." in (await neighbour.get("/procurer/imports")).text


@pytest.mark.parametrize(
    ("language", "why", "summary"),
    [
        ("fi", "Rivistä puuttuu välttämätön tieto: name.", "Täydennä se lähteessä"),
        ("sv", "Raden saknar en nödvändig uppgift: name.", "Fyll i den i källan"),
        ("en", "A row is nothing without its name.", "Fill it in at the source"),
    ],
)
async def test_what_is_wrong_is_told_in_the_readers_language(
    desk, fresh_database, language: str, why: str, summary: str
) -> None:
    header, row, *rest = FILE.decode().splitlines(keepends=True)
    name = header.strip().split(",").index("name")
    cells = next(csv.reader([row]))
    cells[name] = ""
    spoiled = ",".join(f'"{cell}"' if "," in cell or '"' not in cell else cell for cell in cells)
    run = run_of(await desk.hand_in(f"{header}{spoiled}\n{''.join(rest)}".encode(), **SHIPPED))
    await work(fresh_database, run)
    desk.headers["accept-language"] = language
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert why in page
    assert summary in page
    broken = await desk.hand_in(
        FILE, mapping="own", mapping_text='kind = "providers"\ntitle = 3\nkolumns = 1'
    )
    assert broken.status_code == 422
    told = {
        "fi": "avain register puuttuu. Lisää se.",
        "sv": "nyckeln register saknas.",
        "en": "is missing. Add it.",
    }
    assert told[language] in broken.text


async def test_why_an_import_failed_is_told_in_the_readers_language(desk, fresh_database, market) -> None:
    """The mapping names a service that the procurer has no rulebook for."""
    mapping = (
        (MAPPINGS / "nj_etpl_providers.toml").read_text().replace("vocational-training", "no-such-thing")
    )
    run = run_of(await desk.hand_in(FILE, mapping="own", mapping_text=mapping))
    await work(fresh_database, run)
    desk.headers["accept-language"] = "fi"
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert "ei ole julkaistua sääntökirjaa palvelulle no-such-thing" in page
