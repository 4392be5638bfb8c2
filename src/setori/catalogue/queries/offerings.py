"""Reading services, coaches and single offerings."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.models import Coach, Offering, OfferingArea, OfferingCoach, Service
from setori.catalogue.queries.figures import Figure, Figures, figures_of
from setori.catalogue.queries.views import (
    CoachView,
    OfferingRow,
    OfferingView,
    ServiceView,
    Terms,
)
from setori.catalogue.rules import Help, Way
from setori.errors import NotFound
from setori.people import Organisation, OrganisationKind, names_of_organisations
from setori.registry import Approval, ProviderProfile, delivers, in_force, paused

_Deliverer = aliased(Organisation)


async def list_services(db: AsyncSession) -> list[ServiceView]:
    """All services by their codes. There are few, so a caller may keep them."""
    rows = (await db.exec(select(Service).order_by(col(Service.code)))).all()
    return [ServiceView(row.id, row.code, row.name, row.description) for row in rows]


async def find_offering(db: AsyncSession, offering_id: UUID, *, on: date) -> OfferingView:
    """An offering's page, also while it cannot be chosen; one that is taken down raises NotFound."""
    wanted = (
        select(Offering, Service, Organisation, ProviderProfile.city)
        .join(Service, col(Service.id) == Offering.service_id)
        .join(Organisation, col(Organisation.id) == Offering.provider_id)
        .outerjoin(ProviderProfile, col(ProviderProfile.provider_id) == Offering.provider_id)
        .where(Offering.id == offering_id, col(Offering.is_published))
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    offering, service, firm, city = found
    deliverer = await names_of_organisations(db, [offering.deliverer_id])
    figures = await figures_of(db, offering.provider_id)
    coaches = await _coaches_within(db, offering, figures)
    return OfferingView(
        id=offering.id,
        provider_id=firm.id,
        provider_name=firm.name,
        provider_city=city or "",
        is_sample=firm.is_sample,
        service_id=service.id,
        service_name=service.name,
        title=offering.title,
        summary=offering.summary,
        first_week=offering.first_week,
        price_cents=offering.price_cents,
        unit=offering.unit,
        minutes=offering.minutes,
        languages=offering.languages,
        ways=[Way(way) for way in offering.ways],
        source=offering.source,
        is_published=offering.is_published,
        area_codes=await _area_codes(db, offering_id),
        choosable_in=await _choosable_in(db, offering, on=on),
        coaches=coaches,
        experience=figures.of(service.id) if coaches else figures.of_pair(service.id, offering_id, None),
        deliverer_id=offering.deliverer_id,
        deliverer_name=deliverer[offering.deliverer_id],
    )


async def list_offerings(
    db: AsyncSession, provider_id: UUID, *, published_only: bool = True
) -> list[OfferingRow]:
    """What a provider offers, the newest first."""
    coaches = (
        select(OfferingCoach.offering_id, func.count().label("number"))
        .join(Coach, and_(col(Coach.id) == OfferingCoach.coach_id, col(Coach.is_active)))
        .group_by(col(OfferingCoach.offering_id))
        .subquery()
    )
    wanted = (
        select(Offering, Service, func.coalesce(coaches.c.number, 0), col(_Deliverer.name))
        .join(Service, col(Service.id) == Offering.service_id)
        .join(_Deliverer, col(_Deliverer.id) == Offering.deliverer_id)
        .outerjoin(coaches, coaches.c.offering_id == Offering.id)
        .where(Offering.provider_id == provider_id)
        .order_by(col(Offering.published_at).desc(), col(Offering.id).desc())
    )
    if published_only:
        wanted = wanted.where(col(Offering.is_published))
    figures = await figures_of(db, provider_id)
    return [
        OfferingRow(
            offering.id,
            offering.service_id,
            service.name,
            offering.title,
            offering.price_cents,
            offering.unit,
            offering.is_published,
            number,
            figures.of(offering.service_id),
            deliverer if offering.deliverer_id != provider_id else "",
        )
        for offering, service, number, deliverer in (await db.exec(wanted)).all()
    ]


async def list_coaches(db: AsyncSession, provider_id: UUID) -> list[CoachView]:
    """A provider's coaches by name."""
    wanted = select(Coach).where(Coach.provider_id == provider_id)
    rows = (await db.exec(wanted.order_by(func.lower(col(Coach.name)), col(Coach.id)))).all()
    return [_coach(coach) for coach in rows]


async def find_coach_of(db: AsyncSession, person_id: UUID, provider_id: UUID) -> CoachView | None:
    """The coach that somebody who signs in is, at a provider."""
    wanted = select(Coach).where(Coach.person_id == person_id, Coach.provider_id == provider_id)
    coach = (await db.exec(wanted.order_by(col(Coach.id)))).first()
    return _coach(coach) if coach else None


async def find_coach(db: AsyncSession, coach_id: UUID, provider_id: UUID) -> tuple[CoachView, UUID | None]:
    """A coach of a provider, and who signs in as it. Raises NotFound."""
    coach = (
        await db.exec(select(Coach).where(Coach.id == coach_id, Coach.provider_id == provider_id))
    ).first()
    if coach is None:
        raise NotFound
    return _coach(coach), coach.person_id


async def names_of_coaches(db: AsyncSession, ids: list[UUID]) -> dict[UUID, str]:
    """The names of coaches by their ids; unknown ids are left out."""
    return dict((await db.exec(select(Coach.id, Coach.name).where(col(Coach.id).in_(ids)))).all())


async def find_terms(db: AsyncSession, offering_id: UUID, coach_id: UUID | None) -> Terms | None:
    """On what terms an offering can be chosen with a coach, or None: it is taken down, or the coach is not in it.

    An offering that names coaches is chosen with one of them; one that names none is chosen without.
    """
    offering = await db.get(Offering, offering_id, populate_existing=True)
    if offering is None or not offering.is_published:
        return None
    coaches = {coach.id for coach in await _staff_of(db, offering_id)}
    if (coaches and coach_id not in coaches) or (not coaches and coach_id is not None):
        return None
    areas = frozenset(await _area_codes(db, offering_id))
    return Terms(
        offering.provider_id,
        offering.service_id,
        offering.price_cents,
        offering.minutes,
        areas,
        offering.deliverer_id,
    )


async def _area_codes(db: AsyncSession, offering_id: UUID) -> list[str]:
    wanted = select(OfferingArea.area_code).where(OfferingArea.offering_id == offering_id)
    return list((await db.exec(wanted.order_by(col(OfferingArea.area_code)))).all())


async def _choosable_in(db: AsyncSession, offering: Offering, *, on: date) -> dict[str, str]:
    wanted = (
        select(OfferingArea.area_code, Organisation.name)
        .join(
            Organisation,
            and_(
                col(Organisation.area_code) == OfferingArea.area_code,
                col(Organisation.kind) == OrganisationKind.PROCURER,
            ),
        )
        .join(Approval, col(Approval.procurer_id) == Organisation.id)
        .where(
            OfferingArea.offering_id == offering.id,
            Approval.provider_id == offering.provider_id,
            Approval.service_id == offering.service_id,
            delivers(offering.deliverer_id, on=on),
            in_force(on),
            ~paused(on),
        )
        .order_by(col(Organisation.name))
    )
    return dict((await db.exec(wanted)).all())


async def _staff_of(db: AsyncSession, offering_id: UUID) -> Sequence[Coach]:
    wanted = (
        select(Coach)
        .join(OfferingCoach, col(OfferingCoach.coach_id) == Coach.id)
        .where(OfferingCoach.offering_id == offering_id, col(Coach.is_active))
        .order_by(func.lower(col(Coach.name)), col(Coach.id))
    )
    return (await db.exec(wanted)).all()


async def _coaches_within(db: AsyncSession, offering: Offering, figures: Figures) -> list[CoachView]:
    return [
        _coach(coach, figures.of_pair(offering.service_id, offering.id, coach.id))
        for coach in await _staff_of(db, offering.id)
    ]


def _coach(coach: Coach, experience: Figure | None = None) -> CoachView:
    return CoachView(
        coach.id,
        coach.provider_id,
        coach.name,
        coach.own_words,
        coach.languages,
        [Way(way) for way in coach.ways],
        coach.specialities,
        [Help(one) for one in coach.helps],
        coach.is_active,
        experience,
    )
