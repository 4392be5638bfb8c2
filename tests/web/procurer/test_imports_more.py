"""Imports to the end: what stands in the way of undoing one, all refused rows as a file, and a place to begin from."""

import csv
import io

from setori import catalogue, registry
from setori.app import clock
from setori.days import local_day
from setori.intake import operations
from setori.people import Role
from tests.domains import builders as a
from tests.web.procurer import test_imports as those
from tests.web.procurer.test_imports import DATA, FILE, SHIPPED, imported, run_of, work
from tests.web.visiting import visitor

market, desk = those.market, those.desk
PROGRAMMES = (DATA / "nj_etpl_programs.csv").read_bytes()
ALSO = {"mapping": "nj_etpl_offerings", "skip_bad_rows": "yes"}


async def taken_in(desk, database, file: bytes, **typed: str) -> str:
    run = run_of(await desk.hand_in(file, **typed))
    await work(database, run)
    assert (await desk.post(f"/procurer/imports/{run}/start")).status_code == 303
    await work(database, run)
    return run


async def test_the_sample_files_are_taken_in_to_the_row(desk, fresh_database) -> None:
    """Of 18 providers and 18 programmes: what is good, what is refused, and why."""
    firms = run_of(await desk.hand_in(FILE, **SHIPPED))
    await work(fresh_database, firms)
    page = (await desk.get(f"/procurer/imports/{firms}")).text
    assert figures(page) == COUNTED["providers"]
    await desk.post(f"/procurer/imports/{firms}/start")
    await work(fresh_database, firms)
    sold = run_of(await desk.hand_in(PROGRAMMES, **ALSO))
    await work(fresh_database, sold)
    page = (await desk.get(f"/procurer/imports/{sold}")).text
    assert figures(page) == COUNTED["offerings"]
    rows = await refused_of(desk, sold)
    assert len(rows) == COUNTED["offerings"]["Refused rows"]
    assert all(row["Line"].isdigit() and row["Why"] for row in rows)
    async with fresh_database.sessions() as db:
        known = [id for id, _ in (await imported(fresh_database)).values()]
        assert (len(known), await catalogue.list_imported(db, known)) == (18, {})


async def test_undoing_names_what_is_in_use_and_the_import_that_goes_first(
    desk, fresh_database, market
) -> None:
    firms = await taken_in(desk, fresh_database, FILE, **SHIPPED)
    sold = await taken_in(desk, fresh_database, PROGRAMMES, **ALSO)
    number = COUNTED["offerings"]["Good rows"]
    for answer, status in (
        (await desk.get(f"/procurer/imports/{firms}/undo"), 200),
        (await desk.post(f"/procurer/imports/{firms}/undo"), 409),
    ):
        assert answer.status_code == status
        assert f"{number} offerings of its firms" in answer.text
        assert f"{number} of the offerings came with another import. Undo that one first:" in answer.text
        assert f'href="/procurer/imports/{sold}"' in answer.text
        assert "person" not in answer.text.split("In use by now")[1].split("</ul>")[0]
    provider_id = (await imported(fresh_database))["68"][0]
    async with fresh_database.sessions.begin() as db:
        await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, at=clock())
    page = (await desk.get(f"/procurer/imports/{firms}/undo")).text
    assert "1 person who acts for one of its firms" in page
    assert f'href="/providers/{provider_id}"' in page
    free = (await desk.get(f"/procurer/imports/{sold}/undo")).text
    assert "In use by now" not in free
    assert (await desk.post(f"/procurer/imports/{sold}/undo")).status_code == 303


