"""A firm's approvals: how they stand, its own side in a hearing, and how many clients it can take."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.errors import Conflict
from setori.people import PROVIDER_ROLES, Role
from setori.readmodels import documents, standing
from setori.registry import AnswerHearing, PleadPause, TellCapacity
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/provider/approvals", opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, now: Now, by: By) -> Template:
    """All approvals in force, area by area, and the hearings."""
    return await _index(request, db, now, by, Form())


async def _index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    form: Form[Any],
    *,
    about: UUID | None = None,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    assert by.organisation_id is not None
    return page(
        request,
        "provider/approvals.html",
        status=status,
        held=await standing.list_held(db, by.organisation_id, on=local_day(now)),
        closed=await standing.list_closed(db, by.organisation_id, on=local_day(now)),
        deadlines=await documents.list_deadlines(db, by.organisation_id, on=local_day(now)),
        on=local_day(now),
        hearings=await registry.list_hearings(db, provider_id=by.organisation_id),
        form=form,
        about=about,
        refusal=refusal,
    )


@post("/provider/hearings/{hearing_id:uuid}", opt=only(Role.PROVIDER_OWNER))
async def answer(request: Req, db: Db, now: Now, by: By, hearing_id: Id, typed: Filled) -> Response[Any]:
    """Tell the firm's side."""
    form = forms.parse(AnswerHearing, typed)
    if form.value is None:
        return await _index(request, db, now, by, form, about=hearing_id, status=422)
    try:
        await registry.answer_hearing(db, hearing_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _index(request, db, now, by, form, status=refused.status, refusal=refused)
    return see("/provider/approvals")


@post("/provider/approvals/{approval_id:uuid}/plea", opt=only(Role.PROVIDER_OWNER))
async def plead(request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled) -> Response[Any]:
    """Ask to be opened to new clients again."""
    form = forms.parse(PleadPause, typed)
    if form.value is None:
        return await _index(request, db, now, by, form, about=approval_id, status=422)
    try:
        await registry.plead(db, approval_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _index(request, db, now, by, form, status=refused.status, refusal=refused)
    return see("/provider/approvals")


@post("/provider/capacity", opt=only(Role.PROVIDER_OWNER))
async def tell(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Say how many new clients can begin, and how long they wait."""
    form = forms.parse(TellCapacity, typed)
    if form.value is None:
        return await _index(request, db, now, by, form, status=422)
    await registry.tell_capacity(db, form.value, by=by, at=now)
    return see("/provider/approvals")


routes = [index, answer, plead, tell]
