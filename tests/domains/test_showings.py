"""What was shown before a choice is kept, counted for everybody, and forgotten in time."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from setori import showings, vouchers
from setori.days import local_day
from setori.people import Role
from setori.showings import Source
from setori.vouchers import ChooseOffering
from tests.domains import builders as a
from tests.domains.builders import NOON

TODAY = local_day(NOON)


@pytest.fixture
async def scene(db):
    """Three firms for one service, and as many holders as a test asks for."""
    scene = type("Scene", (), {})()
    scene.procurer = await a.a_procurer(db)
    scene.registrar = await a.an_actor(db, Role.REGISTRAR, scene.procurer)
    scene.service = await a.a_service(db)
    rulebook = await a.a_rulebook(db, scene.registrar, scene.service)
    scene.pairs, scene.firms, scene.owners = [], [], []
    for name in ("Aalto Oy", "Berg Oy", "Cirrus Oy"):
        firm = await a.a_provider(db, name)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
        await a.an_approval(db, rulebook, firm, starts_on=TODAY - timedelta(days=30))
        coach = await a.a_coach(db, firm)
        offering = await a.an_offering(db, owner, scene.service, [coach])
        scene.pairs.append((offering, coach))
        scene.firms.append(firm)
        scene.owners.append(owner)
    return scene


async def a_choice(db, scene, shown, chosen, *, at=NOON, **told):
    """A new holder sees a list (numbers of pairs) and chooses one of it; returns the holder and the voucher."""
    pair = scene.pairs[chosen]
    given = (scene.procurer, scene.registrar, scene.owners[chosen], *pair)
    _, holder = await a.a_session(db, *given, at=at)  # its choice is made by now; the list is tied to it
    voucher = (
        await db.exec(text("select id from voucher where person_id = :id"), params={"id": holder.person_id})
    ).scalar_one()
    seen = [scene.pairs[number] for number in shown]
    await showings.note(db, seen, by=holder, seed="s", day=local_day(at), at=at, **told)
    await showings.note_choice(db, voucher, by=holder, at=at)
    return holder, voucher


async def count(db, table):
    return (await db.exec(text(f"select count(*) from {table}"))).scalar_one()


async def test_first_places_and_choices_are_counted_beside_each_other(db, scene):
    for number in range(24):
        shown = [(number + turn) % 3 for turn in range(3)]
        await a_choice(db, scene, shown, 0 if number < 10 else 1 if number < 18 else 2)
    found = await showings.list_turns(db, on=TODAY)
    told = {row.provider_name: (row.listed, row.first, row.chosen) for row in found.rows}
    assert told == {"Aalto Oy": (24, 8, 10), "Berg Oy": (24, 8, 8), "Cirrus Oy": (24, 8, 6)}


async def test_what_is_small_is_left_out_and_cannot_be_found_by_subtraction(db, scene):
    for number in range(11):
        await a_choice(db, scene, [0, 1, 2] if number < 8 else [1, 0, 2], 0 if number < 7 else 1)
    found = await showings.list_turns(db, on=TODAY)
    told = {row.provider_name: (row.first, row.chosen) for row in found.rows}
    assert told["Berg Oy"] == (None, None), "first three times, chosen four times"
    assert None in [first for name, (first, _) in told.items() if name != "Berg Oy"]


async def test_only_lists_in_the_usual_order_that_led_to_a_choice_are_counted(db, scene):
    for _ in range(6):
        await a_choice(db, scene, [0, 1, 2], 1, ordered_by="price")
        await a_choice(db, scene, [0, 1, 2], 1, source=Source.GUIDED)
    await a_choice(db, scene, [0, 2], 1)
    assert (await showings.list_turns(db, on=TODAY)).rows == []
    assert await count(db, "shown_choice") == 12, (
        "the one who chose somebody else did not choose from that list"
    )


async def test_the_latest_list_with_the_chosen_one_in_it_counts_and_the_same_list_once(db, scene):
    holder, voucher = await a_choice(db, scene, [0, 1], 0)
    assert await count(db, "showing") == 1
    for _ in range(3):
        again = [scene.pairs[1], scene.pairs[0]]
        await showings.note(db, again, by=holder, seed="s", day=TODAY, at=NOON + timedelta(hours=1))
    assert await count(db, "showing") == 2
    await showings.note_choice(db, voucher, by=holder, at=NOON + timedelta(hours=2))
    assert (await db.exec(text("select place from shown_choice"))).scalar_one() == 1, "it was tied before"

    later = NOON + timedelta(hours=3)
    offering, coach = scene.pairs[1]
    choice = ChooseOffering(offering_id=offering, coach_id=coach)
    await vouchers.choose(db, voucher, choice, by=holder, at=later)
    await showings.note_choice(db, voucher, by=holder, at=later)
    places = (await db.exec(text("select place from shown_choice order by place"))).scalars().all()
    assert places == [1, 1], "first in the second list"


async def test_nothing_is_kept_of_who_chooses_nobody(db, scene):
    for other in (None, scene.registrar, scene.owners[0]):
        await showings.note(db, scene.pairs, by=other, seed="s", day=TODAY, at=NOON)
    assert await count(db, "showing") == 0


async def test_what_led_to_nothing_is_erased_and_whose_the_rest_was_is_forgotten(db, scene):
    holder, _ = await a_choice(db, scene, [0, 1], 0, asked={"way": "video", "order": "turns"})
    await showings.note(db, scene.pairs, by=holder, seed="s", day=TODAY, at=NOON + timedelta(hours=1))
    assert await showings.erase(db, at=NOON + timedelta(days=29)) == 0
    assert await showings.erase(db, at=NOON + timedelta(days=32)) == 1
    kept = "select person_id is null, seed, asked from showing"
    assert tuple((await db.exec(text(kept))).one()) == (False, "s", {"way": "video"})
    assert await showings.erase(db, at=NOON + timedelta(days=731)) == 1
    assert tuple((await db.exec(text(kept))).one()) == (True, "", {})
    assert await showings.erase(db, at=NOON + timedelta(days=732)) == 0
