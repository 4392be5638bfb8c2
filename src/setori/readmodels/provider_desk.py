"""What a provider's people look at: their clients, the sessions they recorded, and what waits for whom.

An owner sees the whole firm. A coach sees the clients who chose that coach or the firm without naming a coach, and the
sessions of those clients and the ones recorded by the coach.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.days import midnight, month_of, next_month
from setori.db import Database, Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.texts import Texts
from setori.vouchers import HOLD_LIVES, RECORD_AFTER_END, RECORD_AFTER_LEAVING

PAGE = 25


@dataclass(frozen=True, slots=True)
class Desk:
    """The figures on the provider's first page; money in cents."""

    clients: int
    waiting: int
    waiting_cents: int
    month_sessions: int
    month_cents: int
    unsettled_cents: int
    """Confirmed and not yet in any statement, from all months."""


@dataclass(frozen=True, slots=True)
class ClientRow:
    """Somebody who has chosen us, with what is left of the voucher. `id` is the choice's."""

    id: UUID
    voucher_id: UUID
    name: str
    service_name: Texts
    procurer_name: str
    coach_name: str | None
    units: int
    units_used: int
    units_held: int
    status: str
    expires_on: date
    unit_price_cents: int
    chosen_on: date
    last_session_on: date | None
    unit_minutes: int
    ways: list[str]
    delivered_minutes: int

    @property
    def records_until(self) -> date:
        """Until when a session that was held by the voucher's last day can be recorded."""
        return self.expires_on + RECORD_AFTER_END

    @property
    def units_left(self) -> int:
        """Sessions that can still be recorded."""
        return self.units - self.units_used - self.units_held

    @property
    def entitled_minutes(self) -> int:
        """How long all sessions of the voucher take at this provider's length."""
        return self.units * self.unit_minutes


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A recorded session in a list. `statement_number` once it stands in a statement."""

    id: UUID
    client_name: str
    coach_name: str | None
    service_name: Texts
    service_on: date
    units: int
    amount_cents: int
    status: str
    recorded_at: datetime
    statement_number: int | None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One recorded session with everything that became of it."""

    row: SessionRow
    unit_price_cents: int
    note: str
    procurer_name: str
    recorded_by: str
    resolved_at: datetime | None
    resolved_by: str | None
    reason: str
    statement_id: UUID | None
    statement_month: date | None
    units_left: int
    expires_on: date
    minutes: int | None
    way: str | None
    private_note: str
    is_silent: bool
    silent_days: int

    @property
    def answered_by_silence_at(self) -> datetime | None:
        """When silence counts as a yes, where the terms say that it does."""
        return self.row.recorded_at + timedelta(days=self.silent_days) if self.silent_days else None

    @property
    def lapses_at(self) -> datetime:
        """When it lapses if the client says nothing."""
        return self.row.recorded_at + HOLD_LIVES

    @property
    def can_be_undone(self) -> bool:
        """Whether the provider may still take it back: until it stands in a statement."""
        return self.row.status in ("held", "disputed", "confirmed") and self.statement_id is None


async def find_desk(db: Database, *, by: Actor, on: date) -> Desk:
    """The figures of the day, in one query."""
    month = month_of(on)
    given = {"ended_since": on - RECORD_AFTER_END, "month": month, "until": next_month(month)}
    return Desk(*(await _rows(db, DESK, **_whose(by), **given))[0])


async def list_clients(
    db: Database, *, by: Actor, on: date, ended: bool = False, after: UUID | None = None, limit: int = PAGE
) -> Page[ClientRow]:
    """Vouchers whose current choice is ours, the newest choice first: those in use, or those that are over."""
    given = {**_while_recorded(on), "ended": ended, "after": after, "code_hash": None, "limit": limit + 1}
    listed = [ClientRow(*row) for row in await _rows(db, CLIENTS, **_whose(by), **given)]
    return page_of(listed, [row.id for row in listed], limit)


async def find_client_by_code(db: Database, code_hash: bytes, *, by: Actor, on: date) -> ClientRow | None:
    """Whose voucher has this code, when its holder has chosen our firm; None for all other codes."""
    # Whoever holds the code in hand may record with it, so a coach's own clients are not told apart here.
    whose = {"provider": _firm_of(by), "coach": None}
    given = {**_while_recorded(on), "ended": None, "after": None, "code_hash": code_hash, "limit": 1}
    found = await _rows(db, CLIENTS, **whose, **given)
    return ClientRow(*found[0]) if found else None


async def list_sessions(
    db: Database, *, by: Actor, status: str | None = None, after: UUID | None = None, limit: int = PAGE
) -> Page[SessionRow]:
    """Recorded sessions, the newest first."""
    given = {"status": status, "after": after, "id": None, "limit": limit + 1}
    listed = [SessionRow(*row[:10]) for row in await _rows(db, SESSIONS, **_whose(by), **given)]
    return page_of(listed, [row.id for row in listed], limit)


async def count_sessions(db: Database, *, by: Actor) -> dict[str, int]:
    """How many sessions there are in each state."""
    return dict(tuple(row) for row in await _rows(db, SESSION_COUNTS, **_whose(by)))


async def find_session(db: Database, session_id: UUID, *, by: Actor) -> SessionPage:
    """One session. Raises NotFound for another firm's, and for a coach also for another coach's."""
    given = {"status": None, "after": None, "id": session_id, "limit": 1}
    found = await _rows(db, SESSIONS, **_whose(by), **given)
    if not found:
        raise NotFound
    return SessionPage(SessionRow(*found[0][:10]), *found[0][10:])


