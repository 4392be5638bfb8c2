"""Coaches to look at closely, to compare and to choose. Open to anybody."""

from datetime import date
from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori import booking, catalogue, places, reviews
from setori.catalogue import COMPARE_AT_MOST
from setori.days import local_day
from setori.errors import NotFound
from setori.people import Role
from setori.readmodels import envelopes, figures, obstacles, standing, wallet
from setori.web import kept_list
from setori.web.given import Config, Db, Id, Now, Req
from setori.web.guards import public
from setori.web.pages import page
from setori.web.public.documents import linked_offering
from setori.web.public.searching import pairs_of


@get("/coaches/compare", opt=public())
async def compare(request: Req, db: Db, now: Now) -> Template:
    """Up to three coaches side by side."""
    on = local_day(now)
    cards = await catalogue.compare(db, pairs_of(request)[:COMPARE_AT_MOST], on=on)
    areas = {area.code: area.name for area in await places.list_areas(db)}
    return page(
        request,
        "public/compare.html",
        left_out=max(0, len(pairs_of(request)) - COMPARE_AT_MOST),
        cards=cards,
        areas=areas,
        mine=await voucher_of(request, db, on),
        earliest=await booking.earliest_free(db, [one.coach_id for one in cards if one.coach_id], now=now),
        rooms=await standing.list_rooms(db, [(one.provider_id, one.service_id) for one in cards], on=on),
        listed=await kept_list.listed_by(request, db),
        can_list=kept_list.can_list(request),
        outcomes=await figures.outcomes_of(db, {card.provider_id for card in cards}),
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
        areas=areas,
        room=await standing.room_of(db, found.provider_id, found.service_id, on=local_day(now)),
        outcome=(await figures.outcomes_of(db, [found.provider_id])).get(
            (found.provider_id, found.service_id), figures.OutcomeView()
        ),
        mine=await voucher_of(request, db, local_day(now), found.service_id),
        listed=await kept_list.listed_by(request, db),
        can_list=kept_list.can_list(request),
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


async def voucher_of(
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


routes = [compare, offering]
