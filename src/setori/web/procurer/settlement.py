"""Settlement: months that are over are closed into statements, one for each provider."""

from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import settlement
from setori.days import local_day, month_of, next_month
from setori.db import Database
from setori.errors import Conflict, NotFound
from setori.people import Actor, Role
from setori.readmodels import procurer_settlement
from setori.settlement import ClosePeriod, MonthNotOver, NothingToSettle, StatementStatus
from setori.web import forms
from setori.web.given import By, Db, Filled, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of


@get("/procurer/settlement", opt=only(Role.FINANCE, Role.APPROVER))
async def index(request: Req, db: Db, now: Now, by: By) -> Template:
    """What can be closed: each month that is over, provider by provider."""
    return await show(request, db, now, by)


@get("/procurer/settlement/closings/new", opt=only(Role.FINANCE))
async def before_closing(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    month: FromQuery[date],
    provider_id: FromQuery[UUID | None] = None,
) -> Response[Any]:
    """What closing a month does, provider by provider, before it is done; for one of them when it is named."""
    order = order_of(month, provider_id)
    if month >= month_of(local_day(now)):
        return await show(request, db, now, by, refusal=MonthNotOver())
    owed = await procurer_settlement.list_owed(db, procurer_of(by), month, provider_id)
    if not owed:
        return await look_at_result(request, db, now, by, order, NothingToSettle())
    return page(request, "procurer/settlement/close.html", order=order, owed=owed, after=next_month(month))


@post("/procurer/settlement/closings", opt=only(Role.FINANCE))
async def close(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Close a month, for one provider or for all. Whoever closes what is closed is shown what came of it."""
    form = forms.parse(ClosePeriod, typed)
    if form.value is None:
        return await show(request, db, now, by, status=422)
    refusal = None
    try:
        await settlement.close_period(db, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        if not isinstance(refused, NothingToSettle):
            return await show(request, db, now, by, refusal=refused)
        refusal = refused
    return await look_at_result(request, db, now, by, form.value, refusal)


@get("/procurer/settlement/closings", opt=only(Role.FINANCE, Role.APPROVER))
async def closed(request: Req, db: Db, by: By, month: FromQuery[date]) -> Template:
    """The statements that a month was closed into, and how far each has come."""
    order = order_of(month)
    listed = await procurer_settlement.list_closed(db, procurer_of(by), order.month)
    if not listed:
        raise NotFound
    waiting = sum(row.status == StatementStatus.DRAFT for row in listed)
    return page(request, "procurer/settlement/closed.html", month=month, listed=listed, waiting=waiting)


def order_of(month: date, provider_id: UUID | None = None) -> ClosePeriod:
    """The order that an address names. Raises NotFound when its day is not the first of a month."""
    if month.day != 1:
        raise NotFound
    return ClosePeriod(month=month, provider_id=provider_id)


async def look_at_result(
    request: Req, db: Database, now: datetime, by: Actor, order: ClosePeriod, refusal: Conflict | None
) -> Response[Any]:
    """Go to what a closing made, be it this one or one before; the refusal is shown when there is nothing to see."""
    listed = await procurer_settlement.list_closed(db, procurer_of(by), order.month, order.provider_id)
    if refusal is not None and not listed:
        return await show(request, db, now, by, refusal=refusal)
    if order.provider_id is not None:
        return see(f"/procurer/statements/{listed[0].id}")
    return see(f"/procurer/settlement/closings?month={order.month}")


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
        status=refusal.status if refusal else status,
        months=months,
        this_month=this_month,
        closes_from=next_month(this_month),
        may_close=by.role is Role.FINANCE,
        refusal=refusal,
    )


routes = [index, before_closing, close, closed]
