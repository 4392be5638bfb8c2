"""Personal budgets at the case worker's desk: given, looked at, changed, ended, and vouchers out of them."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import envelopes
from setori.days import local_day
from setori.db import Database
from setori.envelopes import ChangeEnvelope, DrawVoucher, EndEnvelope, GiveEnvelope
from setori.errors import Conflict, Invalid
from setori.money import parse_euros
from setori.people import Actor, Role
from setori.readmodels import envelopes as rows
from setori.readmodels import procurer_desk
from setori.readmodels import programmes as programme_rows
from setori.readmodels.envelopes import EnvelopePage
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, CodeKey, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import gettext
from setori.web.pages import page, see
from setori.web.plans import plan_of
from setori.web.procurer.desk import procurer_of

OURS = only(Role.CASE_WORKER)


@get("/procurer/envelopes", opt=OURS)
async def index(request: Req, db: Db, by: By, before: FromQuery[UUID | None] = None) -> Template:
    """All personal budgets, the newest first."""
    listed, following = await rows.list_envelopes(db, procurer_of(by), before=before)
    return page(
        request, "procurer/envelopes/index.html", listed=listed, next=following, is_first=before is None
    )


@get("/procurer/envelopes/new", opt=OURS)
async def new(request: Req, db: Db, by: By, voucher: FromQuery[UUID | None] = None) -> Template:
    """Where a budget is given; `voucher` names somebody who has one of ours already."""
    form: Form[GiveEnvelope] = Form()
    if voucher is not None:
        seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher)
        told = {"voucher_id": str(voucher), "name": seen.row.person_name, "email": seen.email}
        form = Form({name: [value] for name, value in (told | {"phone": seen.phone}).items() if value})
    return await write(request, db, by, form)


@post("/procurer/envelopes", opt=OURS)
async def give(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Set the money aside, or tell what is wrong."""
    form = read(GiveEnvelope, typed)
    if form.value is None:
        return await write(request, db, by, form, status=422)
    try:
        envelope_id = await envelopes.give(db, form.value, by=by, at=now)
    except Invalid as wrong:
        await db.rollback()
        return await write(request, db, by, form.with_errors(wrong), status=422)
    except Conflict as refusal:
        await db.rollback()
        return await write(request, db, by, form, status=409, refusal=refusal)
    return see(f"/procurer/envelopes/{envelope_id}")


@get("/procurer/envelopes/{envelope_id:uuid}", opt=OURS)
async def show(request: Req, db: Db, now: Now, by: By, envelope_id: Id) -> Template:
    """One budget with its limits and vouchers, and what if: the client's own plan, looked at together."""
    seen = await rows.find_envelope(db, envelope_id, by=by)
    plan = await plan_of(request, db, seen, on=local_day(now), lang=request.state.language)
    return page(request, "procurer/envelopes/show.html", seen=seen, plan=plan)


@get("/procurer/envelopes/{envelope_id:uuid}/change", opt=OURS)
async def before_changing(request: Req, db: Db, by: By, envelope_id: Id) -> Template:
    """Where its amount, last day and limits are changed."""
    return await rewrite(request, db, by, envelope_id, Form())


@post("/procurer/envelopes/{envelope_id:uuid}/change", opt=OURS)
async def change(request: Req, db: Db, now: Now, by: By, envelope_id: Id, typed: Filled) -> Response[Any]:
    """Change it, with the reason; the person is told."""
    form = read(ChangeEnvelope, typed)
    if form.value is None:
        return await rewrite(request, db, by, envelope_id, form, status=422)
    try:
        await envelopes.change(db, envelope_id, form.value, by=by, at=now)
    except Invalid as wrong:
        await db.rollback()
        return await rewrite(request, db, by, envelope_id, form.with_errors(wrong), status=422)
    except Conflict as refusal:
        await db.rollback()
        return await rewrite(request, db, by, envelope_id, form, status=409, refusal=refusal)
    return see(f"/procurer/envelopes/{envelope_id}")


@get("/procurer/envelopes/{envelope_id:uuid}/end", opt=OURS)
async def before_ending(request: Req, db: Db, by: By, envelope_id: Id) -> Template:
    """What ending it does, before it is done."""
    seen = await rows.find_envelope(db, envelope_id, by=by)
    return page(request, "procurer/envelopes/end.html", seen=seen, form=Form())


