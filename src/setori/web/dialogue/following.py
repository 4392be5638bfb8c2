"""The interest register: follow rulebooks of an area and a service by e-mail, and leave with one click."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Template

from setori import catalogue, dialogue, places
from setori.db import Database
from setori.dialogue import Subscribe
from setori.errors import Invalid
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import Db, Filled, Now, Req
from setori.web.guards import public
from setori.web.pages import page

Token = Annotated[str, QueryParameter(name="token", max_length=200)]


@get("/news", opt=public())
async def follow(request: Req, db: Db) -> Template:
    """What to follow, and where to send it."""
    asked = {
        name: [value] for name in ("area_code", "service_id") if (value := request.query_params.get(name))
    }
    return await _form(request, db, Form(asked))


@post("/news", opt=public())
async def ask(request: Req, db: Db, now: Now, typed: Filled) -> Response[Any]:
    """Send the link that verifies the address. The answer is the same whether it follows already or not."""
    form = forms.parse(Subscribe, typed, language=request.state.language)
    errors = dict(form.errors)
    if form.value is not None:
        areas, services = await _choices(db)
        if form.value.area_code and form.value.area_code not in areas:
            errors["area_code"] = Invalid.sentence
        if form.value.service_id and form.value.service_id not in services:
            errors["service_id"] = Invalid.sentence
    if form.value is None or errors:
        return await _form(request, db, Form(form.typed, None, errors), status=422)
    await dialogue.subscribe(db, form.value, at=now)
    return page(request, "dialogue/sent.html", email=form.value.email, back="/dialogue")


@get("/news/confirmation", opt=public())
async def before_confirming(request: Req, db: Db, token: Token = "") -> Template:
    """What is about to be followed, and the button."""
    return await _decide(request, db, token, "confirm")


@post("/news/confirmation", opt=public())
async def confirm(request: Req, db: Db, now: Now, typed: Filled) -> Template:
    """Begin to follow."""
    token = (typed.get("token") or [""])[-1]
    await dialogue.confirm_subscription(db, token, at=now)
    return await _decide(request, db, token, "confirmed")


@get("/news/leave", opt=public())
async def before_leaving(request: Req, db: Db, token: Token = "") -> Template:
    """One button, no sign-in. Looking changes nothing, so that mail scanners do no harm."""
    view = await dialogue.look_at_subscription(db, leave_token=token)
    return await _decide(request, db, token, "leave" if view.is_live else "left")


@post("/news/leave", opt=public())
async def leave(request: Req, db: Db, now: Now, typed: Filled, token: Token = "") -> Template:
    """Follow no more: by the page's button, or by a mail program's one click (RFC 8058), the token in its address."""
    token = (typed.get("token") or [token])[-1]
    await dialogue.leave(db, token, at=now)
    return await _decide(request, db, token, "left")


async def _choices(db: Database) -> tuple[dict[str, Any], dict[Any, Any]]:
    areas = {area.code: area.name for area in await places.list_areas(db)}
    return areas, {one.id: one.name for one in await catalogue.list_services(db)}


async def _form(request: Req, db: Database, form: Form[Subscribe], status: int = 200) -> Template:
    areas, services = await _choices(db)
    return page(request, "dialogue/news.html", status=status, form=form, areas=areas, services=services)


async def _decide(request: Req, db: Database, token: str, step: str) -> Template:
    """The page of a link's step; `token` is the one of that link."""
    if step in ("confirm", "confirmed"):
        view = await dialogue.look_at_subscription(db, token=token)
    else:
        view = await dialogue.look_at_subscription(db, leave_token=token)
    areas, services = await _choices(db)
    return page(
        request,
        "dialogue/news_link.html",
        view=view,
        step=step,
        token=token,
        area=areas.get(view.area_code) if view.area_code else None,
        service=services.get(view.service_id) if view.service_id else None,
    )


routes = [follow, ask, before_confirming, confirm, before_leaving, leave]
