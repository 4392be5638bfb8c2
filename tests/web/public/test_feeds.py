"""The register for machines: whole, resumable while it changes, cacheable, and in Open Referral's words."""

import asyncio
import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from setori import registry
from setori.app import clock
from setori.db import Change, list_changes
from setori.people import Actor, Role
from setori.registry import SuspendApproval
from tests.conftest import RealDatabase
from tests.domains import builders as a

SCHEMAS = Path(__file__).parents[2] / "data" / "hsds-3.0.1"
FEEDS = ("/register.json", "/register.csv", "/register/events", "/register/hsds/organizations")


class Register:
    """A procurer whose registrar approves firms."""

    def __init__(self, database: RealDatabase, registrar: Actor, rulebook_id: UUID) -> None:
        self.database, self.registrar, self.rulebook_id = database, registrar, rulebook_id
        self.approvals: dict[UUID, UUID] = {}

    async def approve(self, name: str) -> UUID:
        async with self.database.sessions.begin() as db:
            provider_id = await a.a_provider(db, name, at=clock())
            self.approvals[provider_id] = await a.an_approval(db, self.rulebook_id, provider_id, at=clock())
        return provider_id

    async def suspend(self, provider_id: UUID) -> None:
        async with self.database.sessions.begin() as db:
            order = SuspendApproval(reason="=The terms were not kept.", is_urgent=True)
            approval_id = self.approvals[provider_id]
            await registry.suspend(db, approval_id, order, by=self.registrar, at=clock() + timedelta(days=1))


@pytest.fixture
async def register(fresh_database: RealDatabase) -> Register:
    async with fresh_database.sessions.begin() as db:
        procurer_id = await a.a_procurer(db, at=clock())
        registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id, at=clock())
        service_id = await a.a_service(db, at=clock())
        return Register(fresh_database, registrar, await a.a_rulebook(db, registrar, service_id, at=clock()))


