"""Personal budgets as their person and the case worker see them: what is free, set aside, used, and for what."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.errors import NotFound
from setori.people import Actor, Role
from setori.texts import Texts

PAGE = 25
AT_MOST = 100
"""How many vouchers of one budget are shown."""


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """A budget in a list. Cents: `free` in it, `taken` by its vouchers and not given back."""

    id: UUID
    person_name: str
    programme_name: Texts
    starts_on: date
    expires_on: date
    is_over: bool
    free_cents: int
    taken_cents: int
    vouchers: int

    @property
    def size_cents(self) -> int:
        """How large it is in all."""
        return self.free_cents + self.taken_cents


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """What one service may take of a budget, what its vouchers took, and what of that is not used yet; in cents."""

    service_id: UUID
    service_name: Texts
    limit_cents: int
    taken_cents: int
    waiting_cents: int

    @property
    def used_cents(self) -> int:
        """What sessions that were confirmed have cost."""
        return self.taken_cents - self.waiting_cents

    @property
    def left_cents(self) -> int:
        """What its limit still allows."""
        return self.limit_cents - self.taken_cents


@dataclass(frozen=True, slots=True)
class EnvelopeVoucher:
    """A voucher that came out of a budget."""

    id: UUID
    programme_name: Texts
    service_name: Texts
    status: str
    units: int
    units_used: int
    units_held: int
    value_cents: int
    left_cents: int
    who: str | None


@dataclass(frozen=True, slots=True)
class EnvelopePage:
    """A budget with all that belongs to it."""

    row: EnvelopeRow
    programme_id: UUID
    person_id: UUID
    email: str
    area_code: str
    procurer_name: str
    reason: str
    given_by: str
    given_by_email: str
    given_at: datetime
    ended_at: datetime | None
    end_reason: str
    shares: tuple[ServiceShare, ...]
    vouchers: tuple[EnvelopeVoucher, ...]

    @property
    def used_cents(self) -> int:
        """What sessions that were confirmed have cost."""
        return sum(share.used_cents for share in self.shares)

    def left_for(self, service_id: UUID) -> int:
        """What can still be taken for a service: by its limit, and by what is free; in cents."""
        share = next((one for one in self.shares if one.service_id == service_id), None)
        return min(share.left_cents, self.row.free_cents) if share else 0


async def list_envelopes(
    db: Database, procurer_id: UUID, *, before: UUID | None = None
) -> tuple[list[EnvelopeRow], UUID | None]:
    """A procurer's personal budgets, the newest first, and where the next page begins."""
    found = await _rows(
        db, ENVELOPES, procurer=procurer_id, person=None, id=None, before=before, limit=PAGE + 1
    )
    listed = [EnvelopeRow(*row[:9]) for row in found[:PAGE]]
    return listed, listed[-1].id if len(found) > PAGE else None


async def list_own(db: Database, by: Actor) -> list[EnvelopeRow]:
    """The budgets of whoever asks, the newest first; one that is over without a voucher is not shown."""
    found = await _rows(db, ENVELOPES, procurer=None, person=by.person_id, id=None, before=None, limit=10)
    listed = [EnvelopeRow(*row[:9]) for row in found]
    return [row for row in listed if not row.is_over or row.vouchers]


async def live_for(db: Database, by: Actor, service_id: UUID, *, on: date) -> UUID | None:
    """The running budget of whoever asks that a service may be taken out of."""
    found = await _rows(db, LIVE, person=by.person_id, service=service_id, today=on)
    return found[0][0] if found else None


async def find_envelope(db: Database, envelope_id: UUID, *, by: Actor) -> EnvelopePage:
    """One budget: one's own, or of one's employment area. Raises NotFound."""
    mine = {"procurer": None, "person": by.person_id}
    if by.role is not Role.JOBSEEKER:
        mine = {"procurer": by.organisation_id, "person": None}
    found = await _rows(db, ENVELOPES, **mine, id=envelope_id, before=None, limit=1)
    if not found:
        raise NotFound
    shares = tuple(ServiceShare(*row) for row in await _rows(db, SHARES, envelope=envelope_id))
    given = {"envelope": envelope_id, "limit": AT_MOST}
    vouchers = tuple(EnvelopeVoucher(*row) for row in await _rows(db, VOUCHERS, **given))
    return EnvelopePage(EnvelopeRow(*found[0][:9]), *(*found[0][9:], shares, vouchers))


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


LIVE = """
select e.id from envelope e join envelope_limit l on l.envelope_id = e.id and l.service_id = :service
where e.person_id = :person and e.ended_at is null and e.expires_on >= cast(:today as date) order by e.id limit 1
"""
ENVELOPES = """
select e.id, p.name, g.name, e.starts_on, e.expires_on, e.ended_at is not null, a.credits - a.debits - a.held,
       coalesce(t.taken, 0)::bigint, coalesce(t.n, 0), e.programme_id, e.person_id, coalesce(p.email, ''), o.area_code,
       o.name, e.reason, w.name, coalesce(w.email, ''), e.given_at, e.ended_at, e.end_reason
from envelope e
join person p on p.id = e.person_id
join person w on w.id = e.given_by
join programme g on g.id = e.programme_id
join organisation o on o.id = e.procurer_id
join account a on a.owner_id = e.id and a.kind = 'envelope'
left join lateral (
  select count(distinct v.id) as n, sum(case x.kind when 'draw' then x.amount else -x.amount end) as taken
  from voucher v join posting x on x.reference_id = v.id and x.kind in ('draw', 'restore')
  where v.envelope_id = e.id) t on true
where (cast(:procurer as uuid) is null or e.procurer_id = :procurer)
  and (cast(:person as uuid) is null or e.person_id = :person)
  and (cast(:id as uuid) is null or e.id = :id)
  and (cast(:before as uuid) is null or e.id < :before)
order by e.id desc limit :limit
"""
SHARES = """
select l.service_id, s.name, l.limit_cents, taken_from_envelope(l.envelope_id, l.service_id),
       coalesce((select sum(a.credits - a.debits) from voucher v join account a on a.id = v.id
                 where v.envelope_id = l.envelope_id and v.service_id = l.service_id), 0)::bigint
from envelope_limit l join service s on s.id = l.service_id
where l.envelope_id = :envelope order by s.code
"""
VOUCHERS = """
select v.id, g.name, s.name, v.status, v.units, v.units_used, v.units_held, v.value_cents,
       a.credits - a.debits - a.held, coalesce(c.name, o.name)
from voucher v
join programme g on g.id = v.programme_id
join service s on s.id = v.service_id
join account a on a.id = v.id
left join choice h on h.voucher_id = v.id and h.ended_at is null
left join coach c on c.id = h.coach_id
left join organisation o on o.id = h.provider_id
where v.envelope_id = :envelope order by v.id desc limit :limit
"""
