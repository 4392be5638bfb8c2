"""One client as the coach and the firm see them: what is left, the sessions with us, and what was handed over."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.errors import Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.texts import Texts
from setori.vouchers import RECORD_AFTER_END, RECORD_AFTER_LEAVING


@dataclass(frozen=True, slots=True)
class ClientPage:
    """A choice of ours. `left_on` once the client has moved on; `shares_notes` when earlier notes may be read."""

    id: UUID
    voucher_id: UUID
    name: str
    email: str
    service_name: Texts
    procurer_name: str
    coach_name: str | None
    status: str
    units: int
    units_used: int
    units_held: int
    unit_minutes: int
    delivered_minutes: int
    expires_on: date
    chosen_on: date
    left_on: date | None
    shares_notes: bool

    @property
    def is_ours(self) -> bool:
        """Whether the client is still with us."""
        return self.left_on is None

    @property
    def records_until(self) -> date:
        """Until when a session that was held in time can still be recorded: it may lie in the past."""
        if self.left_on is not None:
            return self.left_on + RECORD_AFTER_LEAVING
        return self.expires_on + RECORD_AFTER_END

    @property
    def units_left(self) -> int:
        """Sessions that can still be recorded."""
        return self.units - self.units_used - self.units_held


@dataclass(frozen=True, slots=True)
class ClientSession:
    """A session of the client; `private_note` and `id` only of our own."""

    id: UUID | None
    service_on: date
    coach_name: str | None
    status: str
    minutes: int | None
    note: str
    private_note: str


async def find_client(db: Database, choice_id: UUID, *, by: Actor) -> ClientPage:
    """A client of the firm, for a coach only an own one. Raises NotFound. Whoever left shows no address any more."""
    found = await _rows(db, CLIENT, id=choice_id, **_whose(by))
    if not found:
        raise NotFound
    return ClientPage(*found[0])


async def list_sessions(db: Database, client: ClientPage) -> list[ClientSession]:
    """The sessions under this choice, and with the client's leave the notes of those before it, the newest first."""
    rows = await _rows(db, SESSIONS, voucher=client.voucher_id, choice=client.id, shares=client.shares_notes)
    return [ClientSession(*row) for row in rows]


def _whose(by: Actor) -> dict[str, Any]:
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    return {"provider": by.organisation_id, "coach": by.person_id if by.role is Role.COACH else None}


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


CLIENT = """
select c.id, v.id, h.name, case when c.ended_at is null then h.email else '' end, s.name, o.name, k.name, v.status,
       v.units, v.units_used, v.units_held, c.unit_minutes,
       (select coalesce(sum(coalesce(r.minutes, r.units * d.unit_minutes)), 0)::int from redemption r
        join choice d on d.id = r.choice_id
        where r.voucher_id = v.id and r.status in ('held', 'disputed', 'confirmed')),
       v.expires_on, c.chosen_on, (c.ended_at at time zone 'Europe/Helsinki')::date,
       c.shares_notes and c.ended_at is null
from choice c
join voucher v on v.id = c.voucher_id
join person h on h.id = v.person_id
join service s on s.id = v.service_id
join organisation o on o.id = v.procurer_id
left join coach k on k.id = c.coach_id
where c.id = :id and c.provider_id = :provider
  and (cast(:coach as uuid) is null or c.coach_id is null or k.person_id = :coach)
"""

SESSIONS = """
select case when r.choice_id = :choice then r.id end, r.service_on, k.name, r.status, r.minutes, r.note,
       case when r.choice_id = :choice then r.private_note else '' end
from redemption r left join coach k on k.id = r.coach_id
where r.voucher_id = :voucher
  and (r.choice_id = :choice or (cast(:shares as boolean) and r.note <> '' and r.status = 'confirmed'
                                 and r.recorded_at < (select chosen_at from choice where id = :choice)))
order by r.service_on desc, r.recorded_at desc limit 100
"""
