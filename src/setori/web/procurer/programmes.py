"""Programmes: what a voucher of each is worth, what money it has, and how more is granted."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Template

from setori import vouchers
from setori.db import Database
from setori.errors import NotFound
from setori.people import PROCURER_ROLES, Actor, Role
from setori.readmodels import procurer_desk
from setori.readmodels.procurer_desk import ProgrammeRow
from setori.vouchers import GrantBudget, StartProgramme
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of

STARTERS = (Role.CASE_WORKER, Role.REGISTRAR, Role.FINANCE)


@get("/procurer/programmes", opt=only(*PROCURER_ROLES))
async def index(request: Req, db: Db, by: By) -> Template:
    """All programmes with their money."""
    return page(
        request,
        "procurer/programmes/index.html",
        programmes=await procurer_desk.list_programmes(db, procurer_of(by)),
        may_start=by.role in STARTERS,
    )


@get("/procurer/programmes/new", opt=only(*STARTERS))
async def new(request: Req, db: Db) -> Template:
    """Where a programme is written."""
    services = await procurer_desk.list_services(db)
    return page(request, "procurer/programmes/new.html", form=Form(), services=services)


@post("/procurer/programmes", opt=only(*STARTERS))
async def start(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Start a programme. Only finance gives it money; others start it empty."""
    services = await procurer_desk.list_services(db)
    given = {} if by.role is Role.FINANCE else {"budget_cents": 0}
    form = in_finnish(forms.parse(StartProgramme, typed, **given))
    if form.value is not None and form.value.service_id not in services:
        form = Form(typed, None, {"service_id": gettext(N_("Choose one from the list."))})
    if form.value is None:
        return page(request, "procurer/programmes/new.html", status=422, form=form, services=services)
    await vouchers.start_programme(db, form.value, by=by, at=now)
    return see("/procurer/programmes")


@get("/procurer/programmes/{programme_id:uuid}/grants", opt=only(*PROCURER_ROLES))
async def grants(request: Req, db: Db, by: By, programme_id: Id) -> Template:
    """What a programme has been granted, and for finance the way to grant more."""
    return await show_grants(request, db, by, await own(db, by, programme_id), Form())


@post("/procurer/programmes/{programme_id:uuid}/grants", opt=only(Role.FINANCE))
async def grant(request: Req, db: Db, now: Now, by: By, programme_id: Id, typed: Filled) -> Response[Any]:
    """Grant more money."""
    programme = await own(db, by, programme_id)
    form = forms.parse(GrantBudget, typed)
    if form.value is None:
        return await show_grants(request, db, by, programme, form)
    await vouchers.grant_budget(db, programme_id, form.value, by=by, at=now)
    return see(f"/procurer/programmes/{programme_id}/grants")


async def own(db: Database, by: Actor, programme_id: Id) -> ProgrammeRow:
    """A programme of one's own procurer. Raises NotFound."""
    for programme in await procurer_desk.list_programmes(db, procurer_of(by)):
        if programme.id == programme_id:
            return programme
    raise NotFound


async def show_grants(
    request: Req, db: Database, by: Actor, programme: ProgrammeRow, form: Form[GrantBudget]
) -> Template:
    """The page of a programme's money."""
    return page(
        request,
        "procurer/programmes/grants.html",
        status=422 if form.errors else 200,
        programme=programme,
        grants=await procurer_desk.list_grants(db, procurer_of(by), programme.id),
        form=form,
        may_grant=by.role is Role.FINANCE,
    )


def in_finnish(form: Form[StartProgramme]) -> Form[StartProgramme]:
    """A name that is missing is missed at its Finnish field."""
    errors = {"name.fi" if name == "name" else name: error for name, error in form.errors.items()}
    return Form(form.typed, form.value, errors)


routes = [index, new, start, grants, grant]
