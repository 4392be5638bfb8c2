"""The case worker's side: a service manager is proposed to the holder of a voucher, who says yes or no."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import guiding
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Forbidden, Invalid
from setori.guiding import ProposeManager
from setori.people import Actor, Role
from setori.readmodels import guiding as reading
from setori.readmodels import procurer_desk
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/procurer/vouchers/{voucher_id:uuid}/helper", opt=only(Role.CASE_WORKER))
async def before_proposing(
    request: Req, db: Db, now: Now, by: By, voucher_id: Id, after: FromQuery[UUID | None] = None
) -> Template:
    """Who walks beside the client, and whom one could propose."""
    return await _page(request, db, now, by, voucher_id, forms.Form(), after=after)


@post("/procurer/vouchers/{voucher_id:uuid}/helper", opt=only(Role.CASE_WORKER))
async def propose(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Propose; the client is written to, and nothing begins before the yes."""
    form = forms.parse(ProposeManager, typed)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await guiding.propose(db, voucher_id, form.value, by=by, at=now)
            return see(f"/procurer/vouchers/{voucher_id}/helper")
        except Invalid as wrong:
            form = form.with_errors(wrong)
        except Conflict as refused:
            refusal = refused
        await db.rollback()
    return await _page(request, db, now, by, voucher_id, form, refusal=refusal)


@post("/procurer/proposals/{consent_id:uuid}/withdrawal", opt=only(Role.CASE_WORKER))
async def take_back(db: Db, now: Now, by: By, consent_id: Id, typed: Filled) -> Response[None]:
    """Take back what the client has not answered yet."""
    await guiding.take_back_proposal(db, consent_id, by=by, at=now)
    try:
        return see(f"/procurer/vouchers/{UUID((typed.get('voucher_id') or [''])[-1])}/helper")
    except ValueError:
        return see("/procurer/vouchers")


async def _page(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    voucher_id: UUID,
    form: forms.Form[ProposeManager],
    *,
    after: UUID | None = None,
    refusal: Conflict | None = None,
) -> Template:
    if by.organisation_id is None:
        raise Forbidden
    seen = await procurer_desk.find_voucher(db, by.organisation_id, voucher_id)
    return page(
        request,
        "guiding/propose.html",
        status=409 if refusal else 422 if form.errors else 200,
        seen=seen,
        listed=await reading.list_of_voucher(db, by, voucher_id),
        managers=await reading.list_managers_of(db, by, after=after),
        is_first=after is None,
        form=form,
        scopes=[scope.value for scope in guiding.Scope],
        until=guiding.until_by_default(local_day(now)),
        refusal=refusal,
    )


routes = [before_proposing, propose, take_back]
