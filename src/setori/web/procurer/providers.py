"""Providers that are approved with this procurer, and the suspension of an approval."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.errors import Conflict
from setori.people import PROCURER_ROLES, Role
from setori.readmodels import procurer_desk
from setori.registry import ApprovalStatus, SuspendApproval
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of

SHOWN = tuple(status.value for status in ApprovalStatus)


@get("/procurer/providers", opt=only(*PROCURER_ROLES))
async def index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    status: FromQuery[str] = "in_force",
    q: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """Approvals with this procurer, by the provider's name."""
    shown = ApprovalStatus(status if status in SHOWN else "in_force")
    listed = await registry.list_register(
        db, on=local_day(now), q=q[:100], procurer_id=procurer_of(by), status=shown, after=after
    )
    rows = [
        (row, approval)
        for row in listed.items
        for approval in row.approvals
        if approval.procurer_id == by.organisation_id and approval.status is shown
    ]
    return page(
        request,
        "procurer/providers/index.html",
        rows=rows,
        next=listed.next,
        services=await procurer_desk.list_services(db),
        statuses=SHOWN,
        current=shown.value,
        q=q[:100],
        is_first=after is None,
    )


@get("/procurer/approvals/{approval_id:uuid}/suspension", opt=only(Role.REGISTRAR))
async def before_suspending(request: Req, db: Db, by: By, approval_id: Id) -> Template:
    """What suspending does, before it is done."""
    approval = await procurer_desk.find_approval(db, procurer_of(by), approval_id)
    return page(request, "procurer/providers/suspend.html", approval=approval, form=Form())


@post("/procurer/approvals/{approval_id:uuid}/suspension", opt=only(Role.REGISTRAR))
async def suspend(request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled) -> Response[Any]:
    """Suspend the approval, with the reason that the register shows."""
    approval = await procurer_desk.find_approval(db, procurer_of(by), approval_id)
    form = forms.parse(SuspendApproval, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await registry.suspend(db, approval_id, form.value, by=by, at=now)
            return see("/procurer/providers?status=suspended")
        except Conflict as refused:
            await db.rollback()
            status, refusal = refused.status, refused
    return page(
        request,
        "procurer/providers/suspend.html",
        status=status,
        approval=approval,
        form=form,
        refusal=refusal,
    )


routes = [index, before_suspending, suspend]
