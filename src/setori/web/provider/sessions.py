"""Sessions: recorded with the client's code, waiting for the client's yes, and taken back while that can be done."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import vouchers
from setori.days import local_day
from setori.db import Database, new_id
from setori.errors import Conflict, Forbidden, Invalid
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.readmodels import disputes, provider_desk
from setori.readmodels.provider_desk import ClientRow
from setori.vouchers import AnswerDispute, GiveReason, RedeemVoucher, RedemptionStatus
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, CodeKey, Db, Filled, Hot, Id, Now, Req
from setori.web.guards import only, public
from setori.web.i18n import N_
from setori.web.pages import page, see

STATUSES = tuple(status.value for status in RedemptionStatus)


class LostNumber(Invalid):
    """The form came without the id that it was rendered with: with a new one, pressing twice would record twice."""

    sentence = N_(
        "The form had lost its number, so nothing was recorded. Check what stands here and send it again."
    )


@get("/redeem", opt=public())
async def scanned(request: Req, code: FromQuery[str] = "", here: FromQuery[str] = "") -> Response[Any]:
    """Where the QR code of a voucher leads. Looking redeems nothing; only a coach who signs in can record with it."""
    read = vouchers.read(code)
    kept = {"here": here[:60]} if here else {}
    asked = "?" + urlencode({"code": vouchers.shown(read), **kept}) if read else ""
    actor: Actor | None = request.state.actor
    if actor is None:
        return see("/sign-in?" + urlencode({"next": f"/redeem{asked}"}))
    if actor.role is Role.JOBSEEKER:
        return see("/wallet")
    if actor.role not in PROVIDER_ROLES:
        raise Forbidden
    return see(f"/provider/sessions/new{asked}")


@get("/provider/sessions/new", opt=only(*PROVIDER_ROLES))
async def new(
    request: Req,
    db: Db,
    code_key: CodeKey,
    now: Now,
    by: By,
    code: FromQuery[str] = "",
    here: FromQuery[str] = "",
) -> Template:
    """The form. The session gets its id here, so that pressing twice records once."""
    return await form_page(
        request, db, code_key, by, Form(), on=local_day(now), id=new_id(), code=code, here=here
    )


@post("/provider/sessions", opt=only(*PROVIDER_ROLES))
async def record(
    request: Req, db: Db, wire: Hot, code_key: CodeKey, now: Now, by: By, typed: Filled
) -> Response[Any]:
    """Record a session, or show the form again with what was typed and the same id."""
    id, on = id_in(typed), local_day(now)
    form = forms.parse(RedeemVoucher, typed)
    if id is None:
        return await form_page(
            request, db, code_key, by, form, on=on, id=new_id(), status=422, refusal=LostNumber()
        )
    if form.value is None:
        return await form_page(request, db, code_key, by, form, on=on, id=id, status=422)
    try:
        receipt = await vouchers.redeem(wire, id, form.value, key=code_key, by=by, at=now)
    except Invalid as refusal:
        # Somebody went back and changed a figure: the session that was recorded stands, and is one click away.
        return await form_page(
            request, db, code_key, by, form, on=on, id=id, status=refusal.status, refusal=refusal, recorded=id
        )
    except Conflict as refusal:
        return await form_page(
            request, db, code_key, by, form, on=on, id=id, status=refusal.status, refusal=refusal
        )
    said = "replayed" if receipt.is_replay else "recorded"
    here = (typed.get("here") or [""])[-1]
    if here and await vouchers.confirm_on_the_spot(wire, receipt, here, key=code_key, at=now):
        said = "confirmed"
    return see(f"/provider/sessions/{receipt.redemption_id}?said={said}")


@get("/provider/sessions", opt=only(*PROVIDER_ROLES))
async def index(
    request: Req, db: Db, by: By, status: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """The newest first, in any state or in one."""
    current = status if status in STATUSES else ""
    return page(
        request,
        "provider/sessions/index.html",
        listed=await provider_desk.list_sessions(db, by=by, status=current or None, after=after),
        counts=await provider_desk.count_sessions(db, by=by),
        statuses=STATUSES,
        current=current,
        is_first=after is None,
    )


@get("/provider/sessions/{session_id:uuid}", opt=only(*PROVIDER_ROLES))
async def show(request: Req, db: Db, by: By, session_id: Id, said: FromQuery[str] = "") -> Template:
    """The receipt; `said` is what was just done with it."""
    return await receipt_page(request, db, by, session_id, Form(), said=said)


@post("/provider/sessions/{session_id:uuid}/answer", opt=only(*PROVIDER_ROLES))
async def answer(request: Req, db: Db, now: Now, by: By, session_id: Id, typed: Filled) -> Response[Any]:
    """Tell one's side of a disputed session."""
    form = forms.parse(AnswerDispute, typed)
    if form.value is None:
        return await receipt_page(request, db, by, session_id, form, status=422)
    try:
        await vouchers.answer_dispute(db, session_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await receipt_page(request, db, by, session_id, form, status=refused.status, refusal=refused)
    return see(f"/provider/sessions/{session_id}?said=answered")


@get("/provider/sessions/{session_id:uuid}/reversal", opt=only(*PROVIDER_ROLES))
async def before_reversing(request: Req, db: Db, by: By, session_id: Id) -> Template:
    """What taking the session back means, before it is done."""
    seen = await provider_desk.find_session(db, session_id, by=by)
    return page(request, "provider/sessions/reverse.html", seen=seen, form=Form(), refusal=None)


@post("/provider/sessions/{session_id:uuid}/reversal", opt=only(*PROVIDER_ROLES))
async def reverse(
    request: Req, db: Db, wire: Hot, now: Now, by: By, session_id: Id, typed: Filled
) -> Response[Any]:
    """Take a session back, with a reason that the client sees."""
    seen = await provider_desk.find_session(db, session_id, by=by)
    form, refusal = forms.parse(GiveReason, typed), None
    if form.value is not None:
        try:
            await vouchers.reverse(wire, session_id, form.value, by=by, at=now)
        except Conflict as refused:
            refusal = refused
        else:
            return see(f"/provider/sessions/{session_id}?said=undone")
    return page(
        request,
        "provider/sessions/reverse.html",
        status=refusal.status if refusal else 422,
        seen=seen,
        form=form,
        refusal=refusal,
    )


async def receipt_page(
    request: Req,
    db: Database,
    by: Actor,
    session_id: UUID,
    form: Form[AnswerDispute],
    *,
    said: str = "",
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The receipt of a session, with both sides when it is disputed."""
    return page(
        request,
        "provider/sessions/show.html",
        status=status,
        seen=await provider_desk.find_session(db, session_id, by=by),
        dispute=await disputes.find_dispute(db, session_id),
        form=form,
        refusal=refusal,
        said=said,
    )


async def form_page(
    request: Req,
    db: Database,
    code_key: bytes,
    by: Actor,
    form: Form[RedeemVoucher],
    *,
    on: date,
    id: UUID,
    code: str = "",
    here: str = "",
    status: int = 200,
    refusal: Any = None,
    recorded: UUID | None = None,
) -> Template:
    """The form for a session; when its code is of one of our clients, with the name and what is left."""
    typed_code = form.get("voucher_code", code)
    client = await client_of(db, code_key, by, typed_code, on=on)
    units = form.get("units", "1")
    is_number = units.isascii() and units.isdigit() and len(units) <= 3
    return page(
        request,
        "provider/sessions/new.html",
        status=status,
        form=form,
        id=id,
        code=code,
        here=form.get("here", here)[:60],
        client=client,
        on=on,
        amount_cents=client.unit_price_cents * int(units) if client and is_number else None,
        refusal=refusal,
        recorded=recorded,
    )


async def client_of(db: Database, code_key: bytes, by: Actor, code: str, *, on: date) -> ClientRow | None:
    """Whose voucher it is, if it has chosen us."""
    read = vouchers.read(code)
    if read is None:
        return None
    return await provider_desk.find_client_by_code(db, vouchers.hash_of(read, code_key), by=by, on=on)


def id_in(typed: Typed) -> UUID | None:
    """The id that the form was rendered with; None for a form that lost it."""
    try:
        return UUID((typed.get("redemption_id") or [""])[-1])
    except ValueError:
        return None


routes = [scanned, new, record, index, show, answer, before_reversing, reverse]
