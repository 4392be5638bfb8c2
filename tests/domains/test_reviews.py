"""Reviews: whoever was there says once how it was, and the next visitor sees it."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlmodel import col, select

from setori import catalogue, reviews, vouchers
from setori.db import new_id, wire_of
from setori.errors import Forbidden, NotFound
from setori.people import Role
from setori.registry import SuspendApproval, list_approvals, suspend
from setori.reviews import AlreadyReviewed, NotConfirmed, WriteReview
from setori.vouchers import GiveReason, RedeemVoucher, Redemption
from tests.domains.builders import (
    KEY,
    NOON,
    a_coach,
    a_procurer,
    a_provider,
    a_rulebook,
    a_service,
    a_session,
    an_actor,
    an_approval,
    an_offering,
)

TODAY = date(2026, 3, 2)
TAKEN_BACK = GiveReason(reason="Recorded for the wrong day")
GOOD = WriteReview(rating=5, text="Sain uuden suunnan.")


class World:
    """An offering with a coach that can be chosen."""

    async def session(self, db, at=NOON, confirmed=True):
        redemption_id, holder = await a_session(
            db, self.procurer_id, self.registrar, self.owner, self.offering_id, self.coach_id, at=at
        )
        if confirmed:
            await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=at)
        return redemption_id, holder


@pytest.fixture
async def world(db):
    it = World()
    it.procurer_id = await a_procurer(db)
    it.registrar = await an_actor(db, Role.REGISTRAR, it.procurer_id)
    it.service_id = await a_service(db)
    provider_id = await a_provider(db)
    it.owner = await an_actor(db, Role.PROVIDER_OWNER, provider_id)
    rulebook_id = await a_rulebook(db, it.registrar, it.service_id)
    await an_approval(db, rulebook_id, provider_id, starts_on=TODAY - timedelta(days=30))
    it.coach_id = await a_coach(db, provider_id)
    it.offering_id = await an_offering(db, it.owner, it.service_id, [it.coach_id])
    return it


async def test_a_review_is_seen_by_the_next_visitor_without_its_writer(db, world):
    redemption_id, holder = await world.session(db)
    await reviews.write(db, redemption_id, GOOD, by=holder, at=NOON)

    [seen] = (await reviews.list_of_offering(db, world.offering_id)).items
    assert (seen.rating, seen.text, seen.coach_name) == (5, "Sain uuden suunnan.", "Maija Mäkelä")
    assert not hasattr(seen, "person_id")
    page = await catalogue.find_offering(db, world.offering_id, on=TODAY)
    assert page.rating.count == page.coaches[0].rating.count == 1
    assert await reviews.find_reviewed(db, [redemption_id]) == {redemption_id: 5}
    assert len((await reviews.list_of_provider(db, by=world.owner)).items) == 1


async def test_a_session_is_reviewed_once(db, world):
    redemption_id, holder = await world.session(db)
    await reviews.write(db, redemption_id, GOOD, by=holder, at=NOON)
    with pytest.raises(AlreadyReviewed):
        await reviews.write(db, redemption_id, GOOD, by=holder, at=NOON)
    page = await catalogue.find_offering(db, world.offering_id, on=TODAY)
    assert page.rating.count == 1


async def test_an_unconfirmed_session_cannot_be_reviewed(db, world):
    redemption_id, holder = await world.session(db, confirmed=False)
    with pytest.raises(NotConfirmed):
        await reviews.write(db, redemption_id, GOOD, by=holder, at=NOON)


async def test_only_whoever_was_there_reviews(db, world):
    redemption_id, _ = await world.session(db)
    stranger = await an_actor(db, Role.JOBSEEKER)
    with pytest.raises(NotFound):
        await reviews.write(db, redemption_id, GOOD, by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        await reviews.write(db, redemption_id, GOOD, by=world.owner, at=NOON)


@pytest.mark.parametrize("rating", [0, 6])
def test_a_rating_is_from_one_to_five(rating):
    with pytest.raises(ValidationError):
        WriteReview(rating=rating)


async def test_the_newest_review_comes_first_page_by_page(db, world):
    for minutes in range(5):
        redemption_id, holder = await world.session(db)
        order = WriteReview(rating=minutes % 5 + 1, text=str(minutes))
        await reviews.write(db, redemption_id, order, by=holder, at=NOON + timedelta(minutes=minutes))
    seen, after = [], None
    while True:
        page = await reviews.list_of_offering(db, world.offering_id, after=after, limit=2)
        seen += [review.text for review in page.items]
        after = page.next
        if after is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_a_suspension_spares_the_day_on_which_a_session_was_held(db, world):
    await world.session(db)
    [approval] = await list_approvals(db, world.owner.organisation_id, on=TODAY)
    from_on = await suspend(
        db,
        approval.id,
        SuspendApproval(reason="Insurance ran out.", is_urgent=True),
        by=world.registrar,
        at=NOON,
    )
    assert from_on == TODAY + timedelta(days=1)


async def _figures(db, world):
    """The ratings that readers see, and what the offering and the coach are counted as."""
    seen = (await reviews.list_of_offering(db, world.offering_id)).items
    page = await catalogue.find_offering(db, world.offering_id, on=TODAY)
    await db.exec(text("set constraints all immediate"))
    for view in ("check_rating_summaries_equal_reviews", "check_reviews_of_reversed_sessions_count_once"):
        assert (await db.exec(text(f"select count(*) from {view}"))).scalar_one() == 0
    return [one.rating for one in seen], page.rating.count, page.coaches[0].rating.count


async def test_one_session_taken_back_again_and_again_earns_one_word(db, world):
    """Recorded, praised and taken back four times, the same stamp is not four happy people."""
    wire = await wire_of(db)
    redemption_id, holder = await world.session(db)
    voucher_id = (await db.exec(select(col(Redemption.voucher_id)))).one()
    code = vouchers.code_of(voucher_id, KEY)
    for turn in range(4):
        at = NOON + timedelta(minutes=turn)
        if turn:
            redemption_id = new_id()
            again = RedeemVoucher(voucher_code=code, service_day=TODAY)
            await vouchers.redeem(wire, redemption_id, again, key=KEY, by=world.owner, at=at)
            await vouchers.confirm(wire, redemption_id, by=holder, at=at)
        await reviews.write(db, redemption_id, WriteReview(rating=turn + 2), by=holder, at=at)
        await vouchers.reverse(wire, redemption_id, TAKEN_BACK, by=world.owner, at=at)
        assert await _figures(db, world) == ([turn + 2], 1, 1)


async def test_taking_a_session_back_does_not_buy_a_bad_word_away(db, world):
    wire = await wire_of(db)
    redemption_id, holder = await world.session(db)
    await reviews.write(db, redemption_id, WriteReview(rating=1), by=holder, at=NOON)
    other_id, other = await world.session(db)
    await reviews.write(db, other_id, WriteReview(rating=5), by=other, at=NOON)

    await vouchers.reverse(wire, redemption_id, TAKEN_BACK, by=world.owner, at=NOON)

    assert await _figures(db, world) == ([5, 1], 2, 2)


async def test_an_earlier_good_word_does_not_stand_for_a_later_bad_one(db, world):
    """The first session was praised and stands; taking the second back does not take away what was said of it."""
    wire = await wire_of(db)
    redemption_id, holder = await world.session(db)
    await reviews.write(db, redemption_id, WriteReview(rating=5), by=holder, at=NOON)
    voucher_id = (await db.exec(select(col(Redemption.voucher_id)))).one()
    second = new_id()
    again = RedeemVoucher(voucher_code=vouchers.code_of(voucher_id, KEY), service_day=TODAY)
    await vouchers.redeem(wire, second, again, key=KEY, by=world.owner, at=NOON)
    await vouchers.confirm(wire, second, by=holder, at=NOON)
    await reviews.write(db, second, WriteReview(rating=1), by=holder, at=NOON + timedelta(minutes=1))

    await vouchers.reverse(wire, second, TAKEN_BACK, by=world.owner, at=NOON + timedelta(minutes=2))

    assert await _figures(db, world) == ([1, 5], 2, 2)


async def test_of_many_sessions_taken_back_the_latest_word_is_left(db, world):
    """All said first and all taken back afterwards: one person, one word, unless a session stands."""
    wire = await wire_of(db)
    redemption_id, holder = await world.session(db)
    voucher_id = (await db.exec(select(col(Redemption.voucher_id)))).one()
    ids = [redemption_id]
    for _ in range(2):
        ids.append(new_id())
        again = RedeemVoucher(voucher_code=vouchers.code_of(voucher_id, KEY), service_day=TODAY)
        await vouchers.redeem(wire, ids[-1], again, key=KEY, by=world.owner, at=NOON)
        await vouchers.confirm(wire, ids[-1], by=holder, at=NOON)
    for rating, one in enumerate(ids, start=3):
        at = NOON + timedelta(minutes=rating)
        await reviews.write(db, one, WriteReview(rating=rating), by=holder, at=at)
    assert await _figures(db, world) == ([5, 4, 3], 3, 3)

    await vouchers.reverse(wire, ids[2], TAKEN_BACK, by=world.owner, at=NOON)
    assert await _figures(db, world) == ([5, 4, 3], 3, 3)
    await vouchers.reverse(wire, ids[0], TAKEN_BACK, by=world.owner, at=NOON)
    assert await _figures(db, world) == ([5, 4], 2, 2)
    await vouchers.reverse(wire, ids[1], TAKEN_BACK, by=world.owner, at=NOON)
    assert await _figures(db, world) == ([5], 1, 1)
