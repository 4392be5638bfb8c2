"""What waits for an answer: disputed sessions, sessions that silence confirmed, a firm of which a register says ill."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import asyncpg

from setori import facts, intake, jobs, vouchers
from setori.days import local_day
from setori.db import Database, new_id
from setori.facts import Office, Told
from setori.intake import HandIn
from setori.people import Actor, Role
from setori.vouchers import ChooseOffering, DisputeSession, GiveTerms, IssueVoucher, RedeemVoucher
from tests.conftest import RealDatabase
from tests.world import Market, a_session

EXAMPLES = Path(__file__).parents[2] / "seed" / "examples"


async def a_disputed_session(database: RealDatabase, market: Market, key: bytes, *, at: datetime) -> UUID:
    """A session of which the client says that it is not right."""
    redemption_id = await a_session(database.sessions, market, at=at, key=key)
    async with asyncpg.create_pool(database.app_url, min_size=1, max_size=1) as wire:
        said = DisputeSession(words="We did not meet.")
        await vouchers.dispute(wire, redemption_id, said, by=market.actors[Role.JOBSEEKER], at=at)
    return redemption_id


async def a_silent_session(database: RealDatabase, market: Market, key: bytes, *, at: datetime) -> UUID:
    """A session that silence has confirmed, and that chance has picked to be asked about."""
    ago, desk = at - timedelta(days=3), market.actors[Role.CASE_WORKER]
    terms = GiveTerms(units=2, price_cap_cents=100_00, validity_days=90, silent_days=1)
    async with database.sessions.begin() as db:
        await vouchers.change_terms(db, market.programme_id, terms, by=desk, at=ago)
        order = IssueVoucher(programme_id=market.programme_id, name="Hilja Salo", email="hilja@example.fi")
        issued = await vouchers.issue(db, order, key=key, by=desk, at=ago)
        holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Hilja Salo", "fi")
        await vouchers.claim(db, issued.claim_token, at=ago)
        choice = ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
        await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=ago)
    picked = next(id for id in iter(new_id, None) if sha256(str(id).encode()).digest()[0] < 26)
    async with asyncpg.create_pool(database.app_url, min_size=1, max_size=1) as wire:
        told = RedeemVoucher(voucher_code=issued.code, service_day=local_day(ago))
        await vouchers.redeem(wire, picked, told, key=key, by=market.actors[Role.COACH], at=ago)
    await jobs.hear_silence(database.sessions, lambda: at)
    return picked


async def a_notice(db: Database, registrar: Actor, provider_id: UUID, *, at: datetime) -> UUID:
    """A task: a register says that the firm is bankrupt."""
    told = Told("A register", {"standing": "bankrupt"})
    await facts.keep(db, provider_id, Office.COMPANY, told, at=at)
    assert registrar.organisation_id
    await facts.notice(db, provider_id, [registrar.organisation_id], at=at)
    return (await facts.list_notices(db, by=registrar)).items[0].id


async def a_client(database: RealDatabase, market: Market) -> UUID:
    """The choice by which the market's jobseeker is a client of its provider."""
    wire = await asyncpg.connect(database.app_url)
    try:
        current = "select id from choice where voucher_id = $1 and ended_at is null"
        return UUID(str(await wire.fetchval(current, market.voucher_id)))
    finally:
        await wire.close()


async def a_run(db: Database, registrar: Actor, *, done: bool = False, at: datetime) -> UUID:
    """An import that has been checked, or one that is done."""
    words = {"kind": "providers", "title": "Registers", "register_code": "elsewhere"}
    mapping, file = (EXAMPLES / "providers.toml").read_text(), (EXAMPLES / "providers.csv").read_bytes()
    order = HandIn(**words, file_name="all.csv", mapping=mapping, file=file)
    run_id = await intake.hand_in(db, order, by=registrar, at=at)
    run = await intake.load_run(db, run_id)
    assert run
    found = {"counts": {"added": 1}, "problems": []}
    await intake.report_checked(db, run, is_usable=True, read=1, good=1, refused=0, **found)
    if done:
        await intake.start_import(db, run_id, by=registrar, at=at)
        await intake.finish(db, run, {"added": 1}, at=at)
    return run_id
