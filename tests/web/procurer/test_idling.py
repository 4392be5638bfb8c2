"""No delivery in some months: in the rulebook and its changes, on the provider's page and on the registrar's."""

import re

from setori import registry
from setori.app import clock
from setori.people import Role


async def draft(who, world, **told: str) -> str:
    typed = {
        "do": "save",
        "service_id": str(world.service_id),
        "title.fi": "Toinen versio",
        "decision_days": "21",
        "criteria.0.code": "D9",
        "criteria.0.kind": "declaration",
        "criteria.0.text.fi": "Vakuutus",
        **told,
    }
    made = await who.post("/procurer/rulebooks", **typed)
    return made.headers.get("location", "") if made.status_code == 303 else f"{made.status_code} {made.text}"


async def test_the_figure_is_in_the_rulebook_its_form_and_its_changes(world, visitor) -> None:
    who = await visitor(Role.REGISTRAR)
    assert "Write 2 or more." in await draft(who, world, no_delivery_months="1")
    path = await draft(who, world, no_delivery_months="9")
    page = (await who.get(path)).text
    assert "9 months" in page
    edited = (await who.get(f"{path}/edit")).text
    assert re.search('name="no_delivery_months"[^>]*value="9"', edited)
    changed = (await who.get(f"{path}/changes")).text
    assert "<del>not used</del>" in changed
    assert "<ins>9 months</ins>" in changed
    assert "<ins>21 days</ins>" in changed
    assert "Assessors of each application" not in changed, "that did not change"
    without = (await who.get(await draft(who, world))).text
    assert "not used" in without
    await who.post(f"{path}/publication")
    rulebook = path.rsplit("/", 1)[-1]
    assert "9 months" in (await who.get(f"/rulebooks/{rulebook}")).text


async def test_a_provider_asks_to_be_opened_again_and_reads_why_not(world, visitor) -> None:
    owner, registrar = await visitor(world.owner), await visitor(Role.REGISTRAR)
    plea = f"/provider/approvals/{world.approval_id}/plea"
    assert (await owner.post(plea, plea="We are back.")).status_code == 409
    assert "Ask to be opened again" not in (await owner.get("/provider/approvals")).text
    async with world.sessions.begin() as db:
        await registry.pause_idle(db, [world.approval_id], at=clock())
    page = (await owner.get("/provider/approvals")).text
    assert "Nothing delivered for a long time" in page
    assert "Ask to be opened again" in page
    assert (await owner.post(plea, plea="")).status_code == 422
    assert (await owner.post(plea, plea="We are back.")).status_code == 303
    assert "Ask to be opened again" not in (await owner.get("/provider/approvals")).text

    path = f"/procurer/approvals/{world.approval_id}"
    seen = (await registrar.get(path)).text
    assert "We are back." in seen
    assert "Closed by Setori itself." in seen
    assert (await registrar.post(f"{path}/plea/refusal", reply="")).status_code == 422
    assert (await registrar.post(f"{path}/plea/refusal", reply="With whom?")).status_code == 303
    assert (await registrar.post(f"{path}/plea/refusal", reply="Again.")).status_code == 409
    answered = (await owner.get("/provider/approvals")).text
    assert "With whom?" in answered
    assert "Ask to be opened again" in answered
    assert (await registrar.post(f"{path}/resumption")).status_code == 303
    assert "In force" in (await owner.get("/provider/approvals")).text
