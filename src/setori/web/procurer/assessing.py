"""Before a decision: who assesses, one's own marks, and the way back to the provider for completion."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import facts, registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid, NotFound
from setori.people import Actor, Role
from setori.registry import AskForCompletion, AssessApplication
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.procurer.marking import at_its_field, read_marks

BASE = "/procurer/applications"
ONE = BASE + "/{application_id:uuid}"


@post(ONE + "/assessors", opt=only(Role.REGISTRAR))
async def assign(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Ask a registrar to assess. Raises NotFound for anybody else."""
    await registry.find_application(db, application_id, by=by)
    await registry.assign(db, application_id, person_in(typed), by=by, at=now)
    return see(f"{BASE}/{application_id}")


@get(ONE + "/assessors/removal", opt=only(Role.REGISTRAR))
async def before_unassigning(
    request: Req, db: Db, by: By, application_id: Id, person: FromQuery[UUID | None] = None
) -> Template:
    """What letting an assessor go means, before it is done."""
    seen = await registry.find_application(db, application_id, by=by)
    assessing = await registry.find_assessing(db, application_id, by=by)
    return page(
        request,
        "procurer/applications/unassign.html",
        seen=seen,
        who=[one for one in assessing.assessments if one.assessor_id == person and not one.done_at],
    )


@post(ONE + "/assessors/removal", opt=only(Role.REGISTRAR))
async def unassign(
    request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled
) -> Response[Any]:
    """Let an assessor go who has not done."""
    await registry.find_application(db, application_id, by=by)
    await registry.unassign(db, application_id, person_in(typed), by=by, at=now)
    return see(f"{BASE}/{application_id}")


@get(ONE + "/assessment", opt=only(Role.REGISTRAR))
async def before_assessing(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """One's own marks."""
    return await assess_page(request, db, by, application_id, Form())


@post(ONE + "/assessment", opt=only(Role.REGISTRAR))
async def assess(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Keep one's marks, or give them for good: the button says which."""
    seen = await registry.find_application(db, application_id, by=by)
    marks, _ = read_marks(seen, typed)
    is_done = typed.get("do", [""])[-1] == "done"
    form = at_its_field(forms.parse(AssessApplication, typed, marks=marks, is_done=is_done))
    refusal, status = None, 422
    if form.value is not None:
        try:
            await registry.assess(db, application_id, form.value, by=by, at=now)
            return see(f"{BASE}/{application_id}" + ("" if is_done else "/assessment"))
        except (Conflict, Invalid) as refused:
            await db.rollback()
            status, refusal = refused.status, refused if isinstance(refused, Conflict) else None
            if isinstance(refused, Invalid):
                form = at_its_field(form.with_errors(refused))
    return await assess_page(
        request, db, by, application_id, Form(typed, None, form.errors), status=status, refusal=refusal
    )


@get(ONE + "/completion", opt=only(Role.REGISTRAR))
async def before_returning(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """What to ask the provider to mend."""
    return await completion_page(request, db, by, application_id, Form())


@post(ONE + "/completion", opt=only(Role.REGISTRAR))
async def give_back(
    request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled
) -> Response[Any]:
    """Return the application for completion."""
    form = forms.parse(AskForCompletion, typed)
    refusal, status = None, 422
    if form.value is not None:
        try:
            await registry.ask_for_completion(db, application_id, form.value, by=by, at=now)
            return see(f"{BASE}/{application_id}")
        except (Conflict, Invalid) as refused:
            await db.rollback()
            status, refusal = refused.status, refused if isinstance(refused, Conflict) else None
            if isinstance(refused, Invalid):
                form = form.with_errors(refused)
    return await completion_page(request, db, by, application_id, form, status=status, refusal=refusal)


@post(ONE + "/taking-up", opt=only(Role.REGISTRAR))
async def take_up(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Response[Any]:
    """Decide what was not completed in time as it was filed."""
    await registry.take_up(db, application_id, by=by, at=now)
    return see(f"{BASE}/{application_id}")


async def assess_page(
    request: Req,
    db: Database,
    by: Actor,
    application_id: UUID,
    form: Form[AssessApplication],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page of one's own marks. Raises NotFound to whoever was not asked."""
    seen = await registry.find_application(db, application_id, by=by)
    assessing = await registry.find_assessing(db, application_id, by=by)
    if assessing.own is None:
        raise NotFound
    is_anew = bool(seen.course.filings) and seen.course.filings[-1].round == seen.row.round
    changed = {one.asked.code for one in seen.criteria if one.former and is_anew}
    before = assessing.own_before
    return page(
        request,
        "procurer/applications/assess.html",
        status=status,
        seen=seen,
        known=await facts.find_facts(db, seen.row.provider_id),
        on=local_day(request.state.now),
        assessing=assessing,
        marks=assessing.own.marks or {code: mark for code, mark in before.items() if code not in changed},
        past={code: mark for code, mark in before.items() if code in changed},
        form=form,
        refusal=refusal,
    )


async def completion_page(
    request: Req,
    db: Database,
    by: Actor,
    application_id: UUID,
    form: Form[AskForCompletion],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which a return for completion is written."""
    seen = await registry.find_application(db, application_id, by=by)
    return page(
        request,
        "procurer/applications/complete.html",
        status=status,
        seen=seen,
        known=await facts.find_facts(db, seen.row.provider_id),
        on=local_day(request.state.now),
        form=form,
        refusal=refusal,
    )


def person_in(typed: Typed) -> UUID:
    """The person whom a form names. Raises NotFound for what is no id."""
    try:
        return UUID(typed.get("person_id", [""])[-1])
    except ValueError as wrong:
        raise NotFound from wrong


routes = [
    assign,
    before_unassigning,
    unassign,
    before_assessing,
    assess,
    before_returning,
    give_back,
    take_up,
]