def _while_recorded(on: date) -> dict[str, Any]:
    """Since when vouchers that are over, and clients who moved on, can still have sessions recorded."""
    return {
        "ended_since": on - RECORD_AFTER_END,
        "left_since": midnight(on - RECORD_AFTER_LEAVING),
    }


def _whose(by: Actor) -> dict[str, Any]:
    """Which rows somebody may see: a coach by the person, an owner by the firm alone."""
    return {"provider": _firm_of(by), "coach": by.person_id if by.role is Role.COACH else None}


def _firm_of(by: Actor) -> UUID:
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


_MINE = "(cast(:coach as uuid) is null or c.coach_id is null or k.person_id = :coach)"
_MINE_OR_RECORDED = (
    "(cast(:coach as uuid) is null or c.coach_id is null or :coach in (k.person_id, r.recorded_by))"
)

# A firm sees its own clients and sessions, and those that it delivers in another firm's consortium. Money stays apart.
_OURS = """{0}.provider_id = any(array(
      select cast(:provider as uuid) union select f.provider_id from offering f where f.deliverer_id = :provider))
  and ({0}.provider_id = :provider
       or exists (select from offering f where f.id = c.offering_id and f.deliverer_id = :provider))"""

DESK = f"""
select (select count(*) from choice c join voucher v on v.id = c.voucher_id left join coach k on k.id = c.coach_id
        where c.provider_id = :provider and c.ended_at is null and v.status = 'chosen' and v.expires_on >= :ended_since
          and {_MINE}),
       s.waiting, s.waiting_cents, s.month_sessions, s.month_cents, s.unsettled_cents
from (select count(*) filter (where r.status = 'held') as waiting,
             coalesce(sum(r.amount_cents) filter (where r.status = 'held'), 0)::bigint as waiting_cents,
             count(*) filter (where r.status = 'confirmed' and r.confirmed_on >= :month and r.confirmed_on < :until)
               as month_sessions,
             coalesce(sum(r.amount_cents) filter (
               where r.status = 'confirmed' and r.confirmed_on >= :month and r.confirmed_on < :until), 0)::bigint
               as month_cents,
             coalesce(sum(r.amount_cents) filter (where r.status = 'confirmed' and l.id is null), 0)::bigint
               as unsettled_cents
      from redemption r join choice c on c.id = r.choice_id left join coach k on k.id = c.coach_id
      left join statement_line l on l.redemption_id = r.id
      where r.provider_id = :provider and {_MINE_OR_RECORDED}) s
"""

CLIENTS = f"""
select c.id, v.id, h.name, s.name, o.name, k.name, v.units, v.units_used, v.units_held, v.status, v.expires_on,
       c.unit_price_cents, c.chosen_on,
       (select max(r.service_on) from redemption r
        where r.voucher_id = v.id and r.provider_id = c.provider_id and r.status in ('held', 'disputed', 'confirmed')),
       c.unit_minutes, g.ways,
       (select coalesce(sum(coalesce(r.minutes, r.units * d.unit_minutes)), 0)::int from redemption r
        join choice d on d.id = r.choice_id
        where r.voucher_id = v.id and r.status in ('held', 'disputed', 'confirmed'))
from choice c
join offering g on g.id = c.offering_id
join voucher v on v.id = c.voucher_id
join person h on h.id = v.person_id
join service s on s.id = v.service_id
join organisation o on o.id = v.procurer_id
left join coach k on k.id = c.coach_id
where {_OURS.format("c")} and {_MINE}
  and (c.ended_at is null or (cast(:code_hash as bytea) is not null and c.ended_at >= :left_since))
  and (cast(:ended as boolean) is null
       or (v.status = 'chosen' and v.expires_on >= :ended_since) = not cast(:ended as boolean))
  and (cast(:after as uuid) is null or (c.chosen_at, c.id) < (select chosen_at, id from choice where id = :after))
  and (cast(:code_hash as bytea) is null or v.code_hash = :code_hash)
order by c.chosen_at desc, c.id desc limit :limit
"""

SESSIONS = f"""
select r.id, h.name, k.name, s.name, r.service_on, r.units, r.amount_cents, r.status, r.recorded_at, t.number,
       r.unit_price_cents, r.note, o.name, w.name, r.resolved_at, q.name, r.reason,
       case when r.provider_id = :provider then t.id end, t.month,
       v.units - v.units_used - v.units_held, v.expires_on, r.minutes, r.way, r.private_note, r.is_silent, m.silent_days
from redemption r
join choice c on c.id = r.choice_id
join voucher v on v.id = r.voucher_id
join terms m on m.id = v.terms_id
join person h on h.id = v.person_id
join service s on s.id = r.service_id
join organisation o on o.id = r.procurer_id
join person w on w.id = r.recorded_by
left join person q on q.id = r.resolved_by
left join coach k on k.id = c.coach_id
left join statement_line l on l.redemption_id = r.id
left join statement t on t.id = l.statement_id
where {_OURS.format("r")} and {_MINE_OR_RECORDED}
  and (cast(:status as text) is null or r.status = :status)
  and (cast(:id as uuid) is null or r.id = :id)
  and (cast(:after as uuid) is null
       or (r.recorded_at, r.id) < (select recorded_at, id from redemption where id = :after))
order by r.recorded_at desc, r.id desc limit :limit
"""

SESSION_COUNTS = f"""
select r.status, count(*)::int from redemption r
join choice c on c.id = r.choice_id left join coach k on k.id = c.coach_id
where {_OURS.format("r")} and {_MINE_OR_RECORDED} group by r.status
"""
