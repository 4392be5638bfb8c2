"""Consortia: invitations to us, the groups we lead or are in, and what we apply for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.readmodels import consortia
from setori.registry import (
    AnswerInvitation,
    InvitePartner,
    LeaveConsortium,
    PartnerPart,
    PartnerTask,
    PartnerTerms,
    RemovePartner,
)
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.provider.desk import firm_of

OWNER = only(Role.PROVIDER_OWNER)
LISTS = {"parts": list(PartnerPart), "tasks": list(PartnerTask)}
OPEN = ("invited", "accepted")


@get("/provider/consortia", opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, now: Now, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """Invitations that wait for us, what we lead, and where we deliver."""
    firm, on = firm_of(by), local_day(now)
    return page(
        request,
        "provider/consortia/index.html",
        invitations=(await consortia.list_changes(db, firm_id=firm, status="invited")).items,
        led=await consortia.list_groups(db, lead_id=firm, on=on, after=after),
        within=(await consortia.list_groups(db, firm_id=firm, on=on)).items,
        firm=firm,
        is_first=after is None,
    )


@get("/provider/applications/{application_id:uuid}/partners", opt=only(*PROVIDER_ROLES))
async def of_application(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """The firms in an application."""
    return await _application(request, db, by, application_id, Form())


@post("/provider/applications/{application_id:uuid}/partners", opt=OWNER)
async def invite_there(
    request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled
) -> Response[Any]:
    """Ask a firm to be in it."""
    form = forms.parse(InvitePartner, typed)
    rulebook_id = (await registry.find_application(db, application_id, by=by)).row.rulebook_id
    cap = (await registry.find_rulebook(db, rulebook_id)).subcontract_cap
    asked = await consortia.share_asked(db, application_id=application_id, on=local_day(now))
    form = within_cap(form, asked, cap)
    refused: Conflict | None = None
    if form.value is not None:
        try:
            await registry.invite_to_application(db, application_id, form.value, by=by, at=now)
            return see(f"/provider/applications/{application_id}/partners")
        except (Conflict, Invalid) as problem:
            await db.rollback()
            form, refused = _told(form, problem)
    status = refused.status if refused else 422
    return await _application(request, db, by, application_id, form, status=status, refusal=refused)


@get("/provider/approvals/{approval_id:uuid}/partners", opt=only(*PROVIDER_ROLES))
async def of_approval(request: Req, db: Db, now: Now, by: By, approval_id: Id) -> Template:
    """The firms under an approval of ours, today and before."""
    return await _approval(request, db, by, approval_id, Form(), at=now)


@post("/provider/approvals/{approval_id:uuid}/partners", opt=OWNER)
async def invite_here(
    request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled
) -> Response[Any]:
    """Ask a firm to deliver under it; when it says yes, the registrar decides."""
    form = forms.parse(InvitePartner, typed)
    group = await consortia.find_group(db, approval_id, on=local_day(now), lead_id=firm_of(by))
    asked = await consortia.share_asked(db, approval_id=approval_id, on=local_day(now))
    form = within_cap(form, asked, group.cap)
    refused: Conflict | None = None
    if form.value is not None:
        try:
            await registry.invite_to_approval(db, approval_id, form.value, by=by, at=now)
            return see(f"/provider/approvals/{approval_id}/partners")
        except (Conflict, Invalid) as problem:
            await db.rollback()
            form, refused = _told(form, problem)
    status = refused.status if refused else 422
    return await _approval(request, db, by, approval_id, form, at=now, status=status, refusal=refused)


@get("/provider/changes/{change_id:uuid}", opt=OWNER)
async def change(request: Req, db: Db, by: By, change_id: Id) -> Template:
    """One thing that was applied for, with what we can do about it."""
    return await _change(request, db, by, change_id, Form())


@post("/provider/changes/{change_id:uuid}/answer", opt=OWNER)
async def answer(request: Req, db: Db, now: Now, by: By, change_id: Id, typed: Filled) -> Response[Any]:
    """Our firm says yes or no."""
    form = forms.parse(AnswerInvitation, typed)
    if form.value is None:
        return await _change(request, db, by, change_id, form, status=422)
    try:
        await registry.answer_invitation(db, change_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _change(request, db, by, change_id, form, status=refused.status, refusal=refused)
    return see(f"/provider/changes/{change_id}")


@post("/provider/changes/{change_id:uuid}/withdrawal", opt=OWNER)
async def take_back(request: Req, db: Db, now: Now, by: By, change_id: Id) -> Response[Any]:
    """Take back what we applied for."""
    try:
        await registry.take_back_change(db, change_id, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _change(request, db, by, change_id, Form(), status=refused.status, refusal=refused)
    return see(f"/provider/changes/{change_id}")


@get("/provider/partners/{partner_id:uuid}", opt=OWNER)
async def partner(request: Req, db: Db, now: Now, by: By, partner_id: Id) -> Template:
    """A firm under an approval: its lead firm applies for changes, it gives notice itself."""
    return await _partner(request, db, by, partner_id, Form(), at=now)


@post("/provider/partners/{partner_id:uuid}/changes", opt=OWNER)
async def alter(request: Req, db: Db, now: Now, by: By, partner_id: Id, typed: Filled) -> Response[Any]:
    """Apply for another part, task or share."""
    form = forms.parse(PartnerTerms, typed)
    refused: Conflict | None = None
    if form.value is not None:
        try:
            change_id = await registry.ask_to_alter(db, partner_id, form.value, by=by, at=now)
            return see(f"/provider/changes/{change_id}")
        except (Conflict, Invalid) as problem:
            await db.rollback()
            form, refused = _told(form, problem)
    return await _partner(request, db, by, partner_id, form, at=now, about="change", refusal=refused)


@post("/provider/partners/{partner_id:uuid}/removal", opt=OWNER)
async def remove(request: Req, db: Db, now: Now, by: By, partner_id: Id, typed: Filled) -> Response[Any]:
    """Apply for its leaving."""
    form = forms.parse(RemovePartner, typed)
    refused: Conflict | None = None
    if form.value is not None:
        try:
            change_id = await registry.ask_to_remove(db, partner_id, form.value, by=by, at=now)
            return see(f"/provider/changes/{change_id}")
        except (Conflict, Invalid) as problem:
            await db.rollback()
            form, refused = _told(form, problem)
    return await _partner(request, db, by, partner_id, form, at=now, about="removal", refusal=refused)


@post("/provider/partners/{partner_id:uuid}/leaving", opt=OWNER)
async def leave(request: Req, db: Db, now: Now, by: By, partner_id: Id, typed: Filled) -> Response[Any]:
    """Our own notice."""
    form = forms.parse(LeaveConsortium, typed)
    refused: Conflict | None = None
    if form.value is not None:
        try:
            await registry.leave(db, partner_id, form.value, by=by, at=now)
            return see("/provider/consortia")
        except (Conflict, Invalid) as problem:
            await db.rollback()
            form, refused = _told(form, problem)
    return await _partner(request, db, by, partner_id, form, at=now, about="leaving", refusal=refused)


def within_cap(form: Form[InvitePartner], asked: int, cap: int) -> Form[InvitePartner]:
    """The form with an error where the share would pass the cap together with what is open, unless that is known.

    Some of those who are asked may say no; whoever says yes when the cap is full is refused.
    """
    order = form.value
    if order is None or order.part is not PartnerPart.SUBCONTRACTOR or order.share_percent > cap:
        return form
    if asked + order.share_percent <= cap or form.get("over_cap") == "yes":
        return form
    told = gettext(
        N_(
            "With the invitations that are open, subcontractors would deliver %(sum)s %% together, and the rulebook "
            "allows %(cap)s %%. There is room for %(left)s %%."
        )
    )
    figures = {"sum": asked + order.share_percent, "cap": cap, "left": max(cap - asked, 0)}
    return Form(form.typed, None, {"share_percent": told % figures})


def _told(form: Form[Any], problem: Conflict | Invalid) -> tuple[Form[Any], Conflict | None]:
    """What the domain found, at its field or as a refusal of the whole."""
    if isinstance(problem, Invalid):
        return form.with_errors(problem), None
    return form, problem


async def _application(
    request: Req,
    db: Database,
    by: Actor,
    application_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    seen = await registry.find_application(db, application_id, by=by)
    return page(
        request,
        "provider/consortia/application.html",
        status=status,
        seen=seen,
        rulebook=await registry.find_rulebook(db, seen.row.rulebook_id),
        changes=(await consortia.list_changes(db, application_id=application_id)).items,
        is_open=seen.row.status in ("draft", "returned"),
        form=form,
        refusal=refusal,
        **LISTS,
    )


async def _approval(
    request: Req,
    db: Database,
    by: Actor,
    approval_id: UUID,
    form: Form[Any],
    *,
    at: datetime,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    group = await consortia.find_group(db, approval_id, on=local_day(at), lead_id=firm_of(by))
    return page(
        request,
        "provider/consortia/approval.html",
        status=status,
        group=group,
        changes=(await consortia.list_changes(db, approval_id=approval_id)).items,
        form=form,
        refusal=refusal,
        **LISTS,
    )


async def _change(
    request: Req,
    db: Database,
    by: Actor,
    change_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    seen = await consortia.find_change(db, change_id, firm_id=firm_of(by))
    return page(
        request,
        "provider/consortia/change.html",
        status=status,
        seen=seen,
        is_ours=seen.lead_id == by.organisation_id,
        is_open=seen.status in OPEN,
        form=form,
        refusal=refusal,
    )


async def _partner(
    request: Req,
    db: Database,
    by: Actor,
    partner_id: UUID,
    form: Form[Any],
    *,
    at: datetime,
    about: str = "",
    refusal: Conflict | None = None,
) -> Template:
    one, group = await consortia.find_partner(db, partner_id, firm_id=firm_of(by), on=local_day(at))
    return page(
        request,
        "provider/consortia/partner.html",
        status=refusal.status if refusal else 422 if about else 200,
        one=one,
        group=group,
        is_ours=group.lead_id == by.organisation_id,
        form=form,
        about=about,
        refusal=refusal,
        **LISTS,
    )


routes = [
    *(index, of_application, invite_there, of_approval, invite_here),
    *(change, answer, take_back, partner, alter, remove, leave),
]
