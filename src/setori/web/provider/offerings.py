"""Offerings: what the firm has in the catalogue, and putting something new there."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, places, registry
from setori.catalogue import PublishOffering
from setori.days import local_day
from setori.db import Database
from setori.errors import Invalid, NotFound
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.readmodels import consortia, obstacles
from setori.registry import ApprovalStatus
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.provider.desk import firm_of


@get("/provider/offerings", opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, now: Now, by: By, said: FromQuery[str] = "") -> Template:
    """Everything that we offer, also what has been taken down, and what keeps it from being chosen."""
    return page(
        request,
        "provider/offerings/index.html",
        listed=await catalogue.list_offerings(db, firm_of(by), published_only=False),
        openness=await obstacles.of_provider(db, firm_of(by), on=local_day(now)),
        said=said,
    )


@get("/provider/offerings/new", opt=only(Role.PROVIDER_OWNER))
async def new(request: Req, db: Db, now: Now, by: By) -> Template:
    """The form for a new offering."""
    return await form_page(request, db, by, Form(), at=now)


@post("/provider/offerings", opt=only(Role.PROVIDER_OWNER))
async def publish(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Put an offering into the catalogue."""
    form = forms.parse(PublishOffering, typed)
    if form.value is None:
        return await form_page(request, db, by, form, at=now, status=422)
    try:
        await catalogue.publish_offering(db, form.value, by=by, at=now)
    except Invalid as refusal:
        await db.rollback()
        return await form_page(request, db, by, form.with_errors(refusal), at=now, status=refusal.status)
    return see("/provider/offerings?said=published")


@get("/provider/offerings/{offering_id:uuid}/removal", opt=only(Role.PROVIDER_OWNER))
async def before_removing(request: Req, db: Db, now: Now, by: By, offering_id: Id) -> Template:
    """What taking an offering down means, before it is done."""
    seen = await catalogue.find_offering(db, offering_id, on=local_day(now))
    if seen.provider_id != firm_of(by):
        raise NotFound
    return page(request, "provider/offerings/remove.html", seen=seen)


@post("/provider/offerings/{offering_id:uuid}/removal", opt=only(Role.PROVIDER_OWNER))
async def remove(db: Db, now: Now, by: By, offering_id: Id) -> Response[Any]:
    """Take it out of the catalogue; choices already made go on."""
    await catalogue.take_down_offering(db, offering_id, by=by, at=now)
    return see("/provider/offerings?said=removed")


async def form_page(
    request: Req, db: Database, by: Actor, form: Form[PublishOffering], *, at: datetime, status: int = 200
) -> Template:
    """The form, with the areas where we are approved first in mind."""
    approvals = await registry.list_approvals(db, firm_of(by), on=local_day(at))
    partners = await consortia.list_deliverers(db, firm_of(by), on=local_day(at))
    coaches = [(one, "") for one in await catalogue.list_coaches(db, firm_of(by)) if one.is_active]
    for firm_id, name in partners:
        coaches += [(one, name) for one in await catalogue.list_coaches(db, firm_id) if one.is_active]
    return page(
        request,
        "provider/offerings/new.html",
        status=status,
        form=form,
        services=await catalogue.list_services(db),
        areas=await places.list_areas(db),
        approved={approval.area_code for approval in approvals if approval.status is ApprovalStatus.IN_FORCE},
        coaches=coaches,
        partners=partners,
        ways=list(catalogue.Way),
        accesses=list(catalogue.Access),
        units=list(catalogue.Unit),
    )


routes = [index, new, publish, before_removing, remove]