async def test_all_refused_rows_are_a_file_that_no_spreadsheet_runs(
    desk, fresh_database, monkeypatch
) -> None:
    monkeypatch.setattr(operations, "PROBLEMS_KEPT", 1)
    header, *lines = FILE.decode().splitlines()
    bad = [line.replace(",Approved", ",=cmd|calc").replace(",Suspend", ",@Perhaps") for line in lines]
    wrong = [line for line in bad if ",=cmd" in line or ",@Perhaps" in line]
    run = run_of(await desk.hand_in("\n".join([header, *bad]).encode(), **SHIPPED))
    await work(fresh_database, run)
    assert f'href="/procurer/imports/{run}/refused.csv"' in (await desk.get(f"/procurer/imports/{run}")).text
    rows = await refused_of(desk, run)
    assert len(rows) == len(wrong) > 10, "all of them, not only the remarks that are kept"
    assert rows[0]["Line"] == "2"
    assert "statusname: The mapping does not know this word." in rows[0]["Why"]
    assert {row["statusname"] for row in rows} <= {"'=cmd|calc", "'@Perhaps"}
    finnish = await desk.client.get(
        f"/procurer/imports/{run}/refused.csv", headers=desk.headers | {"accept-language": "fi"}
    )
    assert "The mapping does not know" not in finnish.text


async def test_nobody_elses_refused_rows_are_read(desk, fresh_database, market, client) -> None:
    run = run_of(await desk.hand_in(FILE, **SHIPPED))
    await work(fresh_database, run)
    async with fresh_database.sessions.begin() as db:
        neighbour = await a.a_procurer(db, "0022", "Varsinais-Suomi", at=clock())
        stranger = await a.an_actor(db, Role.REGISTRAR, neighbour, at=clock())
    other = await visitor(client, fresh_database.sessions, stranger)
    assert (await other.get(f"/procurer/imports/{run}/refused.csv")).status_code == 404


async def test_a_firm_taken_over_as_suspended_says_so_in_the_words_of_its_register(
    desk, fresh_database, client
) -> None:
    await taken_in(desk, fresh_database, FILE, **SHIPPED)
    known = await imported(fresh_database)
    async with fresh_database.sessions() as db:
        (approval,) = await registry.list_approvals(db, known["3809"][0], on=local_day(clock()))
    assert approval.status == "suspended"
    assert approval.reason.endswith(": Suspend")
    assert "Approved in New Jersey" not in approval.reason
    page = (await client.get(f"/providers/{known['3809'][0]}", headers={"accept-language": "en"})).text
    assert "us-nj-etpl" in page
    assert "<dt>Business ID</dt>" not in page
    assert "<dt>Taken over from the register</dt>" in page
    history = page.split("What has happened")[1].split("</ol>")[0]
    assert "<strong>Suspended</strong>" in history
    assert "<strong>Approved</strong>" not in history


async def test_the_example_is_there_to_begin_from_and_is_taken_in_as_it_is(desk, fresh_database) -> None:
    page = (await desk.get("/procurer/imports/new")).text
    assert 'href="/procurer/imports/example.csv"' in page
    assert 'href="/procurer/imports/example.toml"' in page
    file = (await desk.get("/procurer/imports/example.csv")).content
    mapping = (await desk.get("/procurer/imports/example.toml")).text
    approving = mapping.replace("# [approval]", "[approval]").replace(
        '"job-coaching"', '"vocational-training"'
    )
    for line in ("area", "services", "reason", "keep_end_days"):
        approving = approving.replace(f"\n# {line} =", f"\n{line} =")
    run = await taken_in(desk, fresh_database, file, mapping="own", mapping_text=approving)
    page = (await desk.get(f"/procurer/imports/{run}")).text
    assert figures(page) == {"Rows read": 3, "Good rows": 3, "Refused rows": 0}
    async with fresh_database.sessions() as db:
        known = await registry.list_imported(db, "example-register")
        (approval,) = await registry.list_approvals(db, known["1003"][0], on=local_day(clock()))
        assert approval.reason == "The certificate of taxes paid is missing"


def figures(page: str) -> dict[str, int]:
    """Rows read, good and refused as the page tells them."""
    return {
        name: int(page.split(f"<dt>{name}</dt><dd>")[1].split("<")[0])
        for name in ("Rows read", "Good rows", "Refused rows")
    }


async def refused_of(desk, run: str) -> list[dict[str, str]]:
    answer = await desk.get(f"/procurer/imports/{run}/refused.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


COUNTED = {
    "providers": {"Rows read": 18, "Good rows": 18, "Refused rows": 0},
    "offerings": {"Rows read": 18, "Good rows": 14, "Refused rows": 4},
}