@post("/procurer/envelopes/{envelope_id:uuid}/end", opt=OURS)
async def end(request: Req, db: Db, now: Now, by: By, envelope_id: Id, typed: Filled) -> Response[Any]:
    """End it, with the reason."""
    form = forms.parse(EndEnvelope, typed)
    if form.value is None:
        seen = await rows.find_envelope(db, envelope_id, by=by)
        return page(request, "procurer/envelopes/end.html", status=422, seen=seen, form=form)
    await envelopes.end(db, envelope_id, form.value, by=by, at=now)
    return see(f"/procurer/envelopes/{envelope_id}")


@get("/procurer/envelopes/{envelope_id:uuid}/vouchers", opt=OURS)
async def before_drawing(request: Req, db: Db, by: By, envelope_id: Id) -> Template:
    """Where a voucher is given out of it."""
    return await fill(request, db, by, envelope_id, Form())


@post("/procurer/envelopes/{envelope_id:uuid}/vouchers", opt=OURS)
async def draw(
    request: Req, db: Db, now: Now, by: By, code_key: CodeKey, envelope_id: Id, typed: Filled
) -> Response[Any]:
    """Give a voucher out of it, and show the letter."""
    form = forms.parse(DrawVoucher, typed)
    if form.value is None:
        return await fill(request, db, by, envelope_id, form, status=422)
    try:
        issued = await envelopes.draw(db, envelope_id, form.value, key=code_key, by=by, at=now)
    except Invalid as wrong:
        await db.rollback()
        return await fill(request, db, by, envelope_id, form.with_errors(wrong), status=422)
    except Conflict as refusal:
        await db.rollback()
        return await fill(request, db, by, envelope_id, form, status=409, refusal=refusal)
    return see(f"/procurer/vouchers/{issued.voucher_id}/letter")


def read(command: Any, typed: Typed) -> Form[Any]:
    """A form whose limits are amounts in euros, one for each service (`limits.<id>`); an empty one is none."""
    limits, errors = {}, {}
    for name, values in typed.items():
        if name.startswith("limits.") and values[-1].strip():
            try:
                limits[name.removeprefix("limits.")] = parse_euros(values[-1]).cents
            except ValueError:
                errors[name] = gettext("Write an amount in euros, for example 85,00.")
    rest = {name: values for name, values in typed.items() if not name.startswith("limits.")}
    form = forms.parse(command, rest, limits=limits)
    if not limits and not errors:
        form.errors.pop("limits", None)
        errors["limits"] = gettext("Say for at least one service how much it may take.")
    found = {**form.errors, **errors}
    return Form(typed, None if found else form.value, found)


async def write(
    request: Req,
    db: Database,
    by: Actor,
    form: Form[GiveEnvelope],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which a budget is given."""
    programmes = [row for row in await programme_rows.list_programmes(db, procurer_of(by)) if row.is_open]
    return page(
        request,
        "procurer/envelopes/new.html",
        status=status,
        form=form,
        programmes=programmes,
        services=_services(programmes),
        languages_known=("fi", "sv", "en"),
        refusal=refusal,
    )


async def rewrite(
    request: Req,
    db: Database,
    by: Actor,
    envelope_id: UUID,
    form: Form[ChangeEnvelope],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which one is changed; what it is now stands in its fields."""
    seen = await rows.find_envelope(db, envelope_id, by=by)
    programmes = [row for row in await programme_rows.list_programmes(db, procurer_of(by)) if row.is_open]
    services = {share.service_id: share.service_name for share in seen.shares} | _services(programmes)
    return page(
        request,
        "procurer/envelopes/change.html",
        status=status,
        seen=seen,
        form=form,
        services=services,
        limits={share.service_id: share.limit_cents for share in seen.shares},
        refusal=refusal,
    )


async def fill(
    request: Req,
    db: Database,
    by: Actor,
    envelope_id: UUID,
    form: Form[DrawVoucher],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which a voucher is given out of a budget: the programmes that its limits allow."""
    seen: EnvelopePage = await rows.find_envelope(db, envelope_id, by=by)
    allowed = {share.service_id for share in seen.shares}
    listed = await programme_rows.list_programmes(db, procurer_of(by))
    programmes = [row for row in listed if row.is_open and row.service_id in allowed]
    return page(
        request,
        "procurer/envelopes/draw.html",
        status=status,
        seen=seen,
        form=form,
        programmes=programmes,
        refusal=refusal,
    )


def _services(programmes: list[Any]) -> dict[UUID, Any]:
    return {row.service_id: row.service_name for row in programmes}


routes = [index, new, give, show, before_changing, change, before_ending, end, before_drawing, draw]
