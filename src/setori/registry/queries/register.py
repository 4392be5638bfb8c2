"""Reading the public register: who is approved by whom, for what, and since when."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, func, or_, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import PROVIDER_ROLES, Actor, Organisation, OrganisationKind
from setori.registry.models import Approval, Pause, ProviderProfile
from setori.registry.queries.views import ApprovalView, ProfileView, ProviderView, RegisterRow
from setori.registry.rules import ApprovalStatus, approval_status

_Procurer = aliased(Organisation)


def in_force(on: date) -> ColumnElement[bool]:
    """Which approvals hold on a day."""
    return col(Approval.valid_during).op("@>", is_comparison=True)(cast(on, Date))


def paused(on: date) -> ColumnElement[bool]:
    """Whether the approval of the outer query is closed to new clients on a day."""
    return exists().where(
        col(Pause.approval_id) == col(Approval.id),
        col(Pause.from_on) <= on,
        or_(col(Pause.until_on).is_(None), col(Pause.until_on) > on),
    )


async def list_register(
    db: AsyncSession,
    *,
    on: date,
    q: str = "",
    area_code: str | None = None,
    procurer_id: UUID | None = None,
    service_id: UUID | None = None,
    status: ApprovalStatus | None = None,
    after: UUID | None = None,
    limit: int = 24,
) -> Page[RegisterRow]:
    """Providers that are or were approved, by name. The filters look at the latest approval for each service."""
    matching = _latest_matching(
        on, area_code=area_code, procurer_id=procurer_id, service_id=service_id, status=status
    )
    wanted = (
        select(Organisation, ProviderProfile.city)
        .outerjoin(ProviderProfile, col(ProviderProfile.provider_id) == Organisation.id)
        .where(Organisation.kind == OrganisationKind.PROVIDER, col(Organisation.id).in_(matching))
    )
    by_name = func.lower(col(Organisation.name))
    if q.strip():
        named = col(Organisation.name).icontains(q.strip(), autoescape=True)
        numbered = col(Organisation.business_id).startswith(q.strip(), autoescape=True)
        wanted = wanted.where(or_(named, numbered))
    if after is not None:
        last = select(by_name, Organisation.id).where(Organisation.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(by_name, col(Organisation.id)) > last)
    wanted = wanted.order_by(by_name, col(Organisation.id)).limit(limit + 1)
    found = (await db.exec(wanted)).all()
    approvals = await _approvals(db, [firm.id for firm, _ in found], on=on)
    rows = [
        RegisterRow(
            firm.id,
            firm.name,
            firm.business_id,
            city or "",
            firm.is_sample,
            _latest(approvals.get(firm.id, [])),
        )
        for firm, city in found
    ]
    return page_of(rows, [row.provider_id for row in rows], limit)


async def find_provider(db: AsyncSession, provider_id: UUID, *, on: date) -> ProviderView:
    """A provider's public page. Raises NotFound."""
    wanted = (
        select(Organisation, ProviderProfile)
        .join(ProviderProfile, col(ProviderProfile.provider_id) == Organisation.id)
        .where(Organisation.id == provider_id, Organisation.kind == OrganisationKind.PROVIDER)
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    firm, profile = found
    return ProviderView(
        id=firm.id,
        name=firm.name,
        business_id=firm.business_id,
        foreign_register=firm.foreign_register,
        is_sample=firm.is_sample,
        summary=profile.summary,
        website=profile.website,
        city=profile.city,
        languages=profile.languages,
        approvals=(await _approvals(db, [provider_id], on=on)).get(provider_id, []),
    )


async def find_profile(db: AsyncSession, *, by: Actor) -> ProfileView:
    """One's own firm's profile. Raises Forbidden to others than a provider's people."""
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    wanted = (
        select(Organisation, ProviderProfile)
        .join(ProviderProfile, col(ProviderProfile.provider_id) == Organisation.id)
        .where(Organisation.id == by.organisation_id)
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    firm, profile = found
    return ProfileView(
        firm.id,
        firm.name,
        firm.business_id,
        profile.summary,
        profile.website,
        profile.city,
        profile.languages,
        profile.iban,
        profile.updated_at,
    )


async def find_iban(db: AsyncSession, provider_id: UUID) -> str | None:
    """The account that a provider is paid to, or None when it has not been told."""
    wanted = select(ProviderProfile.iban).where(ProviderProfile.provider_id == provider_id)
    return (await db.exec(wanted)).first()


async def iban_changed_at(db: AsyncSession, provider_id: UUID) -> datetime | None:
    """When a provider's account took another's place, or None when it never did."""
    wanted = select(ProviderProfile.iban_changed_at).where(ProviderProfile.provider_id == provider_id)
    return (await db.exec(wanted)).first()


async def approved_under(
    db: AsyncSession,
    procurer_id: UUID,
    provider_id: UUID,
    service_id: UUID,
    *,
    on: date,
    for_new_client: bool = False,
) -> UUID | None:
    """The rulebook under which a provider is approved for a service on a day, or None when it is not.

    `for_new_client`: None too while it is closed to new clients.
    """
    wanted = select(Approval.rulebook_id).where(
        Approval.procurer_id == procurer_id,
        Approval.provider_id == provider_id,
        Approval.service_id == service_id,
        in_force(on),
    )
    if for_new_client:
        wanted = wanted.where(~paused(on))
    return (await db.exec(wanted)).first()


async def list_approvals(db: AsyncSession, provider_id: UUID, *, on: date) -> list[ApprovalView]:
    """All approvals that a provider has or has had, the newest first."""
    return (await _approvals(db, [provider_id], on=on)).get(provider_id, [])


def _latest_matching(
    on: date,
    *,
    area_code: str | None,
    procurer_id: UUID | None,
    service_id: UUID | None,
    status: ApprovalStatus | None,
) -> Select[UUID]:
    """Providers whose latest approval for some procurer and service fits the filters."""
    latest = (
        select(Approval)
        .ext(distinct_on(col(Approval.procurer_id), col(Approval.provider_id), col(Approval.service_id)))
        .order_by(
            col(Approval.procurer_id),
            col(Approval.provider_id),
            col(Approval.service_id),
            func.lower(col(Approval.valid_during)).desc(),
        )
        .subquery()
    )
    now = latest.c.valid_during.op("@>", is_comparison=True)(cast(on, Date))
    suspended = latest.c.closed_as == ApprovalStatus.SUSPENDED
    wanted = select_columns(latest.c.provider_id)
    if area_code is not None:
        wanted = wanted.join(Organisation, col(Organisation.id) == latest.c.procurer_id).where(
            col(Organisation.area_code) == area_code
        )
    if procurer_id is not None:
        wanted = wanted.where(latest.c.procurer_id == procurer_id)
    if service_id is not None:
        wanted = wanted.where(latest.c.service_id == service_id)
    if status is ApprovalStatus.IN_FORCE:
        wanted = wanted.where(now)
    elif status is ApprovalStatus.SUSPENDED:
        wanted = wanted.where(and_(~now, suspended))
    elif status is ApprovalStatus.ENDED:
        wanted = wanted.where(and_(~now, latest.c.closed_as.is_distinct_from(ApprovalStatus.SUSPENDED)))
    return wanted


async def _approvals(
    db: AsyncSession, provider_ids: Collection[UUID], *, on: date
) -> dict[UUID, list[ApprovalView]]:
    wanted = (
        select(Approval, _Procurer)
        .join(_Procurer, col(_Procurer.id) == Approval.procurer_id)
        .where(col(Approval.provider_id).in_(provider_ids))
        .order_by(func.lower(col(Approval.valid_during)).desc(), col(Approval.id).desc())
    )
    found: dict[UUID, list[ApprovalView]] = {}
    for approval, procurer in (await db.exec(wanted)).all() if provider_ids else ():
        starts_on, ends_on = approval.valid_during.lower, approval.valid_during.upper
        found.setdefault(approval.provider_id, []).append(
            ApprovalView(
                approval.id,
                approval.procurer_id,
                procurer.name,
                procurer.area_code,
                approval.service_id,
                approval.rulebook_id,
                starts_on,
                ends_on,
                approval_status(starts_on, ends_on, approval.closed_as, on=on),
                approval.closed_reason,
            )
        )
    return found


def _latest(approvals: list[ApprovalView]) -> list[ApprovalView]:
    """The newest approval for each procurer and service; they come newest first."""
    seen: dict[tuple[UUID, UUID], ApprovalView] = {}
    for approval in approvals:
        seen.setdefault((approval.procurer_id, approval.service_id), approval)
    return sorted(seen.values(), key=lambda approval: approval.procurer_name)
