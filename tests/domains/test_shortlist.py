"""The shortlist in the account: once each, in the order they came, no more than fit, and one's own only."""

import asyncio

import pytest

from setori import finding
from setori.db import new_id
from setori.finding import LIST_AT_MOST
from setori.people import Role
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.domains.builders import NOON


async def a_shelf(db, number):
    """So many coaches of one firm, and a jobseeker."""
    registrar = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db))
    service = await a.a_service(db)
    firm = await a.a_provider(db)
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
    await a.an_approval(db, await a.a_rulebook(db, registrar, service), firm)
    coaches = [await a.a_coach(db, firm, f"Coach {one}") for one in range(number)]
    offering = await a.an_offering(db, owner, service, coaches)
    jobseeker = await a.an_actor(db, Role.JOBSEEKER, None)
    return jobseeker, [(offering, coach) for coach in coaches]


async def test_who_is_put_there_stays_once_and_in_order(db):
    who, pairs = await a_shelf(db, 3)
    assert await finding.add_to_shortlist(db, [pairs[2], pairs[0]], by=who, at=NOON) == 0
    assert await finding.add_to_shortlist(db, [pairs[0], pairs[1], pairs[1]], by=who, at=NOON) == 0
    listed = await finding.list_shortlist(db, who.person_id)
    assert listed == [pairs[2], pairs[0], pairs[1]]
    await finding.take_off_shortlist(db, pairs[0], by=who)
    await finding.take_off_shortlist(db, pairs[0], by=who)
    assert await finding.list_shortlist(db, who.person_id) == [pairs[2], pairs[1]]


async def test_no_more_than_fit(db):
    who, pairs = await a_shelf(db, LIST_AT_MOST + 2)
    assert await finding.add_to_shortlist(db, pairs, by=who, at=NOON) == 2
    assert await finding.list_shortlist(db, who.person_id) == pairs[:LIST_AT_MOST]
    assert await finding.add_to_shortlist(db, pairs[:1], by=who, at=NOON) == 0, "who is there needs no room"
    await finding.take_off_shortlist(db, pairs[0], by=who)
    assert await finding.add_to_shortlist(db, pairs[-1:], by=who, at=NOON) == 0


@pytest.mark.parametrize("kind", ["offering", "coach", "no coach"])
async def test_what_is_not_in_the_catalogue_is_left_out(db, kind):
    who, pairs = await a_shelf(db, 1)
    offering, coach = pairs[0]
    odd = {"offering": (new_id(), coach), "coach": (offering, new_id()), "no coach": (new_id(), None)}[kind]
    await finding.add_to_shortlist(db, [odd], by=who, at=NOON)
    assert await finding.list_shortlist(db, who.person_id) == []


async def test_everybody_has_their_own(db):
    who, pairs = await a_shelf(db, 1)
    other = await a.an_actor(db, Role.JOBSEEKER, None)
    await finding.add_to_shortlist(db, pairs, by=who, at=NOON)
    await finding.take_off_shortlist(db, pairs[0], by=other)
    assert await finding.list_shortlist(db, other.person_id) == []
    assert await finding.list_shortlist(db, who.person_id) == pairs


async def test_two_taps_at_once_are_one(fresh_database: RealDatabase):
    async with fresh_database.sessions.begin() as db:
        who, pairs = await a_shelf(db, 2)

    async def tap():
        async with fresh_database.sessions.begin() as db:
            await finding.add_to_shortlist(db, pairs, by=who, at=NOON)

    await asyncio.gather(*(tap() for _ in range(6)))
    async with fresh_database.sessions() as db:
        assert await finding.list_shortlist(db, who.person_id) == pairs
