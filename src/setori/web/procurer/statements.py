"""Statements: read down to the session, approved by a second person, and followed until they are paid and matched."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import settlement
from setori.db import Database
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.readmodels import procurer_settlement, statements
from setori.readmodels.procurer_settlement import StatementPage
from setori.settlement import CallUnpaid, NotFrozen, StatementStatus
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Number, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer import spreadsheet
from setori.web.procurer.desk import procurer_of

SHOWN = tuple(status.value for status in StatementStatus)
READERS = (Role.FINANCE, Role.APPROVER)


@get("/procurer/statements", opt=only(*READERS))
async def index(
    request: Req,
    db: Db,
    by: By,
    status: FromQuery[str] = "",
    after: Number = None,
) -> Template:
    """All statements, the newest first."""
    shown = status if status in SHOWN else ""
    listed, next_after = await procurer_settlement.list_statements(
        db, procurer_of(by), status=shown or None, after=after
    )
    return page(
        request,
        "procurer/statements/index.html",
        listed=listed,
        next=next_after,
        counts=await procurer_settlement.count_statements(db, procurer_of(by)),
        statuses=SHOWN,
        current=shown,
        is_first=after is None,
    )


@get("/procurer/statements/{statement_id:uuid}", opt=only(*READERS))
async def show(
    request: Req, db: Db, by: By, statement_id: Id, after: FromQuery[UUID | None] = None
) -> Template:
    """One statement with its sessions and its payment."""
    seen = await procurer_settlement.find_statement(db, procurer_of(by), statement_id)
    row = await statements.find_statement(db, statement_id, by=by)
    lines, next_after = await statements.list_lines(db, row, after=after)
    return page(
        request,
        "procurer/statements/show.html",
        seen=seen,
        sums=row,
        lines=lines,
        fees=await statements.list_fees(db, row),
        offsets=await statements.list_offsets(db, row),
        next=next_after,
        is_first=after is None,
        **about_payment(seen, by),
    )


@get("/procurer/statements/{statement_id:uuid}/payment", opt=only(*READERS))
async def payment(
    request: Req, db: Db, by: By, statement_id: Id, seen_as: FromQuery[str] = ""
) -> Response[Any]:
    """The part of the page that is alive. Nothing is sent when nothing has changed since `seen_as`."""
    seen = await procurer_settlement.find_statement(db, procurer_of(by), statement_id)
    shown = about_payment(seen, by)
    if shown["seen_as"] == seen_as and seen.is_moving:
        return Response(None, status_code=204)
    return page(request, "procurer/statements/_payment.html", seen=seen, **shown)


@get("/procurer/statements/{statement_id:uuid}/lines.csv", opt=only(*READERS))
async def download(db: Db, by: By, statement_id: Id) -> Response[bytes]:
    """All sessions of a statement as a file for a spreadsheet."""
    row = await statements.find_statement(db, statement_id, by=by)
    lines, _ = await statements.list_lines(db, row, limit=None)
    fees, offsets = await statements.list_fees(db, row), await statements.list_offsets(db, row)
    return Response(
        spreadsheet.of_statement(row, lines, fees, offsets),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="setori-{row.number}.csv"'},
    )


@get("/procurer/statements/{statement_id:uuid}/approval", opt=only(*READERS))
async def before_approving(request: Req, db: Db, by: By, statement_id: Id) -> Template:
    """Who closed it, how much and where to, before it is approved; and why one cannot, if one cannot."""
    return await confirm(request, db, by, statement_id)


@post("/procurer/statements/{statement_id:uuid}/approval", opt=only(Role.APPROVER))
async def approve(request: Req, db: Db, now: Now, by: By, statement_id: Id, typed: Filled) -> Response[Any]:
    """Approve; a worker pays it."""
    try:
        seen = typed["seen"][-1] if "seen" in typed else None
        await settlement.approve(db, statement_id, by=by, at=now, seen=seen)
    except Conflict as refused:
        await db.rollback()
        return await confirm(request, db, by, statement_id, refusal=refused)
    return see(f"/procurer/statements/{statement_id}")


@post("/procurer/statements/{statement_id:uuid}/payment/question", opt=only(*READERS))
async def ask_again(db: Db, now: Now, by: By, statement_id: Id) -> Response[Any]:
    """Ask the gateway about a stopped payment again; the worker does it within seconds."""
    with suppress(NotFrozen):  # Pressed twice, or it moved on: the page says where it is.
        await settlement.ask_again(db, statement_id, by=by, at=now)
    return see(f"/procurer/statements/{statement_id}")


@get("/procurer/statements/{statement_id:uuid}/payment/unpaid", opt=only(Role.APPROVER))
async def before_calling_unpaid(request: Req, db: Db, by: By, statement_id: Id) -> Template:
    """What calling a stopped payment unpaid means, and why it may not be done yet."""
    return await _ask_unpaid(request, db, by, statement_id, forms.Form[CallUnpaid]())


@post("/procurer/statements/{statement_id:uuid}/payment/unpaid", opt=only(Role.APPROVER))
async def call_unpaid(
    request: Req, db: Db, now: Now, by: By, statement_id: Id, typed: Filled
) -> Response[Any]:
    """Call it unpaid: the statement can be approved anew."""
    form = forms.parse(CallUnpaid, typed)
    if form.value is None:
        return await _ask_unpaid(request, db, by, statement_id, form)
    try:
        await settlement.call_unpaid(db, statement_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _ask_unpaid(request, db, by, statement_id, form, refused)
    return see(f"/procurer/statements/{statement_id}")


async def _ask_unpaid(
    request: Req,
    db: Database,
    by: Actor,
    statement_id: UUID,
    form: forms.Form[CallUnpaid],
    refusal: Conflict | None = None,
) -> Template:
    seen = await procurer_settlement.find_statement(db, procurer_of(by), statement_id)
    return page(
        request,
        "procurer/statements/unpaid.html",
        status=refusal.status if refusal else 422 if form.errors else 200,
        seen=seen,
        form=form,
        refusal=refusal,
        **about_payment(seen, by),
    )


async def confirm(
    request: Req, db: Database, by: Actor, statement_id: UUID, refusal: Conflict | None = None
) -> Template:
    """The page before approving."""
    seen = await procurer_settlement.find_statement(db, procurer_of(by), statement_id)
    return page(
        request,
        "procurer/statements/approve.html",
        status=refusal.status if refusal else 200,
        seen=seen,
        sums=await statements.find_statement(db, statement_id, by=by),
        mark=await settlement.mark_of_payment(db, statement_id, by=by),
        refusal=refusal,
        **about_payment(seen, by),
    )


def about_payment(seen: StatementPage, by: Actor) -> dict[str, Any]:
    """What the payment's part of a page shows, and what whoever looks may do about it."""
    order = seen.orders[0] if seen.orders else None
    is_draft = seen.row.status == StatementStatus.DRAFT
    is_own = seen.row.closed_by_id == by.person_id
    return {
        "order": order,
        "failed": [former for former in seen.orders if former.status == "failed"],
        "seen_as": f"{seen.row.status}-{order.status if order else ''}",
        "is_draft": is_draft,
        "is_frozen": bool(order and order.status == "frozen"),
        "may_call_unpaid": by.role is Role.APPROVER,
        "is_own": is_own,
        "may_approve": is_draft
        and by.role is Role.APPROVER
        and not is_own
        and (bool(seen.iban_end) or seen.row.total_cents == 0),
    }


routes = [
    index,
    show,
    payment,
    download,
    before_approving,
    approve,
    ask_again,
    before_calling_unpaid,
    call_unpaid,
]
