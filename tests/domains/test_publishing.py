"""What is published each month: once, never changed, and nobody who keeps all files finds a group of one to four."""

import asyncio
import random
from datetime import date
from itertools import combinations

import asyncpg
import pytest
from sqlalchemy import delete, text
from sqlmodel import select

from setori import figures, jobs
from setori.catalogue import Experience
from setori.days import months_after, noon
from setori.errors import Forbidden
from setori.figures import OutcomeFigure
from setori.people import Role
from setori.readmodels.figures import list_of_procurer, list_own, list_published, outcomes_of
from tests.domains import builders as a
from tests.domains.builders import NOON

FIRST = date(2026, 1, 1)
ALL = text("select * from published_figure order by month, provider_id, service_id")


async def rows(db):
    return [dict(row) for row in (await (await db.connection()).execute(ALL)).mappings()]


def a_figure(provider_id, service_id, months, observed, finished, on):
    rate = observed / finished
    return OutcomeFigure(
        provider_id=provider_id,
        service_id=service_id,
        months=months,
        finished=finished,
        observed=observed,
        expected=finished * 0.412345,
        variance=1.0,
        overall=0.412345,
        k=10.04,
        rate=rate,
        low=rate / 2,
        high=(1 + rate) / 2,
        strata=[["low", 0, 0, finished, observed, 0.412345]],
        counted_on=on,
    )


async def count(db, provider_id, service_id, counts, on):
    """The night's figures: (reached, finished) by months."""
    await db.exec(delete(OutcomeFigure))
    for months, (observed, finished) in counts.items():
        if finished:
            db.add(a_figure(provider_id, service_id, months, observed, finished, on))
    await db.flush()


async def publish(db, month):
    assert await figures.publish_month(db, at=noon(month))


async def test_a_month_is_published_once_and_tells_the_counts_behind_each_figure(db):
    provider, service = await a.a_provider(db, at=NOON), await a.a_service(db, at=NOON)
    await count(db, provider, service, {3: (12, 30), 6: (9, 20), 12: (2, 12)}, FIRST)
    await publish(db, FIRST)
    (row,) = first = await rows(db)
    assert row["month"] == FIRST
    assert row["outcome"]["3"] == {
        "counted_on": "2026-01-01", "finished": 30, "observed": 12, "expected": 12.4, "k": 10.0,
        "overall": 0.41, "rate": 0.4, "low": 0.2, "high": 0.7,
    }  # fmt: skip
    assert set(row["outcome"]) == {"3", "6"}, "two of twelve are too few to be told of"
    assert not await figures.publish_month(db, at=noon(date(2026, 1, 31)))
    assert await rows(db) == first
    assert await figures.list_months(db) == [FIRST]


async def test_a_figure_stands_until_five_more_have_reached_it_and_five_more_have_not(db):
    provider, service = await a.a_provider(db, at=NOON), await a.a_service(db, at=NOON)
    told = []
    for number, counts in enumerate([(10, 30), (11, 31), (14, 40), (15, 39), (15, 40), (15, 41), (20, 45)]):
        month = months_after(FIRST, number)
        await count(db, provider, service, {3: counts}, month)
        await publish(db, month)
        row = (await rows(db))[-1]
        assert row["month"] == month, "each file tells every figure"
        latest = row["outcome"]["3"]
        told.append((latest["observed"], latest["finished"], latest["counted_on"][5:7]))
    assert told == [
        (10, 30, "01"), (10, 30, "01"), (10, 30, "01"), (10, 30, "01"), (15, 40, "05"), (15, 40, "05"),
        (15, 40, "05"),
    ]  # fmt: skip


@pytest.mark.parametrize("luck", range(5))
async def test_an_attacker_who_keeps_every_file_finds_no_group_of_one_to_four(db, luck):
    chance = random.Random(luck)
    places = [
        (await a.a_provider(db, f"Firma {n} Oy", at=NOON), await a.a_service(db, f"service-{n}", at=NOON))
        for n in range(3)
    ]
    state = {place: [0, 0] for place in places}
    for number in range(24):
        month = months_after(FIRST, number)
        await db.exec(delete(OutcomeFigure))
        for place, counts in state.items():
            counts[0] = max(0, counts[0] + chance.choice([-2, 0, 1, 1, 2, 3, 5, 8]))
            counts[1] = max(0, counts[1] + chance.choice([-3, 0, 1, 2, 4, 6]))
            if sum(counts):
                db.add(a_figure(*place, 3, counts[0], sum(counts), month))
        await db.flush()
        await publish(db, month)
    told = {place: [] for place in places}
    for row in await rows(db):
        one = row["outcome"]["3"]
        told[row["provider_id"], row["service_id"]].append(
            (one["observed"], one["finished"] - one["observed"])
        )
    assert any(len(set(pairs)) > 1 for pairs in told.values())
    for pairs in told.values():
        assert all(min(pair) >= 5 for pair in pairs)
        for one, other in combinations(set(pairs), 2):
            moved = [abs(ours - theirs) for ours, theirs in zip(one, other, strict=True)]
            assert min(moved) >= 5
            assert abs(sum(one) - sum(other)) not in range(1, 5)


