"""A firm joins a consortium over the pages: invited, accepted, decided; shown on the register; and it leaves."""

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Role
from setori.readmodels import consortia
from setori.registry import ApproveDirectly, CriterionKind, DraftCriterion, DraftRulebook
from tests.domains import builders as a


@pytest.fixture
async def group(world):
    """A rulebook that allows consortia with 40 %, an approval of the world's firm under it, and another firm."""
    at = clock()
    async with world.sessions.begin() as db:
        registrar = await a.an_actor(db, Role.REGISTRAR, world.procurer_id, at=at)
        service = await a.a_service(db, "group-coaching", at=at)
        criterion = DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus"})
        order = DraftRulebook(
            service_id=service,
            title={"fi": "Ryhmät"},
            criteria=[criterion],
            allows_consortia=True,
            subcontract_cap=40,
        )
        rulebook = await registry.draft_rulebook(db, order, by=registrar, at=at)
        await registry.publish_rulebook(db, rulebook, by=registrar, at=at)
        direct = ApproveDirectly(
            provider_id=world.provider_id, rulebook_id=rulebook, starts_on=local_day(at), reason="Known."
        )
        approval = await registry.approve_directly(db, direct, at=at)
        order = registry.AddProvider(name="Apuri Oy", business_id="1234567-1", city="Tampere")
        firm = await registry.add_provider(db, order, at=at)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm, at=at)
    return {"approval": approval, "owner": owner, "firm": firm, "rulebook": rulebook, "service": service}


ASKED = {
    "business_id": "1234567-1",
    "part": "subcontractor",
    "task": "delivers_coaching",
    "share_percent": "30",
    "reason": "Kielet.",
}


async def the_change(world, group) -> str:
    async with world.sessions() as db:
        return str((await consortia.list_changes(db, approval_id=group["approval"])).items[0].id)


async def test_a_firm_joins_and_leaves_over_the_pages(world, visitor, group) -> None:
    lead, registrar = await visitor(world.owner), await visitor(Role.REGISTRAR)
    firm = await visitor(group["owner"])
    path = f"/provider/approvals/{group['approval']}/partners"
    too_much = await lead.post(path, **(ASKED | {"share_percent": "41"}))
    assert too_much.status_code == 409
    assert "at most 40 %" in too_much.text
    unknown = await lead.post(path, **(ASKED | {"business_id": "7654321-4"}))
    assert unknown.status_code == 422
    assert (await lead.post(path, **ASKED)).status_code == 303
    change = await the_change(world, group)

    assert "Waiting for your answer" in (await firm.get("/provider/consortia")).text
    assert (await firm.post(f"/provider/changes/{change}/answer", answer="yes")).status_code == 303
    assert "Apuri Oy" in (await registrar.get("/procurer/consortia")).text
    decide = f"/procurer/changes/{change}"
    assert (await registrar.post(f"{decide}/decision", outcome="refused")).status_code == 422
    assert (await registrar.post(f"{decide}/decision", outcome="approved")).status_code == 303
    assert (await registrar.post(f"{decide}/decision", outcome="approved")).status_code == 409
    assert "at most 30" in (await registrar.get(f"/procurer/approvals/{group['approval']}/partners")).text

    shown = (await lead.get(f"/providers/{world.provider_id}")).text
    assert "Apuri Oy" in shown
    assert "Delivers for others" in (await lead.get(f"/providers/{group['firm']}")).text
    feed = (await lead.get("/register.json")).json()
    partners = [p for one in feed["items"] for b in one["approvals"] for p in b["partners"]]
    assert [(p["name"], p["share_percent"], p["ends_on"]) for p in partners] == [("Apuri Oy", 30, None)]

    form = (await lead.get("/provider/offerings/new")).text
    assert "Who delivers it" in form
    async with world.sessions() as db:
        (row,) = (await consortia.list_partners(db, [group["approval"]], on=local_day(clock())))[
            group["approval"]
        ]
    for page in (lead, firm):
        assert (await page.get(f"/provider/partners/{row.id}")).status_code == 200
    assert (await firm.post(f"/provider/partners/{row.id}/leaving", reason="Kiire.")).status_code == 422
    today = local_day(clock()).isoformat()
    gone = await firm.post(f"/provider/partners/{row.id}/leaving", reason="Kiire.", last_on=today)
    assert gone.status_code == 303
    assert "left by its own notice" in (await lead.get(path)).text


