"""The catalogue: coaches to look at, compare and choose. Open to anybody; the order takes turns."""

import hashlib
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori import booking, catalogue, places, reviews
from setori.catalogue import COMPARE_AT_MOST, Order, Search, Way
from setori.days import local_day
from setori.errors import NotFound
from setori.people import Role
from setori.readmodels import envelopes, obstacles, public_pages, standing, wallet
from setori.web import forms
from setori.web.given import Config, Db, Id, Now, Req
from setori.web.guards import public
from setori.web.pages import page
from setori.web.public.documents import linked_offering

FILTERS = ("q", "area", "language", "way", "service", "order")


@get("/coaches", opt=public())
async def coaches(request: Req, db: Db, now: Now) -> Template:
    """Search, filters with counts, and cards. What is ticked for comparing stays in the address."""
    asked = {name: value for name in FILTERS if (value := request.query_params.get(name, ""))}
    typed = {name: [value] for name, value in asked.items()}
    after = request.query_params.get("after")
    form = forms.parse(Search, {**typed, **({"after": [after]} if after else {})})
    wanted = form.value or Search()
    found = await catalogue.search(
        db, wanted, on=local_day(now), seed=_seed(request), lang=request.state.language
    )
    areas = {area.code: area.name for area in await places.list_areas(db)}
    services = await catalogue.list_services(db)
    picked = [_value(pair) for pair in _pairs(request)]
    shown = {_value((card.offering_id, card.coach_id)) for card in found.cards}
    return page(
        request,
        "public/_results.html" if request.headers.get("hx-target") == "results" else "public/coaches.html",
        found=found,
        form=form,
        wanted=wanted,
        areas=areas,
        services=services,
        orders=list(Order),
        ways=list(Way),
        picked=picked,
        picked_elsewhere=[value for value in picked if value not in shown],
        pair_of=lambda card: _value((card.offering_id, card.coach_id)),
        at_most=COMPARE_AT_MOST,
        tags=_tags(asked, picked, areas, {str(service.id): service.name for service in services}),
        next_href=_href({**asked, "after": found.next}, picked) if found.next else None,
        first_href=None if after is None else _href(asked, picked),
    )


@get("/coaches/compare", opt=public())
async def compare(request: Req, db: Db, now: Now) -> Template:
    """Up to three coaches side by side."""
    cards = await catalogue.compare(db, _pairs(request)[:COMPARE_AT_MOST], on=local_day(now))
    areas = {area.code: area.name for area in await places.list_areas(db)}
    return page(
        request,
        "public/compare.html",
        left_out=max(0, len(_pairs(request)) - COMPARE_AT_MOST),
        cards=cards,
        areas=areas,
        mine=await _voucher(request, db, local_day(now)),
    )


@get("/offerings/{offering_id:uuid}", opt=public())
async def offering(
    request: Req,
    db: Db,
    now: Now,
    offering_id: Id,
    settings: Config,
    coach: FromQuery[UUID | None] = None,
    after: FromQuery[UUID | None] = None,
) -> Template:
    """An offering with the people behind it, what others said, and the way to choose."""
    found = await catalogue.find_offering(db, offering_id, on=local_day(now))
    if coach is not None and coach not in {one.id for one in found.coaches}:
        raise NotFound
    areas = {area.code: area.name for area in await places.list_areas(db)}
    return page(
        request,
        "public/offering.html",
        offering=found,
        openness=await obstacles.of_offering(db, offering_id, on=local_day(now)),
        linked=linked_offering(found, areas, request.state.language, settings.base_url),
        chosen=coach,
        said=await reviews.list_of_offering(db, offering_id, coach_id=coach, after=after),
        spread=await public_pages.spread_of(db, offering_id, coach),
        areas=areas,
        room=await standing.room_of(db, found.provider_id, found.service_id, on=local_day(now)),
        mine=await _voucher(request, db, local_day(now), found.service_id),
        budget=await _budget(request, db, found.service_id, local_day(now)),
        is_first=after is None,
        earliest=_earliest(
            await booking.earliest_free(db, [one.id for one in found.coaches], now=now), coach
        ),
    )


def _earliest(free: dict[UUID, booking.Slot], coach_id: UUID | None) -> booking.Slot | None:
    """The first free time: the coach's that is looked at, or anybody's in the service."""
    if coach_id is not None:
        return free.get(coach_id)
    return min(free.values(), key=lambda slot: slot.starts_at, default=None)


async def _voucher(
    request: Req, db: Db, on: date, service_id: UUID | None = None
) -> wallet.WalletVoucher | None:
    """The reader's own voucher with which a coach can be chosen, if there is one."""
    actor = request.state.actor
    if actor is None or actor.role is not Role.JOBSEEKER:
        return None
    held = await wallet.list_vouchers(db, actor, on=on)
    fitting = [one for one in held if one.can_choose and service_id in (None, one.service_id)]
    return fitting[0] if fitting else None


async def _budget(request: Req, db: Db, service_id: UUID, on: date) -> UUID | None:
    """The reader's own running budget that this service may be taken out of."""
    actor = request.state.actor
    if actor is None or actor.role is not Role.JOBSEEKER:
        return None
    return await envelopes.live_for(db, actor, service_id, on=on)


def _seed(request: Req) -> str:
    """What a reader's order is drawn from: the person, or the browser's plain signs; never kept."""
    if request.state.actor is not None:
        return str(request.state.actor.person_id)
    client = request.client.host if request.client else ""
    signs = f"{client} {request.headers.get('user-agent', '')}"
    return hashlib.sha256(signs.encode()).hexdigest()[:16]


def _pairs(request: Req) -> list[tuple[UUID, UUID | None]]:
    pairs: list[tuple[UUID, UUID | None]] = []
    for value in request.query_params.getall("pair", []):
        offering_id, _, coach_id = value.partition("_")
        try:
            pairs.append((UUID(offering_id), UUID(coach_id) if coach_id else None))
        except ValueError:
            continue
    return list(dict.fromkeys(pairs))


def _value(pair: tuple[UUID, UUID | None]) -> str:
    return f"{pair[0]}_{pair[1] or ''}"


def _href(asked: dict[str, str], picked: list[str]) -> str:
    """The catalogue with these filters, and with what is ticked for comparing."""
    query = urlencode([*asked.items(), *(("pair", value) for value in picked)])
    return f"/coaches?{query}" if query else "/coaches"


def _tags(
    asked: dict[str, str], picked: list[str], areas: dict[str, Any], services: dict[str, Any]
) -> list[tuple[str, Any, str]]:
    """The filters in force: (filter, what it says, the address without it)."""
    tags = []
    for name, value in asked.items():
        if name == "order":
            continue
        rest = {other: kept for other, kept in asked.items() if other != name}
        says = {"area": areas, "service": services}.get(name, {}).get(value, value)
        tags.append((name, says, _href(rest, picked)))
    return tags


routes = [coaches, compare, offering]
