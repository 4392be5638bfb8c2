"""Choosing whom to meet: a page that says what the choice means, and the choice itself."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, showings, vouchers
from setori.days import local_day
from setori.errors import Conflict, NotFound
from setori.people import Actor, Role
from setori.readmodels import wallet
from setori.vouchers import ChooseOffering, NotChoosable
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/wallet/{voucher_id:uuid}/choose", opt=only(Role.JOBSEEKER))
async def check(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    voucher_id: Id,
    offering: FromQuery[UUID],
    coach: FromQuery[UUID | None] = None,
) -> Template:
    """Who it would be, what it means, and that one can change one's mind. Raises NotChoosable when it is gone."""
    return await _page(request, db, now, by, voucher_id, offering, coach)


@post("/wallet/{voucher_id:uuid}/choice", opt=only(Role.JOBSEEKER))
async def choose(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Choose, or tell why it cannot be."""
    form = forms.parse(ChooseOffering, typed)
    if form.value is None:
        raise NotFound
    try:
        await vouchers.choose(db, voucher_id, form.value, by=by, at=now)
        await showings.note_choice(db, voucher_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        order = form.value
        return await _page(
            request, db, now, by, voucher_id, order.offering_id, order.coach_id, form=form, refusal=refusal
        )
    return see("/wallet")


async def _page(
    request: Req,
    db: Db,
    now: Now,
    by: Actor,
    voucher_id: UUID,
    offering_id: UUID,
    coach_id: UUID | None,
    *,
    form: forms.Form[ChooseOffering] | None = None,
    refusal: Conflict | None = None,
) -> Template:
    voucher = await wallet.find_voucher(db, by, voucher_id, on=local_day(now))
    # What was taken down since the reader saw it has no page: why it cannot be chosen is told without one.
    try:
        found = await catalogue.find_offering(db, offering_id, on=local_day(now))
    except NotFound:
        raise (refusal or NotChoosable()) from None
    coach = next((one for one in found.coaches if one.id == coach_id), None)
    if coach_id is not None and coach is None:
        raise refusal or NotChoosable
    return page(
        request,
        "jobseeker/choose.html",
        status=409 if refusal else 200,
        voucher=voucher,
        offering=found,
        coach=coach,
        form=form or forms.Form(),
        is_switch=voucher.provider_id is not None and voucher.provider_id != found.provider_id,
        lets_go=voucher.coach_id is not None
        and voucher.provider_id == found.provider_id
        and voucher.coach_id != (coach.id if coach else None),
        refusal=refusal,
    )


routes = [check, choose]
