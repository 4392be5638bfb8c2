"""The wallet: a person's vouchers with what is left of them, and the sessions that were recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.errors import NotFound
from setori.people import Actor
from setori.texts import Texts
from setori.vouchers import RECORD_AFTER_END


@dataclass(frozen=True, slots=True)
class WalletSession:
    """A recorded session."""

    id: UUID
    voucher_id: UUID
    service_on: date
    recorded_at: datetime
    units: int
    amount_cents: int
    status: str
    minutes: int | None
    way: str | None
    is_silent: bool
    note: str
    reason: str
    provider_name: str
    coach_name: str | None
    offering_id: UUID
    is_unmet: bool
    """Recorded for a meeting that was missed or called off late, by the voucher's terms."""


@dataclass(frozen=True, slots=True)
class WalletVoucher:
    """A voucher as its holder sees it. Values in cents; the offering is None until somebody is chosen."""

    id: UUID
    programme_name: Texts
    service_id: UUID
    service_name: Texts
    procurer_name: str
    area_code: str
    status: str
    units: int
    units_used: int
    units_held: int
    gives: str
    left_cents: int
    price_cap_cents: int
    starts_on: date
    expires_on: date
    case_worker_name: str
    case_worker_email: str
    offering_id: UUID | None
    coach_id: UUID | None
    coach_name: str | None
    provider_id: UUID | None
    provider_name: str | None
    unit_price_cents: int | None
    offering_title: Texts | None
    first_week: Texts | None
    provider_stands: bool
    unit_minutes: int | None
    delivered_minutes: int
    is_past: bool
    """Whether its last day is over, while what was held by then can still be recorded."""

    @property
    def units_left(self) -> int:
        """Sessions that can still be recorded."""
        return self.units - self.units_used - self.units_held

    @property
    def is_open(self) -> bool:
        """Whether sessions can still be recorded from it."""
        return self.status in ("claimed", "chosen")

    @property
    def records_until(self) -> date:
        """Until when a session that was held by the last day can still be recorded."""
        return self.expires_on + RECORD_AFTER_END

    @property
    def has_lost_provider(self) -> bool:
        """Whether the chosen provider may not go on, while there is something left."""
        return self.provider_id is not None and not self.provider_stands and self.can_choose

    @property
    def can_choose(self) -> bool:
        """Whether a coach can be chosen, or changed, now."""
        return self.is_open and not self.is_past and (self.units_left > 0 or self.is_unpriced)

    @property
    def is_unpriced(self) -> bool:
        """Whether it holds money, and how many sessions that is depends on whom the person chooses."""
        return self.gives == "value" and self.offering_id is None


@dataclass(frozen=True, slots=True)
class ClaimableVoucher:
    """What a claim link tells before it is pressed."""

    programme_name: Texts
    procurer_name: str
    person_name: str
    units: int
    value_cents: int
    expires_on: date
    status: str
    has_email: bool


async def list_vouchers(db: Database, by: Actor, *, on: date) -> list[WalletVoucher]:
    """All vouchers of a person, the open ones first, in one query."""
    return [WalletVoucher(*row) for row in await _rows(db, VOUCHERS, person=by.person_id, id=None, day=on)]


async def find_voucher(db: Database, by: Actor, voucher_id: UUID, *, on: date) -> WalletVoucher:
    """One of the person's vouchers. Raises NotFound."""
    rows = await _rows(db, VOUCHERS, person=by.person_id, id=voucher_id, day=on)
    if not rows:
        raise NotFound
    return WalletVoucher(*rows[0])


async def list_sessions(db: Database, by: Actor, limit: int = 60) -> list[WalletSession]:
    """The person's latest sessions, in one query."""
    return [
        WalletSession(*row) for row in await _rows(db, SESSIONS, person=by.person_id, id=None, limit=limit)
    ]


async def count_sessions(db: Database, by: Actor, voucher_id: UUID) -> int:
    """How many sessions have ever been recorded from one of the person's vouchers."""
    return int((await _rows(db, SESSION_COUNT, person=by.person_id, id=voucher_id))[0][0])


async def find_session(db: Database, by: Actor, redemption_id: UUID) -> WalletSession:
    """One of the person's sessions. Raises NotFound."""
    rows = await _rows(db, SESSIONS, person=by.person_id, id=redemption_id, limit=1)
    if not rows:
        raise NotFound
    return WalletSession(*rows[0])


async def find_claimable(db: Database, claim_hash: bytes) -> ClaimableVoucher:
    """The voucher that a claim link opens. Raises NotFound."""
    rows = await _rows(db, CLAIMABLE, hash=claim_hash)
    if not rows:
        raise NotFound
    return ClaimableVoucher(*rows[0])


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


VOUCHERS = """
select v.id, p.name, s.id, s.name, o.name, o.area_code, v.status, v.units, v.units_used, v.units_held,
       t.gives, m.credits - m.debits - m.held, v.price_cap_cents, v.starts_on, v.expires_on, w.name, w.email,
       c.offering_id, c.coach_id, k.name, c.provider_id, f.name, c.unit_price_cents, g.title, g.first_week,
       exists (select from approval a where a.procurer_id = v.procurer_id and a.provider_id = c.provider_id
                and a.service_id = v.service_id and a.valid_during @> cast(:day as date)),
       c.unit_minutes,
       (select coalesce(sum(coalesce(r.minutes, r.units * d.unit_minutes)), 0)::int from redemption r
        join choice d on d.id = r.choice_id
        where r.voucher_id = v.id and r.status in ('held', 'disputed', 'confirmed')),
       v.expires_on < cast(:day as date)
from voucher v
join terms t on t.id = v.terms_id
join account m on m.id = v.id
join programme p on p.id = v.programme_id
join service s on s.id = v.service_id
join organisation o on o.id = v.procurer_id
join person w on w.id = v.issued_by
left join choice c on c.voucher_id = v.id and c.ended_at is null
left join coach k on k.id = c.coach_id
left join organisation f on f.id = c.provider_id
left join offering g on g.id = c.offering_id
where v.person_id = :person and v.status <> 'issued' and (cast(:id as uuid) is null or v.id = :id)
order by (v.status in ('claimed', 'chosen')) desc, v.id desc
"""

SESSIONS = """
select r.id, r.voucher_id, r.service_on, r.recorded_at, r.units, r.amount_cents, r.status, r.minutes,
       r.way, r.is_silent, r.note, r.reason, f.name, k.name, c.offering_id,
       exists (select from booking b where b.redemption_id = r.id and b.status in ('missed', 'called_off_late'))
from redemption r
join voucher v on v.id = r.voucher_id
join choice c on c.id = r.choice_id
join organisation f on f.id = r.provider_id
left join coach k on k.id = c.coach_id
where v.person_id = :person and (cast(:id as uuid) is null or r.id = :id)
order by r.service_on desc, r.id desc limit :limit
"""

SESSION_COUNT = "select count(*) from redemption where voucher_id = :id and person_id = :person"

CLAIMABLE = """
select p.name, o.name, h.name, v.units, v.value_cents, v.expires_on, v.status, h.email is not null
from voucher v
join programme p on p.id = v.programme_id
join organisation o on o.id = v.procurer_id
join person h on h.id = v.person_id
where v.claim_hash = :hash
"""
