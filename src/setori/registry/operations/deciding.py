"""The registrar decides on an application, criterion by criterion, with reasons."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import record
from setori.errors import Invalid
from setori.people import Actor
from setori.registry.commands import DecideApplication
from setori.registry.judging import Judged, decision_problems
from setori.registry.models import Application, Approval, Criterion, CriterionVerdict, Decision, Rulebook
from setori.registry.operations.approving import approve_for
from setori.registry.operations.composing import close_with_application
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.telling import tell_owners
from setori.registry.queries.assessments import assessments_of
from setori.registry.queries.filings import latest_filing
from setori.registry.queries.rulebooks import criteria_of
from setori.registry.queries.seeing import lock_application
from setori.registry.rules import (
    AlreadyApproved,
    ApplicationStatus,
    NotAssessedYet,
    ReasonMissing,
    may_decide,
    move,
)


async def check_decision(
    db: AsyncSession, application_id: UUID, order: DecideApplication, *, by: Actor, at: datetime
) -> None:
    """Refuse what `decide` would refuse, for the same reasons, and change nothing."""
    application, _, _ = await _checked(db, application_id, order, by=by)
    if order.outcome is ApplicationStatus.APPROVED:
        days = col(Approval.valid_during).op("&&")(Range(local_day(at)))
        wanted = select(Approval.id).where(
            Approval.procurer_id == application.procurer_id,
            Approval.provider_id == application.provider_id,
            Approval.service_id == application.service_id,
            days,
        )
        if (await db.exec(wanted.limit(1))).first() is not None:
            raise AlreadyApproved


async def decide(
    db: AsyncSession, application_id: UUID, order: DecideApplication, *, by: Actor, at: datetime
) -> UUID | None:
    """Approve or reject an application, with reasons. Returns the approval's id; its days begin today and stay open.

    An approval may have conditions, in words. Raises NotFound for another procurer's application, NotYours when it is
    not waiting for a decision, NotAssessedYet, ReasonMissing, Invalid for what does not stand, AlreadyApproved.
    """
    application, rulebook, criteria = await _checked(db, application_id, order, by=by)
    application.status = order.outcome
    application.due_on = None
    db.add(
        Decision(
            application_id=application.id,
            round=application.round,
            outcome=order.outcome,
            reason=order.reason,
            conditions=order.conditions,
            decided_by=by.person_id,
            decided_at=at,
        )
    )
    filed = await latest_filing(db, application.id)
    db.add_all(_verdicts(order, application, criteria, filed))
    record(
        db,
        f"application.{order.outcome.value}",
        application.id,
        by_id=by.person_id,
        at=at,
        procurer_id=application.procurer_id,
    )
    await db.flush()
    approval_id = None
    if order.outcome is ApplicationStatus.APPROVED:
        approval_id = await approve_for(
            db, rulebook, application.provider_id, Range(local_day(at)), application.id, by=by, at=at
        )
    await close_with_application(db, application, approval_id, by=by, at=at)
    params = {
        "application_id": str(application.id),
        "number": application.number,
        "outcome": order.outcome.value,
    }
    await tell_owners(db, application.provider_id, "application_decided", params, at=at)
    return approval_id


async def _checked(
    db: AsyncSession, application_id: UUID, order: DecideApplication, *, by: Actor
) -> tuple[Application, Rulebook, list[Criterion]]:
    """The application that such a decision can be given on, locked, with its rulebook and what that asks."""
    registrar_of(by)
    application = await lock_application(db, application_id, by=by)
    move(application.status, order.outcome)
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    done = [one.done_at is not None for one in await assessments_of(db, application.id, application.round)]
    if not may_decide(done, two=rulebook.two_assessors):
        raise NotAssessedYet
    criteria = await criteria_of(db, application.rulebook_id)
    errors = decision_problems(
        [Judged(one.code, one.kind, one.mandatory, "") for one in criteria],
        order.verdicts,
        outcome=order.outcome.value,
        reason=order.reason,
        conditions=order.conditions,
    )
    if errors:
        raise ReasonMissing(errors=errors) if "reason" in errors else Invalid(errors=errors)
    return application, rulebook, criteria


def _verdicts(
    order: DecideApplication,
    application: Application,
    criteria: list[Criterion],
    filed: Mapping[str, str],
) -> list[CriterionVerdict]:
    """The verdicts given; of an approved application also those that were not named, as met.

    What is not mandatory, was not answered and was not judged has no verdict.
    """
    rows = []
    for criterion in criteria:
        given = order.verdicts.get(criterion.code)
        judged = Judged(criterion.code, criterion.kind, criterion.mandatory, filed.get(criterion.code, ""))
        is_met = order.outcome is ApplicationStatus.APPROVED and judged.needs_mark
        if given is None and not is_met:
            continue
        rows.append(
            CriterionVerdict(
                application_id=application.id,
                round=application.round,
                criterion_id=criterion.id,
                met=given.met if given else True,
                reason=given.reason if given else "",
            )
        )
    return rows
