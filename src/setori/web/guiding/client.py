"""The client's side: whom one invites, what one says yes to, how it ends, and who has looked."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import guiding
from setori.days import local_day
from setori.errors import Conflict, Invalid, NotFound
from setori.guiding import GiveConsent, InviteManager
from setori.people import Role
from setori.readmodels import guiding as reading
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/wallet/helpers", opt=only(Role.JOBSEEKER))
async def index(
    request: Req, db: Db, by: By, before: FromQuery[UUID | None] = None, after: FromQuery[UUID | None] = None
) -> Template:
    """Who walks beside, who did, and whom one can invite."""
    return page(
        request,
        "guiding/index.html",
        listed=await reading.list_consents(db, by, before=before),
        managers=await reading.list_managers(db, by, after=after),
        is_first=before is None,
    )


@get("/wallet/helpers/invitation", opt=only(Role.JOBSEEKER))
async def before_inviting(request: Req, db: Db, now: Now, by: By, manager: FromQuery[UUID]) -> Template:
    """What one would say yes to, each part by itself."""
    return await _invitation(request, db, now, by, manager, forms.Form())


@post("/wallet/helpers", opt=only(Role.JOBSEEKER))
async def invite(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Say yes to somebody one has picked oneself."""
    form = forms.parse(InviteManager, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            consent_id = await guiding.invite(db, form.value, by=by, at=now)
            return see(f"/wallet/helpers/{consent_id}")
        except Invalid as wrong:
            form = form.with_errors(wrong)
        except Conflict as refused:
            refusal = refused
        await db.rollback()
    try:
        manager = UUID(form.get("manager_id"))
    except ValueError:
        raise NotFound from None
    return await _invitation(request, db, now, by, manager, form, refusal=refusal)


@get("/wallet/helpers/{consent_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, by: By, consent_id: Id) -> Template:
    """What is proposed, with a yes and a no, or what is in force, with its end."""
    return await _consent(request, db, by, consent_id, forms.Form())


@post("/wallet/helpers/{consent_id:uuid}/yes", opt=only(Role.JOBSEEKER))
async def agree(request: Req, db: Db, now: Now, by: By, consent_id: Id, typed: Filled) -> Response[Any]:
    """Say yes to what is ticked."""
    form = forms.parse(GiveConsent, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await guiding.agree(db, consent_id, form.value, by=by, at=now)
            return see(f"/wallet/helpers/{consent_id}")
        except Invalid as wrong:
            form = form.with_errors(wrong)
        except Conflict as refused:
            refusal = refused
        await db.rollback()
    return await _consent(request, db, by, consent_id, form, refusal=refusal)


@post("/wallet/helpers/{consent_id:uuid}/no", opt=only(Role.JOBSEEKER))
async def decline(request: Req, db: Db, now: Now, by: By, consent_id: Id) -> Response[Any]:
    """Say no; nobody asks why."""
    try:
        await guiding.decline(db, consent_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _consent(request, db, by, consent_id, forms.Form(), refusal=refusal)
    return see("/wallet/helpers")


@get("/wallet/helpers/{consent_id:uuid}/end", opt=only(Role.JOBSEEKER))
async def before_ending(request: Req, db: Db, by: By, consent_id: Id) -> Template:
    """What ending it means, and one button."""
    return page(request, "guiding/end.html", consent=await reading.find_consent(db, by, consent_id))


@post("/wallet/helpers/{consent_id:uuid}/end", opt=only(Role.JOBSEEKER))
async def end(request: Req, db: Db, now: Now, by: By, consent_id: Id) -> Response[Any]:
    """End it at once."""
    try:
        await guiding.end(db, consent_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _consent(request, db, by, consent_id, forms.Form(), refusal=refusal)
    return see("/wallet/helpers")


@get("/wallet/looks", opt=only(Role.JOBSEEKER))
async def looks(request: Req, db: Db, by: By, before: FromQuery[UUID | None] = None) -> Template:
    """Who has looked at what is one's own, and what was done."""
    listed = await reading.list_traces(db, by, before=before)
    return page(request, "guiding/looks.html", listed=listed, is_first=before is None)


async def _invitation(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    manager_id: UUID,
    form: forms.Form[InviteManager],
    *,
    refusal: Conflict | None = None,
) -> Template:
    manager = await reading.find_manager(db, by, manager_id)
    return page(
        request,
        "guiding/invite.html",
        status=409 if refusal else 422 if form.errors else 200,
        manager=manager,
        form=form,
        scopes=[scope.value for scope in guiding.Scope],
        until=guiding.until_by_default(local_day(now)),
        refusal=refusal,
    )


async def _consent(
    request: Req,
    db: Db,
    by: By,
    consent_id: UUID,
    form: forms.Form[GiveConsent],
    *,
    refusal: Conflict | None = None,
) -> Template:
    return page(
        request,
        "guiding/consent.html",
        status=409 if refusal else 422 if form.errors else 200,
        consent=await reading.find_consent(db, by, consent_id),
        form=form,
        scopes=[scope.value for scope in guiding.Scope],
        refusal=refusal,
    )


routes = [index, before_inviting, invite, show, agree, decline, before_ending, end, looks]
