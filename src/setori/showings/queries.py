"""Who stood first how often, and who was chosen how often: the same for everybody to see."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.quality import suppress
from setori.showings.rules import COUNTED
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class Turns:
    """A provider in a service: in how many lists it was, stood first in, and was chosen from. None: too few to show."""

    provider_id: UUID
    provider_name: str
    service_name: Texts
    listed: int | None
    first: int | None
    chosen: int | None


@dataclass(frozen=True, slots=True)
class TurnsOfAll:
    """Every provider, and the sums. All lists are in the default order and led to a choice."""

    rows: list[Turns]
    lists: int | None


async def list_turns(db: AsyncSession, *, on: date) -> TurnsOfAll:
    """Of the lists of the last year in the default order that led to a choice. Small counts are left out."""
    connection = await db.connection()
    given = {"since": on - COUNTED, "until": on}
    found = (await connection.execute(text(_TURNS), given)).all()
    # Where a provider is listed without being first, and where it is first: parts of one table, with their totals.
    public = suppress.suppress([(row.listed - row.first, row.first, row.chosen) for row in found])
    rows = [
        Turns(
            row.provider_id,
            row.provider_name,
            row.service_name,
            None if cells[0] is None or cells[1] is None else cells[0] + cells[1],
            cells[1],
            cells[2],
        )
        for row, cells in zip(found, public.cells, strict=True)
    ]
    return TurnsOfAll(rows, public.column_totals[1] if public.column_totals else 0)


_TURNS = """
with lists as (
    select s.id, s.pairs, c.offering_id as chosen_offering
      from shown_choice k join showing s on s.id = k.showing_id join choice c on c.id = k.choice_id
     where k.chosen_on > :since and k.chosen_on <= :until and s.ordered_by = 'turns' and s.source = 'search'
), places as (
    select l.id, o.provider_id, o.service_id, min(p.place) as place
      from lists l cross join lateral jsonb_array_elements_text(l.pairs) with ordinality as p (pair, place)
      join offering o on o.id = left(p.pair, 36)::uuid
     group by 1, 2, 3
), listed as (
    select provider_id, service_id, count(*)::int as listed, count(*) filter (where place = 1)::int as first
      from places group by 1, 2
), chosen as (
    select o.provider_id, o.service_id, count(*)::int as chosen
      from lists l join offering o on o.id = l.chosen_offering group by 1, 2
)
select l.provider_id, f.name as provider_name, s.name as service_name, l.listed, l.first,
       coalesce(c.chosen, 0) as chosen
  from listed l
  left join chosen c on c.provider_id = l.provider_id and c.service_id = l.service_id
  join organisation f on f.id = l.provider_id join service s on s.id = l.service_id
 order by f.name, l.provider_id, s.code
"""
