"""The shortlist of a stranger in the browser, and of a jobseeker in the account; and the way from one to the other."""

import re

import pytest
from sqlalchemy import text

from setori import finding, people, registry
from setori.app import clock
from setori.finding import LIST_AT_MOST
from setori.people import Role
from setori.registry import TellCapacity
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.web.visiting import visitor
from tests.world import Market, a_market

READER = {"accept-language": "en"}


@pytest.fixture
async def market(app, fresh_database: RealDatabase) -> Market:
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    async with fresh_database.sessions.begin() as db:
        owner = market.actors[Role.PROVIDER_OWNER]
        coaches = [
            await a.a_coach(db, market.provider_id, f"Coach {number}", at=clock())
            for number in range(LIST_AT_MOST + 1)
        ]
        await a.an_offering(db, owner, market.service_id, coaches, at=clock())
    return market


async def listed_in_catalogue(client) -> list[str]:
    page = (await client.get("/coaches?order=name", headers=READER)).text
    return re.findall(r'form="keep" name="keep" value="([^"]+)"', page)


async def send(client, **typed):
    page = (await client.get("/coaches", headers=READER)).text
    token = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert token
    return await client.post("/shortlist", data={"_csrf": token[1], **typed}, headers=READER)


async def test_a_stranger_keeps_a_list_in_the_browser(client, market):
    first, second, *_ = await listed_in_catalogue(client)
    answer = await send(client, keep=first, back="/coaches?order=name")
    assert answer.headers["location"] == f"/coaches?order=name#c-{first}"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    await send(client, keep=second)
    await send(client, keep=second)
    catalogue = (await client.get("/coaches?order=name", headers=READER)).text
    assert catalogue.count('name="drop"') == 2
    assert "My list (2)" in catalogue
    page = (await client.get("/shortlist", headers=READER)).text
    assert page.count("<article") == 2
    assert "Only this browser remembers it" in page
    assert "Compare both" in page
    await send(client, drop=first)
    page = (await client.get("/shortlist", headers=READER)).text
    assert first not in page
    assert second in page
    await send(client, drop=second)
    assert "Nobody on your list yet" in (await client.get("/shortlist", headers=READER)).text


async def test_a_full_list_says_so(client, market):
    pairs = []
    page = (await client.get("/coaches?order=name", headers=READER)).text
    while len(pairs) <= LIST_AT_MOST:
        pairs += re.findall(r'form="keep" name="keep" value="([^"]+)"', page)
        following = re.search(r'href="(/coaches\?[^"]*after=[^"]+)"', page)
        if not following:
            break
        page = (await client.get(following[1].replace("&amp;", "&"), headers=READER)).text
    assert len(pairs) > LIST_AT_MOST
    for pair in pairs[:LIST_AT_MOST]:
        await send(client, keep=pair)
    answer = await send(client, keep=pairs[LIST_AT_MOST])
    assert answer.headers["location"] == "/shortlist?said=full"
    assert "take one off first" in (await client.get("/shortlist?said=full", headers=READER)).text


@pytest.mark.parametrize("told", ["", "x", "ä", "AAAA", "A" * 43, "%00", '"', "A" * 5000])
async def test_what_is_no_list_is_an_empty_one(client, market, told):
    page = await client.get("/shortlist", headers=READER | {"cookie": f"list={told}".encode()})
    assert page.status_code == 200
    assert "<article" not in page.text


@pytest.mark.parametrize("pair", ["", "x", "_", "00000000-0000-0000-0000-000000000000_"])
async def test_only_who_is_in_the_catalogue_can_be_put_there(client, market, pair):
    answer = await send(client, keep=pair)
    assert answer.status_code == (404 if pair else 422)
    assert "set-cookie" not in answer.headers or "list=" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_one_is_led_nowhere_else(client, market, back):
    first, *_ = await listed_in_catalogue(client)
    assert (await send(client, keep=first, back=back)).headers["location"] == f"/#c-{first}"


async def test_the_list_moves_into_the_account_at_sign_in(client, market, fresh_database):
    first, second, *_ = await listed_in_catalogue(client)
    await send(client, keep=first)
    await send(client, keep=second)
    who = market.actors[Role.JOBSEEKER]
    async with fresh_database.sessions.begin() as db:
        held = await people.list_memberships(db, who.person_id)
        token = await people.mint_link(db, who.person_id, held[0].id, at=clock())
    page = (await client.get("/sign-in/link", params={"token": token}, headers=READER)).text
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert csrf
    entered = await client.post("/sign-in/link", data={"_csrf": csrf[1], "token": token}, headers=READER)
    assert entered.status_code == 303
    assert "list" not in client.cookies, "the browser forgets what the account remembers"
    async with fresh_database.sessions() as db:
        listed = await finding.list_shortlist(db, who.person_id)
    assert [f"{offering}_{coach or ''}" for offering, coach in listed] == [first, second]
    page = (await client.get("/wallet", headers=READER)).text
    assert "My list (2)" in page


async def test_in_the_account_it_is_ones_own(client, market, fresh_database):
    holder = await visitor(client, fresh_database.sessions, market.actors[Role.JOBSEEKER])
    first, *_ = await listed_in_catalogue(client)
    assert (await holder.post("/shortlist", {"keep": first})).headers["location"] == "/shortlist"
    assert first in (await holder.get("/shortlist")).text
    async with fresh_database.sessions.begin() as db:
        number = (await db.exec(text("select count(*) from shortlist_entry"))).scalar_one()
    assert number == 1
    assert first not in (await client.get("/shortlist", headers=READER)).text
    owner = await visitor(client, fresh_database.sessions, market.actors[Role.PROVIDER_OWNER])
    assert 'name="keep"' not in (await owner.get("/coaches")).text, "a firm chooses nobody"
    assert (await owner.post("/shortlist", {"keep": first})).status_code == 422


async def test_the_table_says_when_and_for_how_many(client, market, fresh_database):
    pairs = (await listed_in_catalogue(client))[:3]
    async with fresh_database.sessions.begin() as db:
        order = TellCapacity(
            service_id=market.service_id, procurer_id=market.procurer_id, places=3, waiting_days=5
        )
        await registry.tell_capacity(db, order, by=market.actors[Role.PROVIDER_OWNER], at=clock())
    query = "&".join(f"pair={pair}" for pair in pairs)
    page = (await client.get(f"/coaches/compare?{query}", headers=READER)).text
    assert page.count("3 new clients can begin, first session in 5 days") == 3
    assert page.count("agreed on together") == 3
    await send(client, keep=pairs[1], back=f"/coaches/compare?{query}")
    page = (await client.get(f"/coaches/compare?{query}", headers=READER)).text
    assert page.count('name="drop"') == 1
