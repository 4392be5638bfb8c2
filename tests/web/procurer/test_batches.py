"""A case worker hands in a list, looks at each row, issues, prints, and cancels."""

import csv
import io
import re
from uuid import UUID

import httpx
import pikepdf
import pytest
from litestar import Litestar

from setori import places, vouchers
from setori.app import clock
from setori.people import Role
from tests.conftest import RealDatabase
from tests.domains.batching import people, rows
from tests.web.test_doors import TOKEN
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market

BASE = "/procurer/vouchers/batches"


@pytest.fixture
async def market(app: Litestar, fresh_database: RealDatabase) -> Market:
    market = await a_market(fresh_database, at=clock(), key=app.state.code_key)
    async with fresh_database.sessions.begin() as db:
        await places.load_municipalities(db, [("837", "0011", {"fi": "Tampere", "sv": "Tammerfors"})])
    return market


@pytest.fixture
async def desk(client: httpx.AsyncClient, fresh_database: RealDatabase, market: Market) -> Visitor:
    return await visitor(client, fresh_database.sessions, market.actors[Role.CASE_WORKER])


async def hand_in(
    desk: Visitor, market: Market, words: str | bytes, name: str = "nuoret.csv"
) -> httpx.Response:
    found = TOKEN.search((await desk.get("/roles")).text)
    assert found
    content = words.encode() if isinstance(words, str) else words
    told = {"_csrf": found[1], "programme_id": str(market.programme_id)}
    files = {"file": (name, content, "text/csv")} if content else None
    return await desk.client.post(BASE, data=told, files=files, headers=desk.headers)


async def work(app: Litestar, database: RealDatabase, path: str) -> None:
    """What the worker does."""
    batch_id = UUID(path.rsplit("/", 1)[1])
    await vouchers.run_batch(database.sessions, batch_id, key=app.state.code_key, clock=clock)


async def test_from_the_list_to_the_letters(
    app: Litestar, fresh_database: RealDatabase, market: Market, desk: Visitor
) -> None:
    words = people(3) + "\n=HYPERLINK();paha;;;;;;;;\nPekka Puhelin;;0401234567;Tampere;sv;;;;;"
    assert (await desk.get(BASE)).text.count("No list has been handed in.") == 1
    path = (await hand_in(desk, market, words)).headers["location"]
    seen = (await desk.get(path)).text
    assert "Being checked" in seen
    assert 'hx-trigger="every 1s"' in seen
    await work(app, fresh_database, path)
    seen = (await desk.get(path)).text
    assert "Issue the 4 good ones" in seen
    assert "This is not an e-mail address" in seen
    only = (await desk.get(f"{path}?show=problems")).text
    assert "This is not an e-mail address" in only
    assert "nuori1@example.fi" not in only
    refused = (await desk.get(f"{path}/refused.csv")).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(refused)))[1][2:4] == ["'=HYPERLINK()", "paha"]
    assert (await desk.post(f"{path}/start")).status_code == 303
    assert "0 of 4 issued" in (await desk.get(path)).text
    await work(app, fresh_database, path)
    seen = (await desk.get(path)).text
    assert "All letters (PDF)" in seen
    with pikepdf.open(io.BytesIO((await desk.get(f"{path}/letters.pdf")).content)) as pdf:
        links = [str(page.Annots[0].A.URI) for page in pdf.pages]
    ids = await rows(
        fresh_database.sessions, "select voucher_id from batch_row where status = 'issued' order by number"
    )
    tokens = [vouchers.claim_token_of(voucher_id, app.state.code_key) for (voucher_id,) in ids]
    assert links == [f"http://testserver.local/claim/{token}" for token in tokens]
    async with fresh_database.sessions.begin() as db:
        await vouchers.claim(db, tokens[1], at=clock())
    with pikepdf.open(io.BytesIO((await desk.get(f"{path}/letters.pdf")).content)) as pdf:
        assert len(pdf.pages) == 3, "who has claimed needs no letter"
    assert (await desk.get(f"{path}/letters.pdf?part=2")).status_code == 404
    letter = (await desk.get(f"/procurer/vouchers/{ids[3][0]}/letter")).text
    assert tokens[3] in letter
    assert "nothing was sent" in letter
    assert (await desk.post(f"{path}/cancellation", {"takes_back": "yes"})).status_code == 422
    told = {"takes_back": "yes", "reason": "Väärä lista"}
    assert (await desk.post(f"{path}/cancellation", told)).status_code == 303
    await work(app, fresh_database, path)
    assert "Cancelled" in (await desk.get(path)).text
    assert await rows(fresh_database.sessions, "select count(*) from voucher where status = 'cancelled'") == [
        (3,)
    ]
    assert (await desk.post(f"{path}/cancellation", told)).status_code == 303, (
        "claimed ones stay, nothing is left"
    )


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (people(1).encode("latin-1"), "is not UTF-8"),
        (people(1).encode("utf-16"), "is not UTF-8"),
        (b"PK\x03\x04", "This is not a CSV file"),
        (b'nimi;puhelin\n"Aino;1\n', "A quotation mark on row 2"),
        (b"nimi;puhelin\n", "There are no rows"),
        (b"a;b\n1;2\n", "There is no column for the name"),
        (b"nimi;kunta\n1;2\n", "There is no column for an e-mail"),
        (b"nimi;name;puhelin\n1;2;3\n", "Two columns of the header mean the same: “nimi”"),
        (b"\n\n", "The file is empty"),
    ],
)
async def test_a_file_that_cannot_be_used_says_why(
    app: Litestar, fresh_database: RealDatabase, market: Market, desk: Visitor, file: bytes, says: str
) -> None:
    path = (await hand_in(desk, market, file)).headers["location"]
    await work(app, fresh_database, path)
    assert says in (await desk.get(path)).text


