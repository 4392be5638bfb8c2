"""Programmes: what a voucher of each is worth, what money it has, and how more is granted."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Template

from setori import people, places, vouchers
from setori.db import Database
from setori.errors import Conflict, NotFound
from setori.people import PROCURER_ROLES, Actor, Role
from setori.readmodels import procurer_desk
from setori.readmodels import programmes as programme_rows
from setori.readmodels.programmes import ProgrammeRow
from setori.vouchers import CutBudget, GiveTerms, GrantBudget, StartProgramme
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, pick, see
from setori.web.procurer.desk import procurer_of
from setori.web.procurer.fees import parse_terms

STARTERS = (Role.CASE_WORKER, Role.REGISTRAR, Role.FINANCE)


@get("/procurer/programmes", opt=only(*PROCURER_ROLES))
async def index(request: Req, db: Db, by: By) -> Template:
    """All programmes with their money."""
    return page(
        request,
        "procurer/programmes/index.html",
        programmes=await programme_rows.list_programmes(db, procurer_of(by)),
        may_start=by.role in STARTERS,
    )


@get("/procurer/programmes/new", opt=only(*STARTERS))
async def new(request: Req, db: Db, by: By) -> Template:
    """Where a programme is written."""
    return await write(request, db, by, Form())


@post("/procurer/programmes", opt=only(*STARTERS))
async def start(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Start a programme. Only finance gives it money; others start it empty."""
    given = {} if by.role is Role.FINANCE else {"budget_cents": 0}
    form = in_finnish(parse_terms(StartProgramme, typed, **given))
    if form.value is not None and form.value.service_id not in await procurer_desk.list_services(db):
        form = Form(typed, None, {"service_id": gettext(N_("Choose one from the list."))})
    if form.value is None:
        return await write(request, db, by, form, status=422)
    programme_id = await vouchers.start_programme(db, form.value, by=by, at=now)
    return see(f"/procurer/programmes/{programme_id}")


@get("/procurer/programmes/{programme_id:uuid}", opt=only(*PROCURER_ROLES))
async def show(request: Req, db: Db, by: By, programme_id: Id) -> Template:
    """One programme: its money, the terms in force, and the versions before them."""
    programme = await own(db, by, programme_id)
    return page(
        request,
        "procurer/programmes/show.html",
        programme=programme,
        versions=await programme_rows.list_terms(db, programme_id),
        municipalities=await municipalities_of(db, by),
        may_start=by.role in STARTERS,
    )


@get("/procurer/programmes/{programme_id:uuid}/terms", opt=only(*STARTERS))
async def terms(request: Req, db: Db, by: By, programme_id: Id) -> Template:
    """Where a programme's next terms are written."""
    return await rewrite(request, db, by, programme_id, Form())


@post("/procurer/programmes/{programme_id:uuid}/terms", opt=only(*STARTERS))
async def change_terms(
    request: Req, db: Db, now: Now, by: By, programme_id: Id, typed: Filled
) -> Response[Any]:
    """Write the next terms; vouchers issued before keep theirs."""
    form = parse_terms(GiveTerms, typed)
    if form.value is None:
        return await rewrite(request, db, by, programme_id, form, status=422)
    await vouchers.change_terms(db, programme_id, form.value, by=by, at=now)
    return see(f"/procurer/programmes/{programme_id}")


@post("/procurer/programmes/{programme_id:uuid}/closing", opt=only(*STARTERS))
async def close(db: Db, now: Now, by: By, programme_id: Id) -> Response[Any]:
    """Issue no more vouchers from a programme; can be undone."""
    await vouchers.open_programme(db, programme_id, is_open=False, by=by, at=now)
    return see(f"/procurer/programmes/{programme_id}")


@post("/procurer/programmes/{programme_id:uuid}/opening", opt=only(*STARTERS))
async def reopen(db: Db, now: Now, by: By, programme_id: Id) -> Response[Any]:
    """Issue vouchers from a programme again."""
    await vouchers.open_programme(db, programme_id, is_open=True, by=by, at=now)
    return see(f"/procurer/programmes/{programme_id}")


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


@get("/procurer/programmes/{programme_id:uuid}/cuts", opt=only(Role.FINANCE))
async def before_cutting(request: Req, db: Db, by: By, programme_id: Id) -> Template:
    """What can be taken back, before it is."""
    programme = await own(db, by, programme_id)
    return page(request, "procurer/programmes/cut.html", programme=programme, form=Form(), refusal=None)


@post("/procurer/programmes/{programme_id:uuid}/cuts", opt=only(Role.FINANCE))
async def cut(request: Req, db: Db, now: Now, by: By, programme_id: Id, typed: Filled) -> Response[Any]:
    """Take money back that nobody was promised; less than asked is never taken."""
    form = forms.parse(CutBudget, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await vouchers.cut_budget(db, programme_id, form.value, by=by, at=now)
            return see(f"/procurer/programmes/{programme_id}/grants")
        except Conflict as refused:
            await db.rollback()
            status, refusal = refused.status, refused
    programme = await own(db, by, programme_id)
    return page(
        request,
        "procurer/programmes/cut.html",
        status=status,
        programme=programme,
        form=form,
        refusal=refusal,
    )


async def write(
    request: Req, db: Database, by: Actor, form: Form[StartProgramme], *, status: int = 200
) -> Template:
    """The page on which a programme is started."""
    return page(
        request,
        "procurer/programmes/new.html",
        status=status,
        form=form,
        services=await procurer_desk.list_services(db),
        municipalities=await municipalities_of(db, by),
    )


async def rewrite(
    request: Req, db: Database, by: Actor, programme_id: Id, form: Form[GiveTerms], *, status: int = 200
) -> Template:
    """The page on which a programme's next terms are written, beginning from those in force."""
    programme = await own(db, by, programme_id)
    return page(
        request,
        "procurer/programmes/terms.html",
        status=status,
        form=form,
        programme=programme,
        newest=(await programme_rows.list_terms(db, programme_id))[0],
        municipalities=await municipalities_of(db, by),
    )


async def municipalities_of(db: Database, by: Actor) -> list[tuple[str, str]]:
    """(code, name) of the municipalities in the procurer's area, by name."""
    area = (await people.find_organisation(db, procurer_of(by))).area_code
    found = await places.list_municipalities(db, area) if area else []
    return sorted(((place.code, pick(place.name)) for place in found), key=lambda pair: pair[1])


async def own(db: Database, by: Actor, programme_id: Id) -> ProgrammeRow:
    """A programme of one's own procurer. Raises NotFound."""
    for programme in await programme_rows.list_programmes(db, procurer_of(by)):
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
        grants=await programme_rows.list_grants(db, procurer_of(by), programme.id),
        form=form,
        may_grant=by.role is Role.FINANCE,
    )


def in_finnish(form: Form[StartProgramme]) -> Form[StartProgramme]:
    """A name that is missing is missed at its Finnish field."""
    errors = {"name.fi" if name == "name" else name: error for name, error in form.errors.items()}
    return Form(form.typed, form.value, errors)


routes = [
    index,
    new,
    start,
    show,
    terms,
    change_terms,
    close,
    reopen,
    grants,
    grant,
    before_cutting,
    cut,
]
