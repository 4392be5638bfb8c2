"""Coaches: the people whom jobseekers choose, as the catalogue shows them."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, people
from setori.catalogue import AddCoach
from setori.db import Database
from setori.people import Actor, Role
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Now, Req
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


async def form_page(
    request: Req, db: Database, by: Actor, form: Form[AddCoach], *, status: int = 200
) -> Template:
    """The form, with the people of our firm who are not yet shown as coaches' sign-ins."""
    return page(
        request,
        "provider/coaches/new.html",
        status=status,
        form=form,
        members=await people.list_members(db, firm_of(by)),
        ways=list(catalogue.Way),
    )


def with_lines_apart(typed: Typed) -> Typed:
    """Specialities are written one a line in one field, and are a list to the catalogue."""
    written = (typed.get("specialities") or [""])[-1]
    return {**typed, "specialities": [line.strip() for line in written.splitlines() if line.strip()]}


routes = [index, new, add]
