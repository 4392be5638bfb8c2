"""Firms of which a public register says something bad: the registrar's tasks, each noticed on a day."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import facts
from setori.errors import Conflict
from setori.facts import LookAtNotice
from setori.people import Role
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/procurer/notices", opt=only(Role.REGISTRAR))
async def index(
    request: Req, db: Db, by: By, done: FromQuery[str] = "", before: FromQuery[UUID | None] = None
) -> Template:
    """What waits, the newest first; or what has been looked at or is over."""
    is_open = done != "yes"
    return page(
        request,
        "procurer/notices/index.html",
        listed=await facts.list_notices(db, by=by, is_open=is_open, before=before),
        is_open=is_open,
        is_first=before is None,
    )


@get("/procurer/notices/{notice_id:uuid}", opt=only(Role.REGISTRAR))
async def show(request: Req, db: Db, by: By, notice_id: Id) -> Template:
    """One firm: what was noticed, and everything that the registers say of it."""
    notice = await facts.find_notice(db, notice_id, by=by)
    known = await facts.find_facts(db, notice.provider_id)
    return page(request, "procurer/notices/show.html", notice=notice, known=known, form=Form())


@post("/procurer/notices/{notice_id:uuid}/look", opt=only(Role.REGISTRAR))
async def look(request: Req, db: Db, now: Now, by: By, notice_id: Id, typed: Filled) -> Response[Any]:
    """Mark it as looked at, with what was done."""
    notice = await facts.find_notice(db, notice_id, by=by)
    form = forms.parse(LookAtNotice, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await facts.look_at(db, notice_id, form.value, by=by, at=now)
            return see("/procurer/notices")
        except Conflict as refused:
            await db.rollback()
            status, refusal = refused.status, refused
            notice = await facts.find_notice(db, notice_id, by=by)
    known = await facts.find_facts(db, notice.provider_id)
    return page(
        request,
        "procurer/notices/show.html",
        status=status,
        notice=notice,
        known=known,
        form=form,
        refusal=refusal,
    )


routes = [index, show, look]
