"""A firm's own appeal against a decision: why, until when, and a receipt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, NotFound
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.registry import FileAppeal
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see

BASE = "/provider/applications"
ONE = BASE + "/{application_id:uuid}/appeal"


@get(ONE, opt=only(Role.PROVIDER_OWNER))
async def before_appealing(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Template:
    """What an appeal is, and its last day."""
    return await appeal_page(request, db, now, by, application_id, Form())


@post(ONE, opt=only(Role.PROVIDER_OWNER))
async def appeal(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Send it to the registrars."""
    form = forms.parse(FileAppeal, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await registry.file_appeal(db, application_id, form.value, by=by, at=now)
            return see(f"{BASE}/{application_id}/appeal/receipt")
        except Conflict as refused:
            await db.rollback()
            refusal = refused
    return await appeal_page(
        request, db, now, by, application_id, form, status=409 if refusal else 422, refusal=refusal
    )


@get(ONE + "/receipt", opt=only(*PROVIDER_ROLES))
async def receipt(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """That the newest appeal of ours was sent. Raises NotFound while there is none."""
    seen = await registry.find_application(db, application_id, by=by)
    own = [one for one in seen.course.appeals if one.by_provider]
    if not own:
        raise NotFound
    (decided,) = [one for one in seen.course.decisions if one.round == own[-1].round]
    return page(request, "provider/applications/appealed.html", seen=seen, appeal=own[-1], decided=decided)


async def appeal_page(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    application_id: UUID,
    form: Form[FileAppeal],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which an appeal is written. Raises NotFound while there is no decision."""
    seen = await registry.find_application(db, application_id, by=by)
    if seen.decision is None:
        raise NotFound
    return page(
        request,
        "provider/applications/appeal.html",
        status=status,
        seen=seen,
        form=form,
        refusal=refusal,
        is_open=any(one.outcome is None for one in seen.course.appeals),
        on=local_day(now),
    )


routes = [before_appealing, appeal, receipt]
