"""A firm replies once to what a client said, and everybody reads it once the procurer has looked at it."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import reviews
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.reviews import DecideReply, WriteReply
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.races.test_moderating import said
from tests.races.test_reviewing import figures, scene

__all__ = ["scene"]

THANKS = WriteReply(text="Thank you. We have changed the time of the first call.")
SHOW = DecideReply(decision="shown")
REFUSE = DecideReply(decision="refused", refused_for="personal_data")


async def reply(scene, review_id, by=None, order=THANKS):
    try:
        async with scene.sessions.begin() as db:
            return await reviews.reply(db, review_id, order, by=by or scene.owner, at=NOON, language="en")
    except reviews.RepliedAlready:
        return "RepliedAlready"


async def decide(scene, reply_id, order, by=None) -> str:
    try:
        async with scene.sessions.begin() as db:
            await reviews.decide_reply(db, reply_id, order, by=by or scene.registrar, at=NOON)
    except reviews.DecidedAlready:
        return "DecidedAlready"
    return "done"


async def read(scene):
    """What everybody reads, and what the firm does."""
    async with scene.sessions.begin() as db:
        (public,) = (await reviews.list_of_offering(db, scene.offering_id)).items
        (own,) = (await reviews.list_of_provider(db, by=scene.owner)).items
    return public.reply and public.reply.text, own.reply and own.reply.decision


async def count(scene, statement: str) -> int:
    async with scene.sessions.begin() as db:
        return int((await (await db.connection()).execute(text(statement))).scalar_one())


async def test_a_reply_is_read_once_the_procurer_has_looked_at_it(scene) -> None:
    _, _, review_id = await said(scene)
    before = await figures(scene)
    reply_id = await reply(scene, review_id)
    assert await read(scene) == (None, None), "it waits"
    assert await count(scene, "select count(*) from outbox where kind = 'review_replied'") == 1
    async with scene.sessions.begin() as db:
        (one,) = (await reviews.list_replies(db, by=scene.registrar, is_open=True)).items
    assert (one.id, one.text) == (reply_id, THANKS.text)
    assert await decide(scene, reply_id, SHOW) == "done"
    assert await read(scene) == (THANKS.text, "shown")
    assert await figures(scene) == before
    assert await reply(scene, review_id) == "RepliedAlready"
    async with scene.sessions.begin() as db:
        assert (await reviews.list_replies(db, by=scene.registrar, is_open=True)).items == []


async def test_a_refused_reply_is_written_anew(scene) -> None:
    _, _, review_id = await said(scene)
    first = await reply(scene, review_id)
    with pytest.raises(Invalid):
        await decide(scene, first, DecideReply(decision="refused"))
    assert await decide(scene, first, REFUSE) == "done"
    assert await read(scene) == (None, "refused")
    assert await decide(scene, first, SHOW) == "DecidedAlready"
    second = await reply(scene, review_id, order=WriteReply(text="Thank you."))
    assert await decide(scene, second, SHOW) == "done"
    assert await read(scene) == ("Thank you.", "shown")


async def test_two_replies_at_once_are_one_and_one_of_two_decisions_stands(scene) -> None:
    for number in range(4):
        _, _, review_id = await said(scene, number)
        both = await asyncio.gather(*(reply(scene, review_id) for _ in range(2)))
        assert both.count("RepliedAlready") == 1
        (reply_id,) = (one for one in both if one != "RepliedAlready")
        decided = await asyncio.gather(decide(scene, reply_id, SHOW), decide(scene, reply_id, REFUSE))
        assert sorted(decided) == ["DecidedAlready", "done"]


async def test_only_the_firm_replies_and_only_the_vouchers_procurer_decides(scene) -> None:
    _, holder, review_id = await said(scene)
    async with scene.sessions.begin() as db:
        elsewhere = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db, "0022", "Varsinais-Suomi"))
        stranger = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Vieras Oy"))
    with pytest.raises(NotFound):
        await reply(scene, review_id, by=stranger)
    with pytest.raises(Forbidden):
        await reply(scene, review_id, by=holder)
    reply_id = await reply(scene, review_id)
    with pytest.raises(NotFound):
        await decide(scene, reply_id, SHOW, by=elsewhere)
    with pytest.raises(Forbidden):
        await decide(scene, reply_id, SHOW, by=scene.owner)
    async with scene.sessions.begin() as db:
        assert (await reviews.list_replies(db, by=elsewhere, is_open=True)).items == []


@pytest.mark.parametrize(
    "change", ["delete from review_reply", "update review_reply set text = 'Other words.'"]
)
async def test_what_was_written_stays(scene, change: str) -> None:
    await reply(scene, (await said(scene))[2])
    with pytest.raises(DBAPIError):
        async with scene.sessions.begin() as db:
            await (await db.connection()).execute(text(change))
