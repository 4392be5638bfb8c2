"""No delivery in the rulebook's months: a warning, a pause by the house, and the provider's plea to be opened again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import record
from setori.errors import Conflict, Forbidden, NotFound
from setori.people import Actor, Role
from setori.registry.commands import PleadPause, RefusePlea
from setori.registry.models import Approval, Pause
from setori.registry.operations.approving import FRESH
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.standing import begin_pause
from setori.registry.operations.telling import tell_owners, tell_registrars
from setori.registry.rules import ReasonCode


class NothingToPlead(Conflict):
    """Only what is closed for want of delivery is opened on request."""

    sentence = "This approval is not closed for want of delivery."


class NothingPleaded(Conflict):
    """There is nothing to reply to."""

    sentence = "The provider has not asked to be opened again, or has its answer already."


async def warn_idle(db: AsyncSession, approval_ids: Collection[UUID], *, days: int, at: datetime) -> int:
    """Tell owners that their approval closes to new clients if nothing is delivered in these days. Once each."""
    today = local_day(at)
    approvals = await _locked(db, approval_ids)
    for approval in approvals:
        approval.warned_on = today
        params = {
            "approval_id": str(approval.id),
            "closes_on": (today + timedelta(days=days)).isoformat(),
        }
        await tell_owners(db, approval.provider_id, "delivery_missing", params, at=at)
    await db.flush()
    return len(approvals)


async def pause_idle(db: AsyncSession, approval_ids: Collection[UUID], *, at: datetime) -> int:
    """Close these approvals to new clients; owners and registrars are told. Returns how many were open."""
    closed = 0
    for approval in await _locked(db, approval_ids):
        if await begin_pause(db, approval, ReasonCode.NO_DELIVERY, "", by=None, at=at):
            closed += 1
            params = {"approval_id": str(approval.id)}
            await tell_registrars(db, approval.procurer_id, "desk_paused", params, at=at)
    return closed


async def plead(db: AsyncSession, approval_id: UUID, order: PleadPause, *, by: Actor, at: datetime) -> None:
    """The provider asks to be opened again; asking anew replaces what was said. The registrar decides.

    Raises Forbidden, NotFound, NothingToPlead.
    """
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    approval = await _own(db, Approval.provider_id == by.organisation_id, approval_id)
    pause = await _pause_of(db, approval_id)
    if pause is None:
        raise NothingToPlead
    pause.plea, pause.plea_by, pause.plea_at, pause.plea_reply = order.plea, by.person_id, at, ""
    record(db, "pause.pleaded", approval_id, by_id=by.person_id, at=at, procurer_id=approval.procurer_id)
    await tell_registrars(db, approval.procurer_id, "pause_pleaded", {"approval_id": str(approval_id)}, at=at)
    await db.flush()


async def refuse_plea(
    db: AsyncSession, approval_id: UUID, order: RefusePlea, *, by: Actor, at: datetime
) -> None:
    """The approval stays closed, and the provider is told why. Opening it is `resume`.

    Raises Forbidden, NotFound, NothingPleaded.
    """
    approval = await _own(db, Approval.procurer_id == registrar_of(by), approval_id)
    pause = await _pause_of(db, approval_id)
    if pause is None or not pause.plea or pause.plea_reply:
        raise NothingPleaded
    pause.plea_reply = order.reply
    record(db, "pause.plea_refused", approval_id, by_id=by.person_id, at=at, procurer_id=approval.procurer_id)
    await tell_owners(db, approval.provider_id, "plea_refused", {"approval_id": str(approval_id)}, at=at)
    await db.flush()


async def _own(db: AsyncSession, mine: object, approval_id: UUID) -> Approval:
    wanted = select(Approval).where(Approval.id == approval_id, mine)  # type: ignore[arg-type]
    approval = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if approval is None:
        raise NotFound
    return approval


async def _pause_of(db: AsyncSession, approval_id: UUID) -> Pause | None:
    wanted = select(Pause).where(
        Pause.approval_id == approval_id,
        Pause.code == ReasonCode.NO_DELIVERY,
        col(Pause.until_on).is_(None),
    )
    return (await db.exec(wanted, execution_options=FRESH)).first()


async def _locked(db: AsyncSession, approval_ids: Collection[UUID]) -> list[Approval]:
    wanted = (
        select(Approval)
        .where(col(Approval.id).in_(approval_ids))
        .order_by(col(Approval.id))
        .with_for_update()
    )
    return list((await db.exec(wanted, execution_options=FRESH)).all())
