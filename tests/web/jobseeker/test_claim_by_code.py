"""A letter without a camera: the code is typed, a slip is told at once, and an address is given afterwards."""

import re
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from setori import people, vouchers
from setori.app import clock
from setori.people import Role
from setori.vouchers import IssueVoucher
from tests.conftest import RealDatabase
from tests.domains.batching import rows
from tests.world import Market, a_market


@pytest.fixture
async def market(app: Litestar, fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, at=clock(), key=app.state.code_key)


@pytest.fixture
async def code(app: Litestar, fresh_database: RealDatabase, market: Market) -> str:
    """The code in a letter to somebody with a phone only."""
    order = IssueVoucher(programme_id=market.programme_id, name="Pekka Puhelin", phone="040 123 4567")
    async with fresh_database.sessions.begin() as db:
        desk = market.actors[Role.CASE_WORKER]
        issued = await vouchers.issue(db, order, key=app.state.code_key, by=desk, at=clock())
    return vouchers.shown(issued.code)


async def typed(client: httpx.AsyncClient, path: str, form: str, **told: str) -> httpx.Response:
    """Fill in a form as a browser does, which keeps its cookies."""
    headers = {"accept-language": "en"}
    found = re.search(r'name="_csrf" value="([^"]+)"', (await client.get(form, headers=headers)).text)
    assert found
    return await client.post(path, data={"_csrf": found[1], **told}, headers=headers)


async def test_from_the_code_to_the_wallet_and_an_address(
    client: httpx.AsyncClient, fresh_database: RealDatabase, code: str
) -> None:
    answer = await typed(client, "/claim", "/claim", code=code.lower().replace("-", " "))
    path = answer.headers["location"]
    seen = (await client.get(path, headers={"accept-language": "en"})).text
    assert "Pekka Puhelin" in seen
    assert "We have no e-mail address of yours yet" in seen
    entered = await typed(client, path, path)
    assert entered.headers["location"] == "/wallet/address"
    assert "You have no e-mail address here" in (await client.get("/wallet?lang=en")).text
    given = await typed(client, "/wallet/address", "/wallet/address", email="Pekka@Example.fi")
    assert given.status_code == 200
    again = await typed(client, "/wallet/address", "/wallet?lang=en", email="other@example.fi")
    assert again.status_code == 409, "one address is kept, and another is asked for"
    assert "You have no e-mail address here" not in (await client.get("/wallet?lang=en")).text
    kinds = await rows(
        fresh_database.sessions,
        "select o.kind from outbox o join person p on p.id = o.person_id where p.phone is not null",
    )
    assert kinds == [("sign_in_link",)], "no letter by e-mail before, a link to prove the address now"


async def test_somebody_elses_address_is_not_taken(
    client: httpx.AsyncClient, fresh_database: RealDatabase, market: Market, code: str
) -> None:
    async with fresh_database.sessions.begin() as db:
        other = (await people.find_person(db, market.person_id)).email
    path = (await typed(client, "/claim", "/claim", code=code)).headers["location"]
    await typed(client, path, path)
    refused = await typed(client, "/wallet/address", "/wallet/address", email=other)
    assert refused.status_code == 409
    assert "This address cannot be used here." in refused.text
    assert (await client.get("/wallet/address?lang=en")).text.count("We have an e-mail address of yours") == 0


async def test_a_slip_is_told_and_unknown_and_used_codes_sound_alike(
    app: Litestar, client: httpx.AsyncClient, market: Market, code: str
) -> None:
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "not as in the letter" in (await typed(client, "/claim", "/claim", code=slip)).text
    assert "Fill this in." in (await typed(client, "/claim", "/claim", code=" ")).text
    unknown = vouchers.code_of(UUID(int=1), app.state.code_key)
    answers = []
    for one in (unknown, market.code):
        answer = await typed(client, "/claim", "/claim", code=one)
        plain = re.sub(r'name="_csrf" value="[^"]+"|value="[^"]*"', "", answer.text)
        answers.append((answer.status_code, plain))
    assert answers[0] == answers[1]
    assert "No voucher is waiting with this code." in answers[0][1]


async def test_codes_are_not_tried_for_long(
    app: Litestar, client: httpx.AsyncClient, market: Market, code: str
) -> None:
    unknown = vouchers.code_of(UUID(int=2), app.state.code_key)
    statuses = [(await typed(client, "/claim", "/claim", code=unknown)).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert (await typed(client, "/claim", "/claim", code=code)).status_code == 429
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert (await typed(client, "/claim", "/claim", code=slip)).status_code == 422, "a slip costs no try"


async def test_nobody_gives_an_address_twice(
    fresh_database: RealDatabase, client: httpx.AsyncClient, market: Market
) -> None:
    holder = market.actors[Role.JOBSEEKER]
    async with fresh_database.sessions.begin() as db:
        with pytest.raises(people.AlreadyReachable):
            await people.give_email(db, "new@example.fi", by=holder, at=clock())
