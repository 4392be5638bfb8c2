"""Several people at one consortium at the same moment: nothing is done twice, and the cap holds for all together."""

import asyncio

import pytest
from sqlalchemy import text

from setori import registry
from setori.errors import Conflict, SetoriError
from setori.registry import AnswerInvitation, CapPassed, DecideChange, RemovePartner
from tests.conftest import RealDatabase
from tests.domains.builders import NOON
from tests.domains.test_consortia import a_firm, a_scene, an_open_application, asks, partner_of, partners

YES = AnswerInvitation(answer="yes")
APPROVE, REFUSE = DecideChange(outcome="approved"), DecideChange(outcome="refused", reason="Not now.")


@pytest.fixture
async def scene(fresh_database: RealDatabase):
    async with fresh_database.sessions.begin() as db:
        it = await a_scene(db)
    it.sessions = fresh_database.sessions
    return it


async def at_once(scene, *works) -> list[object]:
    """Each in a transaction of its own, all at the same time: what came of each, a refusal or what it gave."""

    async def one(work):
        try:
            async with scene.sessions.begin() as db:
                return await work(db)
        except SetoriError as refused:
            return refused

    return await asyncio.gather(*(one(work) for work in works))


async def said_yes(scene, *shares: int) -> list[tuple]:
    """Firms that wait for the registrar under the lead firm's approval, each with its change."""
    found = []
    async with scene.sessions.begin() as db:
        for n, share in enumerate(shares):
            firm, number = await a_firm(db, f"Apuri {n} Oy")
            order = asks(number, share)
            change = await registry.invite_to_approval(db, scene.approval, order, by=scene.owner, at=NOON)
            await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
            found.append((firm, change))
    return found


async def test_two_approved_at_once_do_not_pass_the_cap_together(scene) -> None:
    changes = [change for _, change in await said_yes(scene, 25, 25)]
    decide = [
        lambda db, c=c: registry.decide_change(db, c, APPROVE, by=scene.registrar, at=NOON) for c in changes
    ]
    told = await at_once(scene, *decide)
    assert sum(isinstance(one, CapPassed) for one in told) == 1, told
    async with scene.sessions.begin() as db:
        assert [row[3] for row in await partners(db, scene.approval)] == [25]


async def test_one_change_decided_twice_at_once_is_decided_once(scene) -> None:
    ((_, change),) = await said_yes(scene, 10)
    told = await at_once(
        scene,
        lambda db: registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON),
        lambda db: registry.decide_change(db, change, REFUSE, by=scene.registrar, at=NOON),
        lambda db: registry.take_back_change(db, change, by=scene.owner, at=NOON),
    )
    assert sum(isinstance(one, Conflict) for one in told) == 2, told


async def test_two_who_say_yes_to_an_application_at_once_keep_the_cap(scene) -> None:
    async with scene.sessions.begin() as db:
        application, owner = await an_open_application(db, scene)
        asked = []
        for name in ("Yksi Oy", "Kaksi Oy"):
            firm, number = await a_firm(db, name)
            order = asks(number, 30)
            asked.append(
                (firm, await registry.invite_to_application(db, application, order, by=owner, at=NOON))
            )
    told = await at_once(
        scene,
        *(lambda db, f=f, c=c: registry.answer_invitation(db, c, YES, by=f, at=NOON) for f, c in asked),
    )
    assert sum(isinstance(one, CapPassed) for one in told) == 1, told


async def test_an_invitation_sent_twice_at_once_is_sent_once(scene) -> None:
    async with scene.sessions.begin() as db:
        _, number = await a_firm(db)
    order = asks(number)
    told = await at_once(
        scene,
        *[lambda db: registry.invite_to_approval(db, scene.approval, order, by=scene.owner, at=NOON)] * 2,
    )
    assert sum(isinstance(one, Conflict) for one in told) == 1, told


async def test_a_yes_and_the_sending_of_the_application_wait_for_each_other(scene) -> None:
    async with scene.sessions.begin() as db:
        application, owner = await an_open_application(db, scene)
        firm, number = await a_firm(db)
        change = await registry.invite_to_application(db, application, asks(number), by=owner, at=NOON)
        await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    no = AnswerInvitation(answer="no")
    await at_once(
        scene,
        lambda db: registry.submit(db, application, by=owner, at=NOON),
        lambda db: registry.answer_invitation(db, change, no, by=firm, at=NOON),
    )
    async with scene.sessions.begin() as db:
        connection = await db.connection()
        status = (await connection.execute(text("select status from partner_change"))).scalar_one()
    assert status == "declined"


async def test_a_firm_is_taken_out_once(scene) -> None:
    ((firm, change),) = await said_yes(scene, 10)
    async with scene.sessions.begin() as db:
        await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)
        partner = await partner_of(db, scene.approval, firm)
    order = RemovePartner(reason="We part.")
    told = await at_once(
        scene, *[lambda db: registry.ask_to_remove(db, partner, order, by=scene.owner, at=NOON)] * 2
    )
    assert sum(isinstance(one, Conflict) for one in told) == 1, told
