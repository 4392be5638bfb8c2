"""After a decision: an appeal is noted, and what came of it."""

from typing import Any

from litestar import Response, post

from setori import registry
from setori.errors import Conflict, Invalid
from setori.people import Role
from setori.registry import RecordAppeal, ResolveAppeal
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import see
from setori.web.procurer.applications import show_page

ONE = "/procurer/applications/{application_id:uuid}/appeal"


@post(ONE, opt=only(Role.REGISTRAR))
async def record(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Note an appeal that has come."""
    form = forms.parse(RecordAppeal, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await registry.record_appeal(db, application_id, form.value, by=by, at=now)
            return see(f"/procurer/applications/{application_id}")
        except (Conflict, Invalid) as refused:
            await db.rollback()
            if isinstance(refused, Invalid):
                form = form.with_errors(refused)
            else:
                refusal = refused
    return await show_page(
        request, db, now, by, application_id, form, status=409 if refusal else 422, refusal=refusal
    )


@post(ONE + "/outcome", opt=only(Role.REGISTRAR))
async def resolve(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Write down what came of it; an accepted appeal against a rejection opens the application again."""
    form = forms.parse(ResolveAppeal, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await registry.resolve_appeal(db, application_id, form.value, by=by, at=now)
            return see(f"/procurer/applications/{application_id}")
        except (Conflict, Invalid) as refused:
            await db.rollback()
            if isinstance(refused, Invalid):
                form = form.with_errors(refused)
            else:
                refusal = refused
    return await show_page(
        request, db, now, by, application_id, form, status=409 if refusal else 422, refusal=refusal
    )


routes = [record, resolve]
