"""The index of a running app: it says what the tables say, soon after every change, on each day, whatever breaks."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import asyncpg
import pytest
import structlog

from setori import booking, catalogue, registry
from setori.catalogue import PublishOffering, Search
from setori.catalogue.queries.index import Snapshot, keeping, read_rows
from setori.days import local_day
from setori.people import Role
from setori.registry import PauseApproval, ReasonCode, SuspendApproval
from tests.domains import builders as a

TODAY = local_day(a.NOON)

# What can be chosen, said once more and otherwise: a pair, and the areas where it can be.
TRUTH = """
    select o.id, c.id, array_agg(distinct oa.area_code order by oa.area_code)
      from offering o
      join offering_area oa on oa.offering_id = o.id
      join approval a on a.provider_id = o.provider_id and a.service_id = o.service_id and a.valid_during @> $1::date
      join organisation p on p.id = a.procurer_id and p.area_code = oa.area_code
      left join offering_coach oc on oc.offering_id = o.id
      left join coach c on c.id = oc.coach_id
     where o.is_published and (oc.coach_id is null or c.is_active)
       and not exists (select from pause where approval_id = a.id and daterange(from_on, until_on) @> $1::date)
       and (o.deliverer_id = o.provider_id or exists (
             select from partner where approval_id = a.id and firm_id = o.deliverer_id and during @> $1::date))
     group by 1, 2"""

SAID = """
    insert into experience (id, provider_id, service_id, offering_id, coach_id, respondents, weight, mean, shrunk, sd,
                            prior_mean, prior_k, prior_variance, distribution, invited, answered, counted_on)
    select gen_random_uuid(), provider_id, service_id, $1, $2, 9, 9, $3, $3, 0.2, 3, 10, 1, '[0,0,0,9,0]', 9, 9, now()
      from offering where id = $1
    on conflict on constraint experience_of_one do update set shrunk = excluded.shrunk"""


@pytest.fixture
async def market(fresh_database):
    """Two procurers with a rulebook each, and three firms that the first has approved."""
    it = SimpleNamespace(sessions=fresh_database.sessions, urls=fresh_database.urls, firms=[], offerings=[])
    async with it.sessions.begin() as db:
        it.registrar = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db))
        north = await a.a_procurer(db, "0012", "Pohjoisen työllisyysalue")
        it.northern = await a.an_actor(db, Role.REGISTRAR, north)
        it.service_id = await a.a_service(db)
        it.rulebook_id = await a.a_rulebook(db, it.registrar, it.service_id)
        it.northern_rulebook = await a.a_rulebook(db, it.northern, it.service_id)
        for number in range(3):
            firm_id = await a.a_provider(db, f"Firma {number} Oy")
            owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm_id)
            await a.an_approval(db, it.rulebook_id, firm_id)
            coach = await a.a_coach(db, firm_id, f"Valmentaja {number}")
            it.firms.append((firm_id, owner, [coach]))
            it.offerings.append((await a.an_offering(db, owner, it.service_id, [coach]), owner))
    yield it
    await by_owner(it, "delete from experience")  # the figures were made up: nobody said anything


@asynccontextmanager
async def an_index(market, *, clock=lambda: a.NOON, **told) -> AsyncIterator[keeping.Index]:
    index = keeping.Index(market.urls.app_url, clock, booking.first_times, **told)
    try:
        yield index
    finally:
        await index.close()


def pairs(snapshot: Snapshot) -> dict:
    return {
        snapshot.ids[place]: sorted(
            code for code in snapshot.values("area") if place in snapshot.having(("area", code))
        )
        for place in snapshot.alive
    }


def told(snapshot: Snapshot) -> list:
    """Everything that a snapshot says, in an order of its own."""
    return sorted(
        (
            str(snapshot.ids[place]),
            str(snapshot.firms[snapshot.firm[place]]),
            *(
                float(column[place])
                for column in (snapshot.price, snapshot.score, snapshot.sd, snapshot.earliest)
            ),
            int(snapshot.respondents[place]),
            tuple(snapshot.names[language][place] for language in snapshot.names),
            tuple(sorted(str(tag) for tag, rows in snapshot.tags.items() if place in rows)),
        )
        for place in snapshot.alive
    )


async def truth(market, day: date) -> dict:
    wire = await asyncpg.connect(market.urls.app_url)
    try:
        return {(row[0], row[1]): row[2] for row in await wire.fetch(TRUTH, day)}
    finally:
        await wire.close()


async def by_owner(market, statement, *told) -> None:
    wire = await asyncpg.connect(market.urls.owner_url)
    try:
        await wire.execute(statement, *told)
    finally:
        await wire.close()


def changes(market, chance: random.Random):
    """What may happen in a market; each is a coroutine function that takes a session."""

    async def publish(db):
        _, owner, coaches = chance.choice(market.firms)
        some = chance.sample(coaches, chance.randint(0, len(coaches)))
        areas = chance.choice([["0011"], ["0012"], ["0011", "0012"]])
        market.offerings.append(
            (await a.an_offering(db, owner, market.service_id, some, area_codes=areas), owner)
        )

    async def change(db):
        offering_id, owner = chance.choice(market.offerings)
        coaches = next(coaches for _, one, coaches in market.firms if one is owner)
        order = PublishOffering(
            service_id=market.service_id,
            title={"fi": "Toisin"},
            price_cents=chance.choice([10_00, 20_00]),
            languages=chance.choice([["fi"], ["sv", "en"]]),
            ways=["video"],
            area_codes=chance.choice([["0011"], ["0012"]]),
            coach_ids=chance.sample(coaches, chance.randint(0, len(coaches))),
        )
        await catalogue.change_offering(db, offering_id, order, by=owner, at=a.NOON)

    async def take_down(db):
        offering_id, owner = chance.choice(market.offerings)
        await catalogue.take_down_offering(db, offering_id, by=owner, at=a.NOON)

    async def add_coach(db):
        firm_id, _, coaches = chance.choice(market.firms)
        coaches.append(await a.a_coach(db, firm_id, f"Uusi {chance.random()}", specialities=["CV"]))

    async def stand_otherwise(db):
        firm_id, _, _ = chance.choice(market.firms)
        standing = await registry.list_approvals(db, firm_id, on=TODAY)
        live = [one for one in standing if one.status == "in_force"]
        if not live:
            rulebook = chance.choice([market.rulebook_id, market.northern_rulebook])
            await a.an_approval(db, rulebook, firm_id)
            return
        one = chance.choice(live)
        by = market.registrar if one.procurer_id == market.registrar.organisation_id else market.northern
        if await registry.list_open_pauses(db, one.id):
            await registry.resume(db, one.id, by=by, at=a.NOON)
        elif chance.random() < 0.5:
            order = PauseApproval(reason="Full for now.", code=ReasonCode.OTHER)
            await registry.pause(db, one.id, order, by=by, at=a.NOON)
        else:
            urgent = SuspendApproval(reason="Insurance has run out.", is_urgent=True)
            await registry.suspend(db, one.id, urgent, by=by, at=a.NOON)

    async def approve_in_the_north(db):
        firm_id, _, _ = chance.choice(market.firms)
        held = {one.procurer_id for one in await registry.list_approvals(db, firm_id, on=TODAY)}
        if market.northern.organisation_id not in held:
            await a.an_approval(db, market.northern_rulebook, firm_id)

    async def say_something(db):
        offering_id, _ = chance.choice(market.offerings)
        await by_owner(market, SAID, offering_id, None, chance.choice([2.0, 4.5]))

    return [publish, change, take_down, add_coach, stand_otherwise, approve_in_the_north, say_something]


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_changes_it_says_what_the_tables_say(market, seed):
    chance = random.Random(seed)
    possible = changes(market, chance)
    async with an_index(market, max_age=0) as index:
        for _ in range(25):
            async with market.sessions.begin() as db:
                await chance.choice(possible)(db)
            snapshot = await index.current(TODAY)
            assert pairs(snapshot) == await truth(market, TODAY)
            async with market.sessions() as db:
                assert told(snapshot) == told(Snapshot.of(TODAY, await read_rows(db, TODAY)))
        assert snapshot.generation > 5, "it was brought up to date, not read anew"


async def soon(index: keeping.Index, number: int, within: float) -> float:
    """How long it takes until so many can be chosen."""
    begun = asyncio.get_running_loop().time()
    while len((await index.current(TODAY)).alive) != number:
        await asyncio.sleep(0.02)
        assert asyncio.get_running_loop().time() - begun < within
    return asyncio.get_running_loop().time() - begun


async def one_more(market) -> None:
    async with market.sessions.begin() as db:
        await a.an_offering(db, market.firms[0][1], market.service_id)


async def test_it_hears_of_a_change_without_asking(market, monkeypatch):
    monkeypatch.setattr(keeping, "ASK_EVERY", 60)
    async with an_index(market, max_age=60) as index:
        await index.current(TODAY)
        await asyncio.sleep(0.3)  # it listens by now
        await one_more(market)
        await soon(index, 4, within=1.5)


async def test_it_is_never_older_than_two_seconds_although_nobody_tells_it(market, monkeypatch):
    async def deaf(self, **_):
        await asyncio.sleep(60)

    monkeypatch.setattr(keeping.Index, "_listen", deaf)
    assert keeping.MAX_AGE == 2
    async with an_index(market) as index:
        await index.current(TODAY)
        await one_more(market)
        await asyncio.sleep(2.05)
        assert len((await index.current(TODAY)).alive) == 4


async def test_a_lost_connection_is_told_in_the_log_and_made_again(market, monkeypatch):
    monkeypatch.setattr(keeping, "RETRY_AFTER", 0.2)
    with structlog.testing.capture_logs() as logged:
        async with an_index(market) as index:
            await index.current(TODAY)
            await asyncio.sleep(0.3)
            wire = await asyncpg.connect(market.urls.app_url)
            await wire.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid() and usename = current_user"
            )
            await wire.close()
            await one_more(market)
            await soon(index, 4, within=2.2)
            for _ in range(100):
                if len(logged) >= 2:
                    break
                await asyncio.sleep(0.05)
            monkeypatch.setattr(keeping, "ASK_EVERY", 60)
            await one_more(market)
            await soon(index, 5, within=2.2)
    events = [entry["event"] for entry in logged]
    assert events == [
        "catalogue index does not hear of changes",
        "catalogue index hears of changes again",
    ]


async def test_a_change_that_is_committed_late_is_not_missed(market):
    async with an_index(market, max_age=0) as index, market.sessions() as slow:
        await index.current(TODAY)
        await a.an_offering(slow, market.firms[0][1], market.service_id)
        async with market.sessions.begin() as quick:
            await a.an_offering(quick, market.firms[1][1], market.service_id)
        assert len((await index.current(TODAY)).alive) == 4
        await slow.commit()
        assert len((await index.current(TODAY)).alive) == 5


async def test_a_day_has_its_own_approvals(market):
    tomorrow = TODAY + timedelta(days=1)
    firm_id = market.firms[0][0]
    async with market.sessions.begin() as db:
        (approval,) = await registry.list_approvals(db, firm_id, on=TODAY)
        order = PauseApproval(reason="Full for now.", code=ReasonCode.OTHER)
        await registry.pause(db, approval.id, order, by=market.registrar, at=a.NOON + timedelta(days=1))
    async with an_index(market) as index:
        assert len((await index.current(TODAY)).alive) == 3
        assert len((await index.current(tomorrow)).alive) == 2
        assert pairs(await index.current(tomorrow)) == await truth(market, tomorrow)
        assert len((await index.current(TODAY)).alive) == 3


async def test_it_belongs_to_its_database_and_a_first_search_makes_it(market, cluster, empty_template):
    other = cluster.create_database("index_other", template=empty_template)
    try:
        elsewhere = SimpleNamespace(urls=other)
        async with an_index(market) as one, an_index(elsewhere) as another:
            assert len((await one.current(TODAY)).alive) == 3
            assert len((await another.current(TODAY)).alive) == 0
    finally:
        cluster.drop_database("index_other")


async def test_searches_through_it_ask_the_database_for_cards_once(market):
    async with an_index(market) as index:
        catalogue.use_index(market.sessions, index)
        async with market.sessions() as db:
            first = await catalogue.search(db, Search(), on=TODAY, seed="x")
            assert [card.coach_name for card in first.cards]
        async with market.sessions() as db:
            again = await catalogue.search(db, Search(), on=TODAY, seed="x")
            assert again.cards == first.cards
            assert not db.in_transaction(), "what was read is kept"
        async with market.sessions.begin() as db:
            await catalogue.change_offering(
                db,
                market.offerings[0][0],
                PublishOffering(
                    service_id=market.service_id,
                    title={"fi": "Toinen nimi"},
                    price_cents=11_00,
                    languages=["fi"],
                    ways=["video"],
                    area_codes=["0011"],
                ),
                by=market.offerings[0][1],
                at=a.NOON,
            )
        for _ in range(100):
            async with market.sessions() as db:
                now = await catalogue.search(db, Search(), on=TODAY, seed="x")
            if 11_00 in {card.price_cents for card in now.cards}:
                break
            await asyncio.sleep(0.02)
        assert {card.title["fi"] for card in now.cards} == {"Työhönvalmennus nuorille", "Toinen nimi"}


async def test_recording_a_session_and_meeting_change_nothing_in_the_catalogue(market):
    wire = await asyncpg.connect(market.urls.owner_url)
    try:
        before = await wire.fetchval("select count(*) from catalogue_change")
        async with market.sessions.begin() as db:
            await a.a_session(
                db,
                market.registrar.organisation_id,
                market.registrar,
                *reversed(market.offerings[0]),
                market.firms[0][2][0],
            )
        assert await wire.fetchval("select count(*) from catalogue_change") == before
    finally:
        await wire.close()


async def test_the_first_free_time_follows_the_calendar_and_the_clock(market):
    now = a.NOON
    pair = (market.offerings[0][0], market.firms[0][2][0])
    rows = "insert into weekly_hours values (gen_random_uuid(), $1, 1, 780, 1140, 60, 0, 'video', '')"
    async with an_index(market, clock=lambda: now, max_age=0) as index:

        async def first() -> float:
            snapshot = await index.current(TODAY)
            return float(snapshot.earliest[snapshot.places[pair]])

        async def by_the_calendar() -> float:
            async with market.sessions() as db:
                return (await booking.earliest_free(db, [pair[1]], now=now))[pair[1]].starts_at.timestamp()

        assert await first() == float("inf")
        await by_owner(market, rows, pair[1])
        before = await first()
        assert before == await by_the_calendar()
        now += timedelta(hours=3)
        assert await first() == await by_the_calendar() > before
