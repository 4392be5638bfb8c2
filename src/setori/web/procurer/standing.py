"""The life of an approval at the registrar's desk: closed to new clients, heard, suspended; and adopting others'."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import joining, registry, vouchers
from setori.days import local_day
from setori.errors import Conflict, Invalid
from setori.people import PROCURER_ROLES, Role
from setori.readmodels import documents, procurer_desk, standing
from setori.registry import (
    AdoptApproval,
    AlreadyApproved,
    AsksMore,
    OpenHearing,
    PauseApproval,
    ReasonCode,
    RefusePlea,
    ReinstateApproval,
    SuspendApproval,
)
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of

CODES = [code.value for code in ReasonCode]


@get("/procurer/approvals/{approval_id:uuid}", opt=only(*PROCURER_ROLES))
async def show(request: Req, db: Db, by: By, approval_id: Id, do: FromQuery[str] = "") -> Template:
    """How an approval stands, and what can be done about it."""
    return await _show(request, db, by, approval_id, Form(), about=do)


async def _show(
    request: Req,
    db: Db,
    by: By,
    approval_id: UUID,
    form: Form[Any],
    *,
    about: str = "",
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    approval = await procurer_desk.find_approval(db, procurer_of(by), approval_id)
    hearings = await registry.list_hearings(db, approval_id=approval_id)
    pauses = await registry.list_open_pauses(db, approval_id)
    on = local_day(request.state.now)
    deadlines = await documents.list_deadlines(db, approval.provider_id, on=on)
    return page(
        request,
        "procurer/providers/approval.html",
        status=status,
        approval=approval,
        has_nobody=await joining.has_nobody(db, approval.provider_id, by=by),
        hearings=hearings,
        heard=next((one for one in hearings if one.is_open), None),
        pauses=pauses,
        documents=await documents.list_held(db, procurer_of(by), approval_id, on=on),
        deadlines=[one for one in deadlines if one.approval_id == approval_id],
        on=on,
        codes=CODES,
        form=form,
        about=about,
        refusal=refusal,
    )


@post("/procurer/approvals/{approval_id:uuid}/pause", opt=only(Role.REGISTRAR))
async def pause(request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled) -> Response[Any]:
    """Close the approval to new clients."""
    form = forms.parse(PauseApproval, typed)
    if form.value is None:
        return await _show(request, db, by, approval_id, form, about="pause", status=422)
    try:
        await registry.pause(db, approval_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, approval_id, form, status=refused.status, refusal=refused)
    return see(f"/procurer/approvals/{approval_id}")


@post("/procurer/approvals/{approval_id:uuid}/resumption", opt=only(Role.REGISTRAR))
async def resume(request: Req, db: Db, now: Now, by: By, approval_id: Id) -> Response[Any]:
    """Open the approval to new clients again."""
    try:
        await registry.resume(db, approval_id, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, approval_id, Form(), status=refused.status, refusal=refused)
    return see(f"/procurer/approvals/{approval_id}")


@post("/procurer/approvals/{approval_id:uuid}/plea/refusal", opt=only(Role.REGISTRAR))
async def refuse_plea(
    request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled
) -> Response[Any]:
    """The provider has asked to be opened again: it stays closed, and why."""
    form = forms.parse(RefusePlea, typed)
    if form.value is None:
        return await _show(request, db, by, approval_id, form, about="plea", status=422)
    try:
        await registry.refuse_plea(db, approval_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, approval_id, form, status=refused.status, refusal=refused)
    return see(f"/procurer/approvals/{approval_id}")


@post("/procurer/approvals/{approval_id:uuid}/hearing", opt=only(Role.REGISTRAR))
async def open_hearing(
    request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled
) -> Response[Any]:
    """Tell the provider what it is about, and by when it may answer."""
    form = forms.parse(OpenHearing, typed)
    if form.value is None:
        return await _show(request, db, by, approval_id, form, about="hearing", status=422)
    try:
        await registry.open_hearing(db, approval_id, form.value, by=by, at=now)
    except Invalid as wrong:
        await db.rollback()
        told = form.with_errors(wrong)
        return await _show(request, db, by, approval_id, told, about="hearing", status=422)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, approval_id, form, status=refused.status, refusal=refused)
    return see(f"/procurer/approvals/{approval_id}")


@post("/procurer/approvals/{approval_id:uuid}/hearing/end", opt=only(Role.REGISTRAR))
async def drop_hearing(request: Req, db: Db, now: Now, by: By, approval_id: Id) -> Response[Any]:
    """Close the hearing: the approval stays in force."""
    try:
        await registry.drop_hearing(db, approval_id, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, approval_id, Form(), status=refused.status, refusal=refused)
    return see(f"/procurer/approvals/{approval_id}")


@get("/procurer/approvals/{approval_id:uuid}/suspension", opt=only(Role.REGISTRAR))
async def before_suspending(request: Req, db: Db, by: By, approval_id: Id) -> Template:
    """What suspending does, before it is done."""
    return await _suspension(request, db, by, approval_id, Form())


async def _suspension(
    request: Req,
    db: Db,
    by: By,
    approval_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    approval = await procurer_desk.find_approval(db, procurer_of(by), approval_id)
    hearings = await registry.list_hearings(db, approval_id=approval_id)
    return page(
        request,
        "procurer/providers/suspend.html",
        status=status,
        approval=approval,
        heard=next((one for one in hearings if one.is_open), None),
        codes=CODES,
        form=form,
        refusal=refusal,
    )


@post("/procurer/approvals/{approval_id:uuid}/suspension", opt=only(Role.REGISTRAR))
async def suspend(request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled) -> Response[Any]:
    """Suspend the approval, with the reason that the register shows, and write to everybody who has chosen it."""
    approval = await procurer_desk.find_approval(db, procurer_of(by), approval_id)
    form = forms.parse(SuspendApproval, typed)
    if form.value is None:
        return await _suspension(request, db, by, approval_id, form, status=422)
    try:
        await registry.suspend(db, approval_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _suspension(request, db, by, approval_id, form, status=refused.status, refusal=refused)
    await vouchers.tell_clients_lost(db, procurer_of(by), approval.provider_id, approval.service_id, at=now)
    return see(f"/procurer/approvals/{approval_id}")


@post("/procurer/approvals/{approval_id:uuid}/reinstatement", opt=only(Role.REGISTRAR))
async def reinstate(request: Req, db: Db, now: Now, by: By, approval_id: Id, typed: Filled) -> Response[Any]:
    """Bring a suspended approval back, with the reason that the register shows."""
    form = forms.parse(ReinstateApproval, typed)
    if form.value is None:
        return await _show(request, db, by, approval_id, form, status=422)
    try:
        again = await registry.reinstate(db, approval_id, form.value, by=by, at=now)
    except Conflict as refused:
        await db.rollback()
        return await _show(request, db, by, approval_id, form, status=refused.status, refusal=refused)
    return see(f"/procurer/approvals/{again}")


@get("/procurer/adoptions", opt=only(Role.REGISTRAR))
async def elsewhere(
    request: Req, db: Db, now: Now, by: By, q: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """Whom other procurers have approved, and we not yet."""
    listed = await standing.list_elsewhere(db, procurer_of(by), on=local_day(now), q=q[:100], after=after)
    return page(
        request,
        "procurer/providers/elsewhere.html",
        rows=listed.items,
        next=listed.next,
        q=q[:100],
        is_first=after is None,
    )


@get("/procurer/adoptions/{their_approval_id:uuid}", opt=only(Role.REGISTRAR))
async def compare(request: Req, db: Db, now: Now, by: By, their_approval_id: Id) -> Template:
    """What adopting an approval means: which rulebooks, and what ours asks beyond theirs."""
    return await _compare(request, db, now, by, their_approval_id, Form())


async def _compare(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    approval_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    found = await registry.find_adoptable(db, approval_id, by=by, at=now)
    ours = await registry.find_rulebook(db, found.rulebook_id)
    return page(
        request,
        "procurer/providers/adopt.html",
        status=status,
        found=found,
        theirs=await standing.find_elsewhere(db, found.approval_id),
        provider=await registry.find_provider(db, found.provider_id, on=local_day(now)),
        services=await procurer_desk.list_services(db),
        ours=ours,
        asked=[one for one in ours.criteria if one.code in found.codes],
        form=form,
        refusal=refusal,
    )


@post("/procurer/adoptions/{their_approval_id:uuid}", opt=only(Role.REGISTRAR))
async def adopt(
    request: Req, db: Db, now: Now, by: By, their_approval_id: Id, typed: Filled
) -> Response[Any]:
    """Approve the provider here, pinned to our rulebook's version."""
    form = forms.parse(AdoptApproval, typed)
    if form.value is None:
        return await _compare(request, db, now, by, their_approval_id, form, status=422)
    try:
        adopted = await registry.adopt_elsewhere(db, their_approval_id, form.value, by=by, at=now)
    except AsksMore as refused:
        await db.rollback()
        return await _compare(request, db, now, by, their_approval_id, form, status=409, refusal=refused)
    except AlreadyApproved:
        await db.rollback()  # by another tap or a colleague
        return see("/procurer/adoptions")
    return see(f"/procurer/approvals/{adopted}")


@post("/procurer/adoptions/{their_approval_id:uuid}/invitation", opt=only(Role.REGISTRAR))
async def invite(request: Req, db: Db, now: Now, by: By, their_approval_id: Id) -> Response[Any]:
    """Ask the provider to answer what our rulebook asks beyond the other one."""
    await registry.invite_to_apply(db, their_approval_id, by=by, at=now)
    return see("/procurer/adoptions?said=invited")


routes = [
    show,
    pause,
    resume,
    refuse_plea,
    open_hearing,
    drop_hearing,
    before_suspending,
    suspend,
    reinstate,
    elsewhere,
    compare,
    adopt,
    invite,
]
