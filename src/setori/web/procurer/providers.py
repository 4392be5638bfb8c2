"""Providers that are approved with this procurer."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.people import PROCURER_ROLES
from setori.readmodels import procurer_desk
from setori.registry import ApprovalStatus
from setori.web.given import By, Db, Now, Req
from setori.web.guards import only
from setori.web.pages import page
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
    pauses = {}
    if shown is ApprovalStatus.IN_FORCE:
        pauses = await registry.find_open_pauses(db, [approval.id for _, approval in rows])
    return page(
        request,
        "procurer/providers/index.html",
        rows=rows,
        pauses=pauses,
        next=listed.next,
        services=await procurer_desk.list_services(db),
        statuses=SHOWN,
        current=shown.value,
        q=q[:100],
        is_first=after is None,
    )


routes = [index]
