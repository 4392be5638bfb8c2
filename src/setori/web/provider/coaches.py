"""Coaches: the people whom jobseekers choose, as the catalogue shows them."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, people
from setori.catalogue import AddCoach
from setori.db import Database
from setori.people import Actor, Role
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import gettext
from setori.web.pages import page, see
from setori.web.provider.desk import firm_of


@get("/provider/coaches", opt=only(Role.PROVIDER_OWNER))
async def index(request: Req, db: Db, by: By, said: FromQuery[str] = "") -> Template:
    """Our coaches by name."""
    listed = await catalogue.list_coaches(db, firm_of(by))
    return page(request, "provider/coaches/index.html", listed=listed, said=said)


@get("/provider/coaches/new", opt=only(Role.PROVIDER_OWNER))
async def new(request: Req, db: Db, by: By) -> Template:
    """The form for a new coach."""
    return await form_page(request, db, by, Form())


@post("/provider/coaches", opt=only(Role.PROVIDER_OWNER))
async def add(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Add a coach. Only somebody who acts for our own firm can be joined to one."""
    form = forms.parse(AddCoach, with_lines_apart(typed), provider_id=firm_of(by))
    members = {None, *(member.person_id for member in await people.list_members(db, firm_of(by)))}
    errors = form.errors
    if form.value is not None and form.value.person_id not in members:
        errors = {"person_id": gettext("Choose one from the list.")}
    if form.value is None or errors:
        return await form_page(request, db, by, Form(typed, None, errors), status=422)
    await catalogue.add_coach(db, form.value, by=by, at=now)
    return see("/provider/coaches?said=added")


@get("/provider/coaches/{coach_id:uuid}", opt=only(Role.PROVIDER_OWNER))
async def edit(request: Req, db: Db, by: By, coach_id: Id) -> Template:
    """What the catalogue says of a coach of ours, to be changed."""
    return await form_page(request, db, by, Form(), coach_id=coach_id)


@post("/provider/coaches/{coach_id:uuid}", opt=only(Role.PROVIDER_OWNER))
async def change(request: Req, db: Db, now: Now, by: By, coach_id: Id, typed: Filled) -> Response[Any]:
    """Say it differently; who takes no new clients is not shown to anybody who has not chosen them."""
    told = {
        name: values for name, values in with_lines_apart(typed).items() if name not in ("is_active", "asked")
    }
    form = forms.parse(AddCoach, told, provider_id=firm_of(by))
    members = {None, *(member.person_id for member in await people.list_members(db, firm_of(by)))}
    if form.value is not None and form.value.person_id not in members:
        form = Form(typed, None, {"person_id": gettext("Choose one from the list.")})
    if form.value is None:
        return await form_page(request, db, by, Form(typed, None, form.errors), status=422, coach_id=coach_id)
    is_active = typed.get("is_active") == ["true"]
    await catalogue.change_coach(db, coach_id, form.value, is_active=is_active, by=by, at=now)
    return see("/provider/coaches?said=changed")


async def form_page(
    request: Req,
    db: Database,
    by: Actor,
    form: Form[AddCoach],
    *,
    status: int = 200,
    coach_id: UUID | None = None,
) -> Template:
    """The form, with the people of our firm who are not yet shown as coaches' sign-ins."""
    coach, signs_in_as = None, None
    if coach_id is not None:
        coach, signs_in_as = await catalogue.find_coach(db, coach_id, firm_of(by))
    return page(
        request,
        "provider/coaches/new.html",
        status=status,
        form=form,
        coach=coach,
        signs_in_as=signs_in_as,
        members=await people.list_members(db, firm_of(by)),
        ways=list(catalogue.Way),
    )


def with_lines_apart(typed: Typed) -> Typed:
    """Specialities are written one a line in one field, and are a list to the catalogue."""
    written = (typed.get("specialities") or [""])[-1]
    return {**typed, "specialities": [line.strip() for line in written.splitlines() if line.strip()]}


routes = [index, new, add, edit, change]
