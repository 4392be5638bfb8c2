"""What came of one's voucher: what is claimed about oneself, one's own word on it, and one's own claim."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template

from setori import outcomes
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid, NotFound
from setori.outcomes import AnswerMore, ClaimOutcome, SayOfClaim
from setori.people import Actor, Role
from setori.readmodels import outcomes as seen
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/wallet/{voucher_id:uuid}/outcome", opt=only(Role.JOBSEEKER))
async def new(request: Req, db: Db, now: Now, by: By, voucher_id: Id) -> Template:
    """What the voucher's terms pay for an outcome, what is claimed, and a form."""
    return await _new(request, db, now, by, voucher_id, Form())


@post("/wallet/{voucher_id:uuid}/outcome", opt=only(Role.JOBSEEKER))
async def claim(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Tell what came of it."""
    form = forms.parse(ClaimOutcome, typed)
    if form.value is None:
        return await _new(request, db, now, by, voucher_id, form, status=422)
    try:
        claim_id = await outcomes.claim(db, voucher_id, form.value, by=by, at=now)
    except Invalid as wrong:
        await db.rollback()
        return await _new(request, db, now, by, voucher_id, form.with_errors(wrong), status=422)
    except Conflict as refused:
        await db.rollback()
        return await _new(request, db, now, by, voucher_id, form, status=refused.status, refusal=refused)
    return see(f"/outcomes/{claim_id}")


@get("/outcomes/{claim_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, by: By, claim_id: Id) -> Template:
    """One claim, and the question whether it is right."""
    return await _show(request, db, by, claim_id, Form())


@post("/outcomes/{claim_id:uuid}/word", opt=only(Role.JOBSEEKER))
async def say(request: Req, db: Db, now: Now, by: By, claim_id: Id, typed: Filled) -> Response[Any]:
    """It is so; or it is not, and why."""
    form = forms.parse(SayOfClaim, typed)
    if form.value is None:
        return await _show(request, db, by, claim_id, form, status=422)
    try:
        await outcomes.say(db, claim_id, form.value, by=by, at=now)
    except Invalid as wrong:
        await db.rollback()
        return await _show(request, db, by, claim_id, form.with_errors(wrong), status=422)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, claim_id, form, status=refused.status, refusal=refused)
    return see(f"/outcomes/{claim_id}")


@post("/outcomes/{claim_id:uuid}/answer", opt=only(Role.JOBSEEKER))
async def answer(request: Req, db: Db, now: Now, by: By, claim_id: Id, typed: Filled) -> Response[Any]:
    """Tell what the case worker asks for."""
    form = forms.parse(AnswerMore, typed)
    if form.value is None:
        return await _show(request, db, by, claim_id, form, status=422)
    try:
        await outcomes.answer(db, claim_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, claim_id, form, status=refused.status, refusal=refused)
    return see(f"/outcomes/{claim_id}")


@post("/outcomes/{claim_id:uuid}/withdrawal", opt=only(Role.JOBSEEKER))
async def withdraw(request: Req, db: Db, now: Now, by: By, claim_id: Id) -> Response[Any]:
    """Take one's own claim back before it is decided."""
    try:
        await outcomes.withdraw(db, claim_id, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, claim_id, Form(), status=refused.status, refusal=refused)
    return see(f"/outcomes/{claim_id}")


async def _new(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    voucher_id: UUID,
    form: Form[ClaimOutcome],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    if voucher_id not in await seen.vouchers_with_fees(db, by=by):
        raise NotFound
    try:
        client = await seen.find_claimable(db, voucher_id, by=by)
    except NotFound:
        client = None  # nobody was met yet
    return page(
        request,
        "jobseeker/outcomes/new.html",
        status=status,
        client=client,
        claims=await seen.list_of_voucher(db, voucher_id, by=by),
        today=local_day(now),
        form=form,
        refusal=refusal,
    )


async def _show(
    request: Req,
    db: Database,
    by: Actor,
    claim_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    return page(
        request,
        "jobseeker/outcomes/show.html",
        status=status,
        claim=await seen.find_claim(db, claim_id, by=by),
        form=form,
        refusal=refusal,
    )


routes = [new, claim, show, say, answer, withdraw]
