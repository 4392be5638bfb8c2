"""The life of a voucher: changing the provider, longer validity, letters before the end, and who needs a word."""

from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text

from setori import jobs, registry, vouchers
from setori.days import local_day
from setori.db import new_id
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Actor, Role
from setori.readmodels import client_page, clients
from setori.registry import SuspendApproval
from setori.vouchers import (
    ChooseOffering,
    ExtendVoucher,
    GiveReason,
    GiveTerms,
    IssueVoucher,
    LeftBecause,
    RedeemVoucher,
    SwitchesUsed,
)
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.world import Market, a_market


@pytest.fixture
async def market(fresh_database) -> Market:
    return await a_market(fresh_database, units=5)


async def another_offering(db, market: Market, name: str):
    """An offering of another provider that is approved under the same rulebook, and its owner."""
    provider_id = await a.a_provider(db, name)
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, f"Omistaja {name}")
    rulebook = text("select id from rulebook where procurer_id = :procurer and service_id = :service")
    given = {"procurer": market.procurer_id, "service": market.service_id}
    rulebook_id = (await (await db.connection()).execute(rulebook, given)).scalar_one()
    await a.an_approval(db, rulebook_id, provider_id)
    return await a.an_offering(db, owner, market.service_id), owner


async def a_limited_voucher(db, market: Market, switches: int | None):
    """A voucher whose terms allow so many changes, with the market's coach chosen, and its holder."""
    desk = market.actors[Role.CASE_WORKER]
    terms = GiveTerms(units=5, price_cap_cents=100_00, validity_days=90, switches=switches)
    await vouchers.change_terms(db, market.programme_id, terms, by=desk, at=NOON)
    order = IssueVoucher(programme_id=market.programme_id, name="Veikko Virta", email="veikko@example.fi")
    issued = await vouchers.issue(db, order, key=KEY, by=desk, at=NOON)
    holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Veikko Virta", "fi")
    await vouchers.claim(db, issued.claim_token, at=NOON)
    first = ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
    await vouchers.choose(db, issued.voucher_id, first, by=holder, at=NOON)
    return issued, holder


async def one(db, query: str, **given):
    return (await (await db.connection()).execute(text(query), given)).one()


async def test_changing_takes_what_is_left_along_and_tells_the_former_coach_without_the_words(
    fresh_database, market
) -> None:
    async with fresh_database.sessions.begin() as db:
        issued, holder = await a_limited_voucher(db, market, None)
        other_id, owner = await another_offering(db, market, "Toinen Suunta Oy")
    async with asyncpg.create_pool(fresh_database.app_url, min_size=1, max_size=2) as wire:
        held, told = new_id(), {"voucher_code": issued.code, "service_day": local_day(NOON)}
        order = RedeemVoucher(**told, note="You did well.", private_note="Shy at first.")
        await vouchers.redeem(wire, held, order, key=KEY, by=market.actors[Role.COACH], at=NOON)
        await vouchers.confirm(wire, held, by=holder, at=NOON)
    later = NOON + timedelta(hours=2)
    async with fresh_database.sessions.begin() as db:
        switch = ChooseOffering(
            offering_id=other_id, reason=LeftBecause.PERSON, words="He never listened.", shares_notes=True
        )
        new_choice = await vouchers.choose(db, issued.voucher_id, switch, by=holder, at=later)
        left = await one(
            db,
            "select left_because, left_words, units - units_used - units_held as left_units from choice c "
            "join voucher v on v.id = c.voucher_id where v.id = :id and c.ended_at is not null",
            id=issued.voucher_id,
        )
        assert tuple(left) == ("person", "He never listened.", 4)
        mail = await one(
            db,
            "select params::text from outbox where kind = 'client_moved_on' and person_id = :id",
            id=market.coach_person_id,
        )
        assert "listened" not in mail[0]
        seen = await client_page.find_client(db, new_choice, by=owner)
        (session,) = await client_page.list_sessions(db, seen)
        assert (session.note, session.private_note, session.id) == ("You did well.", "", None)
        with pytest.raises(NotFound):
            await client_page.find_client(db, new_choice, by=market.actors[Role.PROVIDER_OWNER])
        former = await one(
            db, "select id from choice where voucher_id = :id and ended_at is not null", id=issued.voucher_id
        )
        gone = await client_page.find_client(db, former[0], by=market.actors[Role.COACH])
        assert (gone.is_ours, gone.email) == (False, ""), "whoever left keeps the address to oneself"


