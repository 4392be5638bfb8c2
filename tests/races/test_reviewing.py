"""Many answer about one coach at once, workers ask at once: the figures are those of the answers that count."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from setori import catalogue, people, reviews, vouchers
from setori.db import wire_of
from setori.people import Role
from setori.reviews import AnswerPulse
from tests.conftest import RealDatabase
from tests.domains import builders as a

TODAY = date(2026, 3, 2)


@pytest.fixture
async def scene(fresh_database: RealDatabase):
    """An offering, and six confirmed sessions of six people."""
    scene = type("Scene", (), {})()
    scene.sessions = fresh_database.sessions
    async with scene.sessions.begin() as db:
        scene.procurer_id = await a.a_procurer(db)
        scene.registrar = await a.an_actor(db, Role.REGISTRAR, scene.procurer_id)
        service_id = scene.service_id = await a.a_service(db)
        provider_id = await a.a_provider(db)
        scene.owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id)
        rulebook_id = await a.a_rulebook(db, scene.registrar, service_id)
        await a.an_approval(db, rulebook_id, provider_id, starts_on=TODAY - timedelta(days=30))
        scene.coach_id = await a.a_coach(db, provider_id)
        scene.offering_id = await a.an_offering(db, scene.owner, service_id, [scene.coach_id])
        given = (scene.procurer_id, scene.registrar, scene.owner, scene.offering_id, scene.coach_id)
        scene.held = [await a.a_session(db, *given) for _ in range(6)]
        for redemption_id, holder in scene.held:
            await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=a.NOON)
    return scene


async def figures(scene) -> tuple[int, int]:
    """How many answers are listed and how many people counted; and nothing is broken."""
    async with scene.sessions.begin() as db:
        for view in ("check_answered_pulses_have_one_answer", "check_experience_counts_people"):
            assert (await db.exec(text(f"select count(*) from {view}"))).scalar_one() == 0
        page = await catalogue.find_offering(db, scene.offering_id, on=TODAY)
        assert page.experience.respondents == page.coaches[0].experience.respondents
        listed = (await reviews.list_of_offering(db, scene.offering_id)).items
        return len(listed), page.experience.respondents


async def ask(scene) -> int:
    async with scene.sessions.begin() as db:
        return await reviews.ask_due(db, at=a.NOON)


async def answer(scene, holder, points=5) -> None:
    async with scene.sessions.begin() as db:
        [pulse] = await reviews.list_waiting(db, by=holder, at=a.NOON)
        await reviews.answer(db, pulse.id, AnswerPulse(recommend=points), by=holder, at=a.NOON)


async def test_workers_that_ask_at_once_ask_everybody_once(scene) -> None:
    assert sum(await asyncio.gather(*(ask(scene) for _ in range(4)))) == 6
    async with scene.sessions() as db:
        letters = [mail for mail in (await people.list_outbox(db)).items if mail.kind == "pulse_asked"]
    assert len(letters) == 6


async def test_six_answers_about_one_coach_at_once_all_count(scene) -> None:
    await ask(scene)
    await asyncio.gather(*(answer(scene, holder) for _, holder in scene.held))
    assert await figures(scene) == (6, 6)


async def test_counting_everything_at_the_same_time_loses_nobody(scene) -> None:
    """The night's count runs while people answer: whichever comes later has seen the other."""

    async def night() -> None:
        async with scene.sessions.begin() as db:
            await reviews.count_all(db, scene.service_id, on=TODAY)

    await ask(scene)
    answers = [answer(scene, holder) for _, holder in scene.held]
    await asyncio.gather(*answers[:3], night(), *answers[3:], night())
    assert await figures(scene) == (6, 6)


async def test_one_who_sends_twice_at_once_says_one_thing(scene) -> None:
    await ask(scene)
    holder = scene.held[0][1]
    async with scene.sessions() as db:
        [pulse] = await reviews.list_waiting(db, by=holder, at=a.NOON)

    async def send(points: int) -> None:
        async with scene.sessions.begin() as db:
            await reviews.answer(db, pulse.id, AnswerPulse(recommend=points), by=holder, at=a.NOON)

    await asyncio.gather(*(send(points) for points in (1, 3, 5)))
    assert await figures(scene) == (1, 1)
