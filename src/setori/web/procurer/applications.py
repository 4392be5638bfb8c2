"""The registrar's queue: applications are read criterion by criterion and decided, with reasons."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from setori import facts, joining, registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.people import Actor, Role
from setori.readmodels import consortia, procurer_desk
from setori.registry import (
    ApplicationStatus,
    ApplicationView,
    Assessing,
    DecideApplication,
    GiveVerdict,
    MarkView,
)
from setori.web import forms, papers
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of
from setori.web.procurer.marking import at_its_field, judged, read_marks

SHOWN = ("submitted", "returned", "approved", "rejected", "withdrawn")
CONDITIONAL = "conditional"
"""The form's word for an approval with conditions."""
FIELDS = ("outcome", "conditions", "reason")
"""What follows the criteria, in the order of the page."""


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
    if "back" in typed or seen.row.status is not ApplicationStatus.SUBMITTED:
        return await show_page(request, db, now, by, application_id, Form(typed))
    form = read_decision(seen, typed)
    if form.value is None:
        return await show_page(request, db, now, by, application_id, form, status=422)
    try:
        await registry.check_decision(db, application_id, form.value, by=by, at=now)
    except (Conflict, Invalid) as refused:
        return await _refused(request, db, now, by, application_id, form, refused)
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
    if form.value is None:
        return await show_page(request, db, now, by, application_id, form, status=422)
    try:
        await registry.decide(db, application_id, form.value, by=by, at=now)
    except (Conflict, Invalid) as refused:
        return await _refused(request, db, now, by, application_id, form, refused)
    return see(f"/procurer/applications/{application_id}")


async def _refused(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    application_id: UUID,
    form: Form[DecideApplication],
    refused: Conflict | Invalid,
) -> Template:
    """The form again, with what the register does not let through."""
    await db.rollback()
    if isinstance(refused, Invalid):
        told = at_its_field(form.with_errors(refused))
        return await show_page(request, db, now, by, application_id, told, status=refused.status)
    plain = Form[DecideApplication](form.typed)
    return await show_page(
        request, db, now, by, application_id, plain, status=refused.status, refusal=refused
    )


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
        earlier=await registry.list_earlier(db, application_id, by=by, on=local_day(now)),
        registration=await joining.find_registration(db, seen.row.provider_id),
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
    """The decision as typed, or all that is wrong with it at once, in the order of the page.

    Whoever approves marks every criterion that there is something to judge of: nothing is met by being passed over.
    """
    outcome, reason, conditions = (
        typed.get(name, [""])[-1].strip() for name in ("outcome", "reason", "conditions")
    )
    plain = ApplicationStatus.APPROVED.value if outcome == CONDITIONAL else outcome
    verdicts, passed = read_marks(seen, typed)
    wrong = registry.decision_problems(
        judged(seen),
        {code: GiveVerdict.model_construct(**given) for code, given in verdicts.items()},
        outcome=plain,
        reason=reason,
        conditions="",
    )
    errors = at_its_field(
        Form[DecideApplication](typed, None, {name: gettext(told) for name, told in wrong.items()})
    ).errors
    if plain == ApplicationStatus.APPROVED:
        sentence = gettext(N_("Mark whether {code} is met."))
        errors |= {f"met-{code}": sentence.format(code=code) for code in passed}
    if outcome == CONDITIONAL and not conditions:
        errors["conditions"] = gettext(N_("Write the conditions."))
    elif outcome != CONDITIONAL and conditions:
        errors["conditions"] = gettext(N_("Choose “Approve with conditions”, or leave the conditions empty."))
    form = at_its_field(
        forms.parse(DecideApplication, typed, verdicts=verdicts, conditions=conditions, outcome=plain)
    )
    errors |= form.errors
    codes = [one.asked.code for one in seen.criteria]
    order = [*(f"{field}-{code}" for code in codes for field in ("met", "why")), *FIELDS]
    in_order = {name: errors[name] for name in order if name in errors}
    return Form(typed, None if errors else form.value, in_order | errors)


routes = [index, show, check, decide, decision, decision_pdf, filing]
