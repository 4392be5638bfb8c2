"""Consortia as pages show them: who delivers under an approval and did before, what is applied for, and the real share.

The real share is that of the money of confirmed sessions: what subcontractors have delivered on their days, against
all that was delivered under the approval. The rulebook's cap holds for what was told beforehand, and for this.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database, Page, page_of
from setori.errors import NotFound
from setori.texts import Texts

PAGE = 25


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A firm under an approval; `ends_on` is the first day on which it no longer is."""

    id: UUID
    approval_id: UUID
    firm_id: UUID
    firm_name: str
    business_id: str | None
    part: str
    task: str
    share_percent: int
    starts_on: date
    ends_on: date | None
    is_current: bool
    is_past: bool
    left_on: date | None
    left_reason: str
    is_gone: bool
    """A register says that the firm has ceased or is bankrupt."""
    is_suspended: bool
    """An approval of the firm's own is suspended."""

    @property
    def is_flagged(self) -> bool:
        """Whether somebody should look at it."""
        return not self.is_past and (self.is_gone or self.is_suspended)


@dataclass(frozen=True, slots=True)
class Group:
    """An approval with those who deliver under it, and how much of its money subcontractors have delivered."""

    approval_id: UUID
    lead_id: UUID
    lead_name: str
    procurer_id: UUID
    procurer_name: str
    service_id: UUID
    service_name: Texts
    allows: bool
    cap: int
    is_in_force: bool
    captured_cents: int
    subcontracted_cents: int
    partners: tuple[PartnerRow, ...] = ()

    @property
    def percent(self) -> float | None:
        """What subcontractors have delivered of the confirmed money; None before there is any."""
        return 100 * self.subcontracted_cents / self.captured_cents if self.captured_cents else None

    @property
    def is_over(self) -> bool:
        """Whether subcontractors have delivered more than the rulebook's cap. In whole cents, so nothing is rounded."""
        return self.subcontracted_cents * 100 > self.captured_cents * self.cap

    @property
    def told_percent(self) -> int:
        """The shares that the subcontractors of today are approved for, together."""
        return sum(one.share_percent for one in self.partners if one.is_current)

    @property
    def is_flagged(self) -> bool:
        """Whether somebody should look at it."""
        return self.is_over or any(one.is_flagged for one in self.partners)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What a lead firm has applied for, with what became of it."""

    id: UUID
    kind: str
    status: str
    application_id: UUID | None
    approval_id: UUID | None
    partner_id: UUID | None
    procurer_name: str
    lead_id: UUID
    lead_name: str
    firm_id: UUID
    firm_name: str
    business_id: str | None
    part: str
    task: str
    share_percent: int
    reason: str
    service_name: Texts
    cap: int
    asked_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    closed_reason: str
    is_gone: bool
    is_suspended: bool


async def list_groups(
    db: Database,
    *,
    on: date,
    lead_id: UUID | None = None,
    firm_id: UUID | None = None,
    procurer_id: UUID | None = None,
    approval_id: UUID | None = None,
    with_firms: bool = False,
    after: UUID | None = None,
) -> Page[Group]:
    """Approvals with their firms: all that a lead firm holds, those that a firm is in, a procurer's, or just one.

    A lead firm's are also those where it may invite others, unless only those `with_firms` are wanted.
    """
    given = {"lead": lead_id, "firm": firm_id, "procurer": procurer_id, "approval": approval_id}
    rows = await _rows(db, GROUPS, day=on, alone=not with_firms, after=after, limit=PAGE + 1, **given)
    groups = [Group(*row) for row in rows]
    partners = await list_partners(db, [one.approval_id for one in groups], on=on)
    found = [replace(one, partners=tuple(partners.get(one.approval_id, ()))) for one in groups]
    return page_of(found, [one.approval_id for one in found], PAGE)


async def find_group(
    db: Database, approval_id: UUID, *, on: date, lead_id: UUID | None = None, procurer_id: UUID | None = None
) -> Group:
    """One approval of a lead firm, or of a procurer. Raises NotFound."""
    found = await list_groups(db, on=on, approval_id=approval_id, lead_id=lead_id, procurer_id=procurer_id)
    if not found.items:
        raise NotFound
    return found.items[0]


async def list_partners(
    db: Database, approval_ids: Collection[UUID], *, on: date
) -> dict[UUID, list[PartnerRow]]:
    """Who delivers or has delivered under these approvals, by approval, in the order of their first days."""
    rows = await _rows(db, PARTNERS, approvals=list(approval_ids), id=None, firm=None, day=on)
    found: dict[UUID, list[PartnerRow]] = {}
    for row in rows:
        one = PartnerRow(*row)
        found.setdefault(one.approval_id, []).append(one)
    return found


async def find_partner(
    db: Database, partner_id: UUID, *, firm_id: UUID, on: date
) -> tuple[PartnerRow, Group]:
    """A firm under an approval, for the firm itself or its lead firm. Raises NotFound."""
    rows = await _rows(db, PARTNERS, approvals=[], id=partner_id, firm=firm_id, day=on)
    if not rows:
        raise NotFound
    one = PartnerRow(*rows[0])
    return one, await find_group(db, one.approval_id, on=on)


async def list_changes(
    db: Database,
    *,
    lead_id: UUID | None = None,
    firm_id: UUID | None = None,
    procurer_id: UUID | None = None,
    approval_id: UUID | None = None,
    application_id: UUID | None = None,
    status: str | None = None,
    after: UUID | None = None,
) -> Page[ChangeRow]:
    """What was applied for, the newest first."""
    given = {"lead": lead_id, "firm": firm_id, "procurer": procurer_id, "approval": approval_id}
    given |= {"application": application_id, "id": None, "either": None, "after": after}
    rows = await _rows(db, CHANGES, status=status, limit=PAGE + 1, **given)
    found = [ChangeRow(*row) for row in rows]
    return page_of(found, [one.id for one in found], PAGE)


async def share_asked(
    db: Database, *, on: date, approval_id: UUID | None = None, application_id: UUID | None = None
) -> int:
    """What subcontractors would deliver together, in percent, if every open invitation came to be."""
    rows = await _rows(db, SHARE_ASKED, approval=approval_id, application=application_id, day=on)
    return int(rows[0][0])


async def find_change(
    db: Database, change_id: UUID, *, firm_id: UUID | None = None, procurer_id: UUID | None = None
) -> ChangeRow:
    """One change, for the lead firm and the firm it is about, or for the procurer. Raises NotFound."""
    given = {"lead": None, "firm": None, "procurer": procurer_id, "approval": None, "application": None}
    rows = await _rows(db, CHANGES, id=change_id, either=firm_id, status=None, after=None, limit=1, **given)
    if not rows or (procurer_id is not None and ChangeRow(*rows[0]).approval_id is None):
        raise NotFound
    return ChangeRow(*rows[0])


async def count_waiting(db: Database, procurer_id: UUID) -> int:
    """How many changes wait for the registrar."""
    return int((await _rows(db, WAITING, procurer=procurer_id))[0][0])


async def list_deliverers(db: Database, lead_id: UUID, *, on: date) -> list[tuple[UUID, str]]:
    """The firms that deliver under any approval of a lead firm on a day, by name."""
    return [(row[0], row[1]) for row in await _rows(db, DELIVERERS, lead=lead_id, day=on)]


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


_GONE = """exists (select from business_fact x where x.provider_id = f.id and x.is_current and x.kind = 'standing'
                   and x.answer in ('ceased', 'bankrupt'))"""
# Suspended somewhere and not taken back there since.
_SUSPENDED = """exists (select from approval x where x.provider_id = f.id and x.closed_as = 'suspended'
                        and not exists (select from approval y where y.provider_id = x.provider_id
                          and y.procurer_id = x.procurer_id and y.service_id = x.service_id
                          and lower(y.valid_during) >= upper(x.valid_during)))"""

GROUPS = """
select a.id, l.id, l.name, o.id, o.name, s.id, s.name, b.allows_consortia, b.subcontract_cap,
       a.valid_during @> cast(:day as date), m.captured, m.subcontracted
