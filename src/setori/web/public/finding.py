"""Guided choice: five plain questions, at most three coaches. Open to anybody; whoever has a voucher may keep them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template

from setori import catalogue, finding, places, showings
from setori.catalogue import Help, Way
from setori.days import local_day
from setori.db import Database
from setori.errors import Invalid
from setori.finding import Three, Wishes
from setori.people import Actor, Role
from setori.readmodels import wallet
from setori.readmodels.wallet import WalletVoucher
from setori.showings import Source
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Now, Req
from setori.web.guards import only, public
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.public.searching import seed_of

LANGUAGES = ("fi", "sv", "en", "sfi", "fse", "ru", "uk", "ar", "so", "et")
"""In which one may ask for a coach here; the catalogue knows more."""

ASKED = ("service", "way", "language", "area", "near", "km", "helps")


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the guided choice is walked: its addresses, for whom, and with which voucher of theirs.

    `carried` goes along in every address.
    """

    path: str
    seed: str
    person_id: UUID | None = None
    who: str = ""
    voucher: WalletVoucher | None = None
    back: str = "/coaches"
    carried: tuple[tuple[str, str], ...] = ()


@get("/find", opt=public())
async def ask(request: Req, db: Db, now: Now) -> Template:
    """The five questions, as they were answered before when one comes back to them."""
    return await questions(request, db, await _walk(request, db, now), forms.Form(typed_of(request)))


@get("/find/three", opt=public())
async def three(request: Req, db: Db, now: Now) -> Template:
    """The three at most, each with why and one honest drawback."""
    return await answers(request, db, now, await _walk(request, db, now), typed_of(request))


@post("/find/three", opt=only(Role.JOBSEEKER))
async def keep(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Keep them in the wallet, in place of those before."""
    walk = await _walk(request, db, now)
    form = forms.parse(Wishes, typed)
    if form.value is None:
        return await questions(request, db, walk, form, status=422)
    try:
        await keep_for(db, walk, form.value, by=by, now=now)
    except Invalid:  # somebody left meanwhile: the page says so
        given = [(name, value) for name in ASKED for value in typed.get(name, [])]
        return see(f"/find/three?{urlencode(given)}")
    return see("/wallet?said=kept#found")


def typed_of(request: Req) -> Typed:
    """The answers as the address has them."""
    told = request.query_params
    return {name: values for name in ASKED if (values := [one for one in told.getall(name, []) if one])}


async def questions(
    request: Req, db: Database, walk: Walk, form: Form[Any], *, status: int = 200
) -> Template:
    """The page with the five questions."""
    return page(
        request,
        "public/find.html",
        status=status,
        form=_in_words(form),
        walk=walk,
        services=await catalogue.list_services(db),
        areas={area.code: area.name for area in await places.list_areas(db)},
        ways=list(Way),
        helps=list(Help),
        languages_spoken=LANGUAGES,
    )


async def answers(request: Req, db: Database, now: Now, walk: Walk, typed: Typed) -> Template:
    """The page with the three, or the questions again when something is not understood."""
    form = forms.parse(Wishes, typed)
    if form.value is None:
        return await questions(request, db, walk, form, status=422)
    found = await _find(db, walk, form.value, now)
    if not found.is_place_known:
        errors = {"near": N_("We do not know this place. Write a postal code or the name of a municipality.")}
        unknown: Form[Any] = forms.Form(typed, None, {name: gettext(told) for name, told in errors.items()})
        return await questions(request, db, walk, unknown, status=422)
    await showings.note(
        db,
        [(card.offering_id, card.coach_id) for card, _ in found.picks],
        by=request.state.actor,
        seed=walk.seed,
        day=local_day(now),
        source=Source.GUIDED,
        ordered_by="guided",
        asked={name: ", ".join(values) for name, values in typed.items()},
        at=now,
    )
    given = [(name, value) for name, values in typed.items() for value in values]
    return page(
        request,
        "public/found.html",
        walk=walk,
        found=found,
        given=tuple(given),
        again=f"{walk.path}?{urlencode([*walk.carried, *given])}",
        compare="/coaches/compare?"
        + urlencode([("pair", f"{card.offering_id}_{card.coach_id or ''}") for card, _ in found.picks]),
    )


async def keep_for(db: Database, walk: Walk, wishes: Wishes, *, by: Actor, now: Now) -> None:
    """Find the same three again, and keep them for whom they were found. Raises Invalid when nobody fits."""
    assert walk.person_id is not None
    await finding.keep(db, walk.person_id, wishes, await _find(db, walk, wishes, now), by=by, at=now)


async def _find(db: Database, walk: Walk, wishes: Wishes, now: Now) -> Three:
    voucher = walk.voucher
    if voucher is None:
        return await finding.find(db, wishes, seed=walk.seed, at=now)
    fixed = {"service": voucher.service_id, "area": wishes.area or voucher.area_code}
    return await finding.find(
        db, wishes.model_copy(update=fixed), seed=walk.seed, at=now, most_cents=voucher.price_cap_cents
    )


async def _walk(request: Req, db: Database, now: Now) -> Walk:
    actor = request.state.actor
    if actor is None or actor.role is not Role.JOBSEEKER:
        return Walk("/find", seed_of(request))
    held = await wallet.list_vouchers(db, actor, on=local_day(now))
    voucher = next((one for one in held if one.can_choose), None)
    return Walk("/find", seed_of(request), actor.person_id, voucher=voucher, back="/wallet")


def _in_words(form: Form[Any]) -> Form[Any]:
    if "helps" not in form.errors:
        return form
    return Form(form.typed, None, {**form.errors, "helps": gettext(N_("Choose two at most."))})


routes = [ask, three, keep]
