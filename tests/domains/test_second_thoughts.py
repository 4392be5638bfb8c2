"""What was said in a dialogue is mended or withdrawn by its author while the dialogue is open; the trail keeps all."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import dialogue, people
from setori.days import local_day
from setori.dialogue import (
    AnsweredAlready,
    DialogueClosed,
    LinkTooOld,
    MendRemark,
    NotAnswered,
    OthersWords,
    RemarkKind,
    ReplyToRemarks,
    Shows,
    WithdrawnAlready,
    WriteFromOutside,
    WriteRemark,
)
from setori.errors import Conflict, NotFound
from setori.people import Role
from tests.domains.builders import NOON, a_provider, an_actor
from tests.domains.test_dialogue import LATER, a_world, opened

ANSWER = {"verdict": "accepted", "text": "Just so."}


@pytest.fixture
async def world(db):
    return await a_world(db)


async def said_by(db, who, talk, words="First words", **told):
    return await dialogue.remark(db, talk, WriteRemark(text=words, **told), by=who, at=NOON)


async def shown(db, talk, by=None, *, kind=RemarkKind.COMMENT, at=NOON):
    view = await dialogue.find_dialogue(db, talk, on=local_day(at))
    return view, (await dialogue.list_remarks(db, view.row, by=by, kind=kind)).items


async def trail(db, remark_id, action):
    asked = text(
        "select detail->>'former', by_id from audit_entry where subject_id = :id and action = :action"
    )
    return (await db.exec(asked.bindparams(id=remark_id, action=action))).all()


async def test_the_author_says_it_in_other_words_and_the_trail_keeps_the_first(db, world) -> None:
    talk = await opened(db, world)
    id = await said_by(db, world.owner, talk)
    order = MendRemark(text="Better words", over="First words")
    assert await dialogue.mend_remark(db, id, order, by=world.owner, at=NOON) == talk
    _, (one,) = await shown(db, talk)
    assert (one.text, one.mended_at, one.is_withdrawn) == ("Better words", NOON, False)
    assert await trail(db, id, "dialogue.mended") == [("First words", world.owner.person_id)]
    again = MendRemark(text="Better words", over="First words")
    await dialogue.mend_remark(db, id, again, by=world.owner, at=NOON)
    assert len(await trail(db, id, "dialogue.mended")) == 1, "sent twice, it is one change"
    stale = MendRemark(text="Third words", over="First words")
    with pytest.raises(OthersWords):
        await dialogue.mend_remark(db, id, stale, by=world.owner, at=NOON)


async def test_what_is_withdrawn_is_shown_as_such_waits_for_nothing_and_is_not_lost(db, world) -> None:
    talk = await opened(db, world)
    gone, stays = await said_by(db, world.owner, talk), await said_by(db, world.owner, talk, "Stays")
    for _ in range(2):
        await dialogue.withdraw_remark(db, gone, by=world.owner, at=NOON)
    view, said = await shown(db, talk, world.registrar)
    assert (view.comments, view.unanswered) == (1, 1)
    assert [(one.text, one.is_withdrawn) for one in said] == [("", True), ("Stays", False)]
    assert await trail(db, gone, "dialogue.withdrawn") == [("First words", world.owner.person_id)]
    kept = await db.exec(text("select text from remark where id = :id").bindparams(id=gone))
    assert kept.scalar_one() == "First words"
    order = ReplyToRemarks(remark_ids=[gone, stays], **ANSWER)
    with pytest.raises(WithdrawnAlready):
        await dialogue.reply(db, talk, order, by=world.registrar, at=NOON)
    with pytest.raises(WithdrawnAlready):
        await dialogue.mend_remark(db, gone, MendRemark(text="No, yes"), by=world.owner, at=NOON)
    with pytest.raises(NotAnswered):
        await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)
    order = ReplyToRemarks(remark_ids=[stays], **ANSWER)
    await dialogue.reply(db, talk, order, by=world.registrar, at=NOON)
    await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)


async def test_nobody_but_the_author_and_the_firms_owners_changes_it(db, world) -> None:
    talk = await opened(db, world, shows=Shows.AT_ONCE)
    coach = await an_actor(db, Role.COACH, world.provider_id, "Maija Mäkelä")
    id = await said_by(db, coach, talk)
    colleague = await an_actor(db, Role.COACH, world.provider_id, "Kaija Kollega")
    rival = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db, "Kilpa Oy"))
    for who in (colleague, rival, world.registrar):
        with pytest.raises(NotFound):
            await dialogue.mend_remark(db, id, MendRemark(text="Mine now"), by=who, at=NOON)
        with pytest.raises(NotFound):
            await dialogue.withdraw_remark(db, id, by=who, at=NOON)
        _, (one,) = await shown(db, talk, who)
        assert not one.is_mine
    await dialogue.mend_remark(db, id, MendRemark(text="By the author"), by=coach, at=NOON)
    await dialogue.withdraw_remark(db, id, by=world.owner, at=NOON)


async def test_after_the_last_day_nothing_said_is_changed_any_more(db, world) -> None:
    talk = await opened(db, world)
    id = await said_by(db, world.owner, talk)
    with pytest.raises(DialogueClosed):
        await dialogue.mend_remark(db, id, MendRemark(text="Too late"), by=world.owner, at=LATER)
    with pytest.raises(DialogueClosed):
        await dialogue.withdraw_remark(db, id, by=world.owner, at=LATER)


async def test_an_answer_stays_with_the_words_that_it_answers(db, world) -> None:
    talk = await opened(db, world)
    id = await said_by(db, world.owner, talk, kind=RemarkKind.QUESTION)
    order = ReplyToRemarks(remark_ids=[id], text="From the first.")
    await dialogue.reply(db, talk, order, by=world.registrar, at=NOON)
    with pytest.raises(AnsweredAlready):
        await dialogue.mend_remark(db, id, MendRemark(text="Another question"), by=world.owner, at=NOON)
    await dialogue.withdraw_remark(db, id, by=world.owner, at=NOON)
    _, (one,) = await shown(db, talk, kind=RemarkKind.QUESTION)
    assert (one.text, one.is_withdrawn) == ("", True)
    assert one.reply, "what the procurer said stands"
    for change in ("text = 'x', mended_at = now()", "withdrawn_at = null"):
        with pytest.raises(DBAPIError, match="withdrawn stays"):
            async with db.begin_nested():
                await db.exec(text(f"update remark set {change} where id = :id").bindparams(id=id))


async def test_an_outsider_does_the_same_by_the_link_of_the_mail(db, world) -> None:
    talk = await opened(db, world)
    order = WriteFromOutside(text="From outside", name="Olli", email="olli@example.fi")
    await dialogue.remark_from_outside(db, talk, order, at=NOON)
    (mail,) = [one for one in (await people.list_outbox(db)).items if one.kind == "dialogue_confirm"]
    token = mail.params["token"]
    with pytest.raises(LinkTooOld):
        await dialogue.mend_linked_remark(db, token, MendRemark(text="Not yet"), at=NOON)
    await dialogue.confirm_remark(db, token, at=NOON)
    seen = await dialogue.find_linked_remark(db, token, on=local_day(NOON))
    assert (seen.text, seen.can_change) == ("From outside", True)
    assert await dialogue.mend_linked_remark(db, token, MendRemark(text="In new words"), at=NOON) == talk
    assert await dialogue.withdraw_linked_remark(db, token, at=NOON) == talk
    seen = await dialogue.find_linked_remark(db, token, on=local_day(NOON))
    assert (seen.is_withdrawn, seen.can_change) == (True, False)
    formers = [
        former
        for action in ("dialogue.mended", "dialogue.withdrawn")
        for former, _ in await trail(db, seen.id, action)
    ]
    assert formers == ["From outside", "In new words"]
    with pytest.raises(LinkTooOld):
        await dialogue.withdraw_linked_remark(db, "guessed", at=NOON)
    with pytest.raises(DialogueClosed):
        await dialogue.withdraw_linked_remark(db, token, at=NOON + timedelta(days=20))


@pytest.mark.parametrize("answer_first", [True, False])
async def test_an_answer_and_a_withdrawal_at_once_come_one_after_the_other(
    fresh_database, answer_first
) -> None:
    sessions = fresh_database.sessions
    async with sessions.begin() as db:
        world = await a_world(db)
        talk = await opened(db, world)
        id = await said_by(db, world.owner, talk)
    order = ReplyToRemarks(remark_ids=[id], **ANSWER)

    async def answer(db):
        return await dialogue.reply(db, talk, order, by=world.registrar, at=NOON)

    async def withdraw(db):
        return await dialogue.withdraw_remark(db, id, by=world.owner, at=NOON)

    async def beside(act):
        try:
            async with sessions.begin() as db:
                return await act(db)
        except Conflict as refusal:
            return refusal

    first, second = (answer, withdraw) if answer_first else (withdraw, answer)
    async with sessions() as db:
        await first(db)
        other = asyncio.create_task(beside(second))
        await asyncio.sleep(0.3)
        assert not other.done(), "it waits for the first"
        await db.commit()
    came = await other
    async with sessions() as db:
        _, (one,) = await shown(db, talk, world.registrar)
        assert one.is_withdrawn
        if answer_first:
            assert came == talk
            assert one.reply
        else:
            assert isinstance(came, WithdrawnAlready)
            assert one.reply is None
