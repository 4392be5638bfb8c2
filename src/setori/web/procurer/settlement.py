"""Settlement: months that are over are closed into statements, one for each provider."""

from datetime import datetime
from itertools import groupby
from typing import Any

from litestar import Response, get, post
from litestar.response import Template

from setori import settlement
from setori.days import local_day, month_of, next_month
from setori.db import Database
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.readmodels import procurer_settlement
from setori.settlement import ClosePeriod
from setori.web import forms
from setori.web.given import By, Db, Filled, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of


@get("/procurer/settlement", opt=only(Role.FINANCE, Role.APPROVER))
async def index(request: Req, db: Db, now: Now, by: By) -> Template:
    """What can be closed: each month that is over, provider by provider."""
    return await show(request, db, now, by)


@post("/procurer/settlement/closings", opt=only(Role.FINANCE))
async def close(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Close a month, for one provider or for all."""
    form = forms.parse(ClosePeriod, typed)
    if form.value is None:
        return await show(request, db, now, by, status=422)
    try:
        closed = await settlement.close_period(db, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await show(request, db, now, by, status=refused.status, refusal=refused)
    if len(closed) == 1:
        return see(f"/procurer/statements/{closed[0]}")
    return see(f"/procurer/statements?status=draft&closed={len(closed)}")


async def show(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page of months to close."""
    this_month = month_of(local_day(now))
    rows = await procurer_settlement.list_months_to_close(db, procurer_of(by), before=this_month)
    months = [(month, list(of_month)) for month, of_month in groupby(rows, key=lambda row: row.month)]
    return page(
        request,
        "procurer/settlement/index.html",
        status=status,
        months=months,
        this_month=this_month,
        closes_from=next_month(this_month),
        may_close=by.role is Role.FINANCE,
        refusal=refusal,
    )


routes = [index, close]
