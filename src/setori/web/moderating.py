"""The procurer of a voucher decides on words: those that somebody reported, and those that a firm replied."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import reviews
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.people import Actor, Role
from setori.reviews import DecideReply, DecideReport, ReportReview
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only, signed_in
from setori.web.pages import page, see


@get("/reviews/{review_id:uuid}/report", opt=signed_in())
async def before_reporting(request: Req, db: Db, review_id: Id) -> Template:
    """The words, and what happens when one reports them."""
    shown = await reviews.find_shown(db, review_id)
    return page(request, "moderating/report.html", review=shown, form=forms.Form(), thanks=False)


@post("/reviews/{review_id:uuid}/report", opt=signed_in())
async def report(request: Req, db: Db, now: Now, by: By, review_id: Id, typed: Filled) -> Response[Any]:
    """Ask the procurer to look at them."""
    shown = await reviews.find_shown(db, review_id)
    form = forms.parse(ReportReview, typed)
    if form.value is None:
        return page(request, "moderating/report.html", status=422, review=shown, form=form, thanks=False)
    await reviews.report(db, review_id, form.value, by=by, at=now)
    return page(request, "moderating/report.html", review=shown, form=form, thanks=True)


@get("/procurer/reviews", opt=only(Role.REGISTRAR))
async def index(
    request: Req, db: Db, by: By, done: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """Reported words that wait, the oldest first; or those that were decided on."""
    is_open = done != "yes"
    return page(
        request,
        "moderating/index.html",
        listed=await reviews.list_reports(db, by=by, is_open=is_open, after=after),
        is_open=is_open,
        is_first=after is None,
    )


@get("/procurer/reviews/{report_id:uuid}", opt=only(Role.REGISTRAR))
async def show(request: Req, db: Db, by: By, report_id: Id) -> Template:
    """One of them, and where it is decided."""
    return await _page(request, db, by, report_id, forms.Form())


@post("/procurer/reviews/{report_id:uuid}/decision", opt=only(Role.REGISTRAR))
async def decide(request: Req, db: Db, now: Now, by: By, report_id: Id, typed: Filled) -> Response[Any]:
    """Hide them for a reason, or let them stand."""
    form = forms.parse(DecideReport, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await reviews.decide_report(db, report_id, form.value, by=by, at=now)
            return see(f"/procurer/reviews/{report_id}")
        except Invalid as wrong:
            form = form.with_errors(wrong)
        except Conflict as refused:
            status, refusal = refused.status, refused
        await db.rollback()
    return await _page(request, db, by, report_id, form, status=status, refusal=refusal)


@post("/procurer/reviews/{report_id:uuid}/showing", opt=only(Role.REGISTRAR))
async def show_again(request: Req, db: Db, now: Now, by: By, report_id: Id) -> Response[Any]:
    """Show again what was hidden."""
    try:
        await reviews.show_again(db, report_id, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _page(request, db, by, report_id, forms.Form(), status=409, refusal=refused)
    return see(f"/procurer/reviews/{report_id}")


@get("/procurer/replies", opt=only(Role.REGISTRAR))
async def replies(
    request: Req, db: Db, by: By, done: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """What firms replied and nobody has looked at, the oldest first; or what was decided on."""
    is_open = done != "yes"
    return page(
        request,
        "moderating/replies.html",
        listed=await reviews.list_replies(db, by=by, is_open=is_open, after=after),
        is_open=is_open,
        is_first=after is None,
    )


@get("/procurer/replies/{reply_id:uuid}", opt=only(Role.REGISTRAR))
async def one_reply(request: Req, db: Db, by: By, reply_id: Id) -> Template:
    """One of them under what it replies to, and where it is decided."""
    seen = await reviews.find_reply(db, reply_id, by=by)
    return page(request, "moderating/reply.html", seen=seen, form=forms.Form(), refusal=None)


@post("/procurer/replies/{reply_id:uuid}/decision", opt=only(Role.REGISTRAR))
async def decide_reply(request: Req, db: Db, now: Now, by: By, reply_id: Id, typed: Filled) -> Response[Any]:
    """Show it to everybody, or refuse it for a reason."""
    form = forms.parse(DecideReply, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await reviews.decide_reply(db, reply_id, form.value, by=by, at=now)
            return see(f"/procurer/replies/{reply_id}")
        except Invalid as wrong:
            form = form.with_errors(wrong)
        except Conflict as refused:
            status, refusal = refused.status, refused
        await db.rollback()
    seen = await reviews.find_reply(db, reply_id, by=by)
    return page(request, "moderating/reply.html", status=status, seen=seen, form=form, refusal=refusal)


async def _page(
    request: Req,
    db: Database,
    by: Actor,
    report_id: UUID,
    form: forms.Form[DecideReport],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    seen = await reviews.find_report(db, report_id, by=by)
    return page(request, "moderating/show.html", status=status, seen=seen, form=form, refusal=refusal)


routes = [
    before_reporting,
    report,
    index,
    show,
    decide,
    show_again,
    replies,
    one_reply,
    decide_reply,
]