from approval a
join organisation l on l.id = a.provider_id join organisation o on o.id = a.procurer_id
join service s on s.id = a.service_id join rulebook b on b.id = a.rulebook_id
cross join lateral (
  select coalesce(sum(r.amount_cents), 0)::bigint as captured,
         coalesce(sum(r.amount_cents) filter (where exists (
           select from partner p where p.approval_id = w.id and p.firm_id = f.deliverer_id
             and p.part = 'subcontractor' and p.during @> r.service_on)), 0)::bigint as subcontracted
  -- Also what was delivered before a suspension: the cap is the rulebook's, not of the days since.
  from approval w
  join redemption r on r.procurer_id = w.procurer_id and r.provider_id = w.provider_id
   and r.service_id = w.service_id and r.status = 'confirmed' and w.valid_during @> r.service_on
  join choice c on c.id = r.choice_id join offering f on f.id = c.offering_id
  where w.procurer_id = a.procurer_id and w.provider_id = a.provider_id and w.rulebook_id = a.rulebook_id
    and lower(w.valid_during) <= lower(a.valid_during)) m
where (cast(:lead as uuid) is null or a.provider_id = :lead)
  and (cast(:procurer as uuid) is null or a.procurer_id = :procurer)
  and (cast(:approval as uuid) is null or a.id = :approval)
  and (cast(:firm as uuid) is null or exists (
    select from partner p where p.approval_id = a.id and p.firm_id = :firm))
  and (cast(:approval as uuid) is not null or exists (select from partner p where p.approval_id = a.id)
       or (:alone and cast(:lead as uuid) is not null and b.allows_consortia and a.valid_during @> cast(:day as date)))
  and (cast(:after as uuid) is null or a.id > :after)
