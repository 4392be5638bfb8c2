"""The catalogue: filters with live counts, cards in a fair order, and what to loosen when nobody fits."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.response import Template
from markupsafe import Markup

from setori import catalogue, places, showings
from setori.catalogue import COMPARE_AT_MOST, Access, Card, Found, Order, Search, Shown, Way
from setori.days import local_day
from setori.people import Role
from setori.readmodels import wallet
from setori.web import forms, kept_list
from setori.web.given import Db, Now, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.pages import page

FILTERS = (
    *("q", "area", "near", "km", "service", "way", "language", "within", "speciality", "access"),
    *("most_euros", "order"),
)
TOPICS = 12
"""So many topics are offered, those that most coaches know; any other is found by its word."""

HTML_KEPT = 6_000
FILTERS_KEPT = 300
UNKNOWN_PLACE = N_("We do not know this place. Write a postal code or the name of a municipality.")


@dataclass(frozen=True, slots=True)
class Tag:
    """A filter in force: its name and value, the address without it, and how many there would be then."""

    name: str
    value: str
    href: str
    without: int | None


@get("/coaches", opt=public())
async def coaches(request: Req, db: Db, now: Now) -> Template:
    """Search, filters with counts, and cards. What is ticked for comparing stays in the address."""
    on, params = local_day(now), request.query_params
    typed = {name: told for name in FILTERS if (told := [one for one in params.getall(name, []) if one])}
    after = params.get("after")
    form = forms.parse(Search, {**typed, **({"after": [after]} if after else {})})
    wanted = form.value or Search()
    spot = await places.find_spot(db, wanted.near) if wanted.near else None
    if wanted.near and spot is None:
        form = replace(form, errors={**form.errors, "near": gettext(UNKNOWN_PLACE)})
    found = await catalogue.search(
        db,
        wanted,
        on=on,
        seed=seed_of(request),
        lang=request.state.language,
        origin=(spot.latitude, spot.longitude) if spot else None,
    )
    if after is None:  # later pages go on from there: the first places are what counts
        await showings.note(
            db,
            [(card.offering_id, card.coach_id) for card in found.cards],
            by=request.state.actor,
            seed=seed_of(request),
            day=on,
            ordered_by=wanted.order.value,
            asked={name: ", ".join(values) for name, values in typed.items()},
            at=now,
        )
    areas = {area.code: area.name for area in await catalogue.kept(db, "areas", places.list_areas)}
    services = await catalogue.kept(db, "services", catalogue.list_services)
    picked = [pair_value(pair) for pair in pairs_of(request)]
    shown = [pair_value((card.offering_id, card.coach_id)) for card in found.cards]
    asked = [(name, value) for name, values in typed.items() for value in values]
    names = {"area": areas, "service": {str(service.id): service.name for service in services}}
    listed = [pair_value(pair) for pair in await kept_list.listed_by(request, db)]
    can_list = kept_list.can_list(request)
    is_part = request.headers.get("hx-target") == "results"
    cap = await _cap(request, db, on, wanted.service)
    filters = Markup("")
    if not is_part:
        question = None if form.errors else (*asked, ("cap", str(cap)))
        filters = _filters(
            request,
            found,
            question,
            form=form,
            wanted=wanted,
            areas=areas,
            services=services,
            ways=list(Way),
            accesses=list(Access),
            topics=_topics(found, wanted),
            spot=spot,
            cap=cap,
        )
    return page(
        request,
        "public/_results.html" if is_part else "public/coaches.html",
        found=found,
        filters=filters,
        cards=_cards(request, found, shown, picked, listed if can_list else None),
        listed=listed,
        can_list=can_list,
        back=_href([*asked, *((("after", after),) if after else ())], picked),
        form=form,
        wanted=wanted,
        orders=[order for order in Order if order is not Order.DISTANCE or spot is not None],
        spot=spot,
        picked=picked,
        picked_elsewhere=[value for value in picked if value not in shown],
        at_most=COMPARE_AT_MOST,
        tags=list(_tags(asked, picked, found)),
        names=names,
        next_href=_href([*asked, ("after", found.next)], picked) if found.next else None,
        first_href=None if after is None else _href(asked, picked),
        with_numbers="numbers" in params,
        numbers_href=_href([*asked, ("numbers", "1")], picked),
    )


def seed_of(request: Req) -> str:
    """What a reader's order is drawn from: the person, or the browser's plain signs; never kept."""
    if request.state.actor is not None:
        return str(request.state.actor.person_id)
    client = request.client.host if request.client else ""
    signs = f"{client} {request.headers.get('user-agent', '')}"
    return hashlib.sha256(signs.encode()).hexdigest()[:16]


def pairs_of(request: Req) -> list[tuple[UUID, UUID | None]]:
    """What is ticked for comparing, as the address has it; what is no pair is left out."""
    pairs: list[tuple[UUID, UUID | None]] = []
    for value in request.query_params.getall("pair", []):
        offering_id, _, coach_id = value.partition("_")
        try:
            pairs.append((UUID(offering_id), UUID(coach_id) if coach_id else None))
        except ValueError:
            continue
    return list(dict.fromkeys(pairs))


def pair_value(pair: tuple[UUID, UUID | None]) -> str:
    """A pair as an address has it."""
    return f"{pair[0]}_{pair[1] or ''}"


class KeptHtml:
    """The HTML of the cards that were shown last: of a pair as it was read, in one language, ticked or not."""

    def __init__(self, size: int = HTML_KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, int, str, str, str, int | None], str] = OrderedDict()
        self._filters: dict[Any, str] = {}
        self._generation: int | None = None

    def filters(self, request: Req, question: tuple[tuple[str, str], ...], found: Found, **shown: Any) -> str:
        """The filters, with the counts of one question to one generation of the index."""
        if self._generation != found.generation:
            self._generation, self._filters = found.generation, {}
        key = (request.state.language, question)
        if key not in self._filters:
            if len(self._filters) >= FILTERS_KEPT:
                self._filters.clear()
            self._filters[key] = _rendered(request, "public/_filters.html", found=found, **shown)
        return self._filters[key]

    def of(
        self, request: Req, lang: str, card: Card, shown: Shown, value: str, tick: str, listing: str
    ) -> str:
        """A card. `tick` is how the box for comparing stands, `listing` what its button does with the shortlist.

        Nothing else on it depends on who reads.
        """
        km = None if shown.km is None else round(shown.km)
        key = (value, shown.born, lang, tick, listing, km)
        if key not in self._kept:
            earliest = None if shown.earliest is None else datetime.fromtimestamp(shown.earliest, UTC)
            shows = {"id": value, "tick": tick, "listing": listing, "km": km, "earliest": earliest}
            self._kept[key] = _rendered(request, "public/_card.html", card=card, **shows)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def _rendered(request: Req, template: str, **shown: Any) -> str:
    engine = request.app.template_engine.engine  # type: ignore[union-attr]
    return str(engine.get_template(template).render(**shown))


def _filters(
    request: Req, found: Found, question: tuple[tuple[str, str], ...] | None, **shown: Any
) -> Markup:
    """The filters as HTML: kept where nothing is wrong with the question, and the answer has a generation."""
    kept: KeptHtml = request.app.state.kept_html
    if question is None or found.generation is None:
        return Markup(_rendered(request, "public/_filters.html", found=found, **shown))
    return Markup(kept.filters(request, question, found, **shown))


def _cards(
    request: Req, found: Found, values: list[str], picked: list[str], listed: list[str] | None
) -> Markup:
    """The cards of the page as HTML, which the template has made and escaped. `listed` is None for who has no list."""
    kept: KeptHtml = request.app.state.kept_html
    lang: str = request.state.language
    other = " disabled" if len(picked) >= COMPARE_AT_MOST else ""
    does = {value: "" if listed is None else "drop" if value in listed else "keep" for value in values}
    ticks = {value: " checked" if value in picked else other for value in values}
    return Markup("").join(
        Markup(kept.of(request, lang, card, shown, value, ticks[value], does[value]))
        for card, shown, value in zip(found.cards, found.shown, values, strict=True)
    )


def _topics(found: Found, wanted: Search) -> list[str]:
    most = sorted(found.facets.specialities.items(), key=lambda one: (-one[1], one[0]))[:TOPICS]
    listed = [topic for topic, _ in most]
    if wanted.speciality is not None and wanted.speciality not in listed:
        listed.append(wanted.speciality)
    return listed


async def _cap(request: Req, db: Db, on: date, service_id: UUID | None) -> int | None:
    """What the reader's own voucher pays at most, if there is one with which a coach can be chosen."""
    actor = request.state.actor
    if actor is None or actor.role is not Role.JOBSEEKER:
        return None
    held = await wallet.list_vouchers(db, actor, on=on)
    caps = [one.price_cap_cents for one in held if one.can_choose and service_id in (None, one.service_id)]
    return max(caps, default=None)


def _href(asked: Iterable[tuple[str, Any]], picked: list[str]) -> str:
    """The catalogue with these filters, and with what is ticked for comparing."""
    query = urlencode([*asked, *(("pair", value) for value in picked)])
    return f"/coaches?{query}" if query else "/coaches"


def _tags(asked: list[tuple[str, str]], picked: list[str], found: Found) -> Iterable[Tag]:
    """The filters in force. Without a place there is no distance either."""
    for name, value in asked:
        if name == "order":
            continue
        gone = {"near": ("near", "km")}.get(name, (name,))
        rest = [
            (other, kept)
            for other, kept in asked
            if other not in gone or (name == "access" and kept != value)
        ]
        key = {"access": f"access={value}", "most_euros": "most", "near": "km"}.get(name, name)
        yield Tag(name, value, _href(rest, picked), found.without.get(key))


routes = [coaches]