async def test_the_night_of_a_new_month_publishes_it_and_what_was_published_cannot_be_changed(fresh_database):
    async with fresh_database.sessions.begin() as db:
        provider, service = await a.a_provider(db, at=NOON), await a.a_service(db, at=NOON)
    for day in (date(2026, 10, 3), date(2026, 10, 31), date(2026, 11, 1)):
        async with fresh_database.sessions.begin() as db:
            await count(db, provider, service, {3: (12, 30)}, day)
        await jobs.look_after_figures(fresh_database.sessions, lambda day=day: noon(day))
    async with fresh_database.sessions() as db:
        assert await figures.list_months(db) == [date(2026, 11, 1), date(2026, 10, 1)]
        first, second = await rows(db)
        assert first["outcome"] == second["outcome"]
    wire = await asyncpg.connect(fresh_database.app_url)
    for statement in ("update published_figure set outcome = null", "delete from published_figure"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await wire.execute(statement)
    await wire.close()


async def said(db, provider_id, service_id, respondents, invited, answered, on):
    """What is kept of what clients said."""
    kept = (await db.exec(select(Experience))).first() or Experience(
        provider_id=provider_id,
        service_id=service_id,
        weight=10.0,
        mean=4.0,
        shrunk=3.912,
        sd=0.2,
        prior_mean=3.5,
        prior_k=10.0,
        prior_variance=1.0,
        distribution=[0, 0, 0, respondents, 0],
        respondents=respondents,
        counted_on=on,
    )
    kept.respondents, kept.invited, kept.answered, kept.counted_on = respondents, invited, answered, on
    db.add(kept)
    await db.flush()


async def test_experience_is_told_from_five_people_on_and_again_when_five_more_have_spoken(db):
    provider, service = await a.a_provider(db, at=NOON), await a.a_service(db, at=NOON)
    told = []
    for number, counts in enumerate([(4, 20, 4), (5, 20, 6), (9, 30, 12), (10, 30, 12), (15, 31, 28)]):
        month = months_after(FIRST, number)
        await said(db, provider, service, *counts, month)
        await publish(db, month)
        latest = [row["experience"] for row in await rows(db)][-1:]
        told += [(one["respondents"], one["asked"], one["counted_on"][5:7]) for one in latest]
    assert told == [
        (5, [6, 14], "02"), (5, [6, 14], "02"), (10, [6, 14], "04"), (15, [6, 14], "05"),
    ]  # fmt: skip
    (first, *_) = await rows(db)
    assert (first["experience"]["low"], first["experience"]["high"]) == (3.58, 4.24)
    assert first["outcome"] is None


async def test_pages_read_what_was_published_and_nothing_later(db):
    provider, service = await a.a_provider(db, at=NOON), await a.a_service(db, at=NOON)
    assert await outcomes_of(db, [provider]) == {}
    await count(db, provider, service, {3: (20, 30), 6: (9, 20)}, FIRST)
    await publish(db, FIRST)
    await count(db, provider, service, {3: (26, 60), 6: (19, 40)}, FIRST)
    view = (await outcomes_of(db, [provider]))[provider, service]
    assert (view.told.observed, view.told.finished, view.told.raw) == (20, 30, pytest.approx(2 / 3))
    assert [one.months for one in view.later] == [6]
    assert view.register == ()
    (row,) = await list_published(db, FIRST)
    assert row.told[3].stands == "usual"
    assert await list_published(db, months_after(FIRST, 1)) is None
    await publish(db, months_after(FIRST, 1))
    assert (await outcomes_of(db, [provider]))[provider, service].told.finished == 60


async def test_a_firm_sees_its_own_strata_and_no_number_under_five_and_a_procurer_those_it_approved(db):
    procurer = await a.a_procurer(db, at=NOON)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurer, at=NOON)
    service = await a.a_service(db, at=NOON)
    firm, other = [await a.a_provider(db, name, at=NOON) for name in ("Oma Oy", "Toinen Oy")]
    rulebook = await a.a_rulebook(db, registrar, service, at=NOON)
    await a.an_approval(db, rulebook, firm, at=NOON)
    elsewhere = await a.a_procurer(db, "0012", "Varsinais-Suomi", at=NOON)
    theirs = await a.an_actor(db, Role.REGISTRAR, elsewhere, at=NOON)
    await a.an_approval(db, await a.a_rulebook(db, theirs, service, at=NOON), other, at=NOON)
    for who in (firm, other):
        figure = a_figure(who, service, 3, 13, 40, FIRST)
        figure.strata = [
            ["low", 0, 0, 20, 10, 0.5],
            ["high", 2, 3, 17, 2, 0.2],
            [None, None, None, 3, 1, 0.3],
        ]
        db.add(figure)
    await db.flush()
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm, at=NOON)
    (own,) = await list_own(db, by=owner)
    assert own.provider_id == firm
    assert (own.finished, own.observed) == (40, 13)
    numbers = [number for row in own.strata for number in (row.finished, row.reached) if number is not None]
    assert all(number >= 5 for number in numbers)
    assert own.strata[2].finished is None
    assert own.strata[1].reached is None
    listed = await list_of_procurer(db, by=registrar)
    assert [[one.provider_id for one in group] for group in listed.items] == [[firm]]
    listed = await list_of_procurer(db, by=theirs)
    assert [[one.provider_id for one in group] for group in listed.items] == [[other]]
    with pytest.raises(Forbidden):
        await list_own(db, by=registrar)
    with pytest.raises(Forbidden):
        await list_of_procurer(db, by=owner)


async def test_two_workers_publish_a_month_once(fresh_database):
    async with fresh_database.sessions.begin() as db:
        provider, service = await a.a_provider(db, at=NOON), await a.a_service(db, at=NOON)
        await count(db, provider, service, {3: (12, 30)}, FIRST)

    async def a_worker():
        async with fresh_database.sessions.begin() as db:
            return await figures.publish_month(db, at=noon(FIRST))

    assert sorted(await asyncio.gather(*(a_worker() for _ in range(4)))) == [False, False, False, True]
    async with fresh_database.sessions() as db:
        assert len(await rows(db)) == 1
