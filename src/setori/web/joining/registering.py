"""A firm registers by itself or by a letter; a colleague says yes to one."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Template

from setori import joining, people
from setori.db import Database
from setori.errors import Invalid
from setori.joining import AskToRegister, InvitationSpent, InvitationView, RegisterFirm, SignInFirst
from setori.people import TooOften
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import Db, Filled, Now, Req, visitor_of
from setori.web.guards import public
from setori.web.pages import page
from setori.web.sign_in import let_in

Token = Annotated[str, QueryParameter(name="token", max_length=200)]


@get("/join", opt=public())
async def ask(request: Req) -> Template:
    """What registering a firm takes, and where the letter goes."""
    return page(request, "joining/ask.html", form=Form(), refusal=None)


@post("/join", opt=public())
async def send(request: Req, db: Db, now: Now, typed: Filled) -> Template:
    """Send the letter. The answer is the same whether the address is known or not."""
    form = forms.parse(AskToRegister, typed, language=request.state.language)
    if form.value is None:
        return page(request, "joining/ask.html", status=422, form=form, refusal=None)
    try:
        await people.count_request(db, form.value.email, at=now, visitor=visitor_of(request))
        await joining.ask_to_register(db, form.value, at=now)
    except TooOften as refusal:
        await db.rollback()
        shown = page(request, "joining/ask.html", status=refusal.status, form=form, refusal=refusal)
        shown.headers["retry-after"] = str(refusal.after_s)
        return shown
    return page(request, "joining/sent.html", email=form.value.email)


@get("/join/invitation", opt=public())
async def look(request: Req, db: Db, now: Now, token: Token = "") -> Template:
    """What a letter leads to. Looking does not use it up, so that mail scanners do no harm."""
    try:
        seen = await joining.look_at_invitation(db, token, at=now)
    except InvitationSpent as refusal:
        return page(request, "joining/spent.html", status=refusal.status, refusal=refusal)
    return await _letter(request, db, seen, token, Form())


@post("/join/invitation", opt=public())
async def accept(request: Req, db: Db, now: Now, typed: Filled) -> Response[Any]:
    """Register the firm, or begin to act for the one that invites; either way one is in."""
    token = (typed.get("token") or [""])[-1]
    try:
        seen = await joining.look_at_invitation(db, token, at=now)
        form: Form[RegisterFirm] = Form(typed)
        if await _must_sign_in(request, db, seen):
            raise SignInFirst
        if seen.organisation_id is None:
            form = forms.parse(RegisterFirm, typed)
            if form.value is None:
                return await _letter(request, db, seen, token, form, status=422)
            secret, _ = await joining.register_firm(db, token, form.value, by=request.state.actor, at=now)
        else:
            secret, _ = await joining.enter(db, token, by=request.state.actor, at=now)
    except InvitationSpent as refusal:
        await db.rollback()
        return page(request, "joining/spent.html", status=refusal.status, refusal=refusal)
    except SignInFirst:
        await db.rollback()
        return await _sign_in_first(request, db, seen, token, now)
    except Invalid as refusal:
        await db.rollback()
        return await _letter(request, db, seen, token, form.with_errors(refusal), status=422)
    if request.state.secret:
        await people.sign_out(db, request.state.secret, at=now)
    return let_in(request, secret, seen.next_path)


async def _letter(
    request: Req,
    db: Database,
    seen: InvitationView,
    token: str,
    form: Form[RegisterFirm],
    *,
    status: int = 200,
) -> Template:
    actor = request.state.actor
    is_other = actor is not None and actor.person_id != seen.person_id
    return page(
        request,
        "joining/letter.html",
        status=status,
        seen=seen,
        token=token,
        form=form,
        other=actor.name if is_other else None,
        must_sign_in=await _must_sign_in(request, db, seen),
    )


async def _must_sign_in(request: Req, db: Database, seen: InvitationView) -> bool:
    """Whether somebody who has been here before stands at the door without having come in."""
    actor = request.state.actor
    is_self = actor is not None and actor.person_id == seen.person_id
    return not is_self and await people.is_known(db, seen.person_id)


async def _sign_in_first(
    request: Req, db: Database, seen: InvitationView, token: str, now: datetime
) -> Template:
    """Send whoever has been in before an own link, which leads back to the letter."""
    await people.request_sign_in(db, seen.email, at=now, next_path=f"/join/invitation?token={quote(token)}")
    return page(request, "joining/sign_in_first.html", email=seen.email)


routes = [ask, send, look, accept]
