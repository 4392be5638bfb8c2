"""Vouchers at the case worker's desk: issued in three fields, found again, followed, and taken back."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import people, vouchers
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.people import Actor, Role
from setori.readmodels import batches, procurer_desk
from setori.readmodels import programmes as programme_rows
from setori.readmodels.batches import LetterTo
from setori.readmodels.procurer_desk import VoucherRow
from setori.vouchers import (
    AgeBand,
    ExtendVoucher,
    GiveReason,
    IssueVoucher,
    SupportNeed,
    Unemployed,
    VoucherStatus,
)
from setori.web import forms, letters
from setori.web.forms import Form
from setori.web.given import By, CodeKey, Config, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of
from setori.web.procurer.programmes import municipalities_of

SHOWN = tuple(status.value for status in VoucherStatus)
OPEN = (VoucherStatus.ISSUED, VoucherStatus.CLAIMED, VoucherStatus.CHOSEN)


@get("/procurer/vouchers", opt=only(Role.CASE_WORKER))
async def index(
    request: Req,
    db: Db,
    by: By,
    status: FromQuery[str] = "",
    q: FromQuery[str] = "",
    before: FromQuery[UUID | None] = None,
) -> Template:
    """All vouchers, the newest first, by state and by name."""
    shown, name = status if status in SHOWN else "", q.strip()[:100]
    listed, next_before = await procurer_desk.list_vouchers(
        db, procurer_of(by), status=shown or None, q=name, before=before
    )
    return page(
        request,
        "procurer/vouchers/index.html",
        listed=listed,
        next=next_before,
        counts=await procurer_desk.count_vouchers(db, procurer_of(by)),
        statuses=SHOWN,
        current=shown,
        q=name,
        is_first=before is None,
    )


@get("/procurer/vouchers/new", opt=only(Role.CASE_WORKER))
async def new(request: Req, db: Db, now: Now, by: By) -> Template:
    """Where a voucher is issued."""
    return await write(request, db, by, Form(), on=local_day(now))


@post("/procurer/vouchers", opt=only(Role.CASE_WORKER))
async def issue(request: Req, db: Db, now: Now, by: By, code_key: CodeKey, typed: Filled) -> Response[Any]:
    """Issue a voucher, and show the letter. A second one for the same person has to be meant."""
    on = local_day(now)
    form = forms.parse(IssueVoucher, typed)
    if form.value is None:
        return await write(request, db, by, form, on=on, status=422)
    if typed.get("again", [""])[-1] != "yes":
        known = await batches.find_live_voucher(
            db,
            procurer_of(by),
            form.value.programme_id,
            email=form.value.email,
            phone=form.value.phone,
            name=form.value.name,
        )
        if known is not None:
            return await write(request, db, by, form, on=on, status=409, known=known)
    try:
        issued = await vouchers.issue(db, form.value, key=code_key, by=by, at=now)
    except (Conflict, Invalid) as refused:
        await db.rollback()
        if isinstance(refused, Invalid):
            return await write(request, db, by, form.with_errors(refused), on=on, status=422)
        return await write(request, db, by, form, on=on, status=409, refusal=refused)
    return see(f"/procurer/vouchers/{issued.voucher_id}/letter")


@get("/procurer/vouchers/{voucher_id:uuid}/letter", opt=only(Role.CASE_WORKER))
async def letter(
    request: Req, db: Db, by: By, code_key: CodeKey, settings: Config, voucher_id: Id
) -> Template:
    """The letter, to be printed or handed over; there is one until the voucher is taken into use."""
    seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher_id)
    written = None
    if seen.row.status == VoucherStatus.ISSUED:
        told = LetterTo(
            voucher_id,
            seen.row.person_name,
            seen.language,
            seen.service_name,
            seen.row.units,
            seen.value_cents,
            seen.row.expires_on,
            (await people.find_organisation(db, procurer_of(by))).name,
            bool(seen.email),
        )
        written = letters.write_letter(told, key=code_key, base_url=settings.base_url)
    return page(request, "procurer/vouchers/letter.html", seen=seen, letter=written)


@get("/procurer/vouchers/{voucher_id:uuid}", opt=only(Role.CASE_WORKER))
async def show(request: Req, db: Db, by: By, voucher_id: Id) -> Template:
    """One voucher: its sessions and all that happened to it."""
    seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher_id)
    return page(request, "procurer/vouchers/show.html", seen=seen, is_open=seen.row.status in OPEN)


@get("/procurer/vouchers/{voucher_id:uuid}/cancellation", opt=only(Role.CASE_WORKER))
async def before_cancelling(request: Req, db: Db, by: By, voucher_id: Id) -> Template:
    """What taking a voucher back does, before it is done."""
    seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher_id)
    return page(
        request, "procurer/vouchers/cancel.html", seen=seen, form=Form(), is_open=seen.row.status in OPEN
    )


@post("/procurer/vouchers/{voucher_id:uuid}/cancellation", opt=only(Role.CASE_WORKER))
async def cancel(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Take the voucher back, with a reason."""
    form = forms.parse(GiveReason, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await vouchers.cancel(db, voucher_id, form.value, by=by, at=now)
            return see(f"/procurer/vouchers/{voucher_id}")
        except Conflict as refused:
            await db.rollback()
            status, refusal = refused.status, refused
    seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher_id)
    return page(
        request,
        "procurer/vouchers/cancel.html",
        status=status,
        seen=seen,
        form=form,
        is_open=seen.row.status in OPEN,
        refusal=refusal,
    )


