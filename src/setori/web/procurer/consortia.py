"""Consortia at the registrar's desk: changes that wait for a decision, and who delivers under each approval."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.people import PROCURER_ROLES, Actor, Role
from setori.readmodels import consortia
from setori.registry import DecideChange
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of


@get("/procurer/consortia", opt=only(*PROCURER_ROLES))
async def index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    after: FromQuery[UUID | None] = None,
    before: FromQuery[UUID | None] = None,
) -> Template:
    """What waits, and every consortium with its share against the cap."""
    mine = procurer_of(by)
    waiting = await consortia.list_changes(db, procurer_id=mine, status="accepted", after=before)
    groups = await consortia.list_groups(db, procurer_id=mine, on=local_day(now), after=after)
    return page(
        request,
        "procurer/consortia/index.html",
        waiting=waiting,
        listed=groups,
        is_first=after is None and before is None,
    )


@get("/procurer/approvals/{approval_id:uuid}/partners", opt=only(*PROCURER_ROLES))
async def of_approval(request: Req, db: Db, now: Now, by: By, approval_id: Id) -> Template:
    """One approval's consortium, today and before."""
    group = await consortia.find_group(db, approval_id, on=local_day(now), procurer_id=procurer_of(by))
    return page(
        request,
        "procurer/consortia/approval.html",
        group=group,
        changes=(await consortia.list_changes(db, approval_id=approval_id)).items,
    )


@get("/procurer/changes/{change_id:uuid}", opt=only(Role.REGISTRAR))
async def change(request: Req, db: Db, now: Now, by: By, change_id: Id) -> Template:
    """One change, beside the consortium as it is."""
    return await _change(request, db, now, by, change_id, Form())


@post("/procurer/changes/{change_id:uuid}/decision", opt=only(Role.REGISTRAR))
async def decide(request: Req, db: Db, now: Now, by: By, change_id: Id, typed: Filled) -> Response[Any]:
    """Approve or refuse it."""
    form: Form[Any] = forms.parse(DecideChange, typed)
    refused: Conflict | None = None
    if form.value is not None:
        try:
            await registry.decide_change(db, change_id, form.value, by=by, at=now)
            return see(f"/procurer/changes/{change_id}")
        except (Conflict, Invalid) as problem:
            await db.rollback()
            if isinstance(problem, Invalid):
                form = form.with_errors(problem)
            else:
                refused = problem
    status = refused.status if refused else 422
    return await _change(request, db, now, by, change_id, form, status=status, refusal=refused)


async def _change(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    change_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    seen = await consortia.find_change(db, change_id, procurer_id=procurer_of(by))
    assert seen.approval_id is not None
    return page(
        request,
        "procurer/consortia/change.html",
        status=status,
        seen=seen,
        group=await consortia.find_group(db, seen.approval_id, on=local_day(now)),
        form=form,
        refusal=refusal,
    )


routes = [index, of_approval, change, decide]
