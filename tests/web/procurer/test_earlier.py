"""A new application of a firm that was approved or refused before: the registrar reads how that ended, and why."""

from datetime import timedelta

import pytest

from setori import registry
from setori.app import clock
from setori.people import Role
from setori.registry import DecideApplication, SuspendApproval
from setori.web import i18n
from tests.domains import builders as a


@pytest.fixture
def applied(world):
    """An application of the firm of this world, or of another."""

    async def apply(owner=None, rulebook_id=None, *, at=None):
        async with world.sessions.begin() as db:
            return await a.an_application(
                db, rulebook_id or world.rulebook_id, owner or world.owner, at=at or clock()
            )

    return apply


async def close(world, *, is_final: bool) -> None:
    order = SuspendApproval(
        reason="Vakuutus raukesi.", code="evidence_expired", is_urgent=True, is_final=is_final
    )
    async with world.sessions.begin() as db:
        await registry.suspend(db, world.approval_id, order, by=world.actors[Role.REGISTRAR], at=clock())


@pytest.mark.parametrize(("is_final", "says"), [(False, "Suspended"), (True, "Ended")])
async def test_an_approval_that_was_closed_is_told_with_its_day_reason_and_a_link(
    world, visitor, applied, is_final, says
) -> None:
    await close(world, is_final=is_final)
    application = await applied()
    who = await visitor(Role.REGISTRAR)
    page = (await who.get(f"/procurer/applications/{application}")).text
    told = page.split("Decided before: Suunta Oy")[1].split("</ul>")[0]
    i18n.language.set("en")
    for words in (says, i18n.day(clock()), "Vakuutus raukesi.", f"/procurer/approvals/{world.approval_id}"):
        assert words in told


async def test_a_rejection_is_told_and_another_firms_or_service_is_not(world, visitor, applied) -> None:
    at = clock() - timedelta(days=40)
    registrar = world.actors[Role.REGISTRAR]
    async with world.sessions.begin() as db:
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Uusi Oy"))
        other = await a.a_rulebook(db, registrar, await a.a_service(db, "other-service"))
        next_door = await a.an_actor(db, Role.REGISTRAR, world.neighbour_id, "Naapuri")
        theirs = await a.a_rulebook(db, next_door, world.service_id)
    first = await applied(owner, at=at)
    no = DecideApplication(outcome="rejected", reason="Valmentajia puuttui.")
    async with world.sessions.begin() as db:
        await registry.decide(db, first, no, by=registrar, at=at)
    second, elsewhere, abroad = [await applied(owner, book) for book in (world.rulebook_id, other, theirs)]
    who = await visitor(Role.REGISTRAR)
    page = (await who.get(f"/procurer/applications/{second}")).text
    told = page.split("Decided before: Uusi Oy")[1].split("</ul>")[0]
    i18n.language.set("en")
    for words in ("Rejected", i18n.day(at), "Valmentajia puuttui.", f"/procurer/applications/{first}"):
        assert words in told
    assert "Suunta Oy" not in told
    assert "Decided before" not in (await who.get(f"/procurer/applications/{first}")).text, "not of itself"
    assert "Decided before" not in (await who.get(f"/procurer/applications/{elsewhere}")).text
    neighbour = await visitor(next_door)
    assert "Decided before" not in (await neighbour.get(f"/procurer/applications/{abroad}")).text