@get("/procurer/vouchers/{voucher_id:uuid}/extension", opt=only(Role.CASE_WORKER))
async def before_extending(request: Req, db: Db, by: By, voucher_id: Id) -> Template:
    """Where a voucher gets a later last day."""
    seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher_id)
    return page(
        request,
        "procurer/vouchers/extend.html",
        seen=seen,
        form=Form(),
        is_open=seen.row.status in OPEN,
        refusal=None,
    )


@post("/procurer/vouchers/{voucher_id:uuid}/extension", opt=only(Role.CASE_WORKER))
async def extend(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Give it more time, with a reason."""
    form = forms.parse(ExtendVoucher, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await vouchers.extend(db, voucher_id, form.value, by=by, at=now)
            return see(f"/procurer/vouchers/{voucher_id}")
        except Invalid as wrong:
            await db.rollback()
            form = form.with_errors(wrong)
        except Conflict as refused:
            await db.rollback()
            status, refusal = refused.status, refused
    seen = await procurer_desk.find_voucher(db, procurer_of(by), voucher_id)
    return page(
        request,
        "procurer/vouchers/extend.html",
        status=status,
        seen=seen,
        form=form,
        is_open=seen.row.status in OPEN,
        refusal=refusal,
    )


async def write(
    request: Req,
    db: Database,
    by: Actor,
    form: Form[IssueVoucher],
    *,
    on: date,
    status: int = 200,
    known: VoucherRow | None = None,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which a voucher is issued, with what each programme's vouchers are worth."""
    programmes = [row for row in await programme_rows.list_programmes(db, procurer_of(by)) if row.is_open]
    limited = any(row.municipality_codes for row in programmes)
    return page(
        request,
        "procurer/vouchers/new.html",
        status=status,
        form=form,
        programmes=programmes,
        languages_known=("fi", "sv", "en"),
        stratum={
            "support_need": [one.value for one in SupportNeed],
            "unemployed": [one.value for one in Unemployed],
            "age_band": [one.value for one in AgeBand],
        },
        municipalities=await municipalities_of(db, by) if limited else [],
        known=known,
        refusal=refusal,
        on=on,
    )


routes = [index, new, issue, letter, show, before_cancelling, cancel, before_extending, extend]