async def test_no_file_and_no_programme_are_told_at_their_fields(desk: Visitor, market: Market) -> None:
    assert "Choose the file." in (await hand_in(desk, market, "")).text
    found = TOKEN.search((await desk.get("/roles")).text)
    assert found
    files = {"file": ("a.csv", b"x", "text/csv")}
    answer = await desk.client.post(BASE, data={"_csrf": found[1]}, files=files, headers=desk.headers)
    assert answer.status_code == 422
    assert "f-programme_id-error" in answer.text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_template_is_understood_as_it_is(
    app: Litestar, fresh_database: RealDatabase, market: Market, desk: Visitor, language: str
) -> None:
    desk.headers["accept-language"] = language
    template = (await desk.get(f"{BASE}/template.csv")).content
    path = (await hand_in(desk, market, template)).headers["location"]
    await work(app, fresh_database, path)
    found = await rows(
        fresh_database.sessions, "select status, email, support_need, unemployed, age_band from batch_row"
    )
    assert [(row[0], *row[2:]) for row in found] == [("good", "high", "from_6_to_24_months", "from_20_to_24")]
    assert await rows(fresh_database.sessions, "select unused_columns from batch") == [([],)]


async def test_the_rows_come_a_page_at_a_time(
    app: Litestar, fresh_database: RealDatabase, market: Market, desk: Visitor
) -> None:
    path = (await hand_in(desk, market, people(120))).headers["location"]
    await work(app, fresh_database, path)
    seen, following = [], path
    while following:
        text = (await desk.get(following)).text
        seen += re.findall(r"nuori(\d+)@", text)
        onward = re.search(r'href="([^"]+)" rel="next"', text)
        following = onward[1].replace("&amp;", "&") if onward else ""
    assert seen == [str(number) for number in range(1, 121)]


async def test_one_voucher_for_somebody_with_a_phone_only_and_how_they_stand(
    fresh_database: RealDatabase, market: Market, desk: Visitor
) -> None:
    order = {
        "programme_id": str(market.programme_id),
        "name": "Pekka Puhelin",
        "email": "",
        "phone": "040 123 4567",
    }
    order |= {"support_need": "high", "unemployed": "", "age_band": "from_20_to_24"}
    nobody = await desk.post("/procurer/vouchers", order | {"phone": ""})
    assert nobody.status_code == 422
    assert "Give an e-mail address or a phone number." in nobody.text
    answer = await desk.post("/procurer/vouchers", order)
    assert answer.status_code == 303
    voucher = answer.headers["location"].removesuffix("/letter")
    seen = (await desk.get(voucher)).text
    assert "+358401234567" in seen
    assert "How the person stood when it was issued" in seen
    again = await desk.post("/procurer/vouchers", order)
    assert again.status_code == 409
    assert "already has a voucher" in again.text
