"""A dialogue from the draft to the published version, who sees what was said, and who hears of it."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from setori import dialogue, people, registry
from setori.days import local_day
from setori.db import new_id
from setori.dialogue import (
    OpenDialogue,
    Prolong,
    RemarkKind,
    ReplyToRemarks,
    Shows,
    Subscribe,
    Verdict,
    WriteFromOutside,
    WriteRemark,
)
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.registry import (
    CriterionKind,
    DraftCriterion,
    DraftRulebook,
    InConsultation,
)
from tests.domains.builders import NOON, a_procurer, a_provider, a_rulebook, a_service, an_actor

TODAY = local_day(NOON)
LAST = TODAY + timedelta(days=14)
LATER = NOON + timedelta(days=15)


def criterion(code="D1", words="Vakuutus", **told) -> DraftCriterion:
    return DraftCriterion(**({"code": code, "kind": CriterionKind.DECLARATION, "text": {"fi": words}} | told))


async def a_draft(db, registrar, service_id, *criteria, at=NOON):
    order = DraftRulebook(
        service_id=service_id, title={"fi": "Luonnos"}, criteria=list(criteria or (criterion(),))
    )
    return await registry.draft_rulebook(db, order, by=registrar, at=at)


@pytest.fixture
async def world(db):
    return await a_world(db)


async def a_world(db):
    procurer_id = await a_procurer(db)
    registrar = await an_actor(db, Role.REGISTRAR, procurer_id)
    service_id = await a_service(db)
    provider_id = await a_provider(db)
    return SimpleNamespace(
        procurer_id=procurer_id,
        registrar=registrar,
        service_id=service_id,
        provider_id=provider_id,
        owner=await an_actor(db, Role.PROVIDER_OWNER, provider_id),
        rulebook_id=await a_draft(db, registrar, service_id, criterion(), criterion("T1")),
    )


async def opened(db, world, *, shows=Shows.AT_ONCE, at=NOON, rulebook_id=None, by=None):
    order = OpenDialogue(closes_on=local_day(at) + timedelta(days=14), shows=shows)
    who = by or world.registrar
    return await dialogue.open_dialogue(db, rulebook_id or world.rulebook_id, order, by=who, at=at)


async def said(db, dialogue_id, *, by=None, on=TODAY, **asked):
    row = (await dialogue.find_dialogue(db, dialogue_id, on=on)).row
    return (await dialogue.list_remarks(db, row, by=by, **asked)).items


async def outside(db, dialogue_id, email="ulla@example.fi", *, at=NOON, **told):
    """Somebody from outside writes; returns the secret of the link that was sent."""
    order = WriteFromOutside(**({"text": "Liian tiukka.", "name": "Ulla Ulkonen", "email": email} | told))
    await dialogue.remark_from_outside(db, dialogue_id, order, at=at)
    return await last_token(db, email)


async def last_token(db, email):
    person_id = await people.find_by_email(db, email)
    return (await people.list_outbox(db, person_id=person_id)).items[0].params["token"]


async def test_a_dialogue_from_the_draft_to_the_published_version(db, world):
    dialogue_id = await opened(db, world)
    with pytest.raises(InConsultation):
        await registry.publish_rulebook(db, world.rulebook_id, by=world.registrar, at=LATER)
    with pytest.raises(dialogue.StillOpen):
        await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=NOON + timedelta(days=14))
    first = await dialogue.remark(
        db, dialogue_id, WriteRemark(code="D1", text="Kuinka usein?"), by=world.owner, at=NOON
    )
    token = await outside(db, dialogue_id)
    assert [one.author_name for one in await said(db, dialogue_id)] == ["Suunta Oy"]
    await dialogue.confirm_remark(db, token, at=NOON)
    await dialogue.confirm_remark(db, token, at=LATER)
    assert [one.author_name for one in await said(db, dialogue_id)] == ["Ulla Ulkonen", "Suunta Oy"]
    with pytest.raises(dialogue.NotAnswered) as refused:
        await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)
    assert refused.value.params == {"count": 2}
    order = DraftRulebook(
        service_id=world.service_id, title={"fi": "Luonnos"}, criteria=[criterion("D1", "Kerran vuodessa")]
    )
    await registry.edit_rulebook(db, world.rulebook_id, order, by=world.registrar, at=LATER)
    ids = [one.id for one in await said(db, dialogue_id)]
    grouped = ReplyToRemarks(remark_ids=ids, verdict=Verdict.ACCEPTED, text="Näin on parempi.")
    await dialogue.reply(db, dialogue_id, grouped, by=world.registrar, at=LATER)
    assert [one.reply for one in await said(db, dialogue_id, on=local_day(LATER))] == [None, None]
    await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)
    seen = await said(db, dialogue_id, on=local_day(LATER))
    assert {one.reply.verdict for one in seen} == {Verdict.ACCEPTED}
    assert first in {one.id for one in seen}
    view = await dialogue.find_dialogue(db, dialogue_id, on=local_day(LATER))
    book = await registry.find_rulebook(db, world.rulebook_id)
    changes = registry.diff(view.terms, registry.terms_of(book))
    assert [(line.code, line.changes) for line in changes] == [("D1", ("changed",)), ("T1", ("removed",))]
    told = (await people.list_outbox(db, person_id=world.owner.person_id)).items
    assert [mail.kind for mail in told] == ["dialogue_answered"]


@pytest.mark.parametrize(("shows", "others"), [(Shows.AT_ONCE, 1), (Shows.AFTER_CLOSE, 0)])
async def test_others_see_comments_at_once_or_after_the_close_as_the_procurer_chose(db, world, shows, others):
    dialogue_id = await opened(db, world, shows=shows)
    await dialogue.remark(db, dialogue_id, WriteRemark(text="Hyvä näin."), by=world.owner, at=NOON)
    rival = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db, "Muu Oy"))
    colleague = await an_actor(db, Role.COACH, world.provider_id)
    foreign = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0022", "Varsinais-Suomi"))
    for who, count in (
        (None, others),
        (rival, others),
        (foreign, others),
        (world.owner, 1),
        (colleague, 1),
        (world.registrar, 1),
    ):
        assert len(await said(db, dialogue_id, by=who)) == count
        assert len(await said(db, dialogue_id, by=who, on=LAST + timedelta(days=1))) == 1


async def test_questions_and_their_answers_are_public_at_once_and_without_a_name(db, world):
    dialogue_id = await opened(db, world, shows=Shows.AFTER_CLOSE)
    ask = WriteRemark(kind=RemarkKind.QUESTION, code="T1", text="Koskeeko tämä pieniä?")
    question = await dialogue.remark(db, dialogue_id, ask, by=world.owner, at=NOON)
    comment = await dialogue.remark(db, dialogue_id, WriteRemark(text="Hyvä."), by=world.owner, at=NOON)
    both = ReplyToRemarks(remark_ids=[question, comment], verdict=Verdict.PARTLY, text="Kyllä.")
    with pytest.raises(Invalid):
        await dialogue.reply(db, dialogue_id, both, by=world.registrar, at=NOON)
    unweighed = ReplyToRemarks(remark_ids=[comment], text="Kiitos.")
    with pytest.raises(Invalid):
        await dialogue.reply(db, dialogue_id, unweighed, by=world.registrar, at=NOON)
    answer = ReplyToRemarks(remark_ids=[question], text="Koskee.")
    await dialogue.reply(db, dialogue_id, answer, by=world.registrar, at=NOON)
    (seen,) = await said(db, dialogue_id, kind=RemarkKind.QUESTION)
    assert (seen.author_name, seen.reply.text, seen.reply.verdict) == ("", "Koskee.", None)


async def test_nothing_is_said_after_the_close_but_the_close_can_be_put_off(db, world):
    dialogue_id = await opened(db, world)
    late = WriteRemark(text="Vielä yksi asia.")
    await dialogue.remark(db, dialogue_id, late, by=world.owner, at=LATER - timedelta(days=1))
    with pytest.raises(dialogue.DialogueClosed):
        await dialogue.remark(db, dialogue_id, late, by=world.owner, at=LATER)
    for day in (LAST, TODAY, LAST + timedelta(days=400)):
        with pytest.raises(dialogue.BadLastDay):
            await dialogue.prolong(db, dialogue_id, Prolong(closes_on=day), by=world.registrar, at=LATER)
    longer = Prolong(closes_on=LAST + timedelta(days=7))
    await dialogue.prolong(db, dialogue_id, longer, by=world.registrar, at=LATER)
    await dialogue.remark(db, dialogue_id, late, by=world.owner, at=LATER)


async def test_what_was_said_stays_and_a_stranger_answers_nothing(db, world):
    dialogue_id = await opened(db, world)
    remark_id = await dialogue.remark(db, dialogue_id, WriteRemark(text="Näin."), by=world.owner, at=NOON)
    stranger = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0022", "Varsinais-Suomi"))
    answer = ReplyToRemarks(remark_ids=[remark_id], verdict=Verdict.ACCEPTED, text="Selvä.")
    with pytest.raises(NotFound):
        await dialogue.reply(db, dialogue_id, answer, by=stranger, at=NOON)
    book = await a_draft(db, stranger, world.service_id)
    elsewhere = await opened(db, world, rulebook_id=book, by=stranger)
    with pytest.raises(NotFound):
        await dialogue.reply(db, elsewhere, answer, by=stranger, at=NOON)
    odd = WriteRemark(code="NOPE", text="Mihin tämä?")
    with pytest.raises(Invalid):
        await dialogue.remark(db, dialogue_id, odd, by=world.owner, at=NOON)
    with pytest.raises(Forbidden):
        await dialogue.remark(db, dialogue_id, WriteRemark(text="Me itse."), by=world.registrar, at=NOON)
    await db.flush()
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.begin_nested():
            await db.exec(text("update remark set author_name = 'x'"))
    with pytest.raises(DBAPIError, match="what was said does not change"):
        async with db.begin_nested():
            await db.exec(text("update remark set text = 'x'"))


async def test_an_outsiders_link_is_good_for_a_week_and_until_publication(db, world):
    dialogue_id = await opened(db, world)
    old = await outside(db, dialogue_id)
    with pytest.raises(dialogue.LinkTooOld):
        await dialogue.confirm_remark(db, old, at=NOON + timedelta(days=8))
    with pytest.raises(dialogue.LinkTooOld):
        await dialogue.confirm_remark(db, "nothing", at=NOON)
    late = await outside(db, dialogue_id, at=NOON + timedelta(days=14))
    await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)
    with pytest.raises(dialogue.DialogueOver):
        await dialogue.confirm_remark(db, late, at=LATER)


async def test_one_address_is_sent_ten_links_an_hour_at_most(db, world):
    dialogue_id = await opened(db, world)
    for _ in range(10):
        await outside(db, dialogue_id)
    with pytest.raises(dialogue.TooMuch):
        await outside(db, dialogue_id)
    await outside(db, dialogue_id, at=NOON + timedelta(hours=1, minutes=1))


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_choice_is_the_whole(nothing):
    assert WriteRemark(code=nothing, text="Kaikesta.").code is None
    assert Subscribe(email="a@example.fi", area_code=nothing, service_id=nothing).area_code is None


async def follow(db, email, *, at=NOON, **what):
    await dialogue.subscribe(db, Subscribe(email=email, **what), at=at)
    await dialogue.confirm_subscription(db, await last_token(db, email), at=at)


async def letters(db, email):
    person_id = await people.find_by_email(db, email)
    mails = (await people.list_outbox(db, person_id=person_id)).items
    return [mail.kind for mail in mails if mail.kind != "news_confirm"][::-1]


async def test_those_who_follow_hear_of_each_thing_once_and_others_of_nothing(db, world):
    other = await a_service(db, "career-guidance")
    await a_procurer(db, "0022", "Varsinais-Suomi")
    await follow(db, "kaikki@example.fi")
    await follow(db, "alue@example.fi", area_code="0011", service_id=world.service_id)
    await follow(db, "muualta@example.fi", area_code="0022")
    await follow(db, "muuta@example.fi", service_id=other)
    await dialogue.subscribe(db, Subscribe(email="vahvistamatta@example.fi"), at=NOON)
    assert await dialogue.send_news(db, at=NOON) == 0
    dialogue_id = await opened(db, world)
    for at in (NOON, NOON, NOON + timedelta(days=12), NOON + timedelta(days=13)):
        await dialogue.send_news(db, at=at)
    person_id = await people.find_by_email(db, "alue@example.fi")
    leave_token = (await people.list_outbox(db, person_id=person_id)).items[0].params["leave_token"]
    await dialogue.leave(db, leave_token, at=LATER)
    await dialogue.leave(db, leave_token, at=LATER)
    await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)
    await follow(db, "myohassa@example.fi", at=LATER + timedelta(minutes=1))
    for _ in range(2):
        await dialogue.send_news(db, at=LATER + timedelta(minutes=2))
    assert await letters(db, "kaikki@example.fi") == ["news_opened", "news_closing", "news_published"]
    assert await letters(db, "alue@example.fi") == ["news_opened", "news_closing"]
    for nobody in ("muualta", "muuta", "vahvistamatta", "myohassa"):
        assert await letters(db, f"{nobody}@example.fi") == []
    view = await dialogue.look_at_subscription(db, leave_token=leave_token)
    assert not view.is_live
    assert dialogue_id


async def test_one_person_who_follows_twice_gets_one_letter(db, world):
    await follow(db, "kaikki@example.fi")
    await follow(db, "kaikki@example.fi", area_code="0011")
    await opened(db, world)
    await dialogue.send_news(db, at=NOON)
    assert await letters(db, "kaikki@example.fi") == ["news_opened"]


async def test_a_rulebook_published_without_a_dialogue_is_news_too(db, world):
    await follow(db, "kaikki@example.fi")
    await a_rulebook(db, world.registrar, world.service_id)
    await dialogue.send_news(db, at=NOON)
    assert await letters(db, "kaikki@example.fi") == ["news_published"]


async def test_a_comment_and_the_publication_at_the_same_time_never_leave_a_comment_unanswered(
    fresh_database,
):
    for _ in range(5):
        async with fresh_database.sessions.begin() as db:
            world = await a_world(db)
            dialogue_id = await opened(db, world)
            token = await outside(db, dialogue_id, at=NOON + timedelta(days=14))

        async def confirm(token=token):
            async with fresh_database.sessions.begin() as db:
                await dialogue.confirm_remark(db, token, at=LATER)

        async def publish(world=world):
            async with fresh_database.sessions.begin() as db:
                await dialogue.publish(db, world.rulebook_id, by=world.registrar, at=LATER)

        results = await asyncio.gather(confirm(), publish(), return_exceptions=True)
        refused = [type(one) for one in results if one is not None]
        assert refused in ([dialogue.DialogueOver], [dialogue.NotAnswered])


async def test_the_database_itself_publishes_nothing_that_waits_for_an_answer(db, world):
    dialogue_id = await opened(db, world)
    await dialogue.remark(db, dialogue_id, WriteRemark(text="Odotan."), by=world.owner, at=NOON)
    await db.flush()
    with pytest.raises(IntegrityError, match="has no answer"):
        async with db.begin_nested():
            await registry.publish_rulebook(
                db, world.rulebook_id, by=world.registrar, at=LATER, after_dialogue=True
            )


async def test_a_form_that_is_sent_again_is_one_remark_and_other_words_are_another(db, world):
    """Who goes back in the browser and writes something else has said two things, and is not thanked for nothing."""
    dialogue_id = await opened(db, world)
    once = new_id()
    first = WriteRemark(text="Näin.", remark_id=once)
    said = await dialogue.remark(db, dialogue_id, first, by=world.owner, at=NOON)
    assert await dialogue.remark(db, dialogue_id, first, by=world.owner, at=NOON) == said == once
    other = WriteRemark(text="Ja vielä näin.", remark_id=once)
    assert await dialogue.remark(db, dialogue_id, other, by=world.owner, at=NOON) != said
    told = WriteFromOutside(text="Ulkoa.", remark_id=once, name="Oili Otto", email="oili@example.fi")
    await dialogue.remark_from_outside(db, dialogue_id, told, at=NOON)
    assert (await db.exec(text("select count(*) from remark"))).scalar_one() == 3


async def test_a_form_that_is_sent_twice_at_once_is_one_remark(fresh_database):
    async with fresh_database.sessions.begin() as db:
        world = await a_world(db)
        dialogue_id = await opened(db, world)
    order = WriteRemark(text="Näin.", remark_id=new_id())

    async def send():
        async with fresh_database.sessions.begin() as db:
            return await dialogue.remark(db, dialogue_id, order, by=world.owner, at=NOON)

    assert set(await asyncio.gather(*(send() for _ in range(4)))) == {order.remark_id}
