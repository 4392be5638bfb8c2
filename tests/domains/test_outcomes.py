"""What came of a voucher: reserved at issue, claimed by one side, seen by the other, verified and paid once."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import outcomes, vouchers
from setori.days import noon
from setori.errors import Forbidden, Invalid, NotFound
from setori.ledger import BOUNDED, JOINS, AccountKind, NotEnoughMoney, PostingKind
from setori.outcomes import (
    AnswerMore,
    AskMore,
    ClaimedAlready,
    ClaimStatus,
    NoOutcomeFees,
    NotDelivered,
    NotOpen,
    PaidAlready,
    ProposeClawback,
    RefuseClaim,
    SayOfClaim,
    TooLateToClaim,
    VerifyClaim,
    WordIsNotEnough,
)
from setori.outcomes.rules import CLAIM_MOVES, lasted_on
from setori.people import Role
from setori.vouchers import GiveOutcomeFee, GiveTerms, IssueVoucher
from setori.vouchers.rules import most_in_fees
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.domains.claims import (
    DOCUMENT,
    FEES,
    LATER,
    RESERVE,
    a_claim,
    claimed,
    left,
    one,
    status,
    verified,
)
from tests.world import Market, a_market, a_session, own_sessions


@pytest.fixture
async def market(fresh_database) -> Market:
    """A market whose programme pays outcome fees, with one confirmed session."""
    market = await a_market(fresh_database, fees=FEES)
    async with own_sessions(fresh_database) as sessions:
        await a_session(sessions, market, confirmed=True)
    return market


@pytest.fixture
async def sessions(fresh_database):
    async with own_sessions(fresh_database) as sessions:
        yield sessions


async def test_a_voucher_reserves_the_most_that_its_outcome_can_come_to(sessions, market) -> None:
    assert await left(sessions, market) == RESERVE
    budget = "select credits, debits from account where owner_id = :id and kind = 'budget'"
    assert tuple(await one(sessions, budget, id=market.programme_id)) == (
        100_000_00,
        market.value_cents + RESERVE,
    )


def test_the_most_that_fees_come_to_is_one_kind_with_all_its_steps() -> None:
    assert most_in_fees([]) == 0
    assert most_in_fees([(fee.kind, fee.fee_cents) for fee in FEES]) == RESERVE


def test_months_end_on_the_same_day_or_the_last_one() -> None:
    assert lasted_on(date(2026, 4, 1), 3) == date(2026, 7, 1)
    assert lasted_on(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert lasted_on(date(2026, 12, 31), 12) == date(2027, 12, 31)


def test_terms_have_one_fee_for_each_step() -> None:
    with pytest.raises(ValidationError):
        GiveTerms(units=2, price_cap_cents=1_00, validity_days=3, outcome_fees=(FEES[0], FEES[0]))


async def test_the_database_joins_the_accounts_and_moves_the_claims_that_the_rules_do(sessions) -> None:
    async with sessions() as db:
        connection = await db.connection()
        ask = text("select posting_joins(:kind, :debit, :credit)")
        joins = {
            (kind, debit, credit)
            for kind in PostingKind
            for debit in AccountKind
            for credit in AccountKind
            if (
                await connection.execute(
                    ask, {"kind": kind.value, "debit": debit.value, "credit": credit.value}
                )
            ).scalar()
        }
        assert joins == {(kind, *pair) for kind, pair in JOINS.items()}
        ask = text("select allowed_claim_move(:was, :becomes)")
        for was in ClaimStatus:
            for becomes in set(ClaimStatus) - {was}:
                given = {"was": was.value, "becomes": becomes.value}
                assert (await connection.execute(ask, given)).scalar() == (becomes in CLAIM_MOVES[was])
    assert AccountKind.OUTCOME in BOUNDED


async def test_no_voucher_is_issued_when_the_budget_covers_its_sessions_but_not_its_outcome(
    sessions, market
) -> None:
    terms = GiveTerms(
        units=1,
        price_cap_cents=100_00,
        validity_days=30,
        outcome_fees=(GiveOutcomeFee(kind="job", months=3, fee_cents=98_000_00, claim_days=9),),
    )
    order = IssueVoucher(programme_id=market.programme_id, name="Veikko Virta", email="v@example.fi")
    desk = market.actors[Role.CASE_WORKER]
    async with sessions.begin() as db:
        await vouchers.change_terms(db, market.programme_id, terms, by=desk, at=NOON)
    async with sessions() as db:
        with pytest.raises(NotEnoughMoney):
            await vouchers.issue(db, order, key=KEY, by=desk, at=NOON)


async def test_no_fee_comes_to_terms_on_which_a_voucher_was_issued_and_none_goes(sessions, market) -> None:
    terms = (await one(sessions, "select terms_id from voucher where id = :id", id=market.voucher_id))[0]
    insert = (
        "insert into outcome_fee (id, terms_id, kind, months, fee_cents, claim_days) "
        f"values (uuidv7(), '{terms}', 'business', 3, 1, 1)"
    )
    for act in (insert, "update outcome_fee set fee_cents = 1", "delete from outcome_fee"):
        async with sessions() as db:
            with pytest.raises(DBAPIError, match=r"write new ones|permission denied"):
                await (await db.connection()).execute(text(act))


@pytest.mark.parametrize(
    ("order", "at", "refusal"),
    [
        (a_claim(kind="business"), LATER, NoOutcomeFees),
        (a_claim(since=date(2026, 2, 20)), LATER, Invalid),
        (a_claim(months=6), LATER, Invalid),
        (a_claim(), noon(date(2026, 5, 31) + timedelta(days=181)), TooLateToClaim),
    ],
)
async def test_what_cannot_be_claimed(sessions, market, order, at, refusal) -> None:
    with pytest.raises(refusal):
        await claimed(sessions, market, order, at=at)


async def test_the_last_day_to_claim_is_a_day_to_claim(sessions, market) -> None:
    assert await claimed(sessions, market, at=noon(date(2026, 5, 31) + timedelta(days=180)))


async def test_only_who_held_a_session_and_whose_voucher_it_is_may_claim(sessions, market) -> None:
    async with sessions.begin() as db:
        firm = await a.a_provider(db, "Vieras Oy")
        strange = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
        neighbour = await a.an_actor(db, Role.JOBSEEKER)
    for by, refusal in (
        (strange, NotFound),
        (neighbour, NotFound),
        (market.actors[Role.COACH], Forbidden),
        (market.actors[Role.CASE_WORKER], Forbidden),
    ):
        async with sessions() as db:
            with pytest.raises(refusal):
                await outcomes.claim(db, market.voucher_id, a_claim(), by=by, at=LATER)
    with pytest.raises(NotDelivered):
        await claimed(sessions, market, a_claim(provider_id=firm), role=Role.JOBSEEKER)


async def test_one_waits_at_a_time_and_what_was_paid_is_not_claimed_again(sessions, market) -> None:
    first = await claimed(sessions, market)
    with pytest.raises(ClaimedAlready):
        await claimed(sessions, market, role=Role.JOBSEEKER)
    assert await verified(sessions, market, first) == 200_00
    for order in (a_claim(), a_claim(kind="studies")):
        with pytest.raises(PaidAlready):
            await claimed(sessions, market, order, role=Role.JOBSEEKER)
    with pytest.raises(NotOpen):
        await verified(sessions, market, first)


async def test_a_longer_step_pays_the_shorter_ones_along_and_each_once(sessions, market) -> None:
    half = noon(date(2026, 10, 6))
    assert await verified(sessions, market, await claimed(sessions, market)) == 200_00
    longer = await claimed(sessions, market, a_claim(months=6), role=Role.JOBSEEKER, at=half)
    assert await verified(sessions, market, longer, at=half) == 300_00
    year = noon(date(2027, 4, 6))
    longest = await claimed(sessions, market, a_claim(months=12), at=year)
    assert await verified(sessions, market, longest, at=year) == 500_00
    assert await left(sessions, market) == 0


async def test_half_a_year_claimed_at_once_pays_both_steps(sessions, market) -> None:
    half = noon(date(2026, 10, 6))
    claim_id = await claimed(sessions, market, a_claim(months=6), at=half)
    assert await verified(sessions, market, claim_id, at=half) == 500_00


async def test_a_providers_own_word_needs_the_clients(sessions, market) -> None:
    claim_id = await claimed(sessions, market, a_claim(proof="own_word"))
    word = VerifyClaim(proof="own_word")
    desk, holder = market.actors[Role.CASE_WORKER], market.actors[Role.JOBSEEKER]
    async with sessions() as db:
        with pytest.raises(WordIsNotEnough):
            await outcomes.verify(db, claim_id, word, by=desk, at=LATER)
    async with sessions.begin() as db:
        with pytest.raises(Invalid):
            await outcomes.say(db, claim_id, SayOfClaim(agrees=False), by=holder, at=LATER)
        await outcomes.say(db, claim_id, SayOfClaim(agrees=True), by=holder, at=LATER)
        assert await outcomes.verify(db, claim_id, word, by=desk, at=LATER) == 200_00


async def test_more_is_asked_answered_refused_and_then_it_may_be_claimed_anew(sessions, market) -> None:
    claim_id = await claimed(sessions, market)
    desk, owner = market.actors[Role.CASE_WORKER], market.actors[Role.PROVIDER_OWNER]
    holder = market.actors[Role.JOBSEEKER]
    async with sessions.begin() as db:
        await outcomes.ask(db, claim_id, AskMore(question="Where?"), by=desk, at=LATER)
        with pytest.raises(Forbidden):
            await outcomes.answer(db, claim_id, AnswerMore(answer="Here."), by=holder, at=LATER)
        await outcomes.answer(db, claim_id, AnswerMore(answer="At Firm Oy."), by=owner, at=LATER)
        await outcomes.refuse(db, claim_id, RefuseClaim(reason="It was a week."), by=desk, at=LATER)
    assert await status(sessions, claim_id) == "refused"
    again = await claimed(sessions, market)
    async with sessions.begin() as db:
        with pytest.raises(Forbidden):
            await outcomes.withdraw(db, again, by=holder, at=LATER)
        await outcomes.withdraw(db, again, by=owner, at=LATER)
        with pytest.raises(NotOpen):
            await outcomes.withdraw(db, again, by=owner, at=LATER)


async def test_a_neighbours_people_find_no_claim(sessions, market) -> None:
    claim_id = await claimed(sessions, market)
    async with sessions.begin() as db:
        elsewhere = await a.a_procurer(db, "0037", "Pohjois-Pohjanmaa")
        worker = await a.an_actor(db, Role.CASE_WORKER, elsewhere)
    async with sessions() as db:
        for act in (
            outcomes.verify(db, claim_id, DOCUMENT, by=worker, at=LATER),
            outcomes.refuse(db, claim_id, RefuseClaim(reason="Not so."), by=worker, at=LATER),
            outcomes.propose_clawback(db, claim_id, ProposeClawback(reason="No."), by=worker, at=LATER),
        ):
            with pytest.raises(NotFound):
                await act
        with pytest.raises(Forbidden):
            await outcomes.verify(db, claim_id, DOCUMENT, by=market.actors[Role.FINANCE], at=LATER)