order by a.id limit :limit
"""

PARTNERS = f"""
select p.id, p.approval_id, f.id, f.name, f.business_id, p.part, p.task, p.share_percent, lower(p.during),
       upper(p.during), p.during @> cast(:day as date) and a.valid_during @> cast(:day as date),
       coalesce(upper(p.during) <= cast(:day as date), false), p.left_on, p.left_reason, {_GONE}, {_SUSPENDED}
from partner p join organisation f on f.id = p.firm_id join approval a on a.id = p.approval_id
where p.approval_id = any(cast(:approvals as uuid[]))
   or (p.id = cast(:id as uuid) and :firm in (p.firm_id, a.provider_id))
order by lower(p.during), p.id
"""

CHANGES = f"""
select c.id, c.kind, c.status, c.application_id, c.approval_id, c.partner_id, o.name, l.id, l.name, f.id, f.name,
       f.business_id, c.part, c.task, c.share_percent, c.reason, s.name, b.subcontract_cap, c.asked_at, c.answered_at,
       c.closed_at, c.closed_reason, {_GONE}, {_SUSPENDED}
from partner_change c
join organisation o on o.id = c.procurer_id join organisation l on l.id = c.lead_id
join organisation f on f.id = c.firm_id
left join approval a on a.id = c.approval_id left join application p on p.id = c.application_id
join rulebook b on b.id = coalesce(a.rulebook_id, p.rulebook_id) join service s on s.id = b.service_id
where (cast(:id as uuid) is null or c.id = :id)
  and (cast(:either as uuid) is null or :either in (c.lead_id, c.firm_id))
  and (cast(:lead as uuid) is null or c.lead_id = :lead)
  and (cast(:firm as uuid) is null or c.firm_id = :firm)
  and (cast(:procurer as uuid) is null or c.procurer_id = :procurer)
  and (cast(:approval as uuid) is null or c.approval_id = :approval)
  and (cast(:application as uuid) is null or c.application_id = :application)
  and (cast(:status as text) is null
       or (c.status = :status and (c.status <> 'accepted' or c.approval_id is not null)))
  and (cast(:after as uuid) is null or c.id < :after)
order by c.id desc limit :limit
"""

WAITING = """
select count(*) from partner_change where procurer_id = :procurer and status = 'accepted' and approval_id is not null
"""

DELIVERERS = """
select distinct f.id, f.name from partner p join approval a on a.id = p.approval_id
join organisation f on f.id = p.firm_id
where a.provider_id = :lead and a.valid_during @> cast(:day as date) and p.during @> cast(:day as date)
order by f.name
"""

# A change of a partner's share counts where it is more; who is to leave still delivers until then.
SHARE_ASKED = """
select coalesce((
         select sum(p.share_percent) from partner p where p.approval_id = cast(:approval as uuid)
           and p.part = 'subcontractor' and (upper(p.during) is null or upper(p.during) > cast(:day as date))), 0)
     + coalesce((
         select sum(case when c.part = 'subcontractor' then greatest(c.share_percent - coalesce(p.share_percent, 0), 0)
                         else 0 end)
         from partner_change c left join partner p on p.id = c.partner_id and p.part = 'subcontractor'
         where c.status in ('invited', 'accepted') and c.kind <> 'leave'
           and (c.approval_id = cast(:approval as uuid) or c.application_id = cast(:application as uuid))), 0)
"""
