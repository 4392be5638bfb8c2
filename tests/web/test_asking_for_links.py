"""Links to come in with: few for one visitor and for all together, and nothing tells whether an address is known."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine, event

from setori import people
from setori.app import clock
from setori.cli import serving
from setori.people import Role
from setori.people.rules import LINKS_IN_ALL
from setori.settings import Settings
from tests.conftest import RealDatabase
from tests.domains import builders as a

KNOWN = "veera.known@example.fi"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
async def known(fresh_database: RealDatabase) -> None:
    async with fresh_database.sessions.begin() as db:
        actor = await a.an_actor(db, Role.JOBSEEKER, None, "Veera Laine", at=clock())
        connection = await db.connection()
        await connection.exec_driver_sql(
            "update person set email = $1 where id = $2", (KNOWN, str(actor.person_id))
        )


@pytest.fixture
async def from_elsewhere(app: Any, client: httpx.AsyncClient) -> AsyncIterator[Any]:
    """Browsers at other addresses."""
    opened: list[httpx.AsyncClient] = []

    def at_address(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, client=(address, 4000))
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://testserver.local"))
        return opened[-1]

    yield at_address
    for one in opened:
        await one.aclose()


async def asks(client: httpx.AsyncClient, email: str, **headers: str) -> httpx.Response:
    shown = await client.get("/sign-in", headers=ENGLISH)
    found = re.search(r'name="_csrf" value="([^"]+)"', shown.text)
    assert found
    data = {"_csrf": found[1], "email": email, "next": "/wallet"}
    return await client.post("/sign-in", data=data, headers=ENGLISH | headers)


async def links(database: RealDatabase) -> int:
    async with database.sessions() as db:
        return len([one for one in (await people.list_outbox(db)).items if one.kind == "sign_in_link"])


@pytest.mark.usefixtures("known")
async def test_a_visitor_gets_ten_links_in_five_minutes_and_a_sentence_after_that(
    client, from_elsewhere, fresh_database
) -> None:
    for number in range(10):
        claim = {"x-forwarded-for": f"10.1.1.{number}", "forwarded": f"for=10.1.1.{number}"}
        assert (await asks(client, f"nobody{number}@example.fi", **claim)).status_code == 200
    refused = await asks(client, KNOWN, **{"x-forwarded-for": "10.9.9.9"})
    assert refused.status_code == 429
    assert 240 < int(refused.headers["retry-after"]) <= 300
    assert "Many sign-in links have been asked for from your network just now." in refused.text
    assert f'value="{KNOWN}"' in refused.text, "what was typed is kept"
    assert await links(fresh_database) == 0
    assert (await asks(from_elsewhere("192.0.2.7"), KNOWN)).status_code == 200
    assert await links(fresh_database) == 1


@pytest.mark.usefixtures("known")
async def test_an_address_gets_ten_links_whoever_asks(from_elsewhere, fresh_database) -> None:
    for number in range(10):
        assert (await asks(from_elsewhere(f"192.0.2.{number}"), KNOWN.upper())).status_code == 200
    refused = await asks(from_elsewhere("192.0.2.99"), KNOWN)
    assert (refused.status_code, await links(fresh_database)) == (429, 10)
    assert "This was tried too many times." in refused.text


@pytest.mark.usefixtures("known")
async def test_all_together_get_a_thousand_and_one_visitor_cannot_use_them_up(
    client, from_elsewhere, fresh_database
) -> None:
    async with fresh_database.sessions.begin() as db:
        connection = await db.connection()
        await connection.exec_driver_sql(
            "insert into rate_bucket (rule, subject, window_at, count) values ('sign_in_all', '', $1, $2)",
            (clock(), LINKS_IN_ALL - 10),
        )
    for number in range(15):
        await asks(client, f"nobody{number}@example.fi")
    refused = await asks(from_elsewhere("192.0.2.1"), KNOWN)
    assert refused.status_code == 429
    assert "Very many people are signing in just now." in refused.text
    async with fresh_database.sessions.begin() as db:
        with pytest.raises(people.TooOften):
            await people.count_request(db, KNOWN, at=clock(), visitor="192.0.2.2")
    async with fresh_database.sessions.begin() as db:
        await people.count_request(db, KNOWN, at=clock() + timedelta(minutes=5), visitor="192.0.2.2")


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    yield said
    event.remove(Engine, "before_cursor_execute", hear)


@pytest.mark.usefixtures("known")
async def test_nothing_is_done_before_the_answer_that_tells_a_known_address(
    app, client, fresh_database
) -> None:
    done = {}
    for email in (KNOWN, "nobody.there@example.fi"):
        with statements() as said:
            before_answer: list[str] = []

            async def listening(
                scope: Any, receive: Any, send: Any, said: Any = said, kept: Any = before_answer
            ) -> None:
                async def heard(message: Any) -> None:
                    if message["type"] == "http.response.body" and not message.get("more_body"):
                        kept[:] = said
                    await send(message)

                await app(scope, receive, heard)

            transport = httpx.ASGITransport(app=listening)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as browser:
                said.clear()
                answer = await asks(browser, email)
            done[email] = (
                (answer.status_code, re.sub(r'value="[^"]+"|[\w.]+@example.fi', "", answer.text)),
                [*before_answer],
            )
            assert len(said) > len(before_answer), "the address is looked for after the answer"
    assert done[KNOWN] == done["nobody.there@example.fi"]
    assert any("rate_bucket" in one for one in done[KNOWN][1])
    assert await links(fresh_database) == 1


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [("", "203.0.113.9"), ("198.51.100.0/24", "203.0.113.9"), ("203.0.113.9", "192.0.2.44")],
    ids=["nobody is trusted", "another is trusted", "the proxy is trusted"],
)
async def test_only_a_named_proxy_is_believed_about_the_visitor(trusted: str, seen: str) -> None:
    told: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        told.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    options = serving(Settings(demo=True, trusted_proxies=trusted))
    config = uvicorn.Config(app, **options)
    config.load()
    transport = httpx.ASGITransport(app=config.loaded_app, client=("203.0.113.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as browser:
        # Whatever the visitor claims stands to the left of what the proxy has seen.
        await browser.get("/", headers={"x-forwarded-for": "127.0.0.1, 192.0.2.44"})
    assert told == [seen]
