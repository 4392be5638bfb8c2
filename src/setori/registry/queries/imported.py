"""Reading what has been taken over from a foreign register, to see what another import of it would change."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.people import Organisation
from setori.registry.commands import ImportProvider
from setori.registry.models import Approval, ProviderProfile
from setori.registry.rules import ApprovalStatus, approval_status


async def list_imported(
    db: AsyncSession, foreign_register: str
) -> dict[str, tuple[UUID, ImportProvider | None]]:
    """The providers that came from a foreign register, by their ids there: our id, and what was told of them last."""
    wanted = (
        select(Organisation, ProviderProfile)
        .outerjoin(ProviderProfile, col(ProviderProfile.provider_id) == Organisation.id)
        .where(Organisation.foreign_register == foreign_register)
    )
    return {
        firm.foreign_id or "": (firm.id, _told(firm, profile) if profile else None)
        for firm, profile in (await db.exec(wanted)).all()
    }


async def list_standing(
    db: AsyncSession, procurer_id: UUID, provider_ids: Collection[UUID], *, on: date
) -> dict[tuple[UUID, UUID], ApprovalStatus]:
    """How providers stand with a procurer on a day: (provider, service) → the status of the latest approval."""
    wanted = (
        select(Approval.provider_id, Approval.service_id, Approval.valid_during, Approval.closed_as)
        .where(Approval.procurer_id == procurer_id, col(Approval.provider_id).in_(provider_ids))
        .order_by(func.lower(col(Approval.valid_during)))
    )
    return {
        (provider_id, service_id): approval_status(days.lower, days.upper, closed_as, on=on)
        for provider_id, service_id, days, closed_as in (await db.exec(wanted)).all()
    }


def _told(firm: Organisation, profile: ProviderProfile) -> ImportProvider:
    return ImportProvider.model_construct(
        foreign_register=firm.foreign_register,
        foreign_id=firm.foreign_id,
        name=firm.name,
        summary=profile.summary,
        website=profile.website,
        city=profile.city,
        languages=profile.languages,
    )