async def test_an_application_names_its_firms(world, visitor, group) -> None:
    async with world.sessions.begin() as db:
        lead_id = await a.a_provider(db, "Hakija Oy", at=clock())
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, lead_id, at=clock())
        application = await registry.start_application(db, group["rulebook"], by=owner, at=clock())
        answers = registry.AnswerCriteria(answers={"D1": "yes"})
        await registry.answer(db, application, answers, by=owner, at=clock())
    lead, firm = await visitor(owner), await visitor(group["owner"])
    base = f"/provider/applications/{application}"
    assert (await lead.post(f"{base}/partners", **ASKED)).status_code == 303
    assert "has not answered" in (await lead.post(f"{base}/submission")).text
    async with world.sessions() as db:
        change = (await consortia.list_changes(db, application_id=application)).items[0].id
    assert (await firm.post(f"/provider/changes/{change}/answer", answer="yes")).status_code == 303
    assert (await lead.post(f"{base}/submission")).status_code == 303
    registrar = await visitor(Role.REGISTRAR)
    assert "Apuri Oy" in (await registrar.get(f"/procurer/applications/{application}")).text


async def test_the_lead_is_told_at_once_when_invitations_together_pass_the_cap(world, visitor, group) -> None:
    """The rulebook allows 40 %; each of the two is within it, and both together are not."""
    async with world.sessions.begin() as db:
        second = a.a_business_id()
        await registry.add_provider(
            db, registry.AddProvider(name="Toinen Oy", business_id=second), at=clock()
        )
        rulebook = group["rulebook"]
        lead_id = await a.a_provider(db, "Hakija Oy", at=clock())
        applicant = await a.an_actor(db, Role.PROVIDER_OWNER, lead_id, at=clock())
        application = await registry.start_application(db, rulebook, by=applicant, at=clock())
    more = ASKED | {"business_id": second, "share_percent": "15"}
    for who, path in (
        (world.owner, f"/provider/approvals/{group['approval']}/partners"),
        (applicant, f"/provider/applications/{application}/partners"),
    ):
        lead = await visitor(who)
        assert (await lead.post(path, **ASKED)).status_code == 303
        told = await lead.post(path, **more)
        assert told.status_code == 422
        assert (
            "would deliver 45 % together, and the rulebook allows 40 %. There is room for 10 %." in told.text
        )
        assert 'name="over_cap"' in told.text
        assert 'name="over_cap"' not in (await lead.get(path)).text
        async with world.sessions() as db:
            given = (
                {"application_id": application}
                if "applications" in path
                else {"approval_id": group["approval"]}
            )
            assert len((await consortia.list_changes(db, **given)).items) == 1, "nobody was asked"
        assert (await lead.post(path, **more, over_cap="yes")).status_code == 303


async def test_an_invitation_that_fits_or_delivers_no_share_is_not_held_up(world, visitor, group) -> None:
    lead = await visitor(world.owner)
    path = f"/provider/approvals/{group['approval']}/partners"
    numbers = []
    async with world.sessions.begin() as db:
        for name in ("Toinen Oy", "Kolmas Oy"):
            numbers.append(a.a_business_id())
            told = registry.AddProvider(name=name, business_id=numbers[-1])
            await registry.add_provider(db, told, at=clock())
    assert (await lead.post(path, **ASKED)).status_code == 303
    fits = ASKED | {"business_id": numbers[0], "share_percent": "10"}
    assert (await lead.post(path, **fits)).status_code == 303
    member = ASKED | {"business_id": numbers[1], "part": "member", "share_percent": ""}
    assert (await lead.post(path, **member)).status_code == 303
