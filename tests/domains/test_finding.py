"""The guided choice on real data: filters, what is let go when nobody fits, and what is kept in the wallet."""

from datetime import timedelta

import pytest

from setori import catalogue, finding
from setori.catalogue import Help
from setori.days import local_day
from setori.errors import Invalid
from setori.finding import Loosened, Wishes
from setori.people import Actor, Role
from tests.domains import builders as a
from tests.domains.builders import NOON

TODAY = local_day(NOON)


@pytest.fixture
async def scene(db):
    """Four firms: one meets by video only, one speaks Swedish, one is dear, one is patient."""
    scene = type("Scene", (), {})()
    scene.procurer = await a.a_procurer(db)
    registrar = await a.an_actor(db, Role.REGISTRAR, scene.procurer)
    scene.service = await a.a_service(db)
    rulebook = await a.a_rulebook(db, registrar, scene.service)
    scene.firms = {}
    for name, told in {
        "video": {"ways": ["video"]},
        "swedish": {"languages": ["sv"]},
        "dear": {"price_cents": 190_00},
        "patient": {},
    }.items():
        firm = await a.a_provider(db, f"{name} Oy")
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
        await a.an_approval(db, rulebook, firm, starts_on=TODAY - timedelta(days=30))
        helps = {"helps": [Help.PATIENCE, Help.STRUCTURE]} if name == "patient" else {}
        both = {key: value for key, value in told.items() if key in ("ways", "languages")}
        coach = await a.a_coach(db, firm, **{"ways": ["in_person"], "languages": ["fi"]} | both | helps)
        plain = {"ways": ["in_person"], "languages": ["fi"]}
        await a.an_offering(db, owner, scene.service, [coach], **plain | told)
        scene.firms[firm] = name
    return scene


async def found(db, scene, wishes, **told):
    three = await finding.find(db, wishes, seed="somebody", at=NOON, **told)
    return {scene.firms[card.provider_id]: one for card, one in three.picks}, three.loosened


async def test_wishes_filter_and_strengths_are_named(db, scene):
    picks, loosened = await found(db, scene, Wishes(way="in_person", language="fi", helps=["patience"]))
    assert set(picks) == {"dear", "patient"}
    assert loosened == []
    assert picks["patient"].reason == "strength"
    assert picks["dear"].drawback in ("no_times", "other_strengths")


async def test_a_voucher_pays_for_all_that_it_is_shown(db, scene):
    for seed in range(6):
        three = await finding.find(db, Wishes(), seed=str(seed), at=NOON, most_cents=100_00)
        assert len(three.picks) == 3
        assert all(card.price_cents <= 100_00 for card, _ in three.picks)


async def test_who_was_lost_is_not_offered_again(db, scene):
    lost = next(firm for firm, name in scene.firms.items() if name == "patient")
    picks, _ = await found(db, scene, Wishes(helps=["patience"]), without_provider=lost)
    assert "patient" not in picks


async def test_when_nobody_fits_wishes_are_let_go_one_by_one_and_named(db, scene):
    picks, loosened = await found(db, scene, Wishes(way="phone", language="sv"))
    assert (set(picks), loosened) == ({"swedish"}, [Loosened.WAY])
    picks, loosened = await found(db, scene, Wishes(way="phone", language="et"))
    assert (len(picks), loosened) == (3, [Loosened.WAY, Loosened.LANGUAGE])


async def test_the_three_stay_the_same_all_day_and_change_with_it(db, scene):
    def keys(three):
        return [one.key for _, one in three.picks]

    days = []
    for day in range(8):
        at = NOON + timedelta(days=day)
        morning = await finding.find(db, Wishes(), seed="x", at=at)
        days.append(keys(morning))
        assert keys(await finding.find(db, Wishes(), seed="x", at=at + timedelta(hours=5))) == days[-1]
    assert len({tuple(one) for one in days}) > 1


async def test_a_place_that_nobody_knows_is_said_so(db, scene):
    three = await finding.find(db, Wishes(near="Hevonkuusi", km=10), seed="x", at=NOON)
    assert not three.is_place_known


async def test_the_newest_three_are_kept_and_who_left_is_not_shown(db, scene):
    holder = await a.an_actor(db, Role.JOBSEEKER)
    assert await finding.show_kept(db, holder.person_id, at=NOON) == []
    for wishes in (Wishes(), Wishes(language="sv")):
        three = await finding.find(db, wishes, seed="x", at=NOON)
        await finding.keep(db, holder.person_id, wishes, three, by=holder, at=NOON)
    shown = await finding.show_kept(db, holder.person_id, at=NOON)
    assert [one for _, one in shown] == [one for _, one in three.picks]
    kept = await finding.find_kept(db, holder.person_id)
    assert Wishes.model_validate(kept.wishes) == Wishes(language="sv")
    [(card, _), *rest] = shown
    owner = Actor(holder.person_id, Role.PROVIDER_OWNER, card.provider_id, "Omistaja", "fi")
    await catalogue.take_down_offering(db, card.offering_id, by=owner, at=NOON)
    assert await finding.show_kept(db, holder.person_id, at=NOON) == rest


async def test_a_free_time_is_the_same_time_when_it_was_kept(db, scene):
    """What the wallet says of the first free time is a time, not its spelling."""
    holder = await a.an_actor(db, Role.JOBSEEKER)
    three = await finding.find(db, Wishes(), seed="x", at=NOON)
    card, one = three.picks[0]
    free = finding.Pick(one.key, finding.Reason.SOON, one.drawback, one.params | {"earliest": NOON})
    told = finding.Three([(card, free)], [])
    await finding.keep(db, holder.person_id, Wishes(), told, by=holder, at=NOON)
    [(_, shown)] = await finding.show_kept(db, holder.person_id, at=NOON)
    assert shown == free


async def test_nothing_is_kept_of_nobody(db):
    holder = await a.an_actor(db, Role.JOBSEEKER)
    nobody = await finding.find(db, Wishes(), seed="x", at=NOON)
    with pytest.raises(Invalid):
        await finding.keep(db, holder.person_id, Wishes(), nobody, by=holder, at=NOON)
