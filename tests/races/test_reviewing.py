"""Many review one coach at once, and sessions are taken back at once: the figures are those of the words that count."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from setori import catalogue, reviews, vouchers
from setori.db import new_id, wire_of
from setori.people import Role
from setori.reviews import WriteReview
from setori.vouchers import GiveReason, RedeemVoucher
from tests.conftest import RealDatabase
from tests.domains import builders as a

TODAY = date(2026, 3, 2)
TAKEN_BACK = GiveReason(reason="Recorded for the wrong day")


@pytest.fixture
async def scene(fresh_database: RealDatabase):
    """An offering, and six confirmed sessions of six people."""
    scene = type("Scene", (), {})()
    scene.sessions = fresh_database.sessions
    async with scene.sessions.begin() as db:
        scene.procurer_id = await a.a_procurer(db)
        scene.registrar = await a.an_actor(db, Role.REGISTRAR, scene.procurer_id)
        service_id = await a.a_service(db)
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
    """How many reviews are listed and how many are counted; and nothing is broken."""
    async with scene.sessions.begin() as db:
        for view in ("check_rating_summaries_equal_reviews", "check_reviews_of_reversed_sessions_count_once"):
            assert (await db.exec(text(f"select count(*) from {view}"))).scalar_one() == 0
        page = await catalogue.find_offering(db, scene.offering_id, on=TODAY)
        assert page.rating.count == page.coaches[0].rating.count
        return len((await reviews.list_of_offering(db, scene.offering_id)).items), page.rating.count


async def write(scene, redemption_id, holder, rating=5) -> None:
    async with scene.sessions.begin() as db:
        await reviews.write(db, redemption_id, WriteReview(rating=rating), by=holder, at=a.NOON)


async def take_back(scene, redemption_id) -> None:
    async with scene.sessions.begin() as db:
        await vouchers.reverse(await wire_of(db), redemption_id, TAKEN_BACK, by=scene.owner, at=a.NOON)


async def test_six_reviews_of_one_coach_at_once_all_count(scene) -> None:
    await asyncio.gather(*(write(scene, *one) for one in scene.held))
    assert await figures(scene) == (6, 6)


async def test_reviews_and_reversals_at_once_leave_one_word(scene) -> None:
    """One person has three reviewed sessions; all are taken back while other people write."""
    mine, holder = scene.held[0]
    ids = [mine]
    async with scene.sessions.begin() as db:
        asked = text("select voucher_id from redemption where id = :id")
        voucher_id = (await db.exec(asked, params={"id": mine})).scalar_one()
        for _ in range(2):
            ids.append(new_id())
            again = RedeemVoucher(voucher_code=vouchers.code_of(voucher_id, a.KEY), service_day=TODAY)
            await vouchers.redeem(await wire_of(db), ids[-1], again, key=a.KEY, by=scene.owner, at=a.NOON)
            await vouchers.confirm(await wire_of(db), ids[-1], by=holder, at=a.NOON)
    for one in ids:
        await write(scene, one, holder)
    others = (write(scene, *one) for one in scene.held[1:])
    await asyncio.gather(*(take_back(scene, one) for one in ids), *others)
    assert await figures(scene) == (6, 6), "five others, and one word of whose sessions were taken back"
