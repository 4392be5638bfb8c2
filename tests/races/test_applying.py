"""Several people at one application at the same moment: one of them is first, and nothing is done twice."""

import asyncio
from datetime import timedelta

import pytest

from setori import registry
from setori.errors import Conflict, SetoriError
from setori.registry import AskForCompletion
from tests.conftest import RealDatabase
from tests.domains.builders import NOON, an_application
from tests.domains.desk import APPROVE, REJECT, TODAY, a_desk

COMPLETE = AskForCompletion(message="Tell more.", due_on=TODAY + timedelta(days=9))


@pytest.fixture
async def desk(fresh_database: RealDatabase):
    async with fresh_database.sessions.begin() as db:
        it = await a_desk(db)
        it.plain = await an_application(db, it.rulebook_id, it.owner)
        it.strict = await an_application(db, it.strict_id, it.owner)
    it.sessions = fresh_database.sessions
    return it


async def at_once(desk, *works) -> list[object]:
    """Each in a transaction of its own, all at the same time: what came of each, a refusal or what it gave."""

    async def one(work):
        try:
            async with desk.sessions.begin() as db:
                return await work(db)
        except SetoriError as refused:
            return refused

    return await asyncio.gather(*(one(work) for work in works))


async def test_of_decisions_a_return_and_a_withdrawal_at_once_one_is_done(desk) -> None:
    told = await at_once(
        desk,
        lambda db: registry.decide(db, desk.plain, APPROVE, by=desk.registrar, at=NOON),
        lambda db: registry.decide(db, desk.plain, REJECT, by=desk.second, at=NOON),
        lambda db: registry.ask_for_completion(db, desk.plain, COMPLETE, by=desk.third, at=NOON),
        lambda db: registry.withdraw(db, desk.plain, by=desk.owner, at=NOON),
    )
    refused = [one for one in told if isinstance(one, Conflict)]
    # What was returned can still be withdrawn; nothing else can follow.
    async with desk.sessions.begin() as db:
        seen = await registry.find_application(db, desk.plain, by=desk.owner)
    followed = seen.row.status == "withdrawn" and bool(seen.course.completions)
    assert len(refused) == (2 if followed else 3)
    assert len(seen.course.decisions) + (seen.row.status in ("withdrawn", "returned")) == 1


async def test_sending_again_twice_at_once_files_once(desk) -> None:
    async with desk.sessions.begin() as db:
        await registry.ask_for_completion(db, desk.plain, COMPLETE, by=desk.registrar, at=NOON)
    told = await at_once(
        desk,
        *[lambda db: registry.submit(db, desk.plain, by=desk.owner, at=NOON) for _ in range(4)],
    )
    assert sum(isinstance(one, Conflict) for one in told) == 3
    async with desk.sessions.begin() as db:
        seen = await registry.find_application(db, desk.plain, by=desk.owner)
    assert [one.round for one in seen.course.filings] == [1, 2]


async def test_of_three_assessors_asked_at_once_two_assess(desk) -> None:
    told = await at_once(
        desk,
        *[
            lambda db, who=who: registry.assign(db, desk.strict, who.person_id, by=desk.registrar, at=NOON)
            for who in (desk.registrar, desk.second, desk.third)
        ],
    )
    assert sum(isinstance(one, Conflict) for one in told) == 1
    async with desk.sessions.begin() as db:
        assessing = await registry.find_assessing(db, desk.strict, by=desk.registrar)
    assert len(assessing.assessments) == 2
