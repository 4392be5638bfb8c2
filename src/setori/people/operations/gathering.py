"""Many people at once: those who get vouchers by a list are added, or found, in a handful of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.people.models import Mail

_GIVEN = """
with given as (
  select * from unnest(cast(:ids as uuid[]), cast(:names as text[]), cast(:emails as text[]), cast(:phones as text[]),
                       cast(:languages as text[])) as g (id, name, email, phone, language))
"""
# In the order of addresses, so that two lists with the same people wait for each other instead of blocking each other.
_ADD = text(
    _GIVEN
    + """
insert into person (id, name, email, phone, language, created_at)
select * from (select distinct on (coalesce(email, id::text)) id, name, email, phone, language, cast(:at as timestamptz)
               from given order by coalesce(email, id::text)) g
on conflict do nothing returning id
"""
)
_FIND_BY_PHONE = text(
    _GIVEN
    + """
select g.id, (array_agg(p.id order by p.id))[1] from given g
join person p on p.phone = g.phone and p.email is null and lower(p.name) = lower(g.name)
where g.email is null group by g.id
"""
)
_FIND_BY_EMAIL = text(_GIVEN + "select g.id, p.id from given g join person p on p.email = g.email")
_ENTER = text("""
insert into membership (id, person_id, role, since_at)
select uuidv7(), p, 'jobseeker', cast(:at as timestamptz) from unnest(cast(:people as uuid[])) p order by p
on conflict (person_id, organisation_id, role) do update set ended_at = null, since_at = excluded.since_at
  where membership.ended_at is not null
returning id
""")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody on a list. The id is theirs if they are not here yet; two lines of one person may share it."""

    id: UUID
    name: str
    email: str | None
    phone: str | None
    language: str


async def find_jobseekers(db: AsyncSession, people: Sequence[Newcomer]) -> dict[UUID, UUID]:
    """Who of a list is here already: the newcomer's id → the person's. Known by e-mail, else by phone and name."""
    given, connection = _arrays(people), await db.connection()
    found = [tuple(row) for row in (await connection.execute(_FIND_BY_EMAIL, given)).all()]
    return dict(found + [tuple(row) for row in (await connection.execute(_FIND_BY_PHONE, given)).all()])


async def add_jobseekers(
    db: AsyncSession, people: Sequence[Newcomer], *, by_id: UUID, at: datetime
) -> dict[UUID, UUID]:
    """Add everybody of a list who is not here yet, as jobseekers. Returns the newcomer's id → the person's."""
    await db.flush()
    connection = await db.connection()
    by_phone = {row[0]: row[1] for row in (await connection.execute(_FIND_BY_PHONE, _arrays(people))).all()}
    unknown = [one for one in people if one.id not in by_phone]
    added = (await connection.execute(_ADD, {**_arrays(unknown), "at": at})).scalars().all()
    for person_id in added:
        record(db, "person.added", person_id, by_id=by_id, at=at)
    by_email = {row[0]: row[1] for row in (await connection.execute(_FIND_BY_EMAIL, _arrays(people))).all()}
    ids = {one.id: by_email.get(one.id) or by_phone.get(one.id) or one.id for one in people}
    begun = await connection.execute(_ENTER, {"people": sorted(set(ids.values())), "at": at})
    for membership_id in begun.scalars().all():
        record(db, "membership.begun", membership_id, by_id=by_id, at=at, role="jobseeker")
    return ids


async def notify_all(
    db: AsyncSession, kind: str, told: Sequence[tuple[UUID, dict[str, Any]]], *, at: datetime
) -> None:
    """Put a message into the mail of many, each with its own words."""
    db.add_all(
        Mail(person_id=person_id, kind=kind, params=params, created_at=at) for person_id, params in told
    )


def _arrays(people: Sequence[Newcomer]) -> dict[str, list[Any]]:
    return {
        "ids": [one.id for one in people],
        "names": [one.name for one in people],
        "emails": [one.email for one in people],
        "phones": [one.phone for one in people],
        "languages": [one.language for one in people],
    }