async def test_notes_stay_behind_without_the_clients_leave(fresh_database, market) -> None:
    async with fresh_database.sessions.begin() as db:
        issued, holder = await a_limited_voucher(db, market, None)
        other_id, owner = await another_offering(db, market, "Toinen Suunta Oy")
    async with asyncpg.create_pool(fresh_database.app_url, min_size=1, max_size=2) as wire:
        held = new_id()
        order = RedeemVoucher(voucher_code=issued.code, service_day=local_day(NOON), note="You did well.")
        await vouchers.redeem(wire, held, order, key=KEY, by=market.actors[Role.COACH], at=NOON)
        await vouchers.confirm(wire, held, by=holder, at=NOON)
    async with fresh_database.sessions.begin() as db:
        switch = ChooseOffering(offering_id=other_id)
        choice_id = await vouchers.choose(
            db, issued.voucher_id, switch, by=holder, at=NOON + timedelta(hours=1)
        )
        seen = await client_page.find_client(db, choice_id, by=owner)
        assert await client_page.list_sessions(db, seen) == []


async def test_the_terms_say_how_often_and_a_provider_that_cannot_go_on_does_not_count(
    fresh_database, market
) -> None:
    async with fresh_database.sessions.begin() as db:
        issued, holder = await a_limited_voucher(db, market, 1)
        offerings = [await another_offering(db, market, f"Yritys {n} Oy") for n in range(3)]

        async def change(number: int) -> None:
            order = ChooseOffering(offering_id=offerings[number][0])
            await vouchers.choose(db, issued.voucher_id, order, by=holder, at=NOON)

        await change(0)
        with pytest.raises(SwitchesUsed):
            await change(1)
        approval = await one(
            db, "select id from approval where provider_id = :id", id=offerings[0][1].organisation_id
        )
        gone = SuspendApproval(reason="Nobody is there any more.", code="breach", is_urgent=True)
        await registry.suspend(db, approval[0], gone, by=market.actors[Role.REGISTRAR], at=NOON)
    async with fresh_database.sessions.begin() as db:
        order, later = ChooseOffering(offering_id=offerings[1][0]), NOON + timedelta(days=1)
        await vouchers.choose(db, issued.voucher_id, order, by=holder, at=later)
        order = ChooseOffering(offering_id=offerings[2][0])
        with pytest.raises(SwitchesUsed):
            await vouchers.choose(db, issued.voucher_id, order, by=holder, at=later)
        reasons = "select array_agg(left_because order by ended_at) from choice where voucher_id = :id"
        assert (await one(db, reasons, id=issued.voucher_id))[0] == ["not_said", "provider_cannot", None]


