"""A letter without a camera: its code is typed instead; and whoever came by it may give an e-mail address."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Template

from setori import people, vouchers
from setori.errors import Conflict
from setori.people import Role
from setori.web import forms
from setori.web.given import By, CodeKey, Db, Filled, Now, Req, visitor_of
from setori.web.guards import only, public
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.sign_in import AskForLink

SLIP = N_(
    "A letter or a figure is not as in the letter. Check the code: it has twelve characters and two more."
)
NO_SUCH = N_(
    "No voucher is waiting with this code. If it has been taken into use already, sign in to see it."
)


@get("/claim", opt=public())
async def ask_code(request: Req) -> Template:
    """Where the code of a letter is typed."""
    return page(request, "jobseeker/code.html", form=forms.Form())


@post("/claim", opt=public())
async def by_code(request: Req, db: Db, now: Now, code_key: CodeKey, typed: Filled) -> Response[Any]:
    """From a letter's code to what its link opens. Unknown and used codes get one answer, and few tries are free."""
    written = (typed.get("code") or [""])[-1][:60]
    code = vouchers.read(written)
    told: str | None = None
    if code is None:
        told = gettext(SLIP) if written.strip() else gettext(N_("Fill this in."))
    else:
        await people.count_try(db, "claim_code", visitor_of(request), at=now)
        found = await vouchers.find_unclaimed(db, code, key=code_key)
        if found is not None:
            return see(f"/claim/{vouchers.claim_token_of(found, code_key)}")
        told = gettext(NO_SUCH)
    return page(request, "jobseeker/code.html", status=422, form=forms.Form(typed, None, {"code": told}))


@get("/wallet/address", opt=only(Role.JOBSEEKER))
async def ask_address(request: Req, db: Db, by: By) -> Template:
    """Where somebody who came by a code gives an e-mail address, to come in again later."""
    email = await _known(db, by)
    return page(request, "jobseeker/address.html", form=forms.Form(), refusal=None, email=email)


@post("/wallet/address", opt=only(Role.JOBSEEKER))
async def give_address(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Keep the address, and send a link to it, which shows that it is right."""
    form = forms.parse(AskForLink, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await people.give_email(db, form.value.email, by=by, at=now)
            await people.request_sign_in(db, form.value.email, at=now, next_path="/wallet")
            return page(request, "jobseeker/address_given.html", email=form.value.email)
        except Conflict as refused:
            await db.rollback()
            refusal = refused
    email = await _known(db, by)
    status = 409 if refusal else 422
    return page(request, "jobseeker/address.html", status=status, form=form, refusal=refusal, email=email)


async def _known(db: Db, by: By) -> str:
    return (await people.find_person(db, by.person_id)).email


routes = [ask_code, by_code, ask_address, give_address]
