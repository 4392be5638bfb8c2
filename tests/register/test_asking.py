"""The nightly job with the real mock registers: facts with their time, tasks for registrars, silence as silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from setori import facts, jobs, people
from setori.company_register import HttpCompanyRegister
from setori.errors import Forbidden, NotFound
from setori.facts import CheckOutcome, FactAnswer, FactKind, FirmFacts, LookAtNotice, NotLooked
from setori.people import Role
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.register.running import RunningRegister
from tests.world import Market, a_market

NIGHT = NOON + timedelta(days=1)
LOOKED = LookAtNotice(note="We called the trustee and suspended the approval.")


def same(at: datetime) -> Callable[[], datetime]:
    return lambda: at


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database)


async def business_id(database: RealDatabase, provider_id: UUID) -> str:
    async with database.sessions() as db:
        found = (await people.find_organisation(db, provider_id)).business_id
    assert found
    return found


async def known(database: RealDatabase, provider_id: UUID) -> FirmFacts:
    async with database.sessions() as db:
        return await facts.find_facts(db, provider_id)


async def test_an_approved_firm_is_asked_about_once_a_night(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> None:
    firm = await business_id(fresh_database, market.provider_id)
    assert (await known(fresh_database, market.provider_id)).asked_at is None
    assert await jobs.ask_registers(fresh_database.sessions, ours, same(NOON)) == 1
    seen = await known(fresh_database, market.provider_id)
    assert (seen.outcome, seen.asked_at, seen.could_not_be_asked) == (CheckOutcome.MET, NOON, False)
    assert {fact.kind: fact.answer for fact in seen.facts} == {
        FactKind.STANDING: FactAnswer.ACTIVE,
        FactKind.PREPAYMENT: FactAnswer.REGISTERED,
        FactKind.TAX: FactAnswer.TAXES_PAID,
        FactKind.PENSION: FactAnswer.PENSIONS_PAID,
    }
    before = register.times_asked(firm)
    assert await jobs.ask_registers(fresh_database.sessions, ours, same(NOON + timedelta(hours=13))) == 0
    assert register.times_asked(firm) == before
    assert await jobs.ask_registers(fresh_database.sessions, ours, same(NIGHT)) == 1
    again = await known(fresh_database, market.provider_id)
    assert {(fact.since, fact.confirmed_at) for fact in again.facts} == {(NOON, NIGHT)}


@pytest.mark.parametrize("status", ["ceased", "bankrupt", "missing"])
async def test_a_firm_that_has_gone_is_a_task_until_somebody_has_looked(
    fresh_database: RealDatabase,
    market: Market,
    register: RunningRegister,
    ours: HttpCompanyRegister,
    status: str,
) -> None:
    await jobs.ask_registers(fresh_database.sessions, ours, same(NOON))
    register.say(await business_id(fresh_database, market.provider_id), status=status)
    registrar = market.actors[Role.REGISTRAR]
    for night in (NIGHT, NIGHT + timedelta(days=1)):
        await jobs.ask_registers(fresh_database.sessions, ours, same(night))
    async with fresh_database.sessions.begin() as db:
        (task,) = (await facts.list_notices(db, by=registrar)).items
        assert (task.answer, task.noticed_at, task.provider_id) == (status, NIGHT, market.provider_id)
        assert [mail.kind for mail in (await people.list_outbox(db, limit=50)).items].count(
            "firm_noticed"
        ) == 1
        await facts.look_at(db, task.id, LOOKED, by=registrar, at=NIGHT + timedelta(days=2))
    async with fresh_database.sessions() as db:
        with pytest.raises(NotLooked):
            await facts.look_at(db, task.id, LOOKED, by=registrar, at=NIGHT)
        assert (await facts.list_notices(db, by=registrar)).items == []
        (done,) = (await facts.list_notices(db, by=registrar, is_open=False)).items
        assert (done.note, done.looked_by) == (LOOKED.note, registrar.name)
        assert (await facts.find_facts(db, market.provider_id)).outcome is CheckOutcome.NOT_MET
    await jobs.ask_registers(fresh_database.sessions, ours, same(NIGHT + timedelta(days=3)))
    async with fresh_database.sessions() as db:
        assert (await facts.list_notices(db, by=registrar)).items == [], "not told twice"


async def test_what_the_register_takes_back_is_no_task_any_more_and_a_new_fall_is_a_new_one(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> None:
    firm, registrar = await business_id(fresh_database, market.provider_id), market.actors[Role.REGISTRAR]
    noticed = []
    for day, status in enumerate(["bankrupt", "active", "bankrupt"]):
        register.say(firm, status=status)
        await jobs.ask_registers(fresh_database.sessions, ours, same(NIGHT + timedelta(days=day)))
        async with fresh_database.sessions() as db:
            noticed.append([one.noticed_at for one in (await facts.list_notices(db, by=registrar)).items])
    assert noticed == [[NIGHT], [], [NIGHT + timedelta(days=2)]]


async def test_silence_leaves_what_was_known_and_is_never_bad(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> None:
    await jobs.ask_registers(fresh_database.sessions, ours, same(NOON))
    register.turn(down=True)
    register.say(await business_id(fresh_database, market.provider_id), status="ceased")
    moments = [NIGHT, NIGHT + timedelta(seconds=61), NIGHT + timedelta(seconds=90)]
    asked = [await jobs.ask_registers(fresh_database.sessions, ours, same(at)) for at in moments]
    assert asked == [1, 1, 0], "tried again after a minute, then after two"
    seen = await known(fresh_database, market.provider_id)
    assert seen.could_not_be_asked
    assert {(fact.failing_since, fact.confirmed_at) for fact in seen.facts} == {(NIGHT, NOON)}
    assert seen.outcome is CheckOutcome.MET, "what was told last stands, with its time"
    async with fresh_database.sessions() as db:
        assert (await facts.list_notices(db, by=market.actors[Role.REGISTRAR])).items == []
    register.turn()
    await jobs.ask_registers(fresh_database.sessions, ours, same(NIGHT + timedelta(hours=1)))
    seen = await known(fresh_database, market.provider_id)
    assert (seen.could_not_be_asked, seen.outcome) == (False, CheckOutcome.NOT_MET)


async def test_a_firm_never_reached_is_not_known(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> None:
    register.turn(down=True)
    await jobs.ask_registers(fresh_database.sessions, ours, same(NOON))
    seen = await known(fresh_database, market.provider_id)
    assert (seen.outcome, seen.could_not_be_asked) == (CheckOutcome.NOT_KNOWN, True)
    assert not any(fact.is_bad for fact in seen.facts)


async def test_an_applicant_is_asked_about_when_it_applies_and_when_it_sends(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> None:
    async with fresh_database.sessions.begin() as db:
        newcomer = await a.a_provider(db, "Uusi Oy")
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, newcomer)
        service = await a.a_service(db, "career-guidance")
        rulebook = await a.a_rulebook(db, market.actors[Role.REGISTRAR], service)
    await jobs.ask_registers(fresh_database.sessions, ours, same(NOON))
    assert (await known(fresh_database, newcomer)).asked_at is None
    later = NOON + timedelta(hours=2)
    async with fresh_database.sessions.begin() as db:
        await a.an_application(db, rulebook, owner, at=later)
    register.say(await business_id(fresh_database, newcomer), status="bankrupt")
    assert await jobs.ask_registers(fresh_database.sessions, ours, same(later + timedelta(seconds=5))) == 1
    seen = await known(fresh_database, newcomer)
    assert (seen.outcome, seen.asked_at) == (CheckOutcome.NOT_MET, later + timedelta(seconds=5))
    async with fresh_database.sessions() as db:
        registrar = market.actors[Role.REGISTRAR]
        assert (await facts.list_notices(db, by=registrar)).items == [], "it is not approved: no task"


async def test_a_task_is_for_the_registrars_of_the_procurer_that_approves(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> None:
    other = await a_market(fresh_database, area=("0022", "Varsinais-Suomi"))
    register.say(await business_id(fresh_database, market.provider_id), status="bankrupt")
    await jobs.ask_registers(fresh_database.sessions, ours, same(NIGHT))
    async with fresh_database.sessions() as db:
        (task,) = (await facts.list_notices(db, by=market.actors[Role.REGISTRAR])).items
        stranger = other.actors[Role.REGISTRAR]
        assert (await facts.list_notices(db, by=stranger)).items == []
        with pytest.raises(NotFound):
            await facts.look_at(db, task.id, LOOKED, by=stranger, at=NIGHT)
        for role in (Role.FINANCE, Role.CASE_WORKER, Role.PROVIDER_OWNER):
            with pytest.raises(Forbidden):
                await facts.list_notices(db, by=market.actors[role])
