"""Reading how approvals stand: pauses, hearings, capacity, and where else a provider is approved."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.people import Organisation
from setori.registry.models import Approval, Capacity, Hearing, Pause
from setori.registry.queries.register import in_force
from setori.registry.rules import ReasonCode


@dataclass(frozen=True, slots=True)
class CapacityView:
    """What a provider says of its room in an area for a service; None where it has said nothing."""

    service_id: UUID
    procurer_id: UUID
    procurer_name: str
    area_code: str | None
    places: int | None
    waiting_days: int | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class HearingView:
    """A hearing as both sides see it."""

    id: UUID
    approval_id: UUID
    procurer_name: str
    service_id: UUID
    code: ReasonCode
    reason: str
    answer_by: date
    opened_at: datetime
    answer: str
    answered_at: datetime | None
    is_open: bool


async def open_hearing_of(db: AsyncSession, approval_id: UUID) -> Hearing | None:
    """The hearing under way about an approval."""
    wanted = select(Hearing).where(Hearing.approval_id == approval_id, col(Hearing.closed_at).is_(None))
    return (await db.exec(wanted.execution_options(populate_existing=True))).first()


async def find_open_pauses(db: AsyncSession, approval_ids: list[UUID]) -> dict[UUID, Pause]:
    """The open pauses of these approvals, one of each."""
    wanted = select(Pause).where(col(Pause.approval_id).in_(approval_ids), col(Pause.until_on).is_(None))
    return {pause.approval_id: pause for pause in (await db.exec(wanted)).all()}


async def list_open_pauses(db: AsyncSession, approval_id: UUID) -> list[Pause]:
    """Everything that an approval is closed to new clients for, the oldest first."""
    wanted = (
        select(Pause)
        .where(Pause.approval_id == approval_id, col(Pause.until_on).is_(None))
        .order_by(col(Pause.begun_at), col(Pause.id))
        .execution_options(populate_existing=True)
    )
    return list((await db.exec(wanted)).all())


async def list_hearings(
    db: AsyncSession, *, provider_id: UUID | None = None, approval_id: UUID | None = None
) -> list[HearingView]:
    """The hearings of a provider or about one approval, the newest first."""
    wanted = (
        select(Hearing, Approval, Organisation.name)
        .join(Approval, col(Approval.id) == Hearing.approval_id)
        .join(Organisation, col(Organisation.id) == Approval.procurer_id)
        .order_by(col(Hearing.id).desc())
        .limit(50)
    )
    if provider_id is not None:
        wanted = wanted.where(Approval.provider_id == provider_id)
    if approval_id is not None:
        wanted = wanted.where(Hearing.approval_id == approval_id)
    return [
        HearingView(
            hearing.id,
            approval.id,
            name,
            approval.service_id,
            hearing.code,
            hearing.reason,
            hearing.answer_by,
            hearing.opened_at,
            hearing.answer,
            hearing.answered_at,
            hearing.closed_at is None,
        )
        for hearing, approval, name in (await db.exec(wanted)).all()
    ]


async def list_capacity(db: AsyncSession, provider_id: UUID, *, on: date) -> list[CapacityView]:
    """What a provider says of its room, for everywhere it is approved on a day."""
    wanted = (
        select(Approval, Organisation, Capacity)
        .join(Organisation, col(Organisation.id) == Approval.procurer_id)
        .outerjoin(
            Capacity,
            (col(Capacity.provider_id) == Approval.provider_id)
            & (col(Capacity.service_id) == Approval.service_id)
            & (col(Capacity.procurer_id) == Approval.procurer_id),
        )
        .where(Approval.provider_id == provider_id, in_force(on))
        .order_by(col(Organisation.name), col(Approval.service_id))
    )
    return [
        CapacityView(
            approval.service_id,
            procurer.id,
            procurer.name,
            procurer.area_code,
            said.places if said else None,
            said.waiting_days if said else None,
            said.told_at if said else None,
        )
        for approval, procurer, said in (await db.exec(wanted)).all()
    ]
