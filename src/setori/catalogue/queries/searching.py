"""Searching the catalogue: two statements written by hand, because they are asked all day and their plans matter.

One gives a page of cards, the other counts them by filter. A card is a coach within an offering, or an offering that
names no coaches. Only what can be chosen is shown: a join says that the provider's approval is in force on the day,
with the procurer of an area where the offering is delivered. Nothing about that is copied.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.commands import Search
from setori.catalogue.queries.views import Card, Facets, Found, Rating
from setori.catalogue.rules import COMPARE_AT_MOST, ENOUGH_REVIEWS, SEPARATOR, Order, Unit, Way
from setori.errors import Invalid

NO_COACH = UUID(int=0)

# Who is approved where on the day, and who delivers there: short rows, so that the planner has little to guess.
_ALLOWED = """
    allowed as materialized (
        select a.provider_id, a.service_id, d.firm_id as deliverer_id, array_agg(distinct p.area_code) as area_codes
          from approval a join organisation p on p.id = a.procurer_id and p.kind = 'procurer'
          join (select id as approval_id, provider_id as firm_id from approval
                union all select approval_id, firm_id from partner where during @> cast(:day as date)) d
            on d.approval_id = a.id
         where a.valid_during @> cast(:day as date)
           and not exists (select from pause q where q.approval_id = a.id and q.from_on <= cast(:day as date)
                             and (q.until_on is null or q.until_on > cast(:day as date)))
         group by 1, 2, 3
    )"""

_PAIRS = """
      from offering o
      join allowed on allowed.provider_id = o.provider_id and allowed.service_id = o.service_id
       and allowed.deliverer_id = o.deliverer_id
      left join offering_coach oc on oc.offering_id = o.id
      left join coach c on c.id = oc.coach_id
     where o.is_published and (oc.coach_id is null or c.is_active)"""

_NEAR = "exists (select from offering_area oa where oa.offering_id = o.id and oa.area_code = any(allowed.area_codes){})"

_COACH_WORDS = """lower(concat_ws(' ', c.name, c.own_words ->> 'fi', c.own_words ->> 'sv', c.own_words ->> 'en',
                                  c.specialities::text))"""

_CARD = """
    select o.id, o.title, o.summary, o.first_week, o.provider_id, o.service_id, o.price_cents, o.unit, o.minutes,
           o.languages, o.ways, o.source, c.id, c.name, c.own_words, c.languages, c.ways, c.specialities,
           case when c.id is null then o.review_count else oc.review_count end,
           case when c.id is null then o.rating_sum else oc.rating_sum end,
           firm.name, firm.is_sample, profile.city, s.name,
           array(select oa.area_code from offering_area oa, allowed
                  where oa.offering_id = o.id and oa.area_code = any(allowed.area_codes)
                    and allowed.provider_id = o.provider_id and allowed.service_id = o.service_id
                    and allowed.deliverer_id = o.deliverer_id order by 1),
           page.text_key, page.first_key, page.second_key, o.deliverer_id, hand.name
      from page
      join offering o on o.id = page.offering_id
      join organisation firm on firm.id = o.provider_id
      join organisation hand on hand.id = o.deliverer_id
      join service s on s.id = o.service_id
      left join provider_profile profile on profile.provider_id = o.provider_id
      left join coach c on c.id = page.coach_id
      left join offering_coach oc on oc.offering_id = o.id and oc.coach_id = c.id
     order by page.text_key, page.first_key, page.second_key, page.offering_id, page.coach_id"""

_PAIR_TURN = "hashtextextended(o.id::text || coalesce(c.id::text, ''), :seed)"
_COUNT = "case when c.id is null then o.review_count else oc.review_count end"
_SUM = "case when c.id is null then o.rating_sum else oc.rating_sum end"

_KEYS = {
    # Providers take turns: each shows one coach before anybody shows a second, and who is first changes with the seed.
    # So neither many coaches nor a long name, nor money, buys a better place.
    Order.TURNS: (
        "''",
        f"row_number() over (partition by o.provider_id order by {_PAIR_TURN}, o.id)",
        "hashtextextended(o.provider_id::text, :seed)",
    ),
    Order.PRICE: ("''", "o.price_cents", _PAIR_TURN),
    Order.REVIEWS: (
        "''",
        f"case when {_COUNT} >= {ENOUGH_REVIEWS} then -({_SUM}) * 1000 / ({_COUNT}) else 0 end",
        _PAIR_TURN,
    ),
    Order.NAME: (
        "lower(coalesce(c.name, o.title ->> :lang, o.title ->> 'fi', o.title ->> 'en', ''))",
        "0::bigint",
        "0::bigint",
    ),
}


async def search(
    db: AsyncSession, wanted: Search, *, on: date, seed: str = "", lang: str = "fi", counts: bool = True
) -> Found:
    """What can be chosen on a day and fits the filters. `seed` is the visitor's: the order stays the same all day.

    Raises Invalid when `after` is not where an earlier page ended.
    """
    given: dict[str, Any] = {"day": on}
    cards, following = await _cards(db, wanted, given, on=on, seed=seed, lang=lang)
    if not counts:
        return Found(cards, following, 0, Facets())
    total, facets = await _facets(db, wanted, given)
    return Found(cards, following, total, facets)


async def compare(db: AsyncSession, pairs: Sequence[tuple[UUID, UUID | None]], *, on: date) -> list[Card]:
    """Up to three cards side by side, in the order asked for, without unknown ones. Raises Invalid beyond three."""
    asked = list(dict.fromkeys(pairs))
    if len(asked) > COMPARE_AT_MOST:
        raise Invalid("Compare at most three at a time.")
    statement = f"""
        with {_ALLOWED}, page as (
            select asked.offering_id, asked.coach_id, '' as text_key, asked.place as first_key, 0::bigint as second_key
              from unnest(cast(:offerings as uuid[]), cast(:coaches as uuid[]))
                   with ordinality as asked (offering_id, coach_id, place)
              join offering o on o.id = asked.offering_id and o.is_published
              left join offering_coach oc on oc.offering_id = o.id and oc.coach_id = asked.coach_id
             where asked.coach_id is null or oc.coach_id is not null
        ) {_CARD}"""
    given = {"day": on, "offerings": [o for o, _ in asked], "coaches": [c for _, c in asked]}
    return [_card(row) for row in (await db.exec(text(statement), params=given)).all()]  # type: ignore[call-overload]


async def _cards(
    db: AsyncSession, wanted: Search, given: dict[str, Any], *, on: date, seed: str, lang: str
) -> tuple[list[Card], str | None]:
    text_key, first_key, second_key = _KEYS[wanted.order]
    params = given | {"limit": wanted.limit + 1}
    if wanted.order is Order.NAME:
        params["lang"] = lang
    else:
        params["seed"] = _seed(seed, on)
    conditions = [_words(wanted, params), *(sql for _, sql in _filters(wanted, params))]
    where = " and ".join(condition for condition in conditions if condition)
    near = _NEAR.format(_here(wanted, params))
    after = ""
    if wanted.after is not None:
        params |= _read_cursor(wanted.after)
        after = """where (text_key, first_key, second_key, offering_id, coach_id)
                       > (:k0, cast(:k1 as bigint), cast(:k2 as bigint), cast(:ko as uuid), cast(:kc as uuid))"""
    statement = f"""
        with {_ALLOWED}, matching as (
            select o.id as offering_id, coalesce(c.id, '{NO_COACH}') as coach_id, {text_key} as text_key,
                   cast({first_key} as bigint) as first_key, {second_key} as second_key
            {_PAIRS} and {near} {"and " + where if where else ""}
        ), page as (
            select * from matching {after}
             order by text_key, first_key, second_key, offering_id, coach_id limit :limit
        ) {_CARD}"""
    rows = (await db.exec(text(statement), params=params)).all()  # type: ignore[call-overload]
    shown = rows[: wanted.limit]
    following = _cursor(shown[-1]) if len(rows) > wanted.limit else None
    return [_card(row) for row in shown], following


async def _facets(db: AsyncSession, wanted: Search, given: dict[str, Any]) -> tuple[int, Facets]:
    """Counts by filter. Each filter's own counts leave that filter out, so that one sees what a change would give.

    Cards that are alike in everything that is counted are put together first: there are few kinds and many cards.
    """
    params = dict(given)
    words = _words(wanted, params)
    filters = dict(_filters(wanted, params))
    here = "true"
    if wanted.area is not None:
        params["area"] = wanted.area
        here = "area_code = :area"
    flags = ", ".join(
        f"({filters.get(name, 'true')}) as in_{name}" for name in ("language", "way", "service")
    )
    statement = f"""
        with {_ALLOWED}, pairs as materialized (
            select o.id as offering_id, o.service_id, allowed.area_codes, o.languages as offered,
                   o.ways as offered_ways,
                   coalesce(c.languages, o.languages) as languages, coalesce(c.ways, o.ways) as ways, {flags}
            {_PAIRS} {"and " + words if words else ""}
        ), offers as (
            select offering_id, area_codes, count(*) filter (where in_language and in_way and in_service) as fitting
              from pairs group by 1, 2
        ), near as materialized (
            select offers.offering_id, oa.area_code, offers.fitting
              from offers join offering_area oa on oa.offering_id = offers.offering_id
             where oa.area_code = any(offers.area_codes)
        ), alike as materialized (
            select languages, ways, offered, offered_ways, service_id, in_language, in_way, in_service,
                   count(*) as number
              from pairs
             where offering_id in (select offering_id from near where {here})
             group by 1, 2, 3, 4, 5, 6, 7, 8
        )
        select 'area', area_code, sum(fitting) from near where fitting > 0 group by 2
        union all
        select 'language', language, sum(number) from alike, jsonb_array_elements_text(languages) as language
         where in_way and in_service and offered ? language group by 2
        union all
        select 'way', way, sum(number) from alike, jsonb_array_elements_text(ways) as way
         where in_language and in_service and offered_ways ? way group by 2
        union all
        select 'service', service_id::text, sum(number) from alike where in_language and in_way group by 2
        union all
        select 'total', '', coalesce(sum(number), 0) from alike where in_language and in_way and in_service"""
    counted: dict[str, dict[str, int]] = {"area": {}, "language": {}, "way": {}, "service": {}, "total": {}}
    for kind, value, count in (await db.exec(text(statement), params=params)).all():  # type: ignore[call-overload]
        counted[kind][value] = int(count)
    services = {UUID(value): count for value, count in counted["service"].items()}
    return counted["total"][""], Facets(counted["area"], counted["language"], counted["way"], services)


def _filters(wanted: Search, params: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, kept in (("language", "languages"), ("way", "ways")):
        value = getattr(wanted, name)
        if value is not None:
            params[name] = str(value)
            found.append((name, f"o.{kept} ? :{name} and (c.id is null or c.{kept} ? :{name})"))
    if wanted.service is not None:
        params["service"] = wanted.service
        found.append(("service", "o.service_id = :service"))
    return found


def _here(wanted: Search, params: dict[str, Any]) -> str:
    if wanted.area is None:
        return ""
    params["area"] = wanted.area
    return " and oa.area_code = :area"


def _words(wanted: Search, params: dict[str, Any]) -> str:
    """Every word must be in the offering's own words or in those of the card's coach.

    The first condition is for the trigram index, which knows the words of all the coaches together.
    """
    conditions = []
    for number, word in enumerate(wanted.q.lower().split()[:8]):
        params[f"w{number}"] = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(
            f"o.search_text like :w{number} and (split_part(o.search_text, '{SEPARATOR}', 1) like :w{number}"
            f" or {_COACH_WORDS} like :w{number})"
        )
    return " and ".join(conditions)


def _seed(seed: str, on: date) -> int:
    """64 bits out of a visitor and a day."""
    digest = hashlib.sha256(f"{seed} {on.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _cursor(row: Any) -> str:
    keys = [row[25], int(row[26]), int(row[27]), str(row[0]), str(row[12] or NO_COACH)]
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def _read_cursor(typed: str) -> dict[str, Any]:
    try:
        k0, k1, k2, ko, kc = json.loads(base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4)))
        small = all(isinstance(k, int) and -(2**63) <= k < 2**63 for k in (k1, k2))
        if not small or not isinstance(k0, str) or "\0" in k0:
            raise ValueError("not a place in a list")
        return {"k0": k0, "k1": k1, "k2": k2, "ko": UUID(ko), "kc": UUID(kc)}
    except (ValueError, TypeError, AttributeError) as wrong:
        raise Invalid(errors={"after": "This is not where a page ended."}) from wrong


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
        provider_id=row[4],
        provider_name=row[20],
        provider_city=row[22] or "",
        is_sample=row[21],
        service_id=row[5],
        service_name=row[23],
        price_cents=row[6],
        unit=Unit(row[7]),
        minutes=row[8],
        languages=languages,
        ways=[Way(way) for way in ways],
        area_codes=list(row[24]),
        rating=Rating.of(row[18], row[19]),
        source=row[11],
        deliverer_id=row[28],
        deliverer_name=row[29],
    )
