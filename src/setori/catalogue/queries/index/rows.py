"""Reading what can be chosen: one statement, for everybody or for the firms that have changed.

A row is a pair: a coach within an offering, or an offering that names no coaches. It is there when the provider's
approval is in force on the day with the procurer of an area where the offering is delivered. Nothing about that is
copied into tables.
"""

import json
from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime
from functools import lru_cache
from math import nan, sqrt
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.queries.allowed import ALLOWED
from setori.db import wire_of
from setori.quality.experience import Prior
from setori.texts import LANGUAGES, pick

Times = Callable[[AsyncSession, Collection[UUID] | None, datetime], Awaitable[dict[UUID, datetime]]]
"""Who tells the first free time of each coach (None: of all coaches). The calendar lies above the catalogue."""

_ROWS = f"""
    with {ALLOWED.format(day="$1::date", firms="and ($2::uuid[] is null or a.provider_id = any($2))")},
    offered as (
        select o.*, allowed.area_codes from offering o
          join allowed on allowed.provider_id = o.provider_id and allowed.service_id = o.service_id
           and allowed.deliverer_id = o.deliverer_id
         where o.is_published and ($2::uuid[] is null or o.provider_id = any($2))
    ), near as (
        select o.id, array_agg(oa.area_code order by oa.area_code) as area_codes
          from offered o join offering_area oa on oa.offering_id = o.id
         where oa.area_code = any(o.area_codes) group by o.id
    ), spots as (
        select lower(name ->> 'fi') as city, latitude, longitude from municipality where latitude is not null
        union
        select lower(name ->> 'sv'), latitude, longitude from municipality where latitude is not null
    ), homes as (
        select p.provider_id, min(s.latitude) as latitude, min(s.longitude) as longitude
          from provider_profile p join spots s on s.city = lower(p.city) group by 1
    )
    select o.id, c.id, o.provider_id, o.deliverer_id, o.service_id, o.price_cents, p.respondents,
           case when p.id is null then coalesce(f.shrunk, q.mean) else p.shrunk end, p.sd,
           coalesce(f.prior_k, q.k), coalesce(f.prior_variance, q.variance), near.area_codes,
           o.languages::text, c.languages::text, o.ways::text, c.ways::text, c.specialities::text,
           c.name, case when c.id is null then o.title::text end, e.id, o.access::text,
           home.latitude, home.longitude
      from offered o
      join near on near.id = o.id
      left join homes home on home.provider_id = o.deliverer_id
      left join offering_coach oc on oc.offering_id = o.id
      left join coach c on c.id = oc.coach_id
      left join search_entry e on e.offering_id = o.id and e.coach_id is not distinct from c.id
      left join experience f on f.provider_id = o.provider_id and f.service_id = o.service_id
                            and f.offering_id is null
      left join experience p on p.offering_id = o.id and p.coach_id is not distinct from c.id
      left join experience_prior q on q.service_id = o.service_id
     where oc.coach_id is null or c.is_active"""


class Row(NamedTuple):
    """A pair that can be chosen, as the snapshot takes it in."""

    offering_id: UUID
    coach_id: UUID | None
    provider_id: UUID
    deliverer_id: UUID
    service_id: UUID
    price_cents: int
    respondents: int
    score: float
    sd: float
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    ways: tuple[str, ...]
    specialities: tuple[str, ...]
    names: tuple[str, ...]
    """By what it stands in an alphabet: in Finnish, Swedish and English."""
    earliest: datetime | None = None
    entry: int = 0
    """Under which number its words are kept."""
    access: tuple[str, ...] = ()
    latitude: float = nan
    longitude: float = nan
    """Where the firm that delivers has its place, in degrees."""


async def read_rows(
    db: AsyncSession,
    day: date,
    *,
    firms: Collection[UUID] | None = None,
    times: Times | None = None,
    now: datetime | None = None,
) -> list[Row]:
    """Every pair that can be chosen on a day, or those of some providers."""
    wire = await wire_of(db)
    if firms is None:
        # The planner takes those who are approved for a handful; of everybody, loops in loops would take for ever.
        await wire.execute("set local enable_nestloop = off")
    found = await wire.fetch(_ROWS, day, None if firms is None else list(firms))
    if firms is None:
        await wire.execute("set local enable_nestloop = on")
    earliest: dict[UUID, datetime] = {}
    if times is not None and now is not None:
        ids = None if firms is None else {row[1] for row in found if row[1]}
        earliest = await times(db, ids, now)
    return [_row(row, earliest.get(row[1])) for row in found]


_NOBODY = Prior()


def _row(row: Any, earliest: datetime | None) -> Row:
    score, sd = row[7], row[8]
    if score is None:
        score, sd = _NOBODY.mean, sqrt(_NOBODY.variance / _NOBODY.k)
    elif sd is None:
        sd = sqrt(row[10] / row[9])
    return Row(
        offering_id=row[0],
        coach_id=row[1],
        provider_id=row[2],
        deliverer_id=row[3],
        service_id=row[4],
        price_cents=row[5],
        respondents=row[6] or 0,
        score=score,
        sd=sd,
        areas=tuple(row[11]),
        languages=_common(row[12], row[13]),
        ways=_common(row[14], row[15]),
        specialities=_words(row[16]),
        names=_names(row[17], row[18]),
        earliest=earliest,
        entry=row[19] or 0,
        access=_common(row[20], None),
        latitude=nan if row[21] is None else row[21],
        longitude=nan if row[22] is None else row[22],
    )


@lru_cache(maxsize=10_000)
def _common(offered: str, coached: str | None) -> tuple[str, ...]:
    """What the offering has and, where there is a coach, the coach too."""
    here = json.loads(offered)
    if coached is None:
        return tuple(dict.fromkeys(here))
    theirs = set(json.loads(coached))
    return tuple(one for one in dict.fromkeys(here) if one in theirs)


@lru_cache(maxsize=10_000)
def _words(told: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip().lower() for word in json.loads(told))) if told else ()


def _names(name: str | None, title: str | None) -> tuple[str, ...]:
    if name is not None:
        return (in_alphabet(name),) * len(LANGUAGES)
    texts = json.loads(title or "{}")
    return tuple(in_alphabet(pick(texts, language)) for language in LANGUAGES)


_AFTER_Z = str.maketrans({"å": "{1", "ä": "{2", "ö": "{3"})


def in_alphabet(name: str) -> str:
    """A name as Finns and Swedes sort it: å, ä and ö come last."""
    return name.casefold().translate(_AFTER_Z)
