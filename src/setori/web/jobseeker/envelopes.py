"""A person's own budget: what is in it, what if, and taking somebody out of it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, envelopes, showings
from setori.days import local_day
from setori.envelopes import TakeOffering
from setori.errors import Conflict, NotFound
from setori.people import Actor, Role
from setori.readmodels import envelopes as rows
from setori.web import forms
from setori.web.given import By, CodeKey, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.plans import plan_of


@get("/wallet/budgets/{envelope_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, now: Now, by: By, envelope_id: Id) -> Template:
    """What is in it for what, and what if."""
    seen = await rows.find_envelope(db, envelope_id, by=by)
    plan = await plan_of(request, db, seen, on=local_day(now), lang=request.state.language)
    return page(request, "jobseeker/budget.html", seen=seen, plan=plan)


@get("/wallet/budgets/{envelope_id:uuid}/take", opt=only(Role.JOBSEEKER))
async def check(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    envelope_id: Id,
    offering: FromQuery[UUID],
    coach: FromQuery[UUID | None] = None,
    sessions: FromQuery[int] = 5,
) -> Template:
    """What taking it means, before it is taken."""
    told = {"offering_id": str(offering), "coach_id": str(coach or ""), "sessions": str(sessions)}
    form = forms.parse(TakeOffering, {name: [value] for name, value in told.items()})
    if form.value is None:
        raise NotFound
    return await _page(request, db, now, by, envelope_id, form.value, form)


@post("/wallet/budgets/{envelope_id:uuid}/take", opt=only(Role.JOBSEEKER))
async def take(
    request: Req, db: Db, now: Now, by: By, code_key: CodeKey, envelope_id: Id, typed: Filled
) -> Response[Any]:
    """Take it: the voucher is in the wallet at once, with the choice made."""
    form = forms.parse(TakeOffering, typed)
    if form.value is None:
        raise NotFound
    try:
        voucher_id = await envelopes.take(db, envelope_id, form.value, key=code_key, by=by, at=now)
        await showings.note_choice(db, voucher_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _page(request, db, now, by, envelope_id, form.value, form, refusal=refusal)
    return see("/wallet")


async def _page(
    request: Req,
    db: Db,
    now: Now,
    by: Actor,
    envelope_id: UUID,
    order: TakeOffering,
    form: forms.Form[TakeOffering],
    *,
    refusal: Conflict | None = None,
) -> Template:
    seen = await rows.find_envelope(db, envelope_id, by=by)
    pair = (order.offering_id, order.coach_id)
    cards = await catalogue.compare(db, [pair], on=local_day(now))
    if not cards:
        raise NotFound
    card = cards[0]
    aside = await envelopes.price(db, seen.row.id, card.service_id, card.price_cents, order.sessions)
    return page(
        request,
        "jobseeker/budget_take.html",
        status=409 if refusal else 200,
        seen=seen,
        card=card,
        sessions=order.sessions,
        aside=aside,
        left=seen.left_for(card.service_id),
        form=form,
        refusal=refusal,
    )


routes = [show, check, take]
