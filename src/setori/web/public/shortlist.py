"""The shortlist: whom one wants to remember while choosing. Open to anybody, without an account."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import booking, catalogue, finding
from setori.catalogue import COMPARE_AT_MOST
from setori.days import local_day
from setori.errors import Invalid, NotFound
from setori.finding import LIST_AT_MOST, Pair
from setori.people import Role
from setori.readmodels import figures
from setori.web import kept_list
from setori.web.forms import Typed
from setori.web.given import Db, Filled, Now, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.public.catalogue import voucher_of
from setori.web.public.searching import pair_value
from setori.web.sign_in import own_path

FULL = N_("Twelve stand on your list already: take one off first.")


@get("/shortlist", opt=public())
async def show(request: Req, db: Db, now: Now, said: FromQuery[str] = "") -> Template:
    """Whom the reader wants to remember, as they are today; who cannot be chosen just now says so."""
    on = local_day(now)
    listed = await kept_list.listed_by(request, db)
    cards = await catalogue.list_cards(db, listed, on=on)
    pairs = [pair_value((card.offering_id, card.coach_id)) for card in cards]
    open_ones = [pair for pair, card in zip(pairs, cards, strict=True) if card.is_choosable]
    return page(
        request,
        "public/shortlist.html",
        cards=list(zip(pairs, cards, strict=True)),
        said=said,
        full=gettext(FULL),
        at_most=LIST_AT_MOST,
        compare_at_most=COMPARE_AT_MOST,
        compare="/coaches/compare?" + urlencode([("pair", pair) for pair in open_ones[:COMPARE_AT_MOST]]),
        can_compare=len(open_ones) > 1,
        earliest=await booking.earliest_free(db, [one.coach_id for one in cards if one.coach_id], now=now),
        outcomes=await figures.outcomes_of(db, {card.provider_id for card in cards}),
        mine=await voucher_of(request, db, on),
    )


@post("/shortlist", opt=public())
async def change(request: Req, db: Db, now: Now, typed: Filled) -> Response[Any]:
    """Put somebody on the list (`keep`) or take them off (`drop`), and go back to where one was.

    Raises NotFound for who is not in the catalogue.
    """
    keep, drop = _pair_in(typed, "keep"), _pair_in(typed, "drop")
    if not kept_list.can_list(request) or (keep is None) == (drop is None):
        raise Invalid("Put one coach on the list, or take one off.")
    pair = keep or drop
    assert pair is not None
    back = own_path((typed.get("back") or ["/shortlist"])[-1])
    actor = request.state.actor
    if actor is not None and actor.role is Role.JOBSEEKER:
        refused = 0
        if keep:
            refused = await finding.add_to_shortlist(db, [pair], by=actor, at=now)
        else:
            await finding.take_off_shortlist(db, pair, by=actor)
        return see("/shortlist?said=full" if refused else _anchored(back, pair))
    listed = kept_list.read(request)
    if keep and keep not in listed:
        if len(listed) >= LIST_AT_MOST:
            return see("/shortlist?said=full")
        if not await catalogue.list_cards(db, [keep], on=local_day(now)):
            raise NotFound
        listed.append(keep)
    answer = see(_anchored(back, pair))
    kept_list.write(request, answer, [one for one in listed if one != drop])
    return answer


def _pair_in(typed: Typed, name: str) -> Pair | None:
    told = (typed.get(name) or [""])[-1]
    if not told:
        return None
    offering_id, _, coach_id = told.partition("_")
    try:
        return UUID(offering_id), UUID(coach_id) if coach_id else None
    except ValueError:
        raise NotFound from None


def _anchored(back: str, pair: Pair) -> str:
    """Where one was, at the same card."""
    return back if back.startswith("/shortlist") else f"{back.partition('#')[0]}#c-{pair_value(pair)}"


routes = [show, change]
