"""The case worker between two sides: disputed sessions are decided, and silently confirmed ones are looked at."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import vouchers
from setori.errors import Conflict, Invalid
from setori.people import Actor, Role
from setori.readmodels import disputes
from setori.vouchers import DecideDispute, LookAtSample
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Hot, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/procurer/disputes", opt=only(Role.CASE_WORKER))
async def index(
    request: Req, db: Db, by: By, done: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """Those that wait, the oldest first; or those that are over."""
    is_open = done != "yes"
    return page(
        request,
        "procurer/disputes/index.html",
        listed=await disputes.list_disputes(db, by=by, is_open=is_open, after=after),
        is_open=is_open,
        is_first=after is None,
    )


@get("/procurer/disputes/{dispute_id:uuid}", opt=only(Role.CASE_WORKER))
async def show(request: Req, db: Db, by: By, dispute_id: Id) -> Template:
    """Both sides of one, and where it is decided."""
    return await dispute_page(request, db, by, dispute_id, Form())


@post("/procurer/disputes/{dispute_id:uuid}/decision", opt=only(Role.CASE_WORKER))
async def decide(
    request: Req, db: Db, wire: Hot, now: Now, by: By, dispute_id: Id, typed: Filled
) -> Response[Any]:
    """Decide it, with a reason that both sides read."""
    form = forms.parse(DecideDispute, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await vouchers.decide_dispute(wire, dispute_id, form.value, by=by, at=now)
            return see(f"/procurer/disputes/{dispute_id}")
        except Invalid as wrong:
            form = form.with_errors(wrong)
        except Conflict as refused:
            status, refusal = refused.status, refused
    return await dispute_page(request, db, by, dispute_id, form, status=status, refusal=refusal)


@get("/procurer/samples", opt=only(Role.CASE_WORKER))
async def samples(
    request: Req, db: Db, by: By, done: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """Sessions that silence confirmed and chance picked."""
    is_open = done != "yes"
    return page(
        request,
        "procurer/disputes/samples.html",
        listed=await disputes.list_sampled(db, by=by, is_open=is_open, after=after),
        is_open=is_open,
        is_first=after is None,
    )


@get("/procurer/samples/{redemption_id:uuid}", opt=only(Role.CASE_WORKER))
async def sample(request: Req, db: Db, by: By, redemption_id: Id) -> Template:
    """One of them, and where it is written down what the client says."""
    seen = await disputes.find_sampled(db, redemption_id, by=by)
    return page(request, "procurer/disputes/sample.html", seen=seen, form=Form(), refusal=None)


@post("/procurer/samples/{redemption_id:uuid}/look", opt=only(Role.CASE_WORKER))
async def look(request: Req, db: Db, now: Now, by: By, redemption_id: Id, typed: Filled) -> Response[Any]:
    """Write down what was found."""
    form = forms.parse(LookAtSample, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await vouchers.look_at_sample(db, redemption_id, form.value, by=by, at=now)
            return see("/procurer/samples")
        except Conflict as refused:
            await db.rollback()
            status, refusal = refused.status, refused
    seen = await disputes.find_sampled(db, redemption_id, by=by)
    return page(
        request, "procurer/disputes/sample.html", status=status, seen=seen, form=form, refusal=refusal
    )


async def dispute_page(
    request: Req,
    db: Db,
    by: Actor,
    dispute_id: UUID,
    form: Form[DecideDispute],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """One dispute with its form."""
    return page(
        request,
        "procurer/disputes/show.html",
        status=status,
        seen=await disputes.find_disputed(db, dispute_id, by=by),
        form=form,
        refusal=refusal,
    )


routes = [index, show, decide, samples, sample, look]
