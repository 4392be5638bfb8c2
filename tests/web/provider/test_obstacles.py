"""What an approval keeps from being chosen says so: to the firm with the reason, to everybody else kindly."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.people import Actor
from setori.registry import ReasonCode
from tests.domains import builders as a

SHOWN = "In the catalogue"
CLOSED = "Cannot be chosen now"


@dataclass
class Firm:
    """A firm approved since long ago, with an offering; not the one that records sessions today."""

    owner: Actor
    offering_id: UUID
    approval_id: UUID


@pytest.fixture
async def firm(world) -> Firm:
    at = clock()
    async with world.sessions.begin() as db:
        held = world.rival.organisation_id
        coach = await a.a_coach(db, held, "Aino Uusi", at=at)
        offering_id = await a.an_offering(db, world.rival, world.service_id, [coach], at=at)
        since = local_day(at) - timedelta(days=60)
        approval_id = await a.an_approval(db, world.rulebook_id, held, starts_on=since, at=at)
    return Firm(world.rival, offering_id, approval_id)


async def suspended(world, approval_id, *, is_final=False) -> None:
    told = {"code": ReasonCode.BREACH, "is_urgent": True, "is_final": is_final}
    order = registry.SuspendApproval(reason="Ehtoja rikottiin salaa.", **told)
    async with world.sessions.begin() as db:
        await registry.suspend(db, approval_id, order, by=world.registrar, at=clock())


async def ended(world, approval_id) -> None:
    await suspended(world, approval_id, is_final=True)


async def paused(world, approval_id) -> None:
    order = registry.PauseApproval(code=ReasonCode.EVIDENCE_EXPIRED, reason="Todistus vanheni salaa.")
    async with world.sessions.begin() as db:
        await registry.pause(db, approval_id, order, by=world.registrar, at=clock())


@pytest.mark.parametrize(
    ("act", "ours", "theirs", "state"),
    [
        (paused, "closed to new clients since", "takes no new clients just now", "No new clients"),
        (suspended, "the approval is suspended since", "no approval in force just now", "Suspended"),
        (ended, "the approval has ended, since", "no approval in force just now", "Ended"),
    ],
)
async def test_what_cannot_be_chosen_says_so_and_why(
    world, visitor, client, firm, act, ours, theirs, state
) -> None:
    owner = await visitor(firm.owner)
    before = (await owner.get("/provider/offerings")).text
    assert (SHOWN in before, CLOSED in before) == (True, False)
    await act(world, firm.approval_id)
    page = (await owner.get("/provider/offerings")).text
    assert (SHOWN in page, CLOSED in page, ours in page) == (False, True, True)
    assert f'href="/provider/approvals#approval-{firm.approval_id}"' in page
    assert f'id="approval-{firm.approval_id}"' in (await owner.get("/provider/approvals")).text
    reads = {"accept-language": "en"}
    offering = (await client.get(f"/offerings/{firm.offering_id}", headers=reads)).text
    assert "This cannot be chosen just now" in offering
    assert theirs in offering
    assert "salaa" not in offering, "why is not for this page"
    register = (await client.get(f"/providers/{firm.owner.organisation_id}", headers=reads)).text
    assert "Cannot be chosen just now" in register
    assert theirs in register
    assert state in register


async def test_an_offering_that_nobody_has_approved_says_what_is_missing(world, visitor) -> None:
    async with world.sessions.begin() as db:
        coach = await a.a_coach(db, world.rival.organisation_id, "Aino Uusi", at=clock())
        await a.an_offering(db, world.rival, world.service_id, [coach], at=clock())
    page = (await (await visitor(world.rival)).get("/provider/offerings")).text
    assert (SHOWN in page, CLOSED in page) == (False, True)
    assert "No employment area where you offer it has approved you" in page


async def test_a_pause_that_is_over_keeps_nothing_closed(world, visitor, firm) -> None:
    await paused(world, firm.approval_id)
    async with world.sessions.begin() as db:
        await registry.resume(db, firm.approval_id, by=world.registrar, at=clock() + timedelta(seconds=1))
    page = (await (await visitor(firm.owner)).get("/provider/offerings")).text
    assert (SHOWN in page, CLOSED in page) == (True, False)
