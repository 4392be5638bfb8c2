"""The case worker issues a voucher in three fields, once; follows it; and takes it back with a reason."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from setori import vouchers
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.readmodels import procurer_desk
from setori.readmodels import programmes as programme_rows
from setori.vouchers import StartProgramme
from tests.domains import builders as a


@pytest.fixture
async def programme(world):
    """A programme with money for two vouchers of five sessions at 80 euros."""
    order = StartProgramme(
        service_id=world.service_id,
        name={"fi": "Nuorten valmennus", "en": "Coaching for the young"},
        units=5,
        price_cap_cents=80_00,
        validity_days=90,
        budget_cents=800_00,
    )
    async with world.sessions.begin() as db:
        return await vouchers.start_programme(db, order, by=world.actors[Role.CASE_WORKER], at=clock())


def order(programme, **other):
    told = {"name": "Veera Laine", "email": "veera@example.fi", "language": "fi"}
    return {"programme_id": str(programme), **told, **other}


async def test_a_voucher_is_issued_and_its_letter_holds_the_link_and_the_code(
    world, visitor, programme
) -> None:
    who = await visitor(Role.CASE_WORKER)
    before = (await who.get("/procurer/vouchers/new")).text
    assert "worth at most €400.00" in before
    assert "enough for 2 vouchers" in before
    sent = await who.post("/procurer/vouchers", **order(programme))
    assert sent.status_code == 303
    letter = (await who.get(sent.headers["location"])).text
    link = re.search(r'href="([^"]*/claim/[^"]+)"', letter)
    assert link
    assert 'lang="fi"' in letter.split("<article")[1]
    token = link[1].rsplit("/", 1)[1]
    async with world.sessions.begin() as db:
        await vouchers.claim(db, token, at=clock())
    later = (await who.get(sent.headers["location"])).text
    assert "/claim/" not in later, "once it is in use, the letter opens nothing and is not shown"


async def test_a_second_voucher_for_the_same_person_has_to_be_meant(world, visitor, programme) -> None:
    who = await visitor(Role.CASE_WORKER)
    assert (await who.post("/procurer/vouchers", **order(programme))).status_code == 303
    again = await who.post("/procurer/vouchers", **order(programme, email="VEERA@example.fi"))
    assert again.status_code == 409
    assert "already has a voucher" in again.text
    assert (await who.post("/procurer/vouchers", **order(programme, again="yes"))).status_code == 303


async def test_an_empty_budget_refuses_and_leaves_nothing_behind(world, visitor, programme) -> None:
    who = await visitor(Role.CASE_WORKER)
    for n in range(2):
        email = f"n{n}@example.fi"
        assert (await who.post("/procurer/vouchers", **order(programme, email=email))).status_code == 303
    refused = await who.post("/procurer/vouchers", **order(programme, name="Kolmas", email="k@example.fi"))
    assert refused.status_code == 409
    assert "not enough money" in refused.text
    assert 'value="Kolmas"' in refused.text
    async with world.sessions.begin() as db:
        assert sum((await procurer_desk.count_vouchers(db, world.procurer_id)).values()) == 2


async def test_errors_come_back_with_what_was_typed(world, visitor, programme) -> None:
    who = await visitor(Role.CASE_WORKER)
    page = await who.post("/procurer/vouchers", **order(programme, email="veera", expires_on="2020-01-01"))
    assert page.status_code == 422
    assert 'href="#f-email"' in page.text
    assert 'value="veera"' in page.text
    past = await who.post("/procurer/vouchers", **order(programme, expires_on="2020-01-01"))
    assert past.status_code == 422
    assert "The last day cannot be in the past." in past.text
    last = local_day(clock()) + timedelta(days=1100)
    far = await who.post("/procurer/vouchers", **order(programme, expires_on=str(last + timedelta(days=1))))
    assert far.status_code == 422
    assert 'id="f-expires_on-error"' in far.text
    assert "The last day can be at most 1,100 days away." in far.text
    near = await who.post("/procurer/vouchers", **order(programme, expires_on=str(last)))
    assert near.status_code == 303


async def test_a_voucher_is_taken_back_with_a_reason_and_its_worth_is_free_again(
    world, visitor, programme
) -> None:
    who = await visitor(Role.CASE_WORKER)
    sent = await who.post("/procurer/vouchers", **order(programme))
    place = sent.headers["location"].removesuffix("/letter")
    assert (await who.post(f"{place}/cancellation", reason="")).status_code == 422
    assert (await who.post(f"{place}/cancellation", reason="Muutti pois.")).status_code == 303
    page = (await who.get(place)).text
    assert "Muutti pois." in page
    assert (await who.post(f"{place}/cancellation", reason="Uudestaan.")).status_code == 409
    async with world.sessions.begin() as db:
        (row,) = await programme_rows.list_programmes(db, world.procurer_id)
    assert (row.granted, row.free, row.on_vouchers, row.used) == (800_00, 800_00, 0, 0)


async def test_another_procurers_voucher_is_as_a_missing_one(world, visitor, programme) -> None:
    who = await visitor(Role.CASE_WORKER)
    sent = await who.post("/procurer/vouchers", **order(programme))
    place = sent.headers["location"].removesuffix("/letter")
    async with world.sessions.begin() as db:
        neighbour = await a.an_actor(db, Role.CASE_WORKER, world.neighbour_id, "Naapuri")
    stranger = await visitor(neighbour)
    for path in (place, f"{place}/letter", f"{place}/cancellation", f"/procurer/vouchers/{uuid4()}"):
        assert (await stranger.get(path)).status_code == 404, path
    assert (await stranger.post(f"{place}/cancellation", reason="Ei ole oma.")).status_code == 404
    assert (await stranger.post("/procurer/vouchers", **order(programme))).status_code == 404
    assert "Veera Laine" not in (await stranger.get("/procurer/vouchers?q=Veera")).text


async def test_a_long_list_costs_as_many_queries_as_a_short_one(
    world, visitor, programme, statements_sent
) -> None:
    who = await visitor(Role.CASE_WORKER)
    await who.post("/procurer/vouchers", **order(programme))
    statements_sent.clear()
    await who.get("/procurer/vouchers")
    short = len(statements_sent)
    for _ in range(27):
        await world.a_confirmed_session()
    statements_sent.clear()
    page = (await who.get("/procurer/vouchers")).text
    assert len(statements_sent) == short
    rest = re.search(r'href="([^"]*before=[^"]*)"', page)
    assert rest
    first, second = (
        set(re.findall(r"/procurer/vouchers/([0-9a-f-]{36})", text))
        for text in (page, (await who.get(rest[1].replace("&amp;", "&"))).text)
    )
    assert (len(first), len(second), first & second) == (25, 3, set())
