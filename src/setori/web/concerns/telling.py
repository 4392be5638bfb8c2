"""Something harmful happened: tell it in confidence, see what becomes of it, and say more."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template

from setori import concerns
from setori.concerns import AddWords, TellConcern
from setori.db import Database
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/wallet/concerns", opt=only(Role.JOBSEEKER))
async def before_telling(request: Req, db: Db, by: By) -> Template:
    """What to do in danger, who reads it and what happens next; and what one has told before."""
    return await _form(request, db, by, forms.Form())


@post("/wallet/concerns", opt=only(Role.JOBSEEKER))
async def tell(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Keep it for those who are named for it."""
    form = forms.parse(TellConcern, typed)
    if form.value is None:
        return await _form(request, db, by, form, status=422)
    return see(f"/wallet/concerns/{await concerns.tell(db, form.value, by=by, at=now)}")


@get("/wallet/concerns/{concern_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, by: By, concern_id: Id) -> Template:
    """What one told, and what became of it."""
    return await _page(request, db, by, concern_id, forms.Form())


@post("/wallet/concerns/{concern_id:uuid}/words", opt=only(Role.JOBSEEKER))
async def add_words(request: Req, db: Db, now: Now, by: By, concern_id: Id, typed: Filled) -> Response[Any]:
    """Say more."""
    form = forms.parse(AddWords, typed)
    if form.value is None:
        return await _page(request, db, by, concern_id, form, status=422)
    try:
        await concerns.add_words(db, concern_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _page(request, db, by, concern_id, form, status=409, refusal=refusal)
    return see(f"/wallet/concerns/{concern_id}")


async def _form(
    request: Req, db: Database, by: Actor, form: forms.Form[TellConcern], *, status: int = 200
) -> Template:
    return page(
        request,
        "concerns/tell.html",
        status=status,
        form=form,
        held=await concerns.list_vouchers(db, by=by),
        told=await concerns.list_own(db, by=by),
    )


async def _page(
    request: Req,
    db: Database,
    by: Actor,
    concern_id: UUID,
    form: forms.Form[AddWords],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    seen = await concerns.find(db, concern_id, by=by)
    return page(request, "concerns/told.html", status=status, seen=seen, form=form, refusal=refusal)


routes = [before_telling, tell, show, add_words]
