"""What the registers say, on the registrar's desk, on the application and on the firm's public page."""

from datetime import timedelta
from uuid import UUID

import pytest

from setori import facts, jobs, registry
from setori.app import clock
from setori.facts import Office, Told
from setori.people import Role
from tests.domains import builders as a

GONE = Told("Business register", {"standing": "bankrupt", "prepayment": "registered"})
FINE = Told("Tax office", {"tax": "taxes_paid", "pension": "pensions_paid"})


@pytest.fixture
async def notice(world) -> UUID:
    """The firm that is approved here is bankrupt."""
    async with world.sessions.begin() as db:
        await facts.keep(db, world.provider_id, Office.COMPANY, GONE, at=clock())
        await facts.keep(db, world.provider_id, Office.OBLIGATIONS, FINE, at=clock())
        await facts.notice(db, world.provider_id, [world.procurer_id], at=clock())
        return (await facts.list_notices(db, by=world.actors[Role.REGISTRAR])).items[0].id


async def test_a_bankrupt_firm_is_on_the_desk_until_it_has_been_looked_at(world, visitor, notice) -> None:
    who = await visitor(Role.REGISTRAR)
    assert "Firms to look at" in (await who.get("/procurer")).text
    listed = (await who.get("/procurer/notices")).text
    assert "Suunta Oy" in listed
    assert "Bankrupt" in listed
    assert "Noticed on" in listed
    path = f"/procurer/notices/{notice}"
    page = (await who.get(path)).text
    assert "No tax debt" in page
    empty = await who.post(f"{path}/look", note="")
    assert empty.status_code == 422
    done = await who.post(f"{path}/look", note="We suspended the approval.")
    assert (done.status_code, done.headers["location"]) == (303, "/procurer/notices")
    again = await who.post(f"{path}/look", note="Once more.")
    assert again.status_code == 409
    assert "looked at already" in again.text
    assert "There is nothing to look at" in (await who.get("/procurer/notices")).text
    looked = (await who.get("/procurer/notices?done=yes")).text
    assert "We suspended the approval." in looked
    assert "Once more." not in looked


async def test_tasks_are_paged_by_key(world, visitor) -> None:
    async with world.sessions.begin() as db:
        for number in range(27):
            firm = await a.a_provider(db, f"Firm {number:02} Oy")
            await facts.keep(db, firm, Office.COMPANY, GONE, at=clock())
            await facts.notice(db, firm, [world.procurer_id], at=clock())
    who = await visitor(Role.REGISTRAR)
    first = (await who.get("/procurer/notices")).text
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = (await who.get(following)).text
    seen = [f"Firm {number:02} Oy" for number in range(27)]
    assert [name in first for name in seen].count(True) == 25
    assert [name for name in seen if name not in first] == [name for name in seen if name in second]


async def test_the_application_shows_what_the_registers_say_and_that_one_could_not_be_asked(
    world, visitor
) -> None:
    async with world.sessions.begin() as db:
        firm = await a.a_provider(db, "Uusi Oy")
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
        application = await a.an_application(db, world.rulebook_id, owner)
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/applications/{application}"
    assert "The registers have not been asked yet." in (await who.get(path)).text
    async with world.sessions.begin() as db:
        await facts.keep_silence(db, firm, Office.OBLIGATIONS, "HTTP 503", at=clock())
        await facts.keep(db, firm, Office.COMPANY, GONE, at=clock())
    page = (await who.get(path)).text
    assert "Bankrupt" in page
    assert "Not in order" in page
    assert "Could not be asked since" in page
    assert "That says nothing of the firm." in page


async def test_everybody_sees_how_a_firm_stands_and_only_procurers_what_it_owes(client, world) -> None:
    owes = Told("Tax office", {"tax": "tax_debt", "pension": "pension_debt"})
    async with world.sessions.begin() as db:
        await facts.keep(db, world.provider_id, Office.COMPANY, GONE, at=clock())
        await facts.keep(db, world.provider_id, Office.OBLIGATIONS, owes, at=clock())
    page = (await client.get(f"/providers/{world.provider_id}", headers={"accept-language": "en"})).text
    assert "Bankrupt" in page
    assert "Business register" in page
    assert "Tax debt" not in page
    assert "Insurance not paid" not in page


async def test_the_public_page_tells_what_has_happened_and_never_who_did_it(client, world) -> None:
    registrar = world.actors[Role.REGISTRAR]
    async with world.sessions.begin() as db:
        order = registry.SuspendApproval(reason="The terms were not kept.", is_urgent=True)
        later = clock() + timedelta(days=1)
        await registry.suspend(db, world.approval_id, order, by=registrar, at=later)
    page = (await client.get(f"/providers/{world.provider_id}", headers={"accept-language": "en"})).text
    assert "What has happened" in page
    assert "The terms were not kept." in page
    assert registrar.name not in page


async def test_the_register_is_found_by_business_id_and_keeps_its_filters_when_paged(client, world) -> None:
    async with world.sessions.begin() as db:
        found = (await facts.find_facts(db, world.provider_id)).business_id
        for number in range(25):
            await a.an_approval(db, world.rulebook_id, await a.a_provider(db, f"Suunta {number:02} Oy"))
    one = (await client.get(f"/providers?q={found}")).text
    assert one.count(f"/providers/{world.provider_id}") == 1
    many = (await client.get("/providers?q=suunta&status=in_force")).text
    following = many.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "q=suunta" in following
    assert "status=in_force" in following
    last = (await client.get(following.replace("&amp;", "&"))).text
    assert f"/providers/{world.provider_id}" not in many
    assert f"/providers/{world.provider_id}" in last


async def test_what_the_page_says_of_the_night_is_what_the_night_does(world, visitor, notice) -> None:
    """A bankrupt firm is closed to new clients by itself, and the registrar may open it again."""
    who = await visitor(Role.REGISTRAR)
    page = (await who.get("/procurer/notices")).text
    assert "bankrupt is closed to new clients by itself" in page
    assert "does nothing by itself" not in page
    await jobs.look_after_approvals(world.sessions, clock)
    approval = f"/procurer/approvals/{world.approval_id}"
    assert "No new clients" in (await who.get(approval)).text
    assert (await who.post(f"{approval}/resumption")).status_code == 303
    await jobs.look_after_approvals(world.sessions, clock)
    assert "No new clients" not in (await who.get(approval)).text
