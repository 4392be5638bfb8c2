"""The queue of reports in confidence, for those who are named for it. Every look is written down."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template
from pydantic import BaseModel

from setori import concerns
from setori.concerns import AddWords, CloseConcern, TakeConcern
from setori.db import Database
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/safeguarding", opt=only(Role.SAFEGUARDING))
async def index(
    request: Req, db: Db, now: Now, by: By, done: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """Those that are open, the oldest first; or those that are closed."""
    is_open = done != "yes"
    return page(
        request,
        "concerns/index.html",
        listed=await concerns.look_at_list(db, by=by, is_open=is_open, after=after, at=now),
        is_open=is_open,
        is_first=after is None,
        now=now,
    )


@get("/safeguarding/{concern_id:uuid}", opt=only(Role.SAFEGUARDING))
async def show(request: Req, db: Db, now: Now, by: By, concern_id: Id) -> Template:
    """One of them, with what was said since and what can be done."""
    return await _page(request, db, now, by, concern_id, forms.Form())


@post("/safeguarding/{concern_id:uuid}/taking", opt=only(Role.SAFEGUARDING))
async def take(request: Req, db: Db, now: Now, by: By, concern_id: Id, typed: Filled) -> Response[Any]:
    """Take it up, or over from a colleague."""
    form = forms.parse(TakeConcern, typed)
    return await _done(request, db, now, by, concern_id, form, concerns.take)


@post("/safeguarding/{concern_id:uuid}/answer", opt=only(Role.SAFEGUARDING))
async def answer(request: Req, db: Db, now: Now, by: By, concern_id: Id, typed: Filled) -> Response[Any]:
    """Write to whoever told it."""
    form = forms.parse(AddWords, typed)
    return await _done(request, db, now, by, concern_id, form, concerns.answer)


@post("/safeguarding/{concern_id:uuid}/closing", opt=only(Role.SAFEGUARDING))
async def close(request: Req, db: Db, now: Now, by: By, concern_id: Id, typed: Filled) -> Response[Any]:
    """Close it with what was done and an answer."""
    form = forms.parse(CloseConcern, typed)
    return await _done(request, db, now, by, concern_id, form, concerns.close)


async def _done(
    request: Req, db: Database, now: Now, by: Actor, concern_id: UUID, form: forms.Form[Any], deed: Any
) -> Response[Any]:
    if form.value is None:
        return await _page(request, db, now, by, concern_id, form, status=422)
    try:
        await deed(db, concern_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _page(request, db, now, by, concern_id, form, status=409, refusal=refusal)
    return see(f"/safeguarding/{concern_id}")


async def _page(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    concern_id: UUID,
    form: forms.Form[BaseModel],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    seen = await concerns.look(db, concern_id, by=by, at=now)
    return page(request, "concerns/show.html", status=status, seen=seen, form=form, refusal=refusal, now=now)


routes = [index, show, take, answer, close]
