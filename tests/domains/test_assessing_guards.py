"""What nobody may do to an application: a neighbour nothing, and the database holds what the rules hold."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import registry
from setori.errors import NotFound
from setori.people import Role
from setori.registry import ApplicationStatus, RecordAppeal, ResolveAppeal
from setori.registry.rules import MOVES
from tests.domains.builders import NOON, a_procurer, an_actor, an_application
from tests.domains.desk import ALL_MET, APPROVE, COMPLETE, TODAY, a_desk


@pytest.fixture
async def world(db):
    return await a_desk(db)


async def test_a_neighbour_finds_none_of_it(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    stranger = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0012", "Varsinais-Suomi"))
    me = stranger.person_id
    for call in (
        registry.assign(db, application_id, me, by=stranger, at=NOON),
        registry.unassign(db, application_id, me, by=stranger, at=NOON),
        registry.assess(db, application_id, ALL_MET, by=stranger, at=NOON),
        registry.ask_for_completion(db, application_id, COMPLETE, by=stranger, at=NOON),
        registry.take_up(db, application_id, by=stranger, at=NOON),
        registry.record_appeal(
            db, application_id, RecordAppeal(received_on=TODAY, demand="Why not?"), by=stranger, at=NOON
        ),
        registry.resolve_appeal(
            db, application_id, ResolveAppeal(outcome="stands", reason="Because."), by=stranger, at=NOON
        ),
    ):
        with pytest.raises(NotFound):
            await call


async def test_the_database_holds_the_same_table_of_moves(db):
    for was in ApplicationStatus:
        for to in ApplicationStatus:
            asked = text("select application_move(:was, :to)").bindparams(was=was.value, to=to.value)
            assert (await db.exec(asked)).scalar_one() == (to in MOVES[was]), (was, to)


@pytest.mark.parametrize(
    "statement",
    [
        "update application set status = 'approved', round = round where id = :id",
        "update application set status = 'withdrawn', round = round + 1 where id = :id",
        "update answer set value = '9' where application_id = :id",
        "insert into answer (application_id, criterion_id, value, answered_at)"
        " select :id, id, '9', now() from criterion where code = 'T1' limit 1",
    ],
)
async def test_the_database_refuses_what_the_rules_do_not_know(db, world, statement):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    if "'approved'" in statement:
        await registry.ask_for_completion(db, application_id, COMPLETE, by=world.registrar, at=NOON)
    with pytest.raises(DBAPIError, match=r"cannot go|not written|count when"):
        await db.exec(text(statement).bindparams(id=application_id))


async def test_what_was_filed_and_decided_can_be_changed_by_nobody(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)
    for table in ("filing", "decision", "criterion_verdict"):
        with pytest.raises(DBAPIError, match=r"permission denied|only grows"):
            async with db.begin_nested():
                await db.exec(text(f"delete from {table}"))
