"""Reading consortia: who delivers under an approval on a day, and what is applied for."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, exists, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.registry.consortium_models import Partner, PartnerChange
from setori.registry.models import Approval
from setori.registry.queries.register import in_force
from setori.registry.rules import ChangeStatus, Held, PartnerPart

OPEN = (ChangeStatus.INVITED, ChangeStatus.ACCEPTED)
FRESH = {"populate_existing": True}


def delivers(firm: UUID, *, on: date) -> ColumnElement[bool]:
    """Whether a firm delivers under the approval of the outer query on a day: the lead itself, or a partner then."""
    return or_(
        col(Approval.provider_id) == firm,
        exists().where(
            col(Partner.approval_id) == col(Approval.id),
            col(Partner.firm_id) == firm,
            col(Partner.during).op("@>", is_comparison=True)(cast(on, Date)),
        ),
    )


async def may_deliver(
    db: AsyncSession,
    lead_id: UUID,
    firm_id: UUID,
    service_id: UUID,
    procurer_id: UUID | None = None,
    *,
    on: date,
) -> bool:
    """Whether a firm delivers a service under an approval of a lead firm on a day: a procurer's, or anybody's."""
    if lead_id == firm_id:
        return True
    wanted = (
        select(Partner.id)
        .join(Approval, col(Approval.id) == Partner.approval_id)
        .where(
            Approval.provider_id == lead_id,
            Approval.service_id == service_id,
            Partner.firm_id == firm_id,
            in_force(on),
            col(Partner.during).op("@>", is_comparison=True)(cast(on, Date)),
        )
    )
    if procurer_id is not None:
        wanted = wanted.where(Approval.procurer_id == procurer_id)
    return (await db.exec(wanted)).first() is not None


async def partners_of(db: AsyncSession, approval_id: UUID) -> list[Partner]:
    """All who deliver or have delivered under an approval, as the database has them now."""
    wanted = select(Partner).where(Partner.approval_id == approval_id).order_by(col(Partner.id))
    return list((await db.exec(wanted, execution_options=FRESH)).all())


async def find_partner_id(db: AsyncSession, approval_id: UUID, firm_id: UUID) -> UUID | None:
    """Under which id a firm delivers under an approval without a last day."""
    found = await partners_of(db, approval_id)
    return next((one.id for one in found if one.firm_id == firm_id and one.during.upper is None), None)


async def open_changes_of(db: AsyncSession, application_id: UUID) -> list[PartnerChange]:
    """What is not closed of the firms named in an application."""
    wanted = (
        select(PartnerChange)
        .where(PartnerChange.application_id == application_id, col(PartnerChange.status).in_(OPEN))
        .order_by(col(PartnerChange.id))
    )
    return list((await db.exec(wanted, execution_options=FRESH)).all())


async def is_named(
    db: AsyncSession, firm_id: UUID, *, application_id: UUID | None, approval_id: UUID | None, on: date
) -> bool:
    """Whether a firm is asked already, or delivers already under the approval."""
    asked = select(PartnerChange.id).where(
        PartnerChange.firm_id == firm_id, col(PartnerChange.status).in_(OPEN)
    )
    if approval_id is None:
        asked = asked.where(PartnerChange.application_id == application_id)
    else:
        asked = asked.where(PartnerChange.approval_id == approval_id)
    if (await db.exec(asked)).first() is not None:
        return True
    if approval_id is None:
        return False
    return any(
        one.firm_id == firm_id and (one.during.upper is None or one.during.upper > on)
        for one in await partners_of(db, approval_id)
    )


def held_of(partners: list[Partner], *, without: UUID | None = None) -> list[Held]:
    """The subcontractors' shares with their days, one partner left out."""
    return [
        (one.share_percent, one.during.lower, one.during.upper)
        for one in partners
        if one.part is PartnerPart.SUBCONTRACTOR and one.id != without
    ]
