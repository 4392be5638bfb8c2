"""Applications: a list of tasks, answered one by one and kept as typed, checked, and sent to the procurer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from setori import evidence, facts, registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid, NotFound
from setori.evidence import DocumentKind, KeepDocument
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.registry import (
    AnswerCriteria,
    AnsweredCriterion,
    ApplicationStatus,
    ApplicationView,
    CriterionKind,
    NotComplete,
    NotYours,
    WrittenMeanwhile,
)
from setori.web import forms, papers, uploads
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see

BASE = "/provider/applications"
Code = FromPath[str]
OPEN = (ApplicationStatus.DRAFT, ApplicationStatus.RETURNED)
"""In these the firm writes."""


@get(BASE, opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """Our applications, the newest first."""
    listed = await registry.list_applications(db, by=by, after=after)
    return page(request, "provider/applications/index.html", listed=listed, is_first=after is None)


@get(BASE + "/{application_id:uuid}", opt=only(*PROVIDER_ROLES))
async def show(
    request: Req, db: Db, now: Now, by: By, application_id: Id, said: FromQuery[str] = ""
) -> Template:
    """While it is written or mended a list of tasks; once it is sent what was sent, and in the end the decision."""
    seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
    known = await facts.find_facts(db, seen.row.provider_id)
    return page(
        request, "provider/applications/show.html", seen=seen, known=known, said=said, **progress(seen)
    )


@get(BASE + "/{application_id:uuid}/questions/{code:str}", opt=only(*PROVIDER_ROLES))
async def question(request: Req, db: Db, now: Now, by: By, application_id: Id, code: Code) -> Template:
    """One question a page."""
    seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
    return await ask(request, db, now, seen, code, Form())


@post(BASE + "/{application_id:uuid}/answers", opt=only(*PROVIDER_ROLES))
async def answer(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Keep answers as they were typed, then go on to the next question; a bad answer is kept too, and told.

    The page saves by itself while one types, and is told in a line that it has been kept.
    """
    form = forms.parse(AnswerCriteria, typed)
    codes = [name.removeprefix("answers.") for name in typed if name.startswith("answers.")]
    by_itself = request.headers.get("hx-request") == "true"
    if form.value is None or not codes:
        seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
        if by_itself:
            return saved(request, now, status=422, problem=next(iter(form.errors.values()), ""))
        return await ask(request, db, now, seen, codes[0] if codes else first_open(seen), form, status=422)
    try:
        problems = await registry.answer(db, application_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        if by_itself:
            return saved(request, now, status=refusal.status, refusal=refusal)
        if not isinstance(refusal, WrittenMeanwhile):
            raise
        seen = await registry.find_application(db, application_id, by=by)
        return await ask(request, db, now, seen, codes[0], form, status=refusal.status, refusal=refusal)
    if by_itself:
        problem = gettext(next(iter(problems.values()), ""))
        return saved(request, now, problem=problem, kept=form.value.answers)
    seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
    if problems:
        told = {f"answers.{code}": gettext(problem) for code, problem in problems.items()}
        return await ask(request, db, now, seen, next(iter(problems)), Form(typed, None, told), status=422)
    return see(after_answering(seen, codes[-1]))


@post(
    BASE + "/{application_id:uuid}/questions/{code:str}/document",
    opt=only(*PROVIDER_ROLES),
    request_max_body_size=uploads.LARGEST_FORM,
)
async def upload(request: Req, db: Db, now: Now, by: By, application_id: Id, code: Code) -> Response[Any]:
    """Put a document into the wallet and answer with it, then go on to the next question."""
    seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
    item = next((one for one in seen.criteria if one.asked.code == code), None)
    if item is None or item.asked.kind is not CriterionKind.DOCUMENT:
        raise NotFound
    kind = {"kind": item.asked.document_kind} if item.asked.document_kind else {}
    form, file = await uploads.read(request, KeepDocument, **kind)
    if form.value is not None and item.asked.expires and form.value.valid_until is None:
        form = Form(
            form.typed, None, {"valid_until": gettext(N_("Give the last day: the rulebook asks for it."))}
        )
    status, refusal = 422, None
    if form.value is not None and file is not None:
        try:
            version_id = await evidence.keep(db, form.value, file, by=by, at=now)
            order = AnswerCriteria(answers={code: str(version_id)})
            problems = await registry.answer(db, application_id, order, by=by, at=now)
            if not problems:
                await registry.sweep_documents(db, at=now)
                seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
                return see(after_answering(seen, code))
            await db.rollback()
            form = Form(form.typed, None, {"valid_until": gettext(problems[code])})
        except (Conflict, Invalid) as refused:
            await db.rollback()
            if isinstance(refused, Invalid):
                form = form.with_errors(refused)
            else:
                status, refusal = refused.status, refused
    return await ask(request, db, now, seen, code, Form(), sent=form, status=status, refusal=refusal)


@get(BASE + "/{application_id:uuid}/check", opt=only(*PROVIDER_ROLES))
async def check(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Template:
    """All answers on one page before they are sent."""
    return await check_page(request, db, now, by, application_id, Form())


@post(BASE + "/{application_id:uuid}/submission", opt=only(Role.PROVIDER_OWNER))
async def submit(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Response[Any]:
    """Send it. What is in the way is told question by question."""
    try:
        await registry.submit(db, application_id, by=by, at=now)
    except NotComplete as refusal:
        await db.rollback()
        told = Form[AnswerCriteria]().with_errors(refusal)
        return await check_page(request, db, now, by, application_id, told, status=refusal.status)
    except NotYours as refusal:
        await db.rollback()
        if refusal.params.get("status") == ApplicationStatus.SUBMITTED:  # by another tap or a colleague
            return see(f"{BASE}/{application_id}/receipt")
        return await check_page(
            request, db, now, by, application_id, Form(), status=refusal.status, refusal=refusal
        )
    except Conflict as refusal:
        await db.rollback()
        return await check_page(
            request, db, now, by, application_id, Form(), status=refusal.status, refusal=refusal
        )
    return see(f"{BASE}/{application_id}/receipt")


@get(BASE + "/{application_id:uuid}/receipt", opt=only(*PROVIDER_ROLES))
async def receipt(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """That it was sent, with its number. Raises NotFound for what has not been."""
    seen = await registry.find_application(db, application_id, by=by)
    if not seen.course.filings:
        raise NotFound
    return page(request, "provider/applications/receipt.html", seen=seen)


@get(BASE + "/{application_id:uuid}/filings/{round:int}", opt=only(*PROVIDER_ROLES))
async def filing(request: Req, db: Db, by: By, application_id: Id, round: FromPath[int]) -> Template:
    """What was sent in one round, as it was."""
    return papers.filing_page(
        request,
        await registry.find_application(db, application_id, by=by),
        await registry.find_filing(db, application_id, round, by=by),
        f"{BASE}/{application_id}",
    )


@get(BASE + "/{application_id:uuid}/decision", opt=only(*PROVIDER_ROLES))
async def decision(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """The decision as a document."""
    seen = await registry.find_application(db, application_id, by=by)
    return papers.decision_page(request, seen, f"{BASE}/{application_id}")


@get(BASE + "/{application_id:uuid}/decision.pdf", opt=only(*PROVIDER_ROLES))
async def decision_pdf(db: Db, by: By, application_id: Id) -> Response[bytes]:
    """The same to keep."""
    return await papers.decision_file(await registry.find_application(db, application_id, by=by))


@get(BASE + "/{application_id:uuid}/withdrawal", opt=only(Role.PROVIDER_OWNER))
async def before_withdrawing(request: Req, db: Db, by: By, application_id: Id) -> Template:
    """What withdrawing means, before it is done."""
    seen = await registry.find_application(db, application_id, by=by)
    return page(request, "provider/applications/withdraw.html", seen=seen, refusal=None)


@post(BASE + "/{application_id:uuid}/withdrawal", opt=only(Role.PROVIDER_OWNER))
async def withdraw(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Response[Any]:
    """Take the application back."""
    try:
        await registry.withdraw(db, application_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        seen = await registry.find_application(db, application_id, by=by)
        return page(
            request,
            "provider/applications/withdraw.html",
            status=refusal.status,
            seen=seen,
            refusal=refusal,
        )
    return see(f"{BASE}/{application_id}?said=withdrawn")


def saved(
    request: Req,
    now: datetime,
    *,
    status: int = 200,
    problem: str = "",
    kept: dict[str, str] | None = None,
    refusal: Conflict | None = None,
) -> Template:
    """The line under a question that saves by itself."""
    return page(
        request,
        "provider/applications/_saved.html",
        status=status,
        at=now,
        problem=problem,
        kept=kept or {},
        refusal=refusal,
    )


async def ask(
    request: Req,
    db: Database,
    now: datetime,
    seen: ApplicationView,
    code: str,
    form: Form[AnswerCriteria],
    *,
    sent: Form[KeepDocument] | None = None,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page of one question; `sent` is a document that came with it. Raises NotFound for a code not asked."""
    place = next((n for n, item in enumerate(seen.criteria, 1) if item.asked.code == code), None)
    if place is None:
        raise NotFound
    item, on = seen.criteria[place - 1], local_day(now)
    wallet = []
    if item.asked.kind is CriterionKind.DOCUMENT:
        kind = item.asked.document_kind
        wallet = await evidence.list_usable(db, seen.row.provider_id, on=on, kind=kind)
    return page(
        request,
        "provider/applications/question.html",
        status=status,
        seen=seen,
        wallet=wallet,
        sent=sent or Form[KeepDocument](),
        kinds=[] if item.asked.document_kind else [kind.value for kind in DocumentKind],
        on=on,
        known=await facts.find_facts(db, seen.row.provider_id),
        item=item,
        place=place,
        form=form,
        refusal=refusal,
        theirs=refusal.theirs.get(code) if isinstance(refusal, WrittenMeanwhile) else None,
        is_open=seen.row.status in OPEN,
    )


async def check_page(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    application_id: UUID,
    form: Form[AnswerCriteria],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """Everything that will be sent, each answer with a link to change it."""
    seen = await registry.find_application(db, application_id, by=by, on=local_day(now))
    return page(
        request,
        "provider/applications/check.html",
        status=status,
        seen=seen,
        known=await facts.find_facts(db, seen.row.provider_id),
        form=form,
        refusal=refusal,
        **progress(seen),
    )


def progress(seen: ApplicationView) -> dict[str, Any]:
    """How far it is: each question with its state, and whether all that is mandatory is there."""
    states = [(item, state_of(seen, item)) for item in seen.criteria]
    return {
        "tasks": states,
        "done": sum(state == "done" for _, state in states),
        "is_complete": all(state in ("done", "optional") for _, state in states),
        "is_open": seen.row.status in OPEN,
        "can_withdraw": seen.row.status in (*OPEN, ApplicationStatus.SUBMITTED),
    }


def state_of(seen: ApplicationView, item: AnsweredCriterion) -> str:
    """Where one question is: done, to be mended or checked, to be answered, or optional and empty."""
    asked = seen.completion
    if asked and item.to_mend and (item.answered_at is None or item.answered_at < asked.asked_at):
        return "mend"
    if item.problem is not None:
        return "check"
    if item.value:
        is_refused = item.asked.mandatory and item.asked.kind is CriterionKind.DECLARATION
        return "check" if is_refused and item.value != "yes" else "done"
    return "todo" if item.asked.mandatory else "optional"


def first_open(seen: ApplicationView) -> str:
    """The first question that has no good answer yet."""
    waiting = [item for item in seen.criteria if state_of(seen, item) in ("todo", "check", "mend")]
    return (waiting or seen.criteria)[0].asked.code


def after_answering(seen: ApplicationView, code: str) -> str:
    """Where to go on: to the next question without a good answer, else to the check page or the list."""
    base = f"{BASE}/{seen.row.id}"
    codes = [item.asked.code for item in seen.criteria]
    for item in seen.criteria[codes.index(code) + 1 :]:
        is_open = state_of(seen, item) in ("todo", "check", "mend", "optional")
        if is_open and item.asked.kind is not CriterionKind.REGISTRY_CHECK:
            return f"{base}/questions/{item.asked.code}"
    return f"{base}/check" if progress(seen)["is_complete"] else base


routes = [
    index,
    show,
    question,
    answer,
    upload,
    check,
    submit,
    receipt,
    filing,
    decision,
    decision_pdf,
    before_withdrawing,
    withdraw,
]
