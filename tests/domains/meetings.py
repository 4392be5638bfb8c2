"""A coach with hours and people whose vouchers have chosen that coach, for tests of booking."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import text

from setori import booking, people, vouchers
from setori.booking import BookTime, OpenHours
from setori.days import local_day
from setori.db import Database, wire_of
from setori.db.invariants import count_broken_on
from setori.people import Actor, Role
from setori.vouchers import ChooseOffering, IssueVoucher, StartProgramme
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON

HOURS = OpenHours(
    weekday=1, from_time=time(9), to_time=time(16), way="in_person", place="Hämeenkatu 1", minutes=60,
    buffer_minutes=15,
)  # fmt: skip


TOMORROW = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
"""Nine in the morning of the day after."""

LATER = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
TOMORROW_AT = BookTime(starts_at=TOMORROW)


@dataclass
class Client:
    """Somebody with a voucher."""

    who: Actor
    voucher_id: UUID
    code: str


@dataclass
class Practice:
    """A coach who is in every day from nine to four, and the clients."""

    procurer_id: UUID
    coach_id: UUID
    coach: Actor
    owner: Actor
    desk: Actor
    registrar: Actor
    offering_id: UUID
    programme_id: UUID
    service_id: UUID
    approval_id: UUID
    clients: list[Client] = field(default_factory=list)

    async def slots(self, db: Database, *, at: datetime, days: int = 7):
        today = local_day(at)
        free = await booking.list_free(
            db, [self.coach_id], first=today, last=today + timedelta(days=days), now=at
        )
        return free[self.coach_id]


async def a_practice(
    db: Database,
    *,
    clients: int = 2,
    units: int = 3,
    uses: bool = True,
    budget_cents: int = 100_000_00,
    at: datetime = NOON,
) -> Practice:
    """A market around one coach; late words and empty chairs use a session, unless told otherwise."""
    procurer_id = await a.a_procurer(db, at=at)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id, at=at)
    desk = await a.an_actor(db, Role.CASE_WORKER, procurer_id, at=at)
    service_id = await a.a_service(db, at=at)
    provider_id = await a.a_provider(db, at=at)
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, at=at)
    coach = await a.an_actor(db, Role.COACH, provider_id, "Maija Mäkelä", at=at)
    rulebook_id = await a.a_rulebook(db, registrar, service_id, at=at)
    approval_id = await a.an_approval(db, rulebook_id, provider_id, at=at)
    coach_id = await a.a_coach(db, provider_id, person_id=coach.person_id, at=at)
    offering_id = await a.an_offering(db, owner, service_id, [coach_id], at=at)
    programme = StartProgramme(
        service_id=service_id,
        name={"fi": "Valmennus"},
        units=units,
        price_cap_cents=100_00,
        validity_days=90,
        budget_cents=budget_cents,
        late_cancel_uses=uses,
        no_show_uses=uses,
    )
    programme_id = await vouchers.start_programme(db, programme, by=desk, at=at)
    practice = Practice(
        procurer_id,
        coach_id,
        coach,
        owner,
        desk,
        registrar,
        offering_id,
        programme_id,
        service_id,
        approval_id,
    )
    for weekday in range(1, 6):
        order = HOURS.model_copy(update={"weekday": weekday})
        await booking.open_hours(db, coach_id, order, by=coach, at=at)
    for number in range(clients):
        practice.clients.append(await a_client(db, practice, f"Asiakas {number}", at=at))
    return practice


async def a_client(db: Database, practice: Practice, name="Aino Virtanen", *, at: datetime = NOON) -> Client:
    """One more, who has chosen the coach."""
    email = f"client{next(a._numbers)}@example.fi"
    order = IssueVoucher(programme_id=practice.programme_id, name=name, email=email)
    issued = await vouchers.issue(db, order, key=KEY, by=practice.desk, at=at)
    holder = Actor(issued.person_id, Role.JOBSEEKER, None, name, "fi")
    await vouchers.claim(db, issued.claim_token, at=at)
    choice = ChooseOffering(offering_id=practice.offering_id, coach_id=practice.coach_id)
    await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
    return Client(holder, issued.voucher_id, issued.code)


async def booked(db, practice, number=0, starts_at=TOMORROW, at=NOON):
    client = practice.clients[number]
    return await vouchers.book(db, client.voucher_id, BookTime(starts_at=starts_at), by=client.who, at=at)


async def status_of(db, booking_id):
    row = await (await db.connection()).execute(
        text("select status, redemption_id from booking where id = :id"), {"id": booking_id}
    )
    return tuple(row.one())


async def mails(db, person_id) -> list[str]:
    listed = await people.list_outbox(db, person_id=person_id)
    return [mail.kind for mail in listed.items]


async def is_sound(db) -> bool:
    return not any((await count_broken_on(await wire_of(db))).values())
