"""Guiding for pages: the client's consents and who has looked, the service manager's clients, and one of them."""

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
MANAGERS = 50


@dataclass(frozen=True, slots=True)
class ManagerRow:
    """Somebody who works as a service manager, and for which employment area."""

    id: UUID
    name: str
    procurer_name: str


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent as its client and its case worker see it."""

    id: UUID
    manager_id: UUID
    manager_name: str
    procurer_name: str
    status: str
    scopes: list[str]
    until_on: date
    proposed_at: datetime
    proposed_by_client: bool
    proposer_name: str
    given_at: datetime | None
    closed_at: datetime | None

    @property
    def is_proposed(self) -> bool:
        """Whether the client's answer is waited for."""
        return self.status == "proposed"

    @property
    def is_in_force(self) -> bool:
        """Whether the service manager may act."""
        return self.status == "in_force"


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A suggestion on a client's shortlist. `can_be_chosen` unless it is chosen already."""

    id: UUID
    voucher_id: UUID
    offering_id: UUID
    coach_id: UUID | None
    title: Texts
    coach_name: str | None
    provider_name: str
    comment: str
    manager_name: str
    made_at: datetime
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TraceRow:
    """That a service manager looked or did something."""

    id: UUID
    at: datetime
    what: str
    manager_name: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client at the service manager's desk: what the consent allows to know, and the next step."""

    id: UUID
    name: str
    scopes: list[str]
    until_on: date
    step: str
    meets_at: datetime | None