async def test_more_time_is_given_with_a_reason_and_only_by_ones_own_case_worker(
    fresh_database, market
) -> None:
    desk, today = market.actors[Role.CASE_WORKER], local_day(NOON)
    later = ExtendVoucher(expires_on=market.expires_on + timedelta(days=30), reason="Was ill for a month.")
    async with fresh_database.sessions.begin() as db:
        neighbour = await a.an_actor(db, Role.CASE_WORKER, await a.a_procurer(db, "0037", "Oulu"))
        with pytest.raises(NotFound):
            await vouchers.extend(db, market.voucher_id, later, by=neighbour, at=NOON)
        with pytest.raises(Forbidden):
            await vouchers.extend(db, market.voucher_id, later, by=market.actors[Role.FINANCE], at=NOON)
        for day in (market.expires_on, today, market.starts_on + timedelta(days=1101)):
            order = ExtendVoucher(expires_on=day, reason="Was ill for a month.")
            with pytest.raises(Invalid):
                await vouchers.extend(db, market.voucher_id, order, by=desk, at=NOON)
        await vouchers.extend(db, market.voucher_id, later, by=desk, at=NOON)
    await jobs.expire(
        fresh_database.sessions, lambda: NOON + timedelta(days=(market.expires_on - today).days + 5)
    )
    async with fresh_database.sessions.begin() as db:
        row = await one(db, "select status, expires_on from voucher where id = :id", id=market.voucher_id)
        assert tuple(row) == ("chosen", later.expires_on)
        await vouchers.cancel(db, market.voucher_id, GiveReason(reason="Moved away."), by=desk, at=NOON)
        with pytest.raises(vouchers.VoucherClosed):
            await vouchers.extend(
                db,
                market.voucher_id,
                ExtendVoucher(expires_on=later.expires_on + timedelta(days=9), reason="Too late."),
                by=desk,
                at=NOON,
            )


async def test_letters_go_out_30_7_and_1_days_before_the_end_each_once(fresh_database, market) -> None:
    days = (market.expires_on - local_day(NOON)).days

    async def told_until(before: int) -> int:
        now = NOON + timedelta(days=days - before)
        for _ in range(2):
            await jobs.expire(fresh_database.sessions, lambda: now)
        async with fresh_database.sessions() as db:
            return (await one(db, "select count(*) from outbox where kind = 'voucher_ends'"))[0]

    assert [await told_until(before) for before in (31, 30, 29, 8, 7, 2, 1, 0)] == [0, 1, 1, 1, 2, 2, 3, 3]


async def test_a_night_that_did_not_run_is_made_up_for_by_one_letter(fresh_database, market) -> None:
    days = (market.expires_on - local_day(NOON)).days
    await jobs.expire(fresh_database.sessions, lambda: NOON + timedelta(days=days - 1))
    async with fresh_database.sessions() as db:
        assert (await one(db, "select count(*) from outbox where kind = 'voucher_ends'"))[0] == 1


async def test_who_needs_a_word_is_listed_and_counted_alike(fresh_database, market) -> None:
    desk = market.actors[Role.CASE_WORKER]
    async with fresh_database.sessions.begin() as db:
        colleague = await a.an_actor(db, Role.CASE_WORKER, market.procurer_id, "Toinen Asiantuntija")
        for number in range(30):
            order = IssueVoucher(
                programme_id=market.programme_id,
                name=f"Asiakas {number}",
                email=f"asiakas{number}@example.fi",
            )
            issued = await vouchers.issue(db, order, key=KEY, by=desk if number else colleague, at=NOON)
            if number % 3:
                await vouchers.claim(db, issued.claim_token, at=NOON)

        async def seen(days: int, show: str = "", mine: bool = True) -> int:
            on, after, total = local_day(NOON) + timedelta(days=days), None, 0
            counts = await clients.count_clients(db, by=desk, on=on, mine=mine)
            while True:
                listed = await clients.list_clients(db, by=desk, on=on, show=show, mine=mine, after=after)
                total += len(listed.items)
                after = listed.next
                if after is None:
                    assert counts[show] == total
                    return total

        assert [await seen(0), await seen(0, mine=False)] == [30, 31]
        assert [await seen(13, "not_chosen"), await seen(14, "not_chosen")] == [0, 20]
        assert [await seen(13, "not_claimed"), await seen(14, "not_claimed")] == [0, 9]
        assert [await seen(20, "not_met"), await seen(21, "not_met")] == [0, 1]
        assert [await seen(59, "ending"), await seen(60, "ending")] == [0, 30]
        neighbour = await a.an_actor(db, Role.CASE_WORKER, await a.a_procurer(db, "0037", "Oulu"))
        assert (await clients.list_clients(db, by=neighbour, on=local_day(NOON), mine=False)).items == []
        with pytest.raises(Forbidden):
            await clients.list_clients(db, by=market.actors[Role.FINANCE], on=local_day(NOON))
