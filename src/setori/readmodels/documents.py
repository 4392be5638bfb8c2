"""Which approvals rest on which documents, until when, and which of a firm's documents a procurer may open."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database
from setori.texts import Texts

SHOWN_BEFORE_DAYS = 60
"""So long before a document ends its firm is shown what that closes."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """An approval that closes to new clients on a day unless a document is renewed before."""

    approval_id: UUID
    procurer_name: str
    service_name: Texts
    document_id: UUID
    kind: str
    ends_on: date
    closes_on: date


@dataclass(frozen=True, slots=True)
class Held:
    """A document that an approval rests on, in the version in force, for the procurer."""

    version_id: UUID
    kind: str
    label: str
    issuer: str
    valid_from: date
    valid_until: date | None
    file_name: str
    code: str


async def list_deadlines(db: Database, provider_id: UUID, *, on: date) -> list[Deadline]:
    """What closes within two months or is closed already for a document that ended, the soonest first."""
    until = on + timedelta(days=SHOWN_BEFORE_DAYS)
    return [Deadline(*row) for row in await _rows(db, DEADLINES, provider=provider_id, day=on, until=until)]


async def list_held(db: Database, procurer_id: UUID, approval_id: UUID, *, on: date) -> list[Held]:
    """The documents that one of a procurer's approvals in force rests on, by criterion."""
    return [Held(*row) for row in await _rows(db, HELD, procurer=procurer_id, approval=approval_id, day=on)]


async def must_end(db: Database, document_id: UUID, *, on: date) -> bool:
    """Whether an approval in force rests on a document that its rulebook wants to have a last day."""
    return bool((await _rows(db, MUST_END, document=document_id, day=on))[0][0])


async def may_open(db: Database, procurer_id: UUID, version_id: UUID, *, on: date) -> bool:
    """Whether a procurer's registrar may open a version.

    It was sent there with an application, or an approval in force there rests on its document.
    """
    rows = await _rows(db, MAY_OPEN, procurer=procurer_id, version=version_id, day=on)
    return bool(rows[0][0])


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(statement), given)).all())


DEADLINES = """
select d.approval_id, o.name, s.name, d.document_id, d.kind, d.ends_on, d.closes_on
from document_deadlines(cast(:day as date)) d
join organisation o on o.id = d.procurer_id join service s on s.id = d.service_id
where d.provider_id = :provider and d.ends_on <= cast(:until as date)
order by d.closes_on, o.name, d.approval_id, d.code
"""

MUST_END = """
select exists (
  select from evidence_document d
  join approval a on a.provider_id = d.provider_id and a.valid_during @> cast(:day as date)
  join criterion c on c.rulebook_id = a.rulebook_id and c.kind = 'document' and c.expires
  where d.id = :document
    and ((c.mandatory and d.kind = c.document_kind)
         or exists (select from filed_document f join evidence_version w on w.id = f.version_id
                    where f.application_id = a.application_id and f.criterion_id = c.id and w.document_id = d.id)))
"""

RESTS = """
  select a.id as approval_id, c.code, d.id as document_id, d.kind, d.label
  from approval a join criterion c on c.rulebook_id = a.rulebook_id and c.kind = 'document'
  join evidence_document d on d.provider_id = a.provider_id and d.withdrawn_at is null
   and ((c.expires and c.mandatory and d.kind = c.document_kind)
        or exists (select from filed_document f join evidence_version w on w.id = f.version_id
                   where f.application_id = a.application_id and f.criterion_id = c.id and w.document_id = d.id))
  where a.procurer_id = :procurer and a.valid_during @> cast(:day as date)
"""

HELD = f"""
with rests as ({RESTS}),
chosen as (
  select distinct on (r.code) v.id, r.kind, r.label, v.issuer, v.valid_from, v.valid_until, v.file_name, r.code
  from rests r
  join approval a on a.id = r.approval_id
  join criterion c on c.rulebook_id = a.rulebook_id and c.code = r.code
  join lateral (select * from evidence_version v where v.document_id = r.document_id
                order by v.valid_from <= cast(:day as date) desc, v.number desc limit 1) v on true
  where r.approval_id = :approval
  order by r.code,
    v.valid_from <= cast(:day as date) and coalesce(v.valid_until, 'infinity') >= cast(:day as date) desc,
    exists (select from filed_document f join evidence_version w on w.id = f.version_id
            where f.application_id = a.application_id and f.criterion_id = c.id and w.document_id = r.document_id
              and f.round = (select max(l.round) from filing l where l.application_id = a.application_id)) desc,
    coalesce(v.valid_until, 'infinity') desc, v.id desc)
select * from chosen order by code
"""
"""One document a criterion: what holds comes first, then what was sent last; so not what a completion has replaced."""

MAY_OPEN = f"""
with rests as ({RESTS})
select exists (select from filed_document f join application a on a.id = f.application_id
               where f.version_id = :version and a.procurer_id = :procurer)
    or exists (select from rests r join evidence_version v on v.document_id = r.document_id where v.id = :version)
"""
