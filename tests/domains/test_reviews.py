"""Reviews: whoever was there says once how it was, and the next visitor sees it."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from setori import catalogue, reviews, vouchers
from setori.db import wire_of
from setori.errors import Forbidden, NotFound
from setori.people import Role
from setori.registry import SuspendApproval, list_approvals, suspend
from setori.reviews import AlreadyReviewed, NotConfirmed, WriteReview
from tests.domains.builders import (
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
