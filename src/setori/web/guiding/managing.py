"""The service manager's desk: one's clients, one of them as far as the consent goes, and the client's shortlist."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, guiding
from setori.catalogue import Search
from setori.days import local_day
from setori.errors import Conflict, NotFound
from setori.guiding import Deed, Scope, Suggest
from setori.people import Role
from setori.readmodels import guided
from setori.readmodels import guiding as reading
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see

CARDS = 12


@get("/guiding", opt=only(Role.SERVICE_MANAGER))
async def index(request: Req, db: Db, now: Now, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """One's clients, each with the next step."""
    listed = await reading.list_clients(db, by, at=now, on=local_day(now), after=after)
    return page(request, "guiding/desk.html", listed=listed, is_first=after is None)


@get("/guiding/clients/{consent_id:uuid}", opt=only(Role.SERVICE_MANAGER))
async def show(request: Req, db: Db, now: Now, by: By, consent_id: Id) -> Template:
    """A client, as far as the consent goes."""
    beside = await guiding.look(db, consent_id, by=by, at=now)
    suggests = Scope.SHORTLIST in beside.scopes
    return page(
        request,
        "guiding/client.html",
        beside=beside,
        scopes=sorted(beside.scopes),
        seen=await guided.find_client(db, beside, at=now, on=local_day(now)),
        suggested=await reading.list_suggested(db, consent_id) if suggests else [],
    )


@get("/guiding/clients/{consent_id:uuid}/coaches", opt=only(Role.SERVICE_MANAGER))
async def coaches(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    consent_id: Id,
    voucher: FromQuery[UUID],
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Template:
    """Whom the voucher could choose, to pick from for the shortlist."""
    beside = await guiding.look(db, consent_id, Deed.LOOKED_FOR_COACHES, by=by, at=now)
    on = local_day(now)
    wanted = await guided.find_voucher(db, beside, voucher, on=on)
    name = q.strip()[:100]
    asked = {"q": name, "area": wanted.area_code, "service": wanted.service_id, "limit": CARDS}
    form = forms.parse(Search, {"after": [after[:2000]]} if after else {}, **asked)
    if form.value is None:
        raise NotFound
    found = await catalogue.search(
        db, form.value, on=on, seed=str(beside.client.person_id), lang=request.state.language, counts=False
    )
    return page(
        request,
        "guiding/coaches.html",
        beside=beside,
        voucher=wanted,
        found=found,
        q=name,
        is_first=not after,
    )


@get("/guiding/clients/{consent_id:uuid}/suggestion", opt=only(Role.SERVICE_MANAGER))
async def before_suggesting(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    consent_id: Id,
    voucher: FromQuery[UUID],
    offering: FromQuery[UUID],
    coach: FromQuery[UUID | None] = None,
) -> Template:
    """A few words for the client beside the suggestion."""
    order = Suggest(voucher_id=voucher, offering_id=offering, coach_id=coach)
    return await _suggestion(request, db, now, by, consent_id, order, forms.Form())


@post("/guiding/clients/{consent_id:uuid}/suggestions", opt=only(Role.SERVICE_MANAGER))
async def suggest(request: Req, db: Db, now: Now, by: By, consent_id: Id, typed: Filled) -> Response[Any]:
    """Put it on the client's shortlist."""
    form = forms.parse(Suggest, typed)
    if form.value is None:
        plain = forms.parse(Suggest, {name: values for name, values in typed.items() if name != "comment"})
        if plain.value is None:
            raise NotFound
        return await _suggestion(request, db, now, by, consent_id, plain.value, form)
    try:
        await guiding.suggest(db, consent_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _suggestion(request, db, now, by, consent_id, form.value, form, refusal=refusal)
    return see(f"/guiding/clients/{consent_id}")


@post("/guiding/suggestions/{suggestion_id:uuid}/removal", opt=only(Role.SERVICE_MANAGER))
async def take_back(db: Db, now: Now, by: By, suggestion_id: Id) -> Response[Any]:
    """Take it off the client's shortlist."""
    consent_id = await guiding.take_back(db, suggestion_id, by=by, at=now)
    return see(f"/guiding/clients/{consent_id}")


@get("/guiding/clients/{consent_id:uuid}/end", opt=only(Role.SERVICE_MANAGER))
async def before_stepping_back(request: Req, db: Db, now: Now, by: By, consent_id: Id) -> Template:
    """What stepping back means."""
    beside = await guiding.look(db, consent_id, by=by, at=now)
    return page(request, "guiding/step_back.html", beside=beside)


@post("/guiding/clients/{consent_id:uuid}/end", opt=only(Role.SERVICE_MANAGER))
async def step_back(db: Db, now: Now, by: By, consent_id: Id) -> Response[Any]:
    """Walk beside no more; the client is told."""
    await guiding.end(db, consent_id, by=by, at=now)
    return see("/guiding")


async def _suggestion(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    consent_id: UUID,
    order: Suggest,
    form: forms.Form[Suggest],
    *,
    refusal: Conflict | None = None,
) -> Template:
    beside = await guiding.look(db, consent_id, Deed.LOOKED_FOR_COACHES, by=by, at=now)
    on = local_day(now)
    voucher = await guided.find_voucher(db, beside, order.voucher_id, on=on)
    found = await catalogue.find_offering(db, order.offering_id, on=on)
    coach = next((one for one in found.coaches if one.id == order.coach_id), None)
    if order.coach_id is not None and coach is None:
        raise NotFound
    return page(
        request,
        "guiding/suggest.html",
        status=409 if refusal else 422 if form.errors else 200,
        beside=beside,
        voucher=voucher,
        offering=found,
        coach=coach,
        form=form,
        refusal=refusal,
    )


routes = [
    index,
    show,
    coaches,
    before_suggesting,
    suggest,
    take_back,
    before_stepping_back,
    step_back,
]