async def read(client: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    answer = await client.get(path, params=asked or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_paging_tells_each_firm_once_while_firms_are_added(
    client: httpx.AsyncClient, register: Register
) -> None:
    at_first = {str(await register.approve(f"Firm {number} Oy")) for number in range(7)}
    seen: list[str] = []
    path: str | None = "/register.json?limit=3"
    while path:
        body = await read(client, path)
        seen += [item["id"] for item in body["items"]]
        if len(seen) < 9:
            at_first.add(str(await register.approve(f"Aaa {len(seen)} Oy")))
        path = body["next"]
    assert len(seen) == len(set(seen))
    assert set(seen) == at_first


async def test_events_tell_every_change_once_in_order_and_from_anywhere(
    client: httpx.AsyncClient, register: Register
) -> None:
    first = await register.approve("Suunta Oy")
    page = await read(client, "/register/events", limit=1)
    ((event,), since) = page["items"], page["since"]
    assert (event["what"], event["provider_id"]) == ("approval.begun", str(first))
    assert event["approval"]["status"] == "in_force"
    await register.suspend(first)
    second = await register.approve("Askel Oy")
    later = (await read(client, "/register/events", since=since))["items"]
    assert [(one["what"], one["provider_id"]) for one in later][-1] == ("approval.begun", str(second))
    assert [one["what"] for one in later[:-1]] == ["approval.suspended"]
    assert later[0]["approval"]["ends_on"]
    numbers = [one["number"] for one in (await read(client, "/register/events"))["items"]]
    assert numbers == sorted(set(numbers))
    nothing = await read(client, "/register/events", since=numbers[-1])
    assert (nothing["items"], nothing["since"], nothing["more"]) == ([], numbers[-1], False)


async def test_a_change_that_is_committed_late_is_not_left_out(
    client: httpx.AsyncClient, register: Register
) -> None:
    """Its entry is older than one that has been told already; its number is not."""
    async with register.database.sessions.begin() as slow:
        provider_id = await a.a_provider(slow, "Hidas Oy", at=clock())
        await a.an_approval(slow, register.rulebook_id, provider_id, at=clock())
        quick = await register.approve("Nopea Oy")
        told = await read(client, "/register/events")
        assert [one["provider_id"] for one in told["items"]] == [str(quick)]
    after = await read(client, "/register/events", since=told["since"])
    assert [one["provider_id"] for one in after["items"]] == [str(provider_id)]


async def test_many_readers_and_writers_at_once_agree_on_one_order(
    client: httpx.AsyncClient, register: Register
) -> None:
    async def follow() -> list[tuple[int, str]]:
        seen: list[tuple[int, str]] = []
        while len(seen) < 12:
            since = seen[-1][0] if seen else 0
            page = await read(client, "/register/events", since=since, limit=5)
            seen += [(one["number"], one["provider_id"]) for one in page["items"]]
        return seen

    async def write(writer: int) -> None:
        for number in range(4):
            await register.approve(f"Firm {writer} {number} Oy")

    async with asyncio.timeout(60):
        readers = [asyncio.create_task(follow()) for _ in range(3)]
        await asyncio.gather(*(write(writer) for writer in range(3)))
        seen = await asyncio.gather(*readers)
    assert seen[0] == seen[1] == seen[2]
    assert {provider for _, provider in seen[0]} == {str(id) for id in register.approvals}


async def test_an_approval_that_is_taken_away_is_told_as_gone(
    client: httpx.AsyncClient, register: Register
) -> None:
    provider_id = await register.approve("Suunta Oy")
    since = (await read(client, "/register/events"))["since"]
    owner = await asyncpg.connect(register.database.owner_url)
    await owner.execute("delete from approval where provider_id = $1", provider_id)
    await owner.close()
    (event,) = (await read(client, "/register/events", since=since))["items"]
    assert (event["what"], event["provider_id"], event["approval"]) == (
        "approval.removed",
        str(provider_id),
        None,
    )


async def test_the_csv_holds_every_approval_and_runs_nothing(
    client: httpx.AsyncClient, register: Register
) -> None:
    gone = await register.approve('=HYPERLINK("x") Oy')
    await register.approve("Askel, Oy")
    await register.suspend(gone)
    answer = await client.get("/register.csv", headers={"accept-language": "fi"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["name"] for row in rows] == ['\'=HYPERLINK("x") Oy', "Askel, Oy"]
    assert rows[0]["reason"] == "'=The terms were not kept."
    assert rows[1]["ends_on"] == "", "no end: empty"


@pytest.mark.parametrize("path", FEEDS)
async def test_a_feed_is_fetched_once_and_is_open_to_every_site(
    client: httpx.AsyncClient, register: Register, path: str
) -> None:
    await register.approve("Suunta Oy")
    first = await client.get(path, headers={"accept-language": "fi"})
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["access-control-allow-origin"] == "*"
    assert "cookie" not in first.headers["vary"].lower()
    assert "set-cookie" not in first.headers
    same = await client.get(path, headers={"if-none-match": f'"other", {tag}', "accept-language": "sv"})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    await register.approve("Askel Oy")
    changed = await client.get(path, headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/register.json?after=nobody", "after"),
        ("/register.json?limit=0", "limit"),
        ("/register.json?limit=501", "limit"),
        ("/register/events?since=-1", "since"),
        ("/register/events?since=x", "since"),
        ("/register/events?since=9223372036854775808", "since"),
        ("/register/events?limit=0", "limit"),
        ("/register/hsds/organizations?page=0", "page"),
        ("/register/hsds/services?per_page=201", "per_page"),
    ],
)
async def test_a_parameter_that_does_not_do_is_named_in_a_problem(
    client: httpx.AsyncClient, path: str, name: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["type"]) == (422, "urn:setori:problem:invalid")
    assert list(problem["errors"]) == [name]
    assert problem["errors"][name]


@pytest.mark.parametrize("kind", ["organizations", "services"])
async def test_what_is_not_there_is_a_problem_too(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get(f"/register/hsds/{kind}/01890a5d-ac96-774b-bcce-b302099a8057")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:setori:problem:not-found")


def schemas() -> Registry[Any]:
    found = [(file.name, DRAFT202012.create_resource(known(file.stem))) for file in SCHEMAS.glob("*.json")]
    return Registry[Any]().with_resources(found)


def known(name: str) -> dict[str, Any]:
    """A schema under which a property that the standard does not know is refused too."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    return {"additionalProperties": False, **schema}


async def test_documents_are_as_open_referral_wants_them(
    client: httpx.AsyncClient, register: Register
) -> None:
    provider_id = await register.approve("Suunta Oy")
    async with register.database.sessions.begin() as db:
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, at=clock())
        service_id = await a.a_service(db, at=clock())
        offering_id = await a.an_offering(db, owner, service_id, languages=["fi", "so"], at=clock())
    organizations = await read(client, "/register/hsds/organizations")
    services = await read(client, "/register/hsds/services")
    assert (organizations["total_items"], services["total_items"]) == (1, 1)
    for name, documents, path in (
        ("organization", organizations["contents"], f"/register/hsds/organizations/{provider_id}"),
        ("service", services["contents"], f"/register/hsds/services/{offering_id}"),
    ):
        validator = Draft202012Validator(
            known(name), registry=schemas(), format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        for document in [*documents, await read(client, path)]:
            assert [error.message for error in validator.iter_errors(document)] == []
        assert [error.message for error in validator.iter_errors(documents[0] | {"id": 1, "odd": 2})], (
            "a document that is wrong is seen"
        )
    (service,) = services["contents"]
    assert service["status"] == "active"
    assert service["organization"]["organization_identifiers"][0]["identifier_scheme"] == "FI-PRH"
    assert [one["code"] for one in service["languages"]] == ["fi", "so"]
    beyond = await read(client, "/register/hsds/organizations", page=2)
    assert (beyond["empty"], beyond["contents"]) == (True, [])


async def test_pages_carry_linked_data_that_cannot_break_out(
    client: httpx.AsyncClient, register: Register
) -> None:
    provider_id = await register.approve("</script><script>alert(1)</script> Oy")
    async with register.database.sessions.begin() as db:
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, at=clock())
        offering_id = await a.an_offering(db, owner, await a.a_service(db, at=clock()), at=clock())
    for path, kind in (
        (f"/providers/{provider_id}", "Organization"),
        (f"/offerings/{offering_id}", "Service"),
    ):
        answer = await client.get(path)
        (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.S)
        linked = json.loads(found)
        assert linked["@type"] == kind
        assert "alert(1)" in json.dumps(linked)
        assert "<script>alert" not in answer.text
        assert "script-src 'self';" in answer.headers["content-security-policy"]


async def test_two_readers_at_once_give_no_number_twice(register: Register) -> None:
    """The second sees what the first does not: an entry that is older and was committed in between."""
    sessions = register.database.sessions
    async with sessions() as late, sessions() as first:
        slow = await a.a_provider(late, "Hidas Oy", at=clock())
        await a.an_approval(late, register.rulebook_id, slow, at=clock())
        quick = await register.approve("Nopea Oy")
        seen = await list_changes(first, since=0, limit=10)
        await late.commit()

        async def read_too() -> list[Change]:
            async with sessions.begin() as second:
                return await list_changes(second, since=0, limit=10)

        reading = asyncio.create_task(read_too())
        await asyncio.sleep(0.3)
        assert not reading.done(), "it waits for the first"
        await first.commit()
        then = await reading
    assert [(one.number, one.about_id) for one in seen] == [(1, quick)]
    assert [(one.number, one.about_id) for one in then] == [(1, quick), (2, slow)]
