"""The case worker's clients, and who of them needs a word: not chosen, not met, ending."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from setori.db import Database, Page, page_of
from setori.errors import Forbidden
from setori.people import Actor, Role
from setori.texts import Texts

PAGE = 25
NOT_CHOSEN_DAYS = 14
NOT_MET_DAYS = 21
ENDING_DAYS = 30
SHOWN = ("not_claimed", "not_chosen", "not_met", "ending")


@dataclass(frozen=True, slots=True)
class ClientRow:
    """Somebody with a voucher in use, and since when something has not happened."""

    voucher_id: UUID
    name: str
    email: str
    programme_name: Texts
    status: str
    units: int
    units_left: int
    provider_name: str | None
    coach_name: str | None
    issued_at: datetime
    chosen_on: date | None
    last_met_on: date | None
    expires_on: date


async def list_clients(
    db: Database,
    *,
    by: Actor,
    on: date,
    show: str = "",
    mine: bool = True,
    after: UUID | None = None,
    limit: int = PAGE,
) -> Page[ClientRow]:
    """Vouchers in use, one's own or all of the procurer's, the oldest first; or those of which something is due."""
    given = {**_given(by, on=on, mine=mine), "show": show, "after": after, "limit": limit + 1}
    listed = [ClientRow(*row) for row in await _rows(db, CLIENTS, **given)]
    return page_of(listed, [row.voucher_id for row in listed], limit)


async def count_clients(db: Database, *, by: Actor, on: date, mine: bool = True) -> dict[str, int]:
    """How many there are in all (under ""), and of each kind that needs a word."""
    row = (await _rows(db, COUNTS, **_given(by, on=on, mine=mine)))[0]
    return dict(zip(("", *SHOWN), row, strict=True))


def _given(by: Actor, *, on: date, mine: bool) -> dict[str, Any]:
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    return {
        "procurer": by.organisation_id,
        "worker": by.person_id if mine else None,
        "today": on,
        "unchosen": NOT_CHOSEN_DAYS,
        "unmet": NOT_MET_DAYS,
        "ending": ENDING_DAYS,
    }


async def _rows(db: Database, query: str, **given: Any) -> list[Any]:
    await db.flush()
    connection = await db.connection()
    return list((await connection.execute(text(query), given)).all())


_OPEN = """
from voucher v
left join choice c on c.voucher_id = v.id and c.ended_at is null
left join lateral (
  select max(r.service_on) as met_on from redemption r
  where r.voucher_id = v.id and r.status in ('held', 'disputed', 'confirmed')) m on true
where v.procurer_id = :procurer and v.status in ('issued', 'claimed', 'chosen')
  and (cast(:worker as uuid) is null or v.issued_by = :worker)
"""
_KINDS = {
    "not_claimed": "v.status = 'issued' and v.starts_on <= cast(:today as date) - cast(:unchosen as int)",
    "not_chosen": "v.status = 'claimed' and v.starts_on <= cast(:today as date) - cast(:unchosen as int)",
    "not_met": (
        "v.status = 'chosen' and coalesce(m.met_on, c.chosen_on) <= cast(:today as date) - cast(:unmet as int)"
    ),
    "ending": "v.expires_on <= cast(:today as date) + cast(:ending as int)",
}
_SHOW = " or ".join(f"(cast(:show as text) = '{kind}' and {holds})" for kind, holds in _KINDS.items())

CLIENTS = f"""
select f.id, h.name, h.email, p.name, f.status, f.units, f.left_units, o.name, k.name, f.issued_at, f.chosen_on,
       f.met_on, f.expires_on
from (
  select v.id, v.person_id, v.programme_id, v.status, v.units, v.units - v.units_used - v.units_held as left_units,
         c.provider_id, c.coach_id, v.issued_at, c.chosen_on, m.met_on, v.expires_on
  {_OPEN} and (cast(:show as text) = '' or {_SHOW}) and (cast(:after as uuid) is null or v.id > :after)
  order by v.id limit :limit) f
join person h on h.id = f.person_id
join programme p on p.id = f.programme_id
left join organisation o on o.id = f.provider_id
left join coach k on k.id = f.coach_id
order by f.id
"""

COUNTS = f"""
select count(*)::int, {", ".join(f"(count(*) filter (where {holds}))::int" for holds in _KINDS.values())} {_OPEN}
"""
