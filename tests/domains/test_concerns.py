"""Harm told in confidence: only those who are named for it read it, and every look is kept."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import concerns, people
from setori.concerns import (
    AddWords,
    CloseConcern,
    ConcernClosed,
    NotInYourHands,
    TakeConcern,
    TakenMeanwhile,
    TellConcern,
)
from setori.db import new_id
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.meetings import a_practice, mails

WORDS = "He shouted at me and took my phone."
LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def practice(db):
    return await a_practice(db, clients=2)


@pytest.fixture
async def reader(db, practice) -> Actor:
    return await a.an_actor(db, Role.SAFEGUARDING, practice.procurer_id, "Outi")


async def told(db, practice, *, id: UUID | None = None) -> UUID:
    client = practice.clients[0]
    order = TellConcern(id=id or new_id(), voucher_id=client.voucher_id, words=WORDS, reach="By phone")
    return await concerns.tell(db, order, by=client.who, at=NOON)


async def traces(db, concern_id: UUID) -> list[str]:
    await db.flush()
    found = text("select action from audit_entry where subject_id = :id order by id")
    return list((await (await db.connection()).execute(found, {"id": concern_id})).scalars())


async def test_it_goes_from_received_to_closed_with_an_answer_and_what_was_done(db, practice, reader) -> None:
    client = practice.clients[0].who
    concern_id = await told(db, practice)
    assert "concern_waits" in await mails(db, reader.person_id)
    seen = await concerns.look(db, concern_id, by=reader, at=LATER)
    assert (seen.words, seen.reach, seen.status, seen.handler_id) == (WORDS, "By phone", "received", None)
    await concerns.take(db, concern_id, TakeConcern(), by=reader, at=LATER)
    await concerns.answer(db, concern_id, AddWords(words="We call you."), by=reader, at=LATER)
    await concerns.add_words(db, concern_id, AddWords(words="Thanks."), by=client, at=LATER)
    await concerns.close(
        db, concern_id, CloseConcern(done="Spoke with police.", answer="Done."), by=reader, at=LATER
    )
    mine = await concerns.find(db, concern_id, by=client)
    assert (mine.status, mine.handler_name, mine.done) == ("closed", "Outi", "")
    said = [(one.words, one.is_of_client) for one in mine.messages]
    assert said == [("We call you.", False), ("Thanks.", True), ("Done.", False)]
    assert (await concerns.look(db, concern_id, by=reader, at=LATER)).done == "Spoke with police."
    with pytest.raises(ConcernClosed):
        await concerns.add_words(db, concern_id, AddWords(words="More"), by=client, at=LATER)
    expected = ["told", "looked", "taken", "answered", "added_to", "closed", "looked"]
    assert await traces(db, concern_id) == [f"concern.{one}" for one in expected]


async def test_nobody_else_finds_it_whatever_the_role(db, practice, reader) -> None:
    concern_id = await told(db, practice)
    elsewhere = await a.a_procurer(db, "0022", "Varsinais-Suomi")
    others = [
        practice.clients[1].who,
        await a.an_actor(db, Role.SAFEGUARDING, elsewhere),
        practice.owner,
        *[
            await a.an_actor(db, role, practice.procurer_id)
            for role in (*people.PROCURER_ROLES, Role.SERVICE_MANAGER)
        ],
        Actor(practice.clients[0].who.person_id, Role.JOBSEEKER, None, "A", through=practice.owner),
    ]
    missing = new_id()
    for other in others:
        for which in (concern_id, missing):
            with pytest.raises(NotFound):
                await concerns.find(db, which, by=other)
            with pytest.raises(NotFound):
                await concerns.look(db, which, by=other, at=LATER)
            with pytest.raises(NotFound):
                await concerns.take(db, which, TakeConcern(), by=other, at=LATER)
            with pytest.raises(NotFound):
                await concerns.add_words(db, which, AddWords(words="x"), by=other, at=LATER)
        if other.role is not Role.SAFEGUARDING:
            with pytest.raises(Forbidden):
                await concerns.look_at_list(db, by=other, is_open=True, at=LATER)
    listed = await concerns.look_at_list(db, by=others[1], is_open=True, at=LATER)
    assert listed.items == []


async def test_whoever_told_it_does_not_handle_it_though_named_for_it(db, practice) -> None:
    client = practice.clients[0].who
    await people.add_member(db, client.person_id, practice.procurer_id, Role.SAFEGUARDING, at=NOON)
    both = Actor(client.person_id, Role.SAFEGUARDING, practice.procurer_id, "Aino")
    concern_id = await told(db, practice)
    with pytest.raises(NotFound):
        await concerns.look(db, concern_id, by=both, at=LATER)
    with pytest.raises(NotFound):
        await concerns.take(db, concern_id, TakeConcern(), by=both, at=LATER)
    assert (await concerns.look_at_list(db, by=both, is_open=True, at=LATER)).items == []


async def test_only_the_holder_of_a_voucher_tells_and_twice_is_once(db, practice, reader) -> None:
    concern_id = await told(db, practice)
    assert await told(db, practice, id=concern_id) == concern_id
    assert (await mails(db, reader.person_id)).count("concern_waits") == 1
    own, other = practice.clients
    taken = TellConcern(id=concern_id, voucher_id=other.voucher_id, words="Mine")
    with pytest.raises(NotFound):
        await concerns.tell(db, taken, by=other.who, at=NOON)
    theirs = TellConcern(id=new_id(), voucher_id=own.voucher_id, words="Not mine")
    with pytest.raises(NotFound):
        await concerns.tell(db, theirs, by=other.who, at=NOON)
    with pytest.raises(Forbidden):
        await concerns.tell(db, theirs, by=practice.owner, at=NOON)


async def test_a_colleague_takes_over_only_what_was_seen_and_only_the_handler_answers(
    db, practice, reader
) -> None:
    concern_id = await told(db, practice)
    colleague = await a.an_actor(db, Role.SAFEGUARDING, practice.procurer_id, "Eero")
    with pytest.raises(NotInYourHands):
        await concerns.answer(db, concern_id, AddWords(words="Hello"), by=reader, at=LATER)
    await concerns.take(db, concern_id, TakeConcern(), by=reader, at=LATER)
    with pytest.raises(TakenMeanwhile):
        await concerns.take(db, concern_id, TakeConcern(), by=colleague, at=LATER)
    await concerns.take(db, concern_id, TakeConcern(seen_with=reader.person_id), by=colleague, at=LATER)
    with pytest.raises(NotInYourHands):
        await concerns.close(db, concern_id, CloseConcern(done="x", answer="y"), by=reader, at=LATER)


async def test_no_mail_and_no_trace_carries_what_was_told(db, practice, reader) -> None:
    concern_id = await told(db, practice)
    await concerns.take(db, concern_id, TakeConcern(), by=reader, at=LATER)
    await concerns.answer(db, concern_id, AddWords(words="We call you."), by=reader, at=LATER)
    await db.flush()
    kept = text(
        "select (select string_agg(params::text, '') from outbox)"
        " || (select string_agg(detail::text, '') from audit_entry)"
    )
    everything = (await (await db.connection()).execute(kept)).scalar_one()
    assert WORDS not in everything
    assert "We call" not in everything


async def test_where_nobody_is_named_the_approvers_are_told_without_what_it_is(db, practice) -> None:
    approver = await a.an_actor(db, Role.APPROVER, practice.procurer_id)
    held = await concerns.list_vouchers(db, by=practice.clients[0].who)
    assert [one.has_readers for one in held] == [False]
    await told(db, practice)
    assert "concern_has_no_reader" in await mails(db, approver.person_id)
    await a.an_actor(db, Role.SAFEGUARDING, practice.procurer_id)
    assert (await concerns.list_vouchers(db, by=practice.clients[0].who))[0].has_readers


async def test_what_nobody_took_up_in_two_days_is_late(db, practice, reader) -> None:
    concern_id = await told(db, practice)
    seen = await concerns.look(db, concern_id, by=reader, at=LATER)
    assert not seen.is_late(NOON + timedelta(days=2))
    assert seen.is_late(NOON + timedelta(days=2, seconds=1))
    assert seen.age_days(NOON + timedelta(days=3)) == 3


@pytest.mark.parametrize(
    "change",
    [
        "update concern set words = 'nothing'",
        "delete from concern",
        "delete from concern_message",
        "update concern_message set words = 'nothing'",
        "update concern set status = 'closed', done = 'x', closed_at = now(), taken_at = now(), handler_id = person_id",
    ],
)
async def test_the_database_lets_nobody_rewrite_delete_or_skip(db, practice, reader, change) -> None:
    await told(db, practice)
    with pytest.raises(DBAPIError):
        await (await db.connection()).execute(text(change))
