"""Outcomes at the procurer's desk: claims that wait, deciding them, and taking back what was not due."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import outcomes
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.outcomes import AskMore, DecideClawback, ProposeClawback, RefuseClaim, VerifyClaim
from setori.people import Actor, Role
from setori.readmodels import outcomes as seen
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see

READERS = (Role.CASE_WORKER, Role.APPROVER)


@get("/procurer/outcomes", opt=only(*READERS))
async def index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    show: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """Claims that wait, the oldest first; with `show=all` all of them, the newest first."""
    is_queue = show != "all"
    return page(
        request,
        "procurer/outcomes/index.html",
        listed=await seen.list_claims(db, by=by, open_only=is_queue, after=after),
        to_take_back=await seen.list_to_take_back(db, by=by) if after is None else [],
        is_queue=is_queue,
        today=local_day(now),
        is_first=after is None,
    )


@get("/procurer/outcomes/{claim_id:uuid}", opt=only(*READERS))
async def show(request: Req, db: Db, now: Now, by: By, claim_id: Id) -> Template:
    """One claim, with what both sides say, and the ways to decide it."""
    return await _show(request, db, now, by, claim_id, Form())


@post("/procurer/outcomes/{claim_id:uuid}/verification", opt=only(Role.CASE_WORKER))
async def verify(request: Req, db: Db, now: Now, by: By, claim_id: Id, typed: Filled) -> Response[Any]:
    """Find it true, and pay the fee."""
    form = forms.parse(VerifyClaim, typed)
    if form.value is None:
        return await _show(request, db, now, by, claim_id, form, about="verify", status=422)
    try:
        await outcomes.verify(db, claim_id, form.value, by=by, at=now)
    except (Conflict, Invalid) as refused:
        await db.rollback()
        return await _show(request, db, now, by, claim_id, form, about="verify", refusal=refused)
    return see(f"/procurer/outcomes/{claim_id}")


@post("/procurer/outcomes/{claim_id:uuid}/refusal", opt=only(Role.CASE_WORKER))
async def refuse(request: Req, db: Db, now: Now, by: By, claim_id: Id, typed: Filled) -> Response[Any]:
    """Pay nothing, and say why."""
    form = forms.parse(RefuseClaim, typed)
    if form.value is None:
        return await _show(request, db, now, by, claim_id, form, about="refuse", status=422)
    try:
        await outcomes.refuse(db, claim_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, now, by, claim_id, form, about="refuse", refusal=refused)
    return see(f"/procurer/outcomes/{claim_id}")


@post("/procurer/outcomes/{claim_id:uuid}/question", opt=only(Role.CASE_WORKER))
async def ask(request: Req, db: Db, now: Now, by: By, claim_id: Id, typed: Filled) -> Response[Any]:
    """Ask for more before it is decided."""
    form = forms.parse(AskMore, typed)
    if form.value is None:
        return await _show(request, db, now, by, claim_id, form, about="ask", status=422)
    try:
        await outcomes.ask(db, claim_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, now, by, claim_id, form, about="ask", refusal=refused)
    return see(f"/procurer/outcomes/{claim_id}")


@post("/procurer/outcomes/{claim_id:uuid}/clawback", opt=only(Role.CASE_WORKER))
async def take_back(request: Req, db: Db, now: Now, by: By, claim_id: Id, typed: Filled) -> Response[Any]:
    """Propose to take the fee back; another person decides."""
    form = forms.parse(ProposeClawback, typed)
    if form.value is None:
        return await _show(request, db, now, by, claim_id, form, about="clawback", status=422)
    try:
        await outcomes.propose_clawback(db, claim_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, now, by, claim_id, form, about="clawback", refusal=refused)
    return see(f"/procurer/outcomes/{claim_id}")


@post("/procurer/clawbacks/{clawback_id:uuid}/decision", opt=only(*READERS))
async def decide(request: Req, db: Db, now: Now, by: By, clawback_id: Id, typed: Filled) -> Response[Any]:
    """The second person agrees that the fee is taken back, or says no."""
    claim_id = await seen.find_clawback_claim(db, clawback_id, by=by)
    form = forms.parse(DecideClawback, typed)
    if form.value is None:
        return await _show(request, db, now, by, claim_id, form, about="decide", status=422)
    try:
        await outcomes.decide_clawback(db, clawback_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, now, by, claim_id, form, about="decide", refusal=refused)
    return see(f"/procurer/outcomes/{claim_id}")


async def _show(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    claim_id: UUID,
    form: Form[Any],
    *,
    about: str = "",
    status: int = 200,
    refusal: Conflict | Invalid | None = None,
) -> Template:
    claim = await seen.find_claim(db, claim_id, by=by)
    others = await seen.list_of_person(db, claim.voucher_id, by=by)
    clawbacks = await seen.list_clawbacks(db, claim_id)
    return page(
        request,
        "procurer/outcomes/show.html",
        status=refusal.status if refusal else status,
        claim=claim,
        others=[one for one in others if one.id != claim_id],
        steps=await seen.list_steps(db, claim_id),
        clawbacks=clawbacks,
        waiting=next((one for one in clawbacks if one.status == "proposed"), None),
        may_decide=by.role is Role.CASE_WORKER,
        today=local_day(now),
        form=form,
        empty=Form(),
        about=about,
        refusal=refusal,
    )


routes = [index, show, verify, refuse, ask, take_back, decide]
