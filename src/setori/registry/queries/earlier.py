"""What a procurer has decided of a firm before, for the same service: approvals and rejections."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.errors import Forbidden
from setori.people import Actor, Role
from setori.registry.models import Application, Approval, Decision
from setori.registry.queries.seeing import visible_to
from setori.registry.rules import ApplicationStatus, ApprovalStatus, ReasonCode, approval_status

_MOST = 20


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier approval as it stands, or a rejection: since when, and why. `number` is the rejected application's."""

    id: UUID
    status: str
    since: date
    code: ReasonCode | None
    reason: str
    number: int | None = None


async def list_earlier(db: AsyncSession, application_id: UUID, *, by: Actor, on: date) -> list[Earlier]:
    """The same procurer's approvals of the applicant for the same service and its rejections, the newest first.

    Nothing for another procurer's application. Raises Forbidden to all but registrars.
    """
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    this = aliased(Application)
    approvals = (
        select(Approval)
        .join(
            this,
            (col(this.procurer_id) == Approval.procurer_id)
            & (col(this.provider_id) == Approval.provider_id)
            & (col(this.service_id) == Approval.service_id),
        )
        .where(this.id == application_id, this.procurer_id == by.organisation_id)
        .where(col(Approval.application_id).is_distinct_from(application_id))
        .order_by(col(Approval.created_at).desc())
        .limit(_MOST)
    )
    rejections = (
        select(Application, Decision)
        .join(
            Decision,
            (col(Decision.application_id) == Application.id) & (col(Decision.round) == Application.round),
        )
        .join(
            this,
            (col(this.procurer_id) == Application.procurer_id)
            & (col(this.provider_id) == Application.provider_id)
            & (col(this.service_id) == Application.service_id),
        )
        .where(this.id == application_id, Application.id != application_id, visible_to(by))
        .where(Application.status == ApplicationStatus.REJECTED)
        .order_by(col(Decision.decided_at).desc())
        .limit(_MOST)
    )
    found = [_approval(one, on) for one in (await db.exec(approvals)).all()]
    for application, decision in (await db.exec(rejections)).all():
        day = local_day(decision.decided_at)
        found.append(Earlier(application.id, "rejected", day, None, decision.reason, application.number))
    return sorted(found, key=lambda one: one.since, reverse=True)


def _approval(approval: Approval, on: date) -> Earlier:
    days = approval.valid_during
    status = approval_status(days.lower, days.upper, approval.closed_as, on=on)
    since = days.lower if status is ApprovalStatus.IN_FORCE else days.upper or days.lower
    return Earlier(approval.id, status.value, since, approval.closed_code, approval.closed_reason)
