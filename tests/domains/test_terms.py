"""Terms in versions, vouchers of a value, and money that is granted, cut and promised at the same moment."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from pydantic import ValidationError
from sqlalchemy import text

from setori import vouchers
from setori.db import new_id
from setori.errors import Forbidden, Invalid, NotFound
from setori.ledger import NotEnoughMoney
from setori.people import Actor, Role
from setori.vouchers import (
    ChooseOffering,
    CutBudget,
    GiveReason,
    Gives,
    GiveTerms,
    GrantBudget,
    IssueVoucher,
    RedeemVoucher,
)
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.world import CAP_CENTS, PRICE_CENTS, Market, a_market, own_sessions

VALUE = GiveTerms(
    gives=Gives.VALUE, value_cents=3 * PRICE_CENTS + 50, price_cap_cents=CAP_CENTS, validity_days=60
)


@pytest.fixture
async def market(fresh_database) -> Market:
    return await a_market(fresh_database, units=5)


async def a_voucher(db, market: Market, email="veikko@example.fi", **told):
    order = IssueVoucher(programme_id=market.programme_id, name="Veikko Virta", email=email, **told)
    return await vouchers.issue(db, order, key=KEY, by=market.actors[Role.CASE_WORKER], at=NOON)


async def seen(db, voucher_id, columns="units, units_used, units_held, value_cents, terms_id"):
    return (
        await db.exec(text(f"select {columns} from voucher where id = :id"), params={"id": voucher_id})
    ).one()


async def test_new_terms_hold_for_new_vouchers_and_old_vouchers_keep_theirs(fresh_database, market) -> None:
    desk = market.actors[Role.CASE_WORKER]
    async with own_sessions(fresh_database) as sessions, sessions.begin() as db:
        before = await seen(db, market.voucher_id)
        two = GiveTerms(units=2, price_cap_cents=120_00, validity_days=30, silent_days=14, switches=1)
        assert await vouchers.change_terms(db, market.programme_id, two, by=desk, at=NOON) == 2
        issued = await a_voucher(db, market)
        assert (issued.units, issued.value_cents) == (2, 240_00)
        assert issued.expires_on == (NOON.date() + timedelta(days=30)).isoformat()
        assert await seen(db, market.voucher_id) == before


async def test_a_version_of_terms_never_changes(fresh_database, market) -> None:
    async with own_sessions(fresh_database) as sessions:
        for act in ("update terms set units = 9", "delete from terms"):
            async with sessions() as db:
                with pytest.raises(Exception, match=r"permission denied|only grows"):
                    await db.exec(text(act))


async def test_only_the_procurers_own_people_write_terms_and_only_finance_moves_money(
    fresh_database, market
) -> None:
    terms = GiveTerms(units=2, price_cap_cents=90_00, validity_days=30)
    cut = CutBudget(amount_cents=1_00, reason="Decision 1")
    async with own_sessions(fresh_database) as sessions, sessions.begin() as db:
        neighbour = await a.an_actor(db, Role.FINANCE, await a.a_procurer(db, "0037", "Pohjois-Pohjanmaa"))
        owner, worker = market.actors[Role.PROVIDER_OWNER], market.actors[Role.CASE_WORKER]
        with pytest.raises(Forbidden):
            await vouchers.change_terms(db, market.programme_id, terms, by=owner, at=NOON)
        with pytest.raises(NotFound):
            await vouchers.change_terms(db, market.programme_id, terms, by=neighbour, at=NOON)
        with pytest.raises(Forbidden):
            await vouchers.cut_budget(db, market.programme_id, cut, by=worker, at=NOON)
        with pytest.raises(NotFound):
            await vouchers.cut_budget(db, market.programme_id, cut, by=neighbour, at=NOON)


def test_terms_say_what_is_missing_at_its_field() -> None:
    plain = {"price_cap_cents": 100_00, "validity_days": 30}
    for told, field in (
        ({"gives": "units"}, "units"),
        ({"gives": "value"}, "value_cents"),
        ({"gives": "value", "value_cents": 99_99}, "value_cents"),
    ):
        with pytest.raises(ValidationError) as wrong:
            GiveTerms(**plain, **told)
        assert [error["loc"] for error in wrong.value.errors()] == [(field,)]
    assert GiveTerms(gives="value", units=4, value_cents=100_00, **plain).units is None


async def test_a_voucher_of_a_value_holds_as_many_sessions_as_the_price_allows(
    fresh_database, market
) -> None:
    owner, desk = market.actors[Role.PROVIDER_OWNER], market.actors[Role.CASE_WORKER]
    async with own_sessions(fresh_database) as sessions:
        async with sessions.begin() as db:
            await vouchers.change_terms(db, market.programme_id, VALUE, by=desk, at=NOON)
            cheap_id = await a.an_offering(
                db, owner, market.service_id, area_codes=["0011"], price_cents=PRICE_CENTS // 2
            )
            issued = await a_voucher(db, market)
            holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Veikko Virta", "fi")
            assert issued.units == 0
            await vouchers.claim(db, issued.claim_token, at=NOON)
            dear = ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
            await vouchers.choose(db, issued.voucher_id, dear, by=holder, at=NOON)
            assert (await seen(db, issued.voucher_id)).units == 3
        wire = await asyncpg.connect(fresh_database.app_url)
        redemption_id = new_id()
        held = RedeemVoucher(voucher_code=issued.code, service_day=NOON.date())
        await vouchers.redeem(wire, redemption_id, held, key=KEY, by=owner, at=NOON)
        await vouchers.confirm(wire, redemption_id, by=holder, at=NOON)
        async with sessions.begin() as db:
            await vouchers.choose(
                db, issued.voucher_id, ChooseOffering(offering_id=cheap_id), by=holder, at=NOON
            )
            now = await seen(db, issued.voucher_id)
            assert (now.units_used, now.units) == (1, 1 + 4), "what is left pays four at half the price"
        await vouchers.reverse(wire, redemption_id, GiveReason(reason="By mistake"), by=owner, at=NOON)
        async with sessions.begin() as db:
            now = await seen(db, issued.voucher_id)
            assert (now.units_used, now.units) == (0, 6), "what came back pays two more"
        await wire.close()


async def test_sessions_cannot_be_asked_of_a_voucher_of_money_nor_money_of_one_of_sessions(
    fresh_database, market
) -> None:
    async with own_sessions(fresh_database) as sessions, sessions.begin() as db:
        with pytest.raises(Invalid) as refused:
            await a_voucher(db, market, value_cents=500_00)
        assert set(refused.value.errors) == {"value_cents"}
        desk = market.actors[Role.CASE_WORKER]
        await vouchers.change_terms(db, market.programme_id, VALUE, by=desk, at=NOON)
        with pytest.raises(Invalid) as refused:
            await a_voucher(db, market, units=3)
        assert set(refused.value.errors) == {"units"}
        with pytest.raises(Invalid):
            await a_voucher(db, market, value_cents=CAP_CENTS - 1)
        assert (await a_voucher(db, market, value_cents=CAP_CENTS)).value_cents == CAP_CENTS


async def test_one_person_is_given_at_most_twice_what_the_terms_give(fresh_database, market) -> None:
    """The terms give five sessions: who wants ninety-nine for somebody asks for other terms, which others see."""
    async with own_sessions(fresh_database) as sessions, sessions.begin() as db:
        for units in (11, 99):
            with pytest.raises(Invalid) as refused:
                await a_voucher(db, market, units=units)
            assert set(refused.value.errors) == {"units"}
        assert (await a_voucher(db, market, units=10)).units == 10
        desk = market.actors[Role.CASE_WORKER]
        await vouchers.change_terms(db, market.programme_id, VALUE, by=desk, at=NOON)
        with pytest.raises(Invalid) as refused:
            await a_voucher(db, market, value_cents=2 * (3 * PRICE_CENTS + 50) + 1)
        assert set(refused.value.errors) == {"value_cents"}


async def test_a_closed_programme_issues_nothing_until_it_is_opened_again(fresh_database, market) -> None:
    desk = market.actors[Role.CASE_WORKER]
    async with own_sessions(fresh_database) as sessions, sessions.begin() as db:
        await vouchers.open_programme(db, market.programme_id, is_open=False, by=desk, at=NOON)
        with pytest.raises(vouchers.ProgrammeClosed):
            await a_voucher(db, market)
        await vouchers.open_programme(db, market.programme_id, is_open=True, by=desk, at=NOON)
        assert (await a_voucher(db, market)).units == 5


@pytest.mark.parametrize("cut_first", [True, False])
async def test_what_is_issued_and_what_is_cut_at_the_same_moment_never_overdraws(
    fresh_database, market, cut_first
) -> None:
    """The budget pays one of both: whoever comes second waits for the first, and is then refused."""
    finance = market.actors[Role.FINANCE]
    async with own_sessions(fresh_database) as sessions:
        async with sessions.begin() as db:
            free = (
                await db.exec(
                    text("select credits - debits from account where kind = 'budget' and owner_id = :id"),
                    params={"id": market.programme_id},
                )
            ).scalar_one()
        cut = CutBudget(amount_cents=free - 400_00, reason="Savings, decision 12")

        async def issue() -> None:
            async with sessions.begin() as db:
                await a_voucher(db, market)
                await asyncio.sleep(0.2 if not cut_first else 0)

        async def take() -> None:
            async with sessions.begin() as db:
                await vouchers.cut_budget(db, market.programme_id, cut, by=finance, at=NOON)
                await asyncio.sleep(0.2 if cut_first else 0)

        first, second = (take, issue) if cut_first else (issue, take)

        async def late() -> None:
            await asyncio.sleep(0.05)
            await second()

        answers = await asyncio.gather(first(), late(), return_exceptions=True)
        assert answers[0] is None
        assert isinstance(answers[1], NotEnoughMoney)
        async with sessions.begin() as db:
            grant = GrantBudget(amount_cents=1_000_00, reason="More for the summer")
            await vouchers.grant_budget(db, market.programme_id, grant, by=finance, at=NOON)
            await a_voucher(db, market, email="second@example.fi")


async def test_the_same_posting_is_made_once_and_another_under_its_id_is_refused(
    fresh_database, market
) -> None:
    finance, id = market.actors[Role.FINANCE], new_id()
    grant = GrantBudget(amount_cents=5_00, reason="Decision 7", posting_id=id)
    async with own_sessions(fresh_database) as sessions:
        for _ in range(2):
            async with sessions.begin() as db:
                await vouchers.grant_budget(db, market.programme_id, grant, by=finance, at=NOON)
        for other in (
            grant.model_copy(update={"amount_cents": 6_00}),
            CutBudget(amount_cents=5_00, reason="Decision 8", posting_id=id),
        ):
            act = vouchers.cut_budget if isinstance(other, CutBudget) else vouchers.grant_budget
            async with sessions() as db:
                with pytest.raises(vouchers.PostedAlready):
                    await act(db, market.programme_id, other, by=finance, at=NOON)
        async with sessions.begin() as db:
            made = await db.exec(text("select count(*) from posting where id = :id"), params={"id": id})
            assert made.scalar_one() == 1


async def test_a_programme_for_some_municipalities_is_for_those_who_live_there(
    fresh_database, market
) -> None:
    desk = market.actors[Role.CASE_WORKER]
    terms = GiveTerms(units=2, price_cap_cents=CAP_CENTS, validity_days=30, municipality_codes=("837", "980"))
    async with own_sessions(fresh_database) as sessions, sessions.begin() as db:
        await vouchers.change_terms(db, market.programme_id, terms, by=desk, at=NOON)
        for told in ({}, {"municipality_code": "091"}):
            with pytest.raises(Invalid) as wrong:
                await a_voucher(db, market, **told)
            assert set(wrong.value.errors) == {"municipality_code"}
        assert (await a_voucher(db, market, municipality_code="980")).units == 2
