"""The cards of a page: read by their pairs in one statement, and kept as long as nothing of them has changed."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.queries.allowed import ALLOWED
from setori.catalogue.queries.figures import FIGURE_SQL, JOIN_SQL, figure_of
from setori.catalogue.queries.views import Card
from setori.catalogue.rules import Help, Unit, Way

Pair = tuple[UUID, UUID | None]
KEPT = 5_000

_CARDS = f"""
    with {ALLOWED.format(day="cast(:day as date)", firms="and a.provider_id = any(cast(:firms as uuid[]))")},
    page as (
        select * from unnest(cast(:offerings as uuid[]), cast(:coaches as uuid[])) as asked (offering_id, coach_id)
    )
    select o.id, o.title, o.summary, o.first_week, o.provider_id, o.service_id, o.price_cents, o.unit, o.minutes,
           o.languages, o.ways, o.source, c.id, c.name, c.own_words, c.languages, c.ways, c.specialities, c.helps,
           firm.name, firm.is_sample, profile.city, s.name,
           array(select oa.area_code from offering_area oa, allowed
                  where oa.offering_id = o.id and oa.area_code = any(allowed.area_codes)
                    and allowed.provider_id = o.provider_id and allowed.service_id = o.service_id
                    and allowed.deliverer_id = o.deliverer_id order by 1),
           o.deliverer_id, hand.name, {FIGURE_SQL}
      from page
      join offering o on o.id = page.offering_id and o.is_published
      join organisation firm on firm.id = o.provider_id
      join organisation hand on hand.id = o.deliverer_id
      join service s on s.id = o.service_id
      left join provider_profile profile on profile.provider_id = o.provider_id
      left join offering_coach oc on oc.offering_id = o.id and oc.coach_id = page.coach_id
      left join coach c on c.id = oc.coach_id
      {JOIN_SQL}
     where page.coach_id is null or c.id is not null"""

_FIRMS = "select distinct provider_id from offering where id = any(cast(:offerings as uuid[]))"


async def list_cards(db: AsyncSession, pairs: Sequence[Pair], *, day: date) -> dict[Pair, Card]:
    """Cards by their pairs; pairs that are not published are left out. Not choosable ones have no areas."""
    if not pairs:
        return {}
    statement = _CARDS.replace("cast(:firms as uuid[])", f"array({_FIRMS})")
    given = {"day": day, "offerings": [o for o, _ in pairs], "coaches": [c for _, c in pairs]}
    rows = (await db.exec(text(statement), params=given)).all()  # type: ignore[call-overload]
    return {(row[0], row[12]): _card(row) for row in rows}


class KeptCards:
    """The cards that were shown last. A card is good for its pair and the generation in which the pair was read."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[date, Pair, int], Card] = OrderedDict()

    async def list(
        self, db: AsyncSession, wanted: Sequence[tuple[Pair, int]], *, day: date
    ) -> dict[Pair, Card]:
        """Cards by their pairs, each of the generation that is asked for; those not kept are read now."""
        missing = [(pair, born) for pair, born in wanted if (day, pair, born) not in self._kept]
        read = await list_cards(db, [pair for pair, _ in missing], day=day)
        for pair, born in missing:
            if pair in read:
                self._kept[day, pair, born] = read[pair]
        found = {}
        for pair, born in wanted:
            if (day, pair, born) in self._kept:
                self._kept.move_to_end((day, pair, born))
                found[pair] = self._kept[day, pair, born]
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return found


def _card(row: Any) -> Card:
    languages, ways = row[9], row[10]
    if row[12] is not None:
        languages = [one for one in row[15] if one in languages] or languages
        ways = [one for one in row[16] if one in ways] or ways
    return Card(
        offering_id=row[0],
        coach_id=row[12],
        coach_name=row[13] or "",
        title=row[1],
        summary=row[2],
        first_week=row[3],
        own_words=row[14] or {},
        specialities=row[17] or [],
        helps=[Help(one) for one in row[18] or []],
        provider_id=row[4],
        provider_name=row[19],
        provider_city=row[21] or "",
        is_sample=row[20],
        service_id=row[5],
        service_name=row[22],
        price_cents=row[6],
        unit=Unit(row[7]),
        minutes=row[8],
        languages=languages,
        ways=[Way(way) for way in ways],
        area_codes=list(row[23]),
        experience=figure_of(row[26:]),
        source=row[11],
        deliverer_id=row[24],
        deliverer_name=row[25],
    )
