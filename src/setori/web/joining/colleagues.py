"""Who acts for one's own firm: an owner invites colleagues, and ends what is no longer so."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import joining, people
from setori.db import Database
from setori.errors import Conflict, SetoriError
from setori.joining import InviteMember
from setori.people import Actor, Role, TooOften
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.provider.desk import firm_of


@get("/provider/people", opt=only(Role.PROVIDER_OWNER))
async def index(request: Req, db: Db, now: Now, by: By, said: FromQuery[str] = "") -> Template:
    """Who acts for the firm, who has been asked to, and the form that asks somebody."""
    return await _index(request, db, now, by, Form(), said=said)


@post("/provider/people", opt=only(Role.PROVIDER_OWNER))
async def invite(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Ask a colleague to act for the firm."""
    form = forms.parse(InviteMember, typed)
    if form.value is None:
        return await _index(request, db, now, by, form, status=422)
    try:
        await joining.invite_member(db, form.value, by=by, at=now)
    except (Conflict, TooOften) as refusal:
        await db.rollback()
        return await _index(request, db, now, by, form, status=refusal.status, refusal=refusal)
    return see("/provider/people?said=invited")


@post("/provider/people/invitations/{invitation_id:uuid}/again", opt=only(Role.PROVIDER_OWNER))
async def send_again(request: Req, db: Db, now: Now, by: By, invitation_id: Id) -> Response[Any]:
    """Send a letter once more."""
    try:
        await joining.send_again(db, invitation_id, by=by, at=now)
    except (Conflict, TooOften) as refusal:
        await db.rollback()
        return await _index(request, db, now, by, Form(), status=refusal.status, refusal=refusal)
    return see("/provider/people?said=invited")


@post("/provider/people/invitations/{invitation_id:uuid}/take-back", opt=only(Role.PROVIDER_OWNER))
async def take_back(request: Req, db: Db, now: Now, by: By, invitation_id: Id) -> Response[Any]:
    """Let a letter be good no longer."""
    try:
        await joining.take_back(db, invitation_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _index(request, db, now, by, Form(), status=refusal.status, refusal=refusal)
    return see("/provider/people?said=taken_back")


@get("/provider/people/{membership_id:uuid}/end", opt=only(Role.PROVIDER_OWNER))
async def before_ending(request: Req, db: Db, by: By, membership_id: Id) -> Template:
    """What ending somebody's role means, and the button."""
    return await _end(request, db, by, membership_id)


@post("/provider/people/{membership_id:uuid}/end", opt=only(Role.PROVIDER_OWNER))
async def end(request: Req, db: Db, now: Now, by: By, membership_id: Id) -> Response[Any]:
    """End somebody's role in the firm. Who ends the own one is out."""
    try:
        await joining.let_go(db, membership_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _end(request, db, by, membership_id, refusal=refusal)
    is_in = any(one.role is by.role for one in await _own_roles(db, by))
    return see("/provider/people?said=ended" if is_in else "/")


async def _own_roles(db: Database, by: Actor) -> list[people.MembershipView]:
    held = await people.list_memberships(db, by.person_id)
    return [one for one in held if one.organisation_id == by.organisation_id]


async def _end(
    request: Req, db: Database, by: Actor, membership_id: Id, refusal: SetoriError | None = None
) -> Template:
    member = await joining.find_member(db, membership_id, by=by)
    return page(
        request,
        "joining/end.html",
        status=refusal.status if refusal else 200,
        member=member,
        refusal=refusal,
        is_self=member.person_id == by.person_id and member.role is by.role,
    )


async def _index(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    form: Form[InviteMember],
    *,
    said: str = "",
    status: int = 200,
    refusal: SetoriError | None = None,
) -> Template:
    return page(
        request,
        "joining/colleagues.html",
        status=status,
        members=await people.list_members(db, firm_of(by)),
        invited=await joining.list_open(db, by=by, at=now),
        form=form,
        said=said,
        refusal=refusal,
    )


routes = [index, invite, send_again, take_back, before_ending, end]
