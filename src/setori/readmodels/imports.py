"""What keeps an import from being undone: what refers by now to what it made."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database


@dataclass(frozen=True, slots=True)
class LaterImport:
    """Another import whose offerings belong to firms of this one: it is to be undone first."""

    run_id: UUID
    title: str
    file_name: str
    offerings: int


@dataclass(frozen=True, slots=True)
class FirmInUse:
    """A firm of the import that somebody has to do with by now."""

    provider_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Uses:
    """How many things refer to what an import made, and which imports and firms they are of."""

    offerings: int
    """Of its firms, and not made by it."""
    approvals: int
    applications: int
    vouchers: int
    people: int
    outcomes: int
    """Figures that the register told of its firms in another import."""
    imports: list[LaterImport]
    firms: list[FirmInUse]

    @property
    def any(self) -> bool:
        """Whether anything stands in the way that is known here."""
        return any(
            (self.offerings, self.approvals, self.applications, self.vouchers, self.people, self.outcomes)
        )


async def uses_of(db: Database, run_id: UUID) -> Uses:
    """What stands in the way of undoing an import."""
    (counts,) = await _rows(db, COUNTS, run=run_id)
    imports = [LaterImport(*row) for row in await _rows(db, IMPORTS, run=run_id)]
    firms = [FirmInUse(*row) for row in await _rows(db, FIRMS, run=run_id)]
    offerings, approvals, applications, vouchers, members, told = counts
    return Uses(offerings, approvals, applications, vouchers, members, told, imports, firms)


async def _rows(db: Database, statement: str, **given: Any) -> list[Any]:
    connection = await db.connection()
    return list((await connection.execute(text(OURS + statement), given)).all())


OURS = """
with ours as materialized (select subject_id, what from imported_thing where run_id = :run),
firms as materialized (select subject_id as id from ours where what = 'provider'),
sold as materialized (
  select f.id, f.provider_id from offering f
  where f.provider_id in (select id from firms) and f.id not in (select subject_id from ours)),
allowed as materialized (
  select a.id, a.provider_id from approval a
  where a.provider_id in (select id from firms) and a.id not in (select subject_id from ours)),
chosen as materialized (
  select c.voucher_id, c.provider_id from choice c
  where c.provider_id in (select id from firms) or c.offering_id in (select subject_id from ours)),
applied as materialized (select a.id, a.provider_id from application a where a.provider_id in (select id from firms)),
told as materialized (
  select r.id, r.provider_id from register_outcome r
  where r.provider_id in (select id from firms) and r.id not in (select subject_id from ours)),
members as materialized (
  select m.person_id, m.organisation_id as provider_id from membership m
  where m.organisation_id in (select id from firms))
"""

COUNTS = """
select (select count(*) from sold), (select count(*) from allowed), (select count(*) from applied),
       (select count(distinct voucher_id) from chosen), (select count(distinct person_id) from members),
       (select count(*) from told)
"""

IMPORTS = """
select r.id, r.title, r.file_name, count(*)
from sold s join imported_thing t on t.subject_id = s.id and t.what = 'offering'
join import_run r on r.id = t.run_id
group by r.id order by r.id desc
"""

FIRMS = """
select o.id, o.name from organisation o
where o.id in (select provider_id from sold union select provider_id from allowed union select provider_id from chosen
               union select provider_id from told union select provider_id from applied
               union select provider_id from members)
order by lower(o.name), o.id limit 10
"""
