"""The registrar's queue: applications are read criterion by criterion and decided, with reasons."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from setori import facts, registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.people import Actor, Role
from setori.readmodels import consortia, procurer_desk
from setori.registry import ApplicationStatus, ApplicationView, Assessing, DecideApplication, MarkView
from setori.web import forms, papers
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of
from setori.web.procurer.marking import at_its_field, read_marks

SHOWN = ("submitted", "returned", "approved", "rejected", "withdrawn")
CONDITIONAL = "conditional"
"""The form's word for an approval with conditions."""


@get("/procurer/applications", opt=only(Role.REGISTRAR))
async def index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    status: FromQuery[str] = "submitted",
    own: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """What waits, the one that has waited longest first; or what has been decided. `own=yes`: what I assess."""
    shown = ApplicationStatus(status if status in SHOWN else "submitted")
    listed = await registry.list_queue(db, by=by, status=shown, only_own=own == "yes", after=after)
    return page(
        request,
        "procurer/applications/index.html",
        listed=listed,
        assessors=await registry.assessors_of(db, [(row.id, row.round) for row in listed.items]),
        counts=await procurer_desk.count_applications(db, procurer_of(by)),
        services=await procurer_desk.list_services(db),
        statuses=SHOWN,
        current=shown.value,
        own=own == "yes",
        is_first=after is None,
        on=local_day(now),
    )


@get("/procurer/applications/{application_id:uuid}", opt=only(Role.REGISTRAR))
async def show(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Template:
    """One application: each criterion beside its answer, and the decision or the form for it."""
    return await show_page(request, db, now, by, application_id, Form())


@post("/procurer/applications/{application_id:uuid}/check", opt=only(Role.REGISTRAR))
async def check(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """The decision once more before it is given, or the form again with all that was typed. Nothing is kept yet."""
    seen = await registry.find_application(db, application_id, by=by)
    form = read_decision(seen, typed)
    wants_back = "back" in typed
    if form.value is None or wants_back or seen.row.status is not ApplicationStatus.SUBMITTED:
        shown = Form[DecideApplication](typed) if wants_back else form
        status = 422 if form.errors and not wants_back else 200
        return await show_page(request, db, now, by, application_id, shown, status=status)
    return page(
        request,
        "procurer/applications/check.html",
        seen=seen,
        decision=form.value,
        typed=[(name, values[-1]) for name, values in typed.items() if name not in ("_csrf", "back")],
    )


@post("/procurer/applications/{application_id:uuid}/decision", opt=only(Role.REGISTRAR))
async def decide(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Approve, with or without conditions, or reject."""
    seen = await registry.find_application(db, application_id, by=by)
    form = read_decision(seen, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await registry.decide(db, application_id, form.value, by=by, at=now)
            return see(f"/procurer/applications/{application_id}")
        except (Conflict, Invalid) as refused:
            await db.rollback()
            if isinstance(refused, Invalid):
                form = at_its_field(form.with_errors(refused))
            status, refusal = refused.status, refused if isinstance(refused, Conflict) else None
    return await show_page(request, db, now, by, application_id, form, status=status, refusal=refusal)


@get("/procurer/applications/{application_id:uuid}/decision", opt=only(Role.REGISTRAR))
async def decision(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """The decision as a document."""
    seen = await registry.find_application(db, application_id, by=by)
    return papers.decision_page(request, seen, f"/procurer/applications/{application_id}")


@get("/procurer/applications/{application_id:uuid}/decision.pdf", opt=only(Role.REGISTRAR))
async def decision_pdf(db: Db, by: By, application_id: Id) -> Response[bytes]:
    """The same to keep."""
    return await papers.decision_file(await registry.find_application(db, application_id, by=by))


@get("/procurer/applications/{application_id:uuid}/filings/{round:int}", opt=only(Role.REGISTRAR))
async def filing(request: Req, db: Db, by: By, application_id: Id, round: FromPath[int]) -> Template:
    """What was sent in one round, as it was."""
    return papers.filing_page(
        request,
        await registry.find_application(db, application_id, by=by),
        await registry.find_filing(db, application_id, round, by=by),
        f"/procurer/applications/{application_id}",
    )


async def show_page(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    application_id: UUID,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page of one application, with whatever form was sent on it."""
    assessing = await registry.find_assessing(db, application_id, by=by)
    named = await consortia.list_changes(db, application_id=application_id)
    seen = await registry.find_application(db, application_id, by=by)
    return page(
        request,
        "procurer/applications/show.html",
        named=[one for one in named.items if one.answered_at],
        status=status,
        seen=seen,
        known=await facts.find_facts(db, seen.row.provider_id),
        assessing=assessing,
        agreed=agreed(assessing),
        form=form,
        refusal=refusal,
        on=local_day(now),
    )


def agreed(assessing: Assessing) -> dict[str, MarkView]:
    """The marks on which all who assessed agree, to begin the decision from; none before they may be seen."""
    given = [one.marks for one in assessing.assessments if one.marks] if assessing.is_revealed else []
    return {
        code: mark
        for code, mark in (given[0] if given else {}).items()
        if all(code in marks and marks[code].met == mark.met for marks in given)
    }


def read_decision(seen: ApplicationView, typed: Typed) -> Form[DecideApplication]:
    """The decision as typed. Whoever approves marks every criterion: nothing is met by being passed over."""
    outcome = typed.get("outcome", [""])[-1]
    verdicts, passed = read_marks(seen, typed)
    errors: dict[str, str] = {}
    if outcome in (ApplicationStatus.APPROVED, CONDITIONAL):
        sentence = gettext(N_("Mark whether {code} is met."))
        errors = {f"met-{code}": sentence.format(code=code) for code in passed}
    conditions = typed.get("conditions", [""])[-1].strip()
    if outcome == CONDITIONAL and not conditions:
        errors["conditions"] = gettext(N_("Write the conditions."))
    elif outcome != CONDITIONAL and conditions:
        errors["conditions"] = gettext(N_("Choose “Approve with conditions”, or leave the conditions empty."))
    plain = "approved" if outcome == CONDITIONAL else outcome
    form = at_its_field(
        forms.parse(DecideApplication, typed, verdicts=verdicts, conditions=conditions, outcome=plain)
    )
    errors |= form.errors
    return Form(typed, None if errors else form.value, errors)


routes = [index, show, check, decide, decision, decision_pdf, filing]
