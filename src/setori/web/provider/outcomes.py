"""Outcomes: what came of the firm's clients, claimed here, and what the case worker says of it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import outcomes
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.outcomes import AnswerMore, ClaimOutcome
from setori.people import Actor, Role
from setori.readmodels import outcomes as seen
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/provider/outcomes", opt=only(Role.PROVIDER_OWNER))
async def index(request: Req, db: Db, now: Now, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """What has been claimed, the newest first."""
    return page(
        request,
        "provider/outcomes/index.html",
        listed=await seen.list_claims(db, by=by, after=after),
        claimable=await seen.list_claimable(db, by=by, on=local_day(now), limit=1),
        is_first=after is None,
    )


@get("/provider/outcomes/clients", opt=only(Role.PROVIDER_OWNER))
async def clients(request: Req, db: Db, now: Now, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """For whom an outcome can be claimed."""
    return page(
        request,
        "provider/outcomes/clients.html",
        listed=await seen.list_claimable(db, by=by, on=local_day(now), after=after),
        today=local_day(now),
        is_first=after is None,
    )


@get("/provider/vouchers/{voucher_id:uuid}/outcome", opt=only(Role.PROVIDER_OWNER))
async def new(request: Req, db: Db, now: Now, by: By, voucher_id: Id) -> Template:
    """Where an outcome of a client is claimed."""
    return await _new(request, db, now, by, voucher_id, Form())


@post("/provider/vouchers/{voucher_id:uuid}/outcome", opt=only(Role.PROVIDER_OWNER))
async def claim(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Claim it; the client is told."""
    form = forms.parse(ClaimOutcome, typed, provider_id=None)
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
    return see(f"/provider/outcomes/{claim_id}")


@get("/provider/outcomes/{claim_id:uuid}", opt=only(Role.PROVIDER_OWNER))
async def show(request: Req, db: Db, by: By, claim_id: Id) -> Template:
    """One claim with what became of it."""
    return await _show(request, db, by, claim_id, Form())


@post("/provider/outcomes/{claim_id:uuid}/answer", opt=only(Role.PROVIDER_OWNER))
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
    return see(f"/provider/outcomes/{claim_id}")


@post("/provider/outcomes/{claim_id:uuid}/withdrawal", opt=only(Role.PROVIDER_OWNER))
async def withdraw(request: Req, db: Db, now: Now, by: By, claim_id: Id) -> Response[Any]:
    """Take the claim back before it is decided."""
    try:
        await outcomes.withdraw(db, claim_id, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, claim_id, Form(), status=refused.status, refusal=refused)
    return see(f"/provider/outcomes/{claim_id}")


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
    return page(
        request,
        "provider/outcomes/new.html",
        status=status,
        client=await seen.find_claimable(db, voucher_id, by=by),
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
        "provider/outcomes/show.html",
        status=status,
        claim=await seen.find_claim(db, claim_id, by=by),
        steps=await seen.list_steps(db, claim_id),
        clawbacks=await seen.list_clawbacks(db, claim_id),
        form=form,
        refusal=refusal,
    )


routes = [index, clients, new, claim, show, answer, withdraw]
