"""The firm's own profile: what the register shows of it, and the account that it is paid to."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.people import Role
from setori.registry import UpdateProfile
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/provider/profile", opt=only(Role.PROVIDER_OWNER))
async def show(request: Req, db: Db, by: By, said: FromQuery[str] = "") -> Template:
    """The profile as a form."""
    profile = await registry.find_profile(db, by=by)
    return page(request, "provider/profile.html", profile=profile, form=Form(), said=said)


@post("/provider/profile", opt=only(Role.PROVIDER_OWNER))
async def update(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Save the profile; the account number is checked."""
    form = forms.parse(UpdateProfile, typed)
    if form.value is None:
        profile = await registry.find_profile(db, by=by)
        return page(request, "provider/profile.html", status=422, profile=profile, form=form, said="")
    await registry.update_profile(db, form.value, by=by, at=now)
    return see("/provider/profile?said=saved")


routes = [show, update]
