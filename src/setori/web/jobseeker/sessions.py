"""One's own word on a session: yes, we met; or, that is not right; and how it was."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Template

from setori import reviews, vouchers
from setori.errors import Conflict
from setori.people import Actor, Role
from setori.readmodels import disputes, wallet
from setori.reviews import WriteReview
from setori.vouchers import DisputeSession, RedemptionStatus
from setori.web import forms
from setori.web.given import By, Db, Filled, Hot, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see


class SaidOtherwise(Conflict):
    """Confirmed on a page that does not know of the dispute."""

    sentence = (
        "You have said meanwhile that this session is not right. Look at it once more before you confirm it."
    )


@get("/sessions/{redemption_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, by: By, redemption_id: Id) -> Template:
    """The session as the coach recorded it, and the question."""
    return await _page(request, db, by, redemption_id, forms.Form())


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
    return see(f"/sessions/{redemption_id}/review")


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


@get("/sessions/{redemption_id:uuid}/review", opt=only(Role.JOBSEEKER))
async def ask(request: Req, db: Db, by: By, redemption_id: Id) -> Template:
    """How was it?"""
    session = await wallet.find_session(db, by, redemption_id)
    return page(request, "jobseeker/review.html", session=session, form=forms.Form(), refusal=None)


@post("/sessions/{redemption_id:uuid}/review", opt=only(Role.JOBSEEKER))
async def review(request: Req, db: Db, now: Now, by: By, redemption_id: Id, typed: Filled) -> Response[Any]:
    """Keep what was said, and show it where others choose."""
    form = forms.parse(WriteReview, typed)
    if "rating" in form.errors:
        form = forms.Form(typed, None, form.errors | {"rating": gettext(N_("Choose from 1 to 5."))})
    session = await wallet.find_session(db, by, redemption_id)
    if form.value is None:
        return page(request, "jobseeker/review.html", status=422, session=session, form=form, refusal=None)
    try:
        await reviews.write(db, redemption_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return page(request, "jobseeker/review.html", status=409, session=session, form=form, refusal=refusal)
    return see("/wallet?said=thanks")


async def _page(
    request: Req,
    db: Db,
    by: Actor,
    redemption_id: Id,
    form: forms.Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
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
    )


routes = [show, confirm, dispute, ask, review]
