"""Firms that a procurer asks to come: the letters, and what became of them."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import joining, registry
from setori.db import Database
from setori.errors import Conflict, Invalid, SetoriError
from setori.joining import InviteFirm
from setori.people import Actor, Role, TooOften
from setori.registry import RulebookStatus
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/procurer/invitations", opt=only(Role.REGISTRAR))
async def index(
    request: Req, db: Db, now: Now, by: By, said: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """Whom we have asked to come, the newest first."""
    return await _index(request, db, now, by, said=said, after=after)


@get("/procurer/invitations/new", opt=only(Role.REGISTRAR))
async def new(request: Req, db: Db, by: By, provider: FromQuery[UUID | None] = None) -> Template:
    """The form that asks a firm; with `provider` for one that came by an import and has nobody yet."""
    return await _form(request, db, by, Form(), provider)


@post("/procurer/invitations", opt=only(Role.REGISTRAR))
async def invite(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Send the letter."""
    form = forms.parse(InviteFirm, typed)
    provider = form.value.provider_id if form.value else None
    if form.value is None:
        return await _form(request, db, by, form, provider, status=422)
    try:
        await joining.invite_firm(db, form.value, by=by, at=now)
    except Invalid as refusal:
        await db.rollback()
        return await _form(request, db, by, form.with_errors(refusal), provider, status=422)
    except (Conflict, TooOften) as refusal:
        await db.rollback()
        return await _form(request, db, by, form, None, status=refusal.status, refusal=refusal)
    return see("/procurer/invitations?said=invited")


@post("/procurer/invitations/{invitation_id:uuid}/again", opt=only(Role.REGISTRAR))
async def send_again(request: Req, db: Db, now: Now, by: By, invitation_id: Id) -> Response[Any]:
    """Send a letter once more."""
    try:
        await joining.send_again(db, invitation_id, by=by, at=now)
    except (Conflict, TooOften) as refusal:
        await db.rollback()
        return await _index(request, db, now, by, refusal=refusal)
    return see("/procurer/invitations?said=invited")


@post("/procurer/invitations/{invitation_id:uuid}/take-back", opt=only(Role.REGISTRAR))
async def take_back(request: Req, db: Db, now: Now, by: By, invitation_id: Id) -> Response[Any]:
    """Let a letter be good no longer."""
    try:
        await joining.take_back(db, invitation_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _index(request, db, now, by, refusal=refusal)
    return see("/procurer/invitations?said=taken_back")


async def _index(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    *,
    said: str = "",
    after: UUID | None = None,
    refusal: SetoriError | None = None,
) -> Template:
    return page(
        request,
        "joining/firms.html",
        status=refusal.status if refusal else 200,
        listed=await joining.list_invitations(db, by=by, at=now, after=after),
        said=said,
        refusal=refusal,
        is_first=after is None,
    )


async def _form(
    request: Req,
    db: Database,
    by: Actor,
    form: Form[InviteFirm],
    provider_id: UUID | None,
    *,
    status: int = 200,
    refusal: SetoriError | None = None,
) -> Template:
    books = await registry.list_rulebooks(db, by=by)
    return page(
        request,
        "joining/invite_firm.html",
        status=status,
        form=form,
        refusal=refusal,
        provider_id=provider_id,
        firm_name=await joining.find_invitable(db, provider_id, by=by) if provider_id else "",
        rulebooks=[book for book in books if book.status is RulebookStatus.PUBLISHED],
    )


routes = [index, new, invite, send_again, take_back]
