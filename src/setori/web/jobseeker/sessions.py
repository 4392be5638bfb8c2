"""One's own word on a session: yes, we met; or, that is not right."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import reviews, vouchers
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.readmodels import disputes, wallet
from setori.vouchers import DisputeSession, RedemptionStatus
from setori.web import forms
from setori.web.given import By, Db, Filled, Hot, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


class SaidOtherwise(Conflict):
    """Confirmed on a page that does not know of the dispute."""

    sentence = (
        "You have said meanwhile that this session is not right. Look at it once more before you confirm it."
    )


@get("/sessions/{redemption_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, by: By, redemption_id: Id, said: FromQuery[str] = "") -> Template:
    """The session as the coach recorded it, and the question; `said` is what was just done."""
    return await _page(request, db, by, redemption_id, forms.Form(), said=said)


@post("/sessions/{redemption_id:uuid}/confirmation", opt=only(Role.JOBSEEKER))
async def confirm(
    request: Req, db: Db, wire: Hot, now: Now, by: By, redemption_id: Id, typed: Filled
) -> Response[Any]:
    """Yes, we met. A page that was open before one said that it is not right is shown anew instead."""
    session = await wallet.find_session(db, by, redemption_id)
    if session.status == RedemptionStatus.DISPUTED and typed.get("seen") == [RedemptionStatus.HELD]:
        return await _page(request, db, by, redemption_id, forms.Form(), refusal=SaidOtherwise())
    try:
        await vouchers.confirm(wire, redemption_id, by=by, at=now)
    except Conflict as refusal:
        return await _page(request, db, by, redemption_id, forms.Form(), refusal=refusal)
    pulse_id = await reviews.ask_after(db, redemption_id, at=now)
    return see(f"/pulses/{pulse_id}" if pulse_id else f"/sessions/{redemption_id}?said=thanks")


@post("/sessions/{redemption_id:uuid}/dispute", opt=only(Role.JOBSEEKER))
async def dispute(
    request: Req, db: Db, wire: Hot, now: Now, by: By, redemption_id: Id, typed: Filled
) -> Response[Any]:
    """That is not right: the money stays held, and the coach is asked for the other side."""
    form = forms.parse(DisputeSession, typed)
    if form.value is None:
        return await _page(request, db, by, redemption_id, form, status=422)
    try:
        await vouchers.dispute(wire, redemption_id, form.value, by=by, at=now)
    except Conflict as refusal:
        return await _page(request, db, by, redemption_id, form, refusal=refusal)
    return see(f"/sessions/{redemption_id}")


async def _page(
    request: Req,
    db: Db,
    by: Actor,
    redemption_id: Id,
    form: forms.Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
    said: str = "",
) -> Template:
    session = await wallet.find_session(db, by, redemption_id)
    return page(
        request,
        "jobseeker/session.html",
        status=409 if refusal else status,
        session=session,
        dispute=await disputes.find_dispute(db, redemption_id),
        form=form,
        refusal=refusal,
        said=said,
    )


routes = [show, confirm, dispute]