async def list_managers(
    db: Database, by: Actor, *, after: UUID | None = None, limit: int = MANAGERS
) -> Page[ManagerRow]:
    """Whom a client can invite: of the areas that gave a voucher, but for those who walk beside the client already."""
    rows = await _rows(db, FOR_CLIENT, client=by.person_id, after=after, limit=limit + 1)
    listed = [ManagerRow(*row) for row in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def find_manager(db: Database, by: Actor, manager_id: UUID) -> ManagerRow:
    """Somebody whom a client can invite, or who walks beside already. Raises NotFound."""
    rows = await _rows(db, MANAGER, client=by.person_id, manager=manager_id)
    if not rows:
        raise NotFound
    return ManagerRow(*rows[0])


async def list_managers_of(
    db: Database, by: Actor, *, after: UUID | None = None, limit: int = MANAGERS
) -> Page[ManagerRow]:
    """The service managers of a case worker's own area."""
    if by.role is not Role.CASE_WORKER:
        raise Forbidden
    rows = await _rows(db, OF_PROCURER, procurer=by.organisation_id, after=after, limit=limit + 1)
    listed = [ManagerRow(*row) for row in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def list_consents(
    db: Database, by: Actor, *, before: UUID | None = None, limit: int = PAGE
) -> Page[ConsentView]:
    """A client's consents, the newest first."""
    rows = await _rows(db, CONSENTS + OF_CLIENT, client=by.person_id, before=before, limit=limit + 1)
    listed = [ConsentView(*row) for row in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def list_open(db: Database, by: Actor) -> list[ConsentView]:
    """What a client has proposed or in force now."""
    rows = await _rows(db, CONSENTS + OPEN_OF_CLIENT, client=by.person_id)
    return [ConsentView(*row) for row in rows]


async def find_consent(db: Database, by: Actor, consent_id: UUID) -> ConsentView:
    """A consent of a client's own. Raises NotFound."""
    rows = await _rows(db, CONSENTS + ONE_OF_CLIENT, client=by.person_id, id=consent_id)
    if not rows:
        raise NotFound
    return ConsentView(*rows[0])


async def list_of_voucher(db: Database, by: Actor, voucher_id: UUID) -> list[ConsentView]:
    """What a case worker of the area sees: who was proposed to a voucher's holder or walks beside now."""
    if by.role is not Role.CASE_WORKER:
        raise Forbidden
    rows = await _rows(db, CONSENTS + OF_VOUCHER, voucher=voucher_id, procurer=by.organisation_id)
    return [ConsentView(*row) for row in rows]


async def list_suggestions(db: Database, by: Actor, *, on: date) -> list[SuggestionView]:
    """What is suggested to a client by those whose consent is in force, the newest first."""
    rows = await _rows(db, SUGGESTIONS + TO_CLIENT, client=by.person_id, day=on)
    return [SuggestionView(*row) for row in rows]


async def list_suggested(db: Database, consent_id: UUID) -> list[SuggestionView]:
    """What was suggested under one consent, that has been looked at before."""
    rows = await _rows(db, SUGGESTIONS + UNDER_CONSENT, consent=consent_id)
    return [SuggestionView(*row) for row in rows]


async def list_traces(
    db: Database, by: Actor, *, before: UUID | None = None, limit: int = PAGE
) -> Page[TraceRow]:
    """Who has looked and what was done, the newest first."""
    rows = await _rows(db, TRACES, client=by.person_id, before=before, limit=limit + 1)
    listed = [TraceRow(*row) for row in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def list_clients(
    db: Database, by: Actor, *, at: datetime, on: date, after: UUID | None = None, limit: int = PAGE
) -> Page[ClientRow]:
    """A service manager's clients, the first first, each with the next step that the consent allows to see."""
    if by.role is not Role.SERVICE_MANAGER:
        raise Forbidden
    given = {"manager": by.person_id, "procurer": by.organisation_id, "at": at, "day": on}
    rows = await _rows(db, CLIENTS, **given, after=after, limit=limit + 1)
    listed = [ClientRow(*row) for row in rows]
    return page_of(listed, [row.id for row in listed], limit)


async def list_sitting_in(db: Database, booking_id: UUID, *, on: date) -> list[str]:
    """Who sits in at a meeting, by name. Whether the meeting may be looked at has been seen to before."""
    return [row[0] for row in await _rows(db, SITTING_IN, booking=booking_id, day=on)]


async def attends(db: Database, booking_id: UUID, consent_id: UUID) -> bool:
    """Whether the service manager of a consent sits in at a meeting."""
    return bool(await _rows(db, ATTENDS, booking=booking_id, consent=consent_id))


async def helper_of(db: Database, booking_id: UUID) -> str:
    """Who booked or moved a meeting for the client; empty when the client did."""
    rows = await _rows(db, HELPER, booking=booking_id)
    return rows[0][0] if rows else ""


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


_SCOPES = """array_remove(array[case when c.may_see then 'see' end, case when c.may_shortlist then 'shortlist' end,
             case when c.may_book then 'book' end, case when c.may_attend then 'attend' end], null)"""

FOR_CLIENT = """
select distinct on (m.person_id) m.person_id, p.name, o.name
from membership m
join person p on p.id = m.person_id
join organisation o on o.id = m.organisation_id
where m.role = 'service_manager' and m.ended_at is null and m.person_id <> :client
  and exists (select from voucher v where v.person_id = :client and v.procurer_id = m.organisation_id
                and v.status <> 'issued')
  and not exists (select from consent c where c.client_id = :client and c.manager_id = m.person_id
                    and c.status in ('proposed', 'in_force'))
  and (cast(:after as uuid) is null or m.person_id > :after)
order by m.person_id, m.since_at limit :limit
"""

MANAGER = """
select m.person_id, p.name, o.name
from membership m
join person p on p.id = m.person_id
join organisation o on o.id = m.organisation_id
where m.role = 'service_manager' and m.ended_at is null and m.person_id = :manager and m.person_id <> :client
  and exists (select from voucher v where v.person_id = :client and v.procurer_id = m.organisation_id
                and v.status <> 'issued')
order by m.since_at limit 1
"""

OF_PROCURER = """
select m.person_id, p.name, o.name
from membership m
join person p on p.id = m.person_id
join organisation o on o.id = m.organisation_id
where m.role = 'service_manager' and m.ended_at is null and m.organisation_id = :procurer
  and (cast(:after as uuid) is null or m.person_id > :after)
order by m.person_id limit :limit
"""

CONSENTS = f"""
select c.id, c.manager_id, p.name, o.name, c.status, {_SCOPES}, c.until_on, c.proposed_at,
       c.proposed_by = c.client_id, w.name, c.given_at, c.closed_at
from consent c
join person p on p.id = c.manager_id
join person w on w.id = c.proposed_by
join organisation o on o.id = c.procurer_id
"""

OF_CLIENT = """
where c.client_id = :client and (cast(:before as uuid) is null or c.id < :before) order by c.id desc limit :limit
"""

OPEN_OF_CLIENT = """
where c.client_id = :client and c.status in ('proposed', 'in_force') order by c.id limit 50
"""

ONE_OF_CLIENT = "where c.client_id = :client and c.id = :id"

OF_VOUCHER = """
where c.procurer_id = :procurer and c.status in ('proposed', 'in_force')
  and c.client_id = (select v.person_id from voucher v where v.id = :voucher and v.procurer_id = :procurer)
order by c.id limit 50
"""

SUGGESTIONS = """
select s.id, s.voucher_id, s.offering_id, s.coach_id, g.title, k.name, f.name, s.comment, p.name, s.made_at,
       exists (select from choice d where d.voucher_id = s.voucher_id and d.ended_at is null
                 and d.offering_id = s.offering_id and d.coach_id is not distinct from s.coach_id)
from suggestion s
join consent c on c.id = s.consent_id
join person p on p.id = c.manager_id
join offering g on g.id = s.offering_id
join organisation f on f.id = g.provider_id
left join coach k on k.id = s.coach_id
"""

TO_CLIENT = """
where c.client_id = :client and c.status = 'in_force' and c.until_on >= :day and s.withdrawn_at is null
order by s.id desc limit 30
"""

UNDER_CONSENT = "where s.consent_id = :consent and s.withdrawn_at is null order by s.id desc limit 30"

TRACES = """
select t.id, t.at, t.what, p.name
from guiding_trace t
join consent c on c.id = t.consent_id
join person p on p.id = c.manager_id
where c.client_id = :client and (cast(:before as uuid) is null or t.id < :before)
order by t.id desc limit :limit
"""

CLIENTS = f"""
select f.id, h.name, f.scopes, f.until_on,
       case when not (f.may_see or f.may_shortlist or f.may_book) then 'attend'
            when n.unchosen then 'choose'
            when n.chosen and f.may_book and m.at is null then 'book'
            when n.chosen then 'meet'
            else 'none' end,
       case when f.may_see or f.may_book or f.may_attend then m.at end
from (
  select c.*, {_SCOPES} as scopes from consent c
  where c.manager_id = :manager and c.procurer_id = :procurer and c.status = 'in_force' and c.until_on >= :day
    and (cast(:after as uuid) is null or c.id > :after)
  order by c.id limit :limit) f
join person h on h.id = f.client_id
left join lateral (
  select bool_or(v.status = 'claimed') as unchosen, bool_or(v.status = 'chosen') as chosen
  from voucher v where v.person_id = f.client_id and v.procurer_id = f.procurer_id and v.expires_on >= :day
    and v.status in ('claimed', 'chosen')) n on true
left join lateral (
  select min(b.starts_at) as at from booking b
  where b.person_id = f.client_id and b.procurer_id = f.procurer_id and b.status = 'booked' and b.ends_at > :at
  ) m on true
order by f.id
"""

SITTING_IN = """
select p.name from sitting_in s
join consent c on c.id = s.consent_id and c.status = 'in_force' and c.until_on >= :day
join person p on p.id = c.manager_id
where s.booking_id = :booking order by p.name limit 10
"""

ATTENDS = "select 1 from sitting_in where booking_id = :booking and consent_id = :consent"

HELPER = """
select p.name from booking b join person p on p.id = b.arranged_by
where b.id = :booking and b.arranged_by <> b.person_id
"""
