"""Approvals begin, are suspended or ended, and come back; the database keeps their days from overlapping."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import record
from setori.errors import Conflict, Invalid, NotFound
from setori.people import Actor
from setori.registry.commands import ApproveDirectly, ReinstateApproval, SuspendApproval
from setori.registry.consortium_models import Partner
from setori.registry.models import Approval, Rulebook
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.telling import tell_owners
from setori.registry.queries.consortia import partners_of
from setori.registry.queries.standing import open_hearing_of
from setori.registry.rules import AlreadyApproved, ApprovalStatus, ReasonCode, RulebookStatus, approval_status

FRESH = {"populate_existing": True}
"""What was locked is read anew, even when the session has seen it before."""


class NotHeardYet(Conflict):
    """A provider is heard before it is suspended, unless it is urgent."""

    sentence = (
        "Hear the provider first, or wait until its time to answer is over. When it cannot wait, say why."
    )


class NotInForce(Conflict):
    """Only what is in force can be suspended."""

    sentence = "This approval is not in force, so it cannot be suspended."


UNDISPUTED = frozenset(
    {ReasonCode.ASKED_BY_PROVIDER, ReasonCode.MERGER, ReasonCode.INSOLVENCY, ReasonCode.FIRM_CEASED}
)
"""Reasons for which an approval ends without a hearing: the provider asked for it, or a register says so."""


class NotSuspended(Conflict):
    """Only what is suspended comes back; what has ended is applied for anew."""

    sentence = "This approval is not suspended."


async def suspend(
    db: AsyncSession, approval_id: UUID, order: SuspendApproval, *, by: Actor, at: datetime
) -> date:
    """End an approval's days today, or tomorrow when a session of today has been recorded under it.

    The provider has been heard (it answered, or its time is over), or it is urgent, or the approval ends for a reason
    that nobody disputes. Returns the first day outside the approval. Raises NotFound, NotInForce, NotHeardYet.
    """
    wanted = select(Approval).where(Approval.id == approval_id, Approval.procurer_id == registrar_of(by))
    approval = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if approval is None:
        raise NotFound
    today, days = local_day(at), approval.valid_during
    if approval_status(days.lower, days.upper, approval.closed_as, on=today) is not ApprovalStatus.IN_FORCE:
        raise NotInForce
    hearing = await open_hearing_of(db, approval.id)
    if hearing is not None:
        hearing.closed_at, hearing.led_to_suspension = at, True
    is_plain = order.is_final and order.code in UNDISPUTED
    if not (order.is_urgent or is_plain) and (
        hearing is None or (hearing.answered_at is None and today <= hearing.answer_by)
    ):
        raise NotHeardYet
    became = ApprovalStatus.ENDED if order.is_final else ApprovalStatus.SUSPENDED
    closed = {"closed_as": became, "closed_reason": order.reason, "closed_code": order.code}
    from_on = await _cut(db, approval, days.lower, today, closed)
    record(
        db,
        f"approval.{became.value}",
        approval.id,
        by_id=by.person_id,
        at=at,
        procurer_id=approval.procurer_id,
        from_on=from_on.isoformat(),
    )
    params = {"approval_id": str(approval.id), "from_on": from_on.isoformat()}
    await tell_owners(db, approval.provider_id, f"approval_{became.value}", params, at=at)
    return from_on


async def reinstate(
    db: AsyncSession, approval_id: UUID, order: ReinstateApproval, *, by: Actor, at: datetime
) -> UUID:
    """A suspended approval comes back, under the same rulebook and conditions, as a new one. Returns its id.

    It begins today, or on the day after the last session under the one before. Raises NotFound, NotSuspended,
    AlreadyApproved.
    """
    wanted = select(Approval).where(Approval.id == approval_id, Approval.procurer_id == registrar_of(by))
    former = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if former is None:
        raise NotFound
    today, days = local_day(at), former.valid_during
    if approval_status(days.lower, days.upper, former.closed_as, on=today) is not ApprovalStatus.SUSPENDED:
        raise NotSuspended
    rulebook = await db.get_one(Rulebook, former.rulebook_id)
    again = await approve_for(
        db,
        rulebook,
        former.provider_id,
        Range(max(today, days.upper)),
        former.application_id,
        by=by,
        at=at,
        reason=order.reason,
        adopted_from=former.adopted_from,
    )
    # Whoever delivered without a last day delivers again: it was decided, and nobody has ended it.
    for one in await partners_of(db, former.id):
        if one.during.upper is None:
            db.add(
                Partner(
                    approval_id=again,
                    firm_id=one.firm_id,
                    part=one.part,
                    task=one.task,
                    share_percent=one.share_percent,
                    during=Range(max(today, days.upper, one.during.lower)),
                    change_id=one.change_id,
                )
            )
    await db.flush()
    params = {"approval_id": str(again)}
    await tell_owners(db, former.provider_id, "approval_reinstated", params, at=at)
    await db.flush()
    return again


async def approve_directly(
    db: AsyncSession, order: ApproveDirectly, *, by: Actor | None = None, at: datetime
) -> UUID:
    """An approval without an application here: taken over from another register, with the reason why it stands.

    A registrar approves for one's own procurer only; without an actor it is the house itself that loads or imports.
    Raises NotFound, AlreadyApproved, Invalid.
    """
    rulebook = await db.get(Rulebook, order.rulebook_id)
    if rulebook is None or (by is not None and rulebook.procurer_id != registrar_of(by)):
        raise NotFound
    if rulebook.status is RulebookStatus.DRAFT:
        raise Conflict("Publish the rulebook first.")
    if order.starts_on > local_day(at) or (order.ends_on is not None and order.ends_on <= order.starts_on):
        raise Invalid(errors={"starts_on": "The days of the approval are not in order."})
    return await approve_for(
        db,
        rulebook,
        order.provider_id,
        Range(order.starts_on, order.ends_on),
        None,
        by=by,
        at=at,
        closed_as=order.closed_as,
        reason=order.reason,
    )


async def adopt(
    db: AsyncSession,
    provider_id: UUID,
    rulebook_id: UUID,
    status: ApprovalStatus,
    reason: str,
    *,
    starts_on: date | None = None,
    by: Actor | None = None,
    at: datetime,
) -> UUID | None:
    """Bring a provider to the status that another register gives it; telling the same again changes nothing.

    In force: the approval in force, begun today (or on `starts_on`) when there is none. Suspended or ended: what is in
    force is cut, and a provider never approved here gets one day in the past that says so. Returns the approval's id.
    """
    rulebook = await db.get(Rulebook, rulebook_id)
    if rulebook is None or (by is not None and rulebook.procurer_id != registrar_of(by)):
        raise NotFound
    today = local_day(at)
    wanted = select(Approval).where(
        Approval.procurer_id == rulebook.procurer_id,
        Approval.provider_id == provider_id,
        Approval.service_id == rulebook.service_id,
    )
    known = sorted(
        (await db.exec(wanted.with_for_update(), execution_options=FRESH)).all(),
        key=lambda one: one.valid_during.lower,
    )
    last = known[-1] if known else None
    is_now = last and approval_status(
        last.valid_during.lower, last.valid_during.upper, last.closed_as, on=today
    )
    if last is not None and is_now is status:
        return last.id
    if status is ApprovalStatus.IN_FORCE:
        begins = max(starts_on or today, last.valid_during.upper) if last else starts_on or today
        return await approve_for(db, rulebook, provider_id, Range(begins), None, by=by, at=at, reason=reason)
    if last is None:
        day = Range(today - timedelta(days=1), today)
        return await approve_for(
            db, rulebook, provider_id, day, None, by=by, at=at, closed_as=status, reason=reason
        )
    if is_now is ApprovalStatus.IN_FORCE:
        closed = {"closed_as": status, "closed_reason": reason}
        await _cut(db, last, last.valid_during.lower, today, closed)
    else:
        last.closed_as, last.closed_reason = status, reason
    by_id = by.person_id if by else None
    record(db, f"approval.{status.value}", last.id, by_id=by_id, at=at, procurer_id=rulebook.procurer_id)
    await db.flush()
    return last.id


async def approve_for(
    db: AsyncSession,
    rulebook: Rulebook,
    provider_id: UUID,
    days: Range[date],
    application_id: UUID | None,
    *,
    by: Actor | None,
    at: datetime,
    closed_as: ApprovalStatus | None = None,
    reason: str = "",
    adopted_from: UUID | None = None,
) -> UUID:
    """Begin an approval under a rulebook. Raises AlreadyApproved when its days overlap another's.

    What is taken over as suspended or ended has never been in force here, and its trail does not say that it was.
    """
    approval = Approval(
        procurer_id=rulebook.procurer_id,
        provider_id=provider_id,
        service_id=rulebook.service_id,
        rulebook_id=rulebook.id,
        application_id=application_id,
        valid_during=days,
        closed_as=closed_as,
        closed_reason=reason if closed_as else "",
        adopted_from=adopted_from,
        created_at=at,
    )
    try:
        async with db.begin_nested():
            db.add(approval)
            await db.flush()
    except IntegrityError as refused:
        if "approval_days_do_not_overlap" in str(refused):
            raise AlreadyApproved from refused
        raise
    by_id = by.person_id if by else None
    record(
        db,
        f"approval.{closed_as.value}" if closed_as else "approval.begun",
        approval.id,
        by_id=by_id,
        at=at,
        procurer_id=rulebook.procurer_id,
        provider_id=str(provider_id),
        reason=reason,
    )
    await db.flush()
    return approval.id


async def _cut(
    db: AsyncSession, approval: Approval, starts_on: date, today: date, closed: dict[str, Any]
) -> date:
    """End the days today if the database lets it: not a day on which a session was recorded, and at least one day.

    With it goes what the approval is `closed` as, and why: the feed tells it as one change.
    """
    await db.flush()
    ends_on = today
    try:
        async with db.begin_nested():
            await _close(db, approval, Range(starts_on, ends_on), closed)
    except IntegrityError:
        ends_on = today + timedelta(days=1)
        await _close(db, approval, Range(starts_on, ends_on), closed)
    await db.refresh(approval)
    return ends_on


async def _close(db: AsyncSession, approval: Approval, days: Range[date], closed: dict[str, Any]) -> None:
    """In one bare statement: a refused one must not leave the row in memory half forgotten."""
    await db.exec(
        update(Approval).where(col(Approval.id) == approval.id).values(valid_during=days, **closed),
        execution_options={"synchronize_session": False},
    )
