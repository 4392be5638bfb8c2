"""Sessions on which the two sides do not agree, and sessions that silence confirmed: for those who look at them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database, Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.texts import Texts

PAGE = 25


@dataclass(frozen=True, slots=True)
class DisputeView:
    """What both sides said, and what was decided. `minutes` is how long it was, in the client's words."""

    kind: str
    minutes: int | None
    client_words: str
    opened_at: datetime
    provider_words: str
    answered_by: str | None
    answered_at: datetime | None
    decision: str | None
    decision_words: str
    decided_by: str | None
    decided_at: datetime | None
    correction_id: UUID | None
    corrected_units: int | None
    corrected_minutes: int | None


@dataclass(frozen=True, slots=True)
class DisputedSession:
    """A session in the case worker's list, as the coach recorded it, and who is who."""

    id: UUID
    voucher_id: UUID
    client_name: str
    provider_name: str
    coach_name: str | None
    service_name: Texts
    service_on: date
    units: int
    minutes: int | None
    way: str | None
    amount_cents: int
    note: str
    status: str
    recorded_at: datetime
    recorded_by: str
    dispute: DisputeView


@dataclass(frozen=True, slots=True)
class SampledSession:
    """A session that silence confirmed and chance picked; `is_right` is None until somebody has looked."""

    id: UUID
    voucher_id: UUID
    client_name: str
    client_email: str
    provider_name: str
    coach_name: str | None
    service_on: date
    units: int
    amount_cents: int
    status: str
    confirmed_at: datetime
    is_right: bool | None
    words: str
    looked_by: str | None
    looked_at: datetime | None


async def find_dispute(db: Database, redemption_id: UUID) -> DisputeView | None:
    """What is disputed of a session that the caller has shown to be allowed to see."""
    found = await _rows(db, ONE, id=redemption_id)
    return DisputeView(*found[0]) if found else None


async def list_disputes(
    db: Database, *, by: Actor, is_open: bool = True, after: UUID | None = None, limit: int = PAGE
) -> Page[DisputedSession]:
    """The procurer's disputes: those that wait, the oldest first, or those that are over, the newest first."""
    given = {"procurer": _desk(by), "id": None, "after": after, "limit": limit + 1}
    rows = await _rows(db, WAITING if is_open else OVER, **given)
    listed = [_disputed(row) for row in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def find_disputed(db: Database, redemption_id: UUID, *, by: Actor) -> DisputedSession:
    """One disputed session of the procurer's. Raises NotFound."""
    given = {"procurer": _desk(by), "id": redemption_id, "after": None, "limit": 1}
    for query in (WAITING, OVER):
        for row in await _rows(db, query, **given):
            return _disputed(row)
    raise NotFound


async def list_sampled(
    db: Database, *, by: Actor, is_open: bool = True, after: UUID | None = None, limit: int = PAGE
) -> Page[SampledSession]:
    """Silently confirmed sessions that chance picked, those to look at or those looked at, the newest first."""
    given = {"procurer": _desk(by), "open": is_open, "id": None, "after": after, "limit": limit + 1}
    listed = [SampledSession(*row) for row in await _rows(db, SAMPLED, **given)]
    return page_of(listed, [row.id for row in listed], limit)


async def find_sampled(db: Database, redemption_id: UUID, *, by: Actor) -> SampledSession:
    """One of them. Raises NotFound."""
    given = {"procurer": _desk(by), "open": None, "id": redemption_id, "after": None, "limit": 1}
    for row in await _rows(db, SAMPLED, **given):
        return SampledSession(*row)
    raise NotFound


def _disputed(row: Any) -> DisputedSession:
    return DisputedSession(*(*row[:15], DisputeView(*row[15:])))


def _desk(by: Actor) -> UUID:
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


_DISPUTE = """
d.kind, d.minutes, d.client_words, d.opened_at, d.provider_words, a.name, d.answered_at, d.decision, d.decision_words,
q.name, d.decided_at, n.id, n.units, n.minutes
"""
_JOINS = """
left join person a on a.id = d.answered_by
left join person q on q.id = d.decided_by
left join redemption n on n.corrects_id = d.redemption_id
"""

ONE = f"select {_DISPUTE} from dispute d {_JOINS} where d.redemption_id = :id"

_LIST = f"""
select r.id, r.voucher_id, h.name, o.name, k.name, s.name, r.service_on, r.units, r.minutes, r.way, r.amount_cents,
       r.note, r.status, r.recorded_at, w.name, {_DISPUTE}
from dispute d
join redemption r on r.id = d.redemption_id
join person h on h.id = r.person_id
join organisation o on o.id = r.provider_id
join service s on s.id = r.service_id
join person w on w.id = r.recorded_by
left join coach k on k.id = r.coach_id
{_JOINS}
where d.procurer_id = :procurer and (cast(:id as uuid) is null or r.id = :id)
"""
WAITING = f"""{_LIST} and r.status = 'disputed'
  and (cast(:after as uuid) is null
       or (d.opened_at, r.id) > (select opened_at, redemption_id from dispute where redemption_id = :after))
order by d.opened_at, r.id limit :limit
"""
OVER = f"""{_LIST} and r.status <> 'disputed'
  and (cast(:after as uuid) is null
       or (d.opened_at, r.id) < (select opened_at, redemption_id from dispute where redemption_id = :after))
order by d.opened_at desc, r.id desc limit :limit
"""

SAMPLED = """
select r.id, r.voucher_id, h.name, h.email, o.name, k.name, r.service_on, r.units, r.amount_cents, r.status,
       r.resolved_at, l.is_right, coalesce(l.words, ''), w.name, l.looked_at
from redemption r
join person h on h.id = r.person_id
join organisation o on o.id = r.provider_id
left join coach k on k.id = r.coach_id
left join sample_look l on l.redemption_id = r.id
left join person w on w.id = l.looked_by
where r.procurer_id = :procurer and r.is_sampled
  and (cast(:open as boolean) is null or (l.redemption_id is null) = :open)
  and (cast(:id as uuid) is null or r.id = :id)
  and (cast(:after as uuid) is null or r.id < :after)
order by r.id desc limit :limit
"""
