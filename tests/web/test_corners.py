"""Small things that every page shares: the headers alone, a spent link, the reader's alphabet."""

import re

import httpx

from setori import places
from tests.conftest import RealDatabase


async def test_the_headers_alone_are_those_of_the_page(client: httpx.AsyncClient) -> None:
    for path in ("/coaches", "/how", "/register/providers.csv", "/nothing-here"):
        page, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (page.status_code, b""), path
        assert head.headers["content-type"] == page.headers["content-type"], path
    assert (await client.head("/sign-out")).status_code == 405, "what is only sent cannot be asked for"


async def test_a_spent_link_leads_to_a_new_one(client: httpx.AsyncClient) -> None:
    page = await client.get("/sign-in/link?token=nothing", headers={"accept-language": "en"})
    assert page.status_code == 409
    assert '<a class="button" href="/sign-in">Ask for a new link</a>' in page.text


async def test_areas_stand_in_the_readers_alphabet(
    client: httpx.AsyncClient, fresh_database: RealDatabase
) -> None:
    async with fresh_database.sessions.begin() as db:
        names = {"0001": ("Ahvenanmaa", "Zed"), "0002": ("Ääni", "Alpha"), "0003": ("Zorro", "Åby")}
        await places.load_areas(db, {code: {"fi": fi, "en": en} for code, (fi, en) in names.items()})
    for language, wanted in (("fi", ["0001", "0003", "0002"]), ("en", ["0002", "0001", "0003"])):
        page = await client.get("/providers", headers={"accept-language": language})
        shown = re.findall(r'<option value="(000\d)"', page.text)
        assert shown == wanted, language
