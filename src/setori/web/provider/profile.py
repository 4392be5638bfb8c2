"""The firm's own profile: what the register shows of it, and the account that it is paid to."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import facts, registry
from setori.db import Database
from setori.people import Actor, Role
from setori.registry import UpdateProfile
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/provider/profile", opt=only(Role.PROVIDER_OWNER))
async def show(request: Req, db: Db, by: By, said: FromQuery[str] = "") -> Template:
    """The profile as a form, and what the registers say of the firm."""
    return await profile_page(request, db, by, Form(), said=said)


@post("/provider/profile", opt=only(Role.PROVIDER_OWNER))
async def update(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Save the profile; the account number is checked."""
    form = forms.parse(UpdateProfile, typed)
    if form.value is None:
        return await profile_page(request, db, by, form, status=422)
    await registry.update_profile(db, form.value, by=by, at=now)
    return see("/provider/profile?said=saved")


async def profile_page(
    request: Req, db: Database, by: Actor, form: Form[UpdateProfile], *, said: str = "", status: int = 200
) -> Template:
    """The page of one's own profile."""
    profile = await registry.find_profile(db, by=by)
    return page(
        request,
        "provider/profile.html",
        status=status,
        profile=profile,
        known=await facts.find_facts(db, profile.provider_id),
        form=form,
        said=said,
    )


routes = [show, update]
