"""Consortia as they are decided: a firm joins, delivers otherwise or leaves, each from a day on."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import record
from setori.errors import Invalid, NotFound
from setori.people import Actor
from setori.registry.commands import DecideChange, LeaveConsortium
from setori.registry.consortium_models import Partner, PartnerChange
from setori.registry.models import Application, Approval, Rulebook
from setori.registry.operations.consortia import (
    HasLeft,
    StillInvited,
    close_change,
    lock_change,
    owner_of,
    params_of,
    refuse_over,
)
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.telling import tell_owners, tell_registrars
from setori.registry.queries.consortia import FRESH, held_of, open_changes_of, partners_of
from setori.registry.rules import (
    ApplicationStatus,
    CapPassed,
    ChangeClosed,
    ChangeKind,
    ChangeStatus,
    PartnerPart,
    ReasonMissing,
    first_fitting_day,
    refuse_part,
)

NOTICE_DAYS = 90


async def decide_change(
    db: AsyncSession, change_id: UUID, order: DecideChange, *, by: Actor, at: datetime
) -> date | None:
    """Approve or refuse what a lead firm has applied for. Returns the first day on which it is so.

    A firm begins today, or tomorrow where only a leaving firm's share is in the way; it leaves at the end of today.
    Raises Forbidden, NotFound, ChangeClosed, ApprovalOver, NoConsortia, CapPassed, ReasonMissing.
    """
    change = await lock_change(db, change_id, col(PartnerChange.procurer_id) == registrar_of(by))
    if change.approval_id is None:
        raise NotFound
    if change.status is not ChangeStatus.ACCEPTED:
        raise ChangeClosed
    if order.outcome is ChangeStatus.REFUSED and len(order.reason) < 3:
        raise ReasonMissing(errors={"reason": ReasonMissing.sentence})
    begins = None
    await close_change(db, change, ChangeStatus(order.outcome), order.reason, by=by, at=at)
    if order.outcome is ChangeStatus.APPROVED:
        begins = await _carry_out(db, change, at=at)
    for firm_id in (change.lead_id, change.firm_id):
        params = params_of(change) | {"outcome": order.outcome}
        await tell_owners(db, firm_id, "partner_change_decided", params, at=at)
    await db.flush()
    return begins


async def leave(
    db: AsyncSession, partner_id: UUID, order: LeaveConsortium, *, by: Actor, at: datetime
) -> None:
    """A firm gives notice itself: the lead firm and the procurer are told. Raises NotFound, HasLeft, Invalid."""
    wanted = select(Partner).where(Partner.id == partner_id, Partner.firm_id == owner_of(by))
    known = (await db.exec(wanted)).first()
    if known is None:
        raise NotFound
    approval = await db.get_one(Approval, known.approval_id, with_for_update=True)
    partner = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).one()
    today = local_day(at)
    if partner.during.upper is not None:
        raise HasLeft
    earliest = max(today, partner.during.lower)
    if not earliest <= order.last_on <= today + timedelta(days=NOTICE_DAYS):
        raise Invalid(errors={"last_on": "Give a day between today and 90 days from now."})
    partner.during = Range(partner.during.lower, order.last_on + timedelta(days=1))
    partner.left_on, partner.left_reason, partner.left_by = order.last_on, order.reason, by.person_id
    record(
        db,
        "partner.left",
        partner.id,
        by_id=by.person_id,
        at=at,
        procurer_id=approval.procurer_id,
        last_on=order.last_on.isoformat(),
    )
    await db.flush()
    params = {"approval_id": str(approval.id), "partner_id": str(partner.id)}
    await tell_owners(db, approval.provider_id, "partner_left", params, at=at)
    await tell_registrars(db, approval.procurer_id, "partner_left_desk", params, at=at)
    await db.flush()


async def refuse_unanswered(db: AsyncSession, application_id: UUID) -> None:
    """An application is sent with firms that have said yes, within the cap. Raises StillInvited, CapPassed."""
    named = await open_changes_of(db, application_id)
    if any(one.status is ChangeStatus.INVITED for one in named):
        raise StillInvited
    if not named:
        return
    application = await db.get_one(Application, application_id)
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    together = sum(one.share_percent for one in named)
    if together > rulebook.subcontract_cap:
        raise CapPassed(sum=together, cap=rulebook.subcontract_cap)


async def close_with_application(
    db: AsyncSession, application: Application, approval_id: UUID | None, *, by: Actor, at: datetime
) -> None:
    """What becomes of the named firms when an application is approved, rejected or withdrawn."""
    to = {
        ApplicationStatus.APPROVED: ChangeStatus.APPROVED,
        ApplicationStatus.REJECTED: ChangeStatus.REFUSED,
    }.get(application.status, ChangeStatus.WITHDRAWN)
    for change in await open_changes_of(db, application.id):
        outcome = to if change.status is ChangeStatus.ACCEPTED else ChangeStatus.WITHDRAWN
        await close_change(db, change, outcome, "", by=by, at=at)
        if approval_id is not None and outcome is ChangeStatus.APPROVED:
            await _join(db, change, approval_id, local_day(at))
        params = params_of(change) | {"outcome": outcome.value}
        await tell_owners(db, change.firm_id, "partner_change_decided", params, at=at)


async def _carry_out(db: AsyncSession, change: PartnerChange, *, at: datetime) -> date:
    """Let an approved change be so, from the first day on which it can. The approval is locked already."""
    assert change.approval_id is not None
    approval, today = await db.get_one(Approval, change.approval_id), local_day(at)
    refuse_over(approval, on=today)
    if change.kind is ChangeKind.JOIN:
        return await _join(db, change, approval.id, today)
    partner = await db.get_one(Partner, change.partner_id, with_for_update=True, populate_existing=True)
    tomorrow: date = max(today, partner.during.lower) + timedelta(days=1)
    if partner.during.upper is not None and partner.during.upper <= tomorrow:
        raise HasLeft
    partner.during = Range(partner.during.lower, tomorrow)
    await db.flush()
    if change.kind is ChangeKind.ALTER:
        return await _join(db, change, approval.id, tomorrow)
    return tomorrow


async def _join(db: AsyncSession, change: PartnerChange, approval_id: UUID, day: date) -> date:
    approval = await db.get_one(Approval, approval_id)
    rulebook = await db.get_one(Rulebook, approval.rulebook_id)
    refuse_part(
        change.part, change.share_percent, allows=rulebook.allows_consortia, cap=rulebook.subcontract_cap
    )
    partners = await partners_of(db, approval_id)
    last = max((one.during.upper or day for one in partners if one.firm_id == change.firm_id), default=day)
    begins = max(day, last)
    if change.part is PartnerPart.SUBCONTRACTOR:
        days = (begins, begins + timedelta(days=1))
        begins = first_fitting_day(
            held_of(partners), change.share_percent, days, cap=rulebook.subcontract_cap
        )
    db.add(
        Partner(
            approval_id=approval_id,
            firm_id=change.firm_id,
            part=change.part,
            task=change.task,
            share_percent=change.share_percent,
            during=Range(begins),
            change_id=change.id,
        )
    )
    await db.flush()
    return begins
