"""The registrar's queue: applications are read criterion by criterion and decided, with reasons."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.days import local_day
from setori.errors import Conflict, Invalid
from setori.people import Role
from setori.readmodels import procurer_desk
from setori.registry import ApplicationStatus, ApplicationView, DecideApplication
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.procurer.desk import procurer_of

SHOWN = ("submitted", "approved", "rejected", "withdrawn")


@get("/procurer/applications", opt=only(Role.REGISTRAR))
async def index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    status: FromQuery[str] = "submitted",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """What waits, the one that has waited longest first; or what has been decided."""
    shown = ApplicationStatus(status if status in SHOWN else "submitted")
    return page(
        request,
        "procurer/applications/index.html",
        listed=await registry.list_queue(db, by=by, status=shown, after=after),
        counts=await procurer_desk.count_applications(db, procurer_of(by)),
        services=await procurer_desk.list_services(db),
        statuses=SHOWN,
        current=shown.value,
        is_first=after is None,
        on=local_day(now),
    )


@get("/procurer/applications/{application_id:uuid}", opt=only(Role.REGISTRAR))
async def show(request: Req, db: Db, now: Now, by: By, application_id: Id) -> Template:
    """One application: each criterion beside its answer, and the decision or the form for it."""
    seen = await registry.find_application(db, application_id, by=by)
    return page(request, "procurer/applications/show.html", seen=seen, form=Form(), on=local_day(now))


@post("/procurer/applications/{application_id:uuid}/decision", opt=only(Role.REGISTRAR))
async def decide(request: Req, db: Db, now: Now, by: By, application_id: Id, typed: Filled) -> Response[Any]:
    """Approve or reject."""
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
            seen = await registry.find_application(db, application_id, by=by)
    return page(
        request,
        "procurer/applications/show.html",
        status=status,
        seen=seen,
        form=form,
        refusal=refusal,
        on=local_day(now),
    )


def read_decision(seen: ApplicationView, typed: Typed) -> Form[DecideApplication]:
    """The decision as typed. Whoever approves marks every criterion: nothing is met by being passed over."""
    approves = typed.get("outcome", [""])[-1] == ApplicationStatus.APPROVED
    verdicts: dict[str, dict[str, Any]] = {}
    unmarked: dict[str, str] = {}
    for criterion in seen.criteria:
        code = criterion.asked.code
        met = typed.get(f"met-{code}", [""])[-1]
        if met in ("yes", "no"):
            why = typed.get(f"why-{code}", [""])[-1].strip()
            verdicts[code] = {"met": met == "yes", "reason": why}
        elif approves:
            unmarked[f"met-{code}"] = gettext(N_("Mark whether this is met."))
    form = at_its_field(forms.parse(DecideApplication, typed, verdicts=verdicts))
    errors = {**unmarked, **form.errors}
    return Form(typed, None if errors else form.value, errors)


def at_its_field(form: Form[DecideApplication]) -> Form[DecideApplication]:
    """The same errors under the names of the fields where they can be mended."""
    errors = {}
    for name, error in form.errors.items():
        if name in ("outcome", "reason"):
            errors[name] = error
        else:
            code = name.removeprefix("verdicts.").removesuffix(".reason").removesuffix(".met")
            errors[f"why-{code}"] = error
    return Form(form.typed, form.value, errors)


routes = [index, show, decide]
