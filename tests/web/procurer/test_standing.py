"""The life of an approval on its pages: closed to new clients, heard, suspended, adopted by another procurer."""

from datetime import timedelta

import pytest

from setori import catalogue, people, registry
from setori.app import clock
from setori.catalogue import Search
from setori.days import local_day
from setori.people import Role
from setori.registry import PauseApproval, ReasonCode
from setori.vouchers import NotChoosable
from tests.domains import builders as a

REASON = "Kaikki valmentajat ovat varattuja."


async def cards(world) -> int:
    async with world.sessions() as db:
        return len((await catalogue.search(db, Search(), on=local_day(clock()))).cards)


async def test_closed_to_new_clients_is_out_of_the_catalogue_until_it_is_opened_again(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/approvals/{world.approval_id}"
    assert await cards(world) == 1
    assert (await who.post(f"{path}/pause", reason="", code="other")).status_code == 422
    for _ in range(2):
        assert (await who.post(f"{path}/pause", reason=REASON, code="asked_by_provider")).status_code == 303
    page = (await who.get(path)).text
    assert REASON in page
    assert "Open to new clients again" in page
    assert await cards(world) == 0

    async with world.sessions() as db:
        on = local_day(clock())
        ids = (world.procurer_id, world.provider_id, world.service_id)
        assert await registry.approved_under(db, *ids, on=on) == world.rulebook_id, "those it has go on"
        assert await registry.approved_under(db, *ids, on=on, for_new_client=True) is None

    for _ in range(2):
        assert (await who.post(f"{path}/resumption")).status_code == 303
    assert await cards(world) == 1


async def test_the_firm_is_heard_and_only_then_suspended(world, visitor) -> None:
    registrar, owner = await visitor(Role.REGISTRAR), await visitor(world.owner)
    path = f"/procurer/approvals/{world.approval_id}"
    asked = {"reason": "Tapaamisia ei ole pidetty.", "code": "breach"}
    too_late = await registrar.post(f"{path}/hearing", **asked, answer_by="2020-01-01")
    assert too_late.status_code == 422
    answer_by = (local_day(clock()) + timedelta(days=10)).isoformat()
    assert (await registrar.post(f"{path}/hearing", **asked, answer_by=answer_by)).status_code == 303
    assert (await registrar.post(f"{path}/hearing", **asked, answer_by=answer_by)).status_code == 409
    early = await registrar.post(f"{path}/suspension", **asked)
    assert early.status_code == 409

    page = (await owner.get("/provider/approvals")).text
    assert "Tapaamisia ei ole pidetty." in page
    async with world.sessions() as db:
        (hearing,) = await registry.list_hearings(db, provider_id=world.provider_id)
    told = f"/provider/hearings/{hearing.id}"
    assert (await owner.post(told, answer="")).status_code == 422
    assert (await owner.post(told, answer="Kirjaukset tulivat myöhässä.")).status_code == 303
    assert "Kirjaukset tulivat myöhässä." in (await registrar.get(f"{path}/suspension")).text
    assert (await registrar.post(f"{path}/suspension", **asked)).status_code == 303
    late = await owner.post(told, answer="Vielä yksi asia.")
    assert late.status_code == 409


async def test_a_hearing_can_be_closed_and_the_approval_stays(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    path = f"/procurer/approvals/{world.approval_id}"
    answer_by = (local_day(clock()) + timedelta(days=10)).isoformat()
    await who.post(f"{path}/hearing", reason="Selvitettävää.", code="other", answer_by=answer_by)
    for _ in range(2):
        assert (await who.post(f"{path}/hearing/end")).status_code == 303
    assert await cards(world) == 1
    assert (await who.post(f"{path}/suspension", reason="Muu.", code="other")).status_code == 409


async def test_another_procurer_adopts_an_approval_once_and_is_told_what_its_own_rulebook_asks_beyond(
    world, visitor
) -> None:
    async with world.sessions.begin() as db:
        neighbour = await a.an_actor(db, Role.REGISTRAR, world.neighbour_id, "Naapurin Rekisteri")
        other = await a.a_service(db, "study-guidance")
        more = await a.a_rulebook(db, world.actors[Role.REGISTRAR], other)
        asks_more = await a.an_approval(db, more, world.provider_id)
        draft = registry.DraftRulebook(
            service_id=other,
            title={"fi": "Tiukempi"},
            criteria=[
                registry.DraftCriterion(code="X9", kind=registry.CriterionKind.TEXT, text={"fi": "Uusi"})
            ],
        )
        stricter = await registry.draft_rulebook(db, draft, by=neighbour, at=clock())
        await registry.publish_rulebook(db, stricter, by=neighbour, at=clock())
        await a.a_rulebook(db, neighbour, world.service_id)
    who = await visitor(neighbour)
    listed = (await who.get("/procurer/adoptions")).text
    assert f"/procurer/adoptions/{world.approval_id}" in listed
    path = f"/procurer/adoptions/{world.approval_id}"
    assert (await who.post(path, reason="")).status_code == 422
    adopted = await who.post(path, reason="Sama sääntökirja, sama tuottaja.")
    assert adopted.status_code == 303
    async with world.sessions() as db:
        approvals = await registry.list_approvals(db, world.provider_id, on=local_day(clock()))
    assert {one.procurer_id for one in approvals} == {world.procurer_id, world.neighbour_id}
    again = await who.post(path, reason="Uudestaan sama.")
    assert (again.status_code, again.headers["location"]) == (303, "/procurer/adoptions"), "it is done"

    beyond = f"/procurer/adoptions/{asks_more}"
    assert "X9" in (await who.get(beyond)).text
    assert (await who.post(beyond, reason="Kelpaa kyllä.")).status_code == 409
    assert (await who.post(f"{beyond}/invitation")).status_code == 303
    async with world.sessions() as db:
        mail = await people.list_outbox(db, limit=5)
    assert "invited_to_apply" in {one.kind for one in mail.items}


async def test_a_firm_tells_its_room_where_it_is_approved_and_nowhere_else(world, visitor) -> None:
    owner = await visitor(world.owner)
    told = {"service_id": str(world.service_id), "procurer_id": str(world.procurer_id)}
    assert (await owner.post("/provider/capacity", **told, places="-1", waiting_days="3")).status_code == 422
    for places in ("4", "3"):
        said = await owner.post("/provider/capacity", **told, places=places, waiting_days="5")
        assert said.status_code == 303
    page = (await owner.get(f"/offerings/{world.offering_id}")).text
    assert "3 new clients can begin" in page
    elsewhere = {**told, "procurer_id": str(world.neighbour_id)}
    said = await owner.post("/provider/capacity", **elsewhere, places="4", waiting_days="5")
    assert said.status_code == 404


async def test_the_nightly_sweep_closes_what_has_lapsed_and_opens_what_has_come_back(world) -> None:
    code = ReasonCode.EVIDENCE_EXPIRED
    for lapsed, changed, shown in (([world.approval_id], 1, 0), ([world.approval_id], 0, 0), ([], 1, 1)):
        async with world.sessions.begin() as db:
            assert await registry.sweep_pauses(db, lapsed, code, "Vakuutus", at=clock()) == changed
        assert await cards(world) == shown


async def test_a_sweep_leaves_what_a_registrar_has_closed(world) -> None:
    async with world.sessions.begin() as db:
        order = PauseApproval(reason=REASON, code=ReasonCode.BREACH)
        await registry.pause(db, world.approval_id, order, by=world.actors[Role.REGISTRAR], at=clock())
    async with world.sessions.begin() as db:
        await registry.sweep_pauses(db, [], ReasonCode.EVIDENCE_EXPIRED, "", at=clock())
    assert await cards(world) == 0


@pytest.mark.parametrize("kind", ["pause", "suspension"])
async def test_who_has_chosen_keeps_the_value_and_hears_who_else_there_is(kind, world, visitor) -> None:
    session = await world.a_confirmed_session(at=clock())
    assert session
    registrar = await visitor(Role.REGISTRAR)
    path = f"/procurer/approvals/{world.approval_id}/{kind}"
    done = await registrar.post(path, reason="Vakuutus on rauennut.", code="other", is_urgent="true")
    assert done.status_code == 303
    async with world.sessions() as db:
        mail = await people.list_outbox(db, limit=20)
    told = [one for one in mail.items if one.kind == "provider_lost"]
    assert len(told) == (1 if kind == "suspension" else 0)


async def test_a_message_says_which_rulebook_of_whom_it_is_about(world, visitor) -> None:
    registrar = await visitor(Role.REGISTRAR)
    path = f"/procurer/approvals/{world.approval_id}/pause"
    assert (await registrar.post(path, reason="Vakuutus on rauennut.", code="other")).status_code == 303
    async with world.sessions() as db:
        approval = (await registry.list_approvals(db, world.provider_id, on=local_day(clock())))[0]
        book = await registry.find_rulebook(db, approval.rulebook_id)
    mail = (await (await visitor(world.owner)).get("/demo/mail")).text
    assert f"{book.title['fi']} · {book.procurer_name}" in mail


async def test_a_new_client_cannot_choose_what_is_closed_even_by_an_old_page(world) -> None:
    async with world.sessions.begin() as db:
        order = PauseApproval(reason=REASON, code=ReasonCode.BREACH)
        await registry.pause(db, world.approval_id, order, by=world.actors[Role.REGISTRAR], at=clock())
        firm = (world.owner, world.offering_id, world.coach_id)
        with pytest.raises(NotChoosable):
            await a.a_session(db, world.procurer_id, world.actors[Role.REGISTRAR], *firm, at=clock())


async def test_the_list_of_providers_tells_which_take_no_new_clients(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    assert "No new clients" not in (await who.get("/procurer/providers")).text
    async with world.sessions.begin() as db:
        order = PauseApproval(reason=REASON, code=ReasonCode.BREACH)
        await registry.pause(db, world.approval_id, order, by=world.actors[Role.REGISTRAR], at=clock())
    page = (await who.get("/procurer/providers")).text
    row = page.split(f'href="/providers/{world.provider_id}"')[1].split("</tr>")[0]
    assert "No new clients" in row
    assert "The terms were not kept" in row
    assert REASON in row
    assert "In force" not in row
