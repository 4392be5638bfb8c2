"""A whole market around one voucher, committed for real: for races, machines and faces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from setori import jobs, people, vouchers
from setori.days import local_day
from setori.db import Sessions, make_sessions, new_id, wire_of
from setori.people import Actor, Role
from setori.registry import ApprovalStatus, ApproveDirectly, approve_directly
from setori.vouchers import ChooseOffering, GiveOutcomeFee, IssueVoucher, RedeemVoucher, StartProgramme
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON

PRICE_CENTS = 80_00
CAP_CENTS = 100_00
VALID_DAYS = 90
_people = iter(range(1, 10_000_000))


@dataclass(frozen=True)
class Market:
    """A procurer, its people, a provider with a coach, and a jobseeker whose voucher has chosen that coach."""

    procurer_id: UUID
    service_id: UUID
    programme_id: UUID
    provider_id: UUID
    offering_id: UUID
    coach_id: UUID
    coach_person_id: UUID
    person_id: UUID
    voucher_id: UUID
    code: str
    claim_token: str
    price_cents: int
    value_cents: int
    starts_on: date
    expires_on: date
    chosen_on: date
    suspended_days: range
    """Days after `chosen_on` on which the provider was not approved."""
    actors: dict[Role, Actor]

    def code_hash(self, key: bytes) -> bytes:
        return vouchers.hash_of(self.code, key)

    def is_approved(self, day: date) -> bool:
        return (day - self.chosen_on).days not in self.suspended_days

    def order(self, day: date | None = None, units: int = 1) -> RedeemVoucher:
        """A session as the coach records it."""
        return RedeemVoucher(voucher_code=self.code, service_day=day or self.chosen_on, units=units)

    async def night(self, database: Any, now: datetime) -> None:
        """What Setori does by itself every ten minutes."""
        async with own_sessions(database) as sessions:
            await jobs.expire(sessions, lambda: now)


async def a_market(
    database: Any,
    units: int = 10,
    *,
    at: datetime = NOON,
    key: bytes = KEY,
    suspended: range = range(0),
    area: tuple[str, str] = ("0011", "Pirkanmaa"),
    fees: tuple[GiveOutcomeFee, ...] = (),
) -> Market:
    """A market of its own in a database that may hold others already. `suspended` counts days from `at`."""
    async with own_sessions(database) as sessions, sessions.begin() as db:
        procurer_id = await a.a_procurer(db, *area, at=at)
        actors = {
            role: await a.an_actor(db, role, procurer_id, f"{role.value} {area[1]}", at=at)
            for role in (*people.PROCURER_ROLES, Role.SERVICE_MANAGER, Role.SAFEGUARDING)
        }
        service_id = await a.a_service(db, at=at)
        provider_id = await a.a_provider(db, f"Suunta {area[1]} Oy", at=at)
        owner = actors[Role.PROVIDER_OWNER] = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, at=at)
        coach = actors[Role.COACH] = await a.an_actor(db, Role.COACH, provider_id, "Maija Mäkelä", at=at)
        rulebook_id = await a.a_rulebook(db, actors[Role.REGISTRAR], service_id, at=at)
        today = local_day(at)
        first = ApproveDirectly(
            provider_id=provider_id,
            rulebook_id=rulebook_id,
            starts_on=today,
            ends_on=today + timedelta(days=suspended.start) if suspended else None,
            closed_as=ApprovalStatus.SUSPENDED if suspended else None,
            reason="Taken over from the former register.",
        )
        await approve_directly(db, first, at=at)
        coach_id = await a.a_coach(db, provider_id, person_id=coach.person_id, at=at)
        offering_id = await a.an_offering(
            db, owner, service_id, [coach_id], area_codes=[area[0]], price_cents=PRICE_CENTS, at=at
        )
        programme = StartProgramme(
            service_id=service_id,
            name={"fi": "Valmennus"},
            units=units,
            price_cap_cents=CAP_CENTS,
            validity_days=VALID_DAYS,
            budget_cents=100_000_00,
            outcome_fees=fees,
        )
        desk = actors[Role.CASE_WORKER]
        programme_id = await vouchers.start_programme(db, programme, by=desk, at=at)
        order = IssueVoucher(
            programme_id=programme_id, name="Aino Virtanen", email=f"aino{next(_people)}@example.fi"
        )
        issued = await vouchers.issue(db, order, key=key, by=desk, at=at)
        holder = actors[Role.JOBSEEKER] = Actor(issued.person_id, Role.JOBSEEKER, None, "Aino Virtanen", "fi")
        await vouchers.claim(db, issued.claim_token, at=at)
        choice = ChooseOffering(offering_id=offering_id, coach_id=coach_id)
        await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
        if suspended:
            back = ApproveDirectly(
                provider_id=provider_id,
                rulebook_id=rulebook_id,
                starts_on=today + timedelta(days=suspended.stop),
                reason="What was wrong has been mended.",
            )
            await approve_directly(db, back, at=at + timedelta(days=suspended.stop))
    return Market(
        procurer_id=procurer_id,
        service_id=service_id,
        programme_id=programme_id,
        provider_id=provider_id,
        offering_id=offering_id,
        coach_id=coach_id,
        coach_person_id=coach.person_id,
        person_id=issued.person_id,
        voucher_id=issued.voucher_id,
        code=issued.code,
        claim_token=issued.claim_token,
        price_cents=PRICE_CENTS,
        value_cents=issued.value_cents,
        starts_on=today,
        expires_on=date.fromisoformat(issued.expires_on),
        chosen_on=today,
        suspended_days=suspended,
        actors=actors,
    )


async def a_session(
    sessions: Sessions,
    market: Market,
    *,
    at: datetime = NOON,
    confirmed: bool = False,
    key: bytes = KEY,
    by: Actor | None = None,
) -> UUID:
    """A session that the owner has recorded, unless told who, and the jobseeker confirmed when told so."""
    redemption_id = new_id()
    async with sessions.begin() as db:
        wire = await wire_of(db)
        who, holder = by or market.actors[Role.PROVIDER_OWNER], market.actors[Role.JOBSEEKER]
        await vouchers.redeem(wire, redemption_id, market.order(local_day(at)), key=key, by=who, at=at)
        if confirmed:
            await vouchers.confirm(wire, redemption_id, by=holder, at=at)
    return redemption_id


@asynccontextmanager
async def own_sessions(database: Any) -> AsyncIterator[Sessions]:
    """Sessions that belong to the loop that runs now, whichever that is."""
    engine, sessions = make_sessions(database.app_url, pool_size=1)
    try:
        yield sessions
    finally:
        await engine.dispose()
