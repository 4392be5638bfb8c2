"""Writing the catalogue: services, coaches, offerings."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import registry
from setori.catalogue.commands import AddCoach, AddService, ImportOffering, PublishOffering
from setori.catalogue.models import Coach, Offering, OfferingArea, OfferingCoach, Service
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Actor, Role, names_of_organisations
from setori.places import Area


async def add_service(db: AsyncSession, order: AddService, *, by: Actor | None = None, at: datetime) -> UUID:
    """The service with this code, added or put into other words. Returns its id."""
    added = insert(Service).values(id=new_id(), **order.model_dump())
    kept = added.on_conflict_do_update(
        index_elements=["code"],
        set_={"name": added.excluded.name, "description": added.excluded.description},
    )
    service_id: UUID = (await db.exec(kept.returning(col(Service.id)))).scalar_one()
    record(db, "service.added", service_id, by_id=_who(by), at=at)
    return service_id


async def add_coach(db: AsyncSession, order: AddCoach, *, by: Actor | None = None, at: datetime) -> UUID:
    """A coach of one's own firm. Without an actor it is the house itself that loads."""
    if by is not None and _firm_of(by) != order.provider_id:
        raise NotFound
    coach = Coach(
        **order.model_dump(mode="json", include={"languages", "ways", "specialities", "helps"}) | _bare(order)
    )
    db.add(coach)
    record(db, "coach.added", coach.id, by_id=_who(by), at=at, provider_id=str(order.provider_id))
    await db.flush()
    return coach.id


async def change_coach(
    db: AsyncSession, coach_id: UUID, order: AddCoach, *, is_active: bool, by: Actor, at: datetime
) -> None:
    """Say something else of a coach of one's own firm, or that nobody new can choose the coach. Raises NotFound."""
    wanted = select(Coach).where(Coach.id == coach_id, Coach.provider_id == _firm_of(by))
    coach = (await db.exec(wanted.with_for_update(), execution_options={"populate_existing": True})).first()
    if coach is None or order.provider_id != coach.provider_id:
        raise NotFound
    told = order.model_dump(mode="json", include={"languages", "ways", "specialities", "helps"}) | _bare(
        order
    )
    for name, value in (told | {"is_active": is_active}).items():
        setattr(coach, name, value)
    db.add(coach)
    record(db, "coach.changed", coach.id, by_id=by.person_id, at=at, is_active=is_active)
    await db.flush()


async def publish_offering(db: AsyncSession, order: PublishOffering, *, by: Actor, at: datetime) -> UUID:
    """Put an offering into the catalogue. Whether it can be chosen is for the register to say. Raises Invalid."""
    offering = Offering(
        provider_id=_firm_of(by), published_at=at, **await _checked(db, order, _firm_of(by), on=local_day(at))
    )
    db.add(offering)
    await db.flush()
    await _place(db, offering.id, order.area_codes)
    await _staff(db, offering.id, order.coach_ids)
    record(db, "offering.published", offering.id, by_id=by.person_id, at=at, price_cents=order.price_cents)
    await db.flush()
    return offering.id


async def change_offering(
    db: AsyncSession, offering_id: UUID, order: PublishOffering, *, by: Actor, at: datetime
) -> None:
    """Say something else of an offering. Choices already made keep the price of their day. Raises NotFound, Invalid."""
    offering = await _own(db, offering_id, by)
    if (order.deliverer_id or offering.provider_id) != offering.deliverer_id:
        raise Invalid(errors={"deliverer_id": "An offering stays with the firm that delivers it."})
    for name, value in (await _checked(db, order, offering.provider_id, on=local_day(at))).items():
        setattr(offering, name, value)
    offering.is_published = True
    await db.flush()
    await _place(db, offering.id, order.area_codes)
    await _staff(db, offering.id, order.coach_ids)
    record(db, "offering.changed", offering.id, by_id=by.person_id, at=at, price_cents=order.price_cents)
    await db.flush()


async def take_down_offering(db: AsyncSession, offering_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take an offering out of the catalogue. Choices already made go on. Raises NotFound."""
    offering = await _own(db, offering_id, by)
    offering.is_published = False
    record(db, "offering.taken_down", offering.id, by_id=by.person_id, at=at)
    await db.flush()


async def import_offering(
    db: AsyncSession, order: ImportOffering, *, by: Actor | None = None, at: datetime
) -> UUID:
    """The provider's offering with this foreign id, added or brought up to date. Its day stays."""
    await _known(db, order.provider_id, order.service_id)
    await _known_areas(db, order.area_codes)
    values = _values(order)
    added = insert(Offering).values(
        id=new_id(),
        provider_id=order.provider_id,
        deliverer_id=order.provider_id,
        foreign_id=order.foreign_id,
        published_at=at,
        first_week={},
        **values,
    )
    kept = added.on_conflict_do_update(
        index_elements=["provider_id", "foreign_id"], set_={name: added.excluded[name] for name in values}
    )
    offering_id: UUID = (await db.exec(kept.returning(col(Offering.id)))).scalar_one()
    await _place(db, offering_id, order.area_codes)
    record(db, "offering.imported", offering_id, by_id=_who(by), at=at, price_cents=order.price_cents)
    return offering_id


def _who(by: Actor | None) -> UUID | None:
    return by.person_id if by else None


def _firm_of(by: Actor) -> UUID:
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


def _bare(order: AddCoach) -> dict[str, Any]:
    return order.model_dump(exclude={"languages", "ways", "specialities", "helps"})


async def _own(db: AsyncSession, offering_id: UUID, by: Actor) -> Offering:
    wanted = select(Offering).where(Offering.id == offering_id, Offering.provider_id == _firm_of(by))
    offering = (
        await db.exec(wanted.with_for_update(), execution_options={"populate_existing": True})
    ).first()
    if offering is None:
        raise NotFound
    return offering


def _values(order: PublishOffering | ImportOffering) -> dict[str, Any]:
    """The columns of an offering that the command gives; lists as JSON knows them."""
    columns = order.model_dump(
        exclude={
            *("area_codes", "coach_ids", "languages", "ways", "access"),
            *("provider_id", "foreign_id", "deliverer_id"),
        }
    )
    return columns | {"access": []} | order.model_dump(mode="json", include={"languages", "ways", "access"})


async def _checked(
    db: AsyncSession, order: PublishOffering, provider_id: UUID, *, on: date
) -> dict[str, Any]:
    deliverer_id = order.deliverer_id or provider_id
    if not await registry.may_deliver(db, provider_id, deliverer_id, order.service_id, on=on):
        problem = "Choose your own firm, or one that delivers this service in your consortium today."
        raise Invalid(errors={"deliverer_id": problem})
    await _known(db, provider_id, order.service_id)
    await _known_areas(db, order.area_codes)
    wanted = select(Coach).where(col(Coach.id).in_(order.coach_ids), Coach.provider_id == deliverer_id)
    coaches = (await db.exec(wanted.order_by(col(Coach.id)))).all() if order.coach_ids else []
    if len(coaches) != len(set(order.coach_ids)):
        raise Invalid(errors={"coach_ids": "Choose coaches of the firm that delivers."})
    return _values(order) | {"deliverer_id": deliverer_id}


async def _known(db: AsyncSession, provider_id: UUID, service_id: UUID) -> None:
    """Refuse a service that there is not, and a provider that there is not."""
    if await db.get(Service, service_id) is None:
        raise Invalid(errors={"service_id": "Choose a service."})
    if provider_id not in await names_of_organisations(db, [provider_id]):
        raise NotFound


async def _known_areas(db: AsyncSession, codes: Collection[str]) -> None:
    known = set((await db.exec(select(Area.code).where(col(Area.code).in_(codes)))).all())
    if set(codes) - known:
        raise Invalid(errors={"area_codes": "Choose employment areas from the list."})


async def _place(db: AsyncSession, offering_id: UUID, codes: Collection[str]) -> None:
    """Deliver in these areas and in no others."""
    await db.exec(
        delete(OfferingArea).where(
            col(OfferingArea.offering_id) == offering_id, col(OfferingArea.area_code).not_in(codes)
        )
    )
    rows = [{"offering_id": offering_id, "area_code": code} for code in sorted(set(codes))]
    await db.exec(insert(OfferingArea).values(rows).on_conflict_do_nothing())


async def _staff(db: AsyncSession, offering_id: UUID, coach_ids: Collection[UUID]) -> None:
    """These coaches and no others; what was said of who leaves is kept."""
    await db.exec(
        delete(OfferingCoach).where(
            col(OfferingCoach.offering_id) == offering_id, col(OfferingCoach.coach_id).not_in(coach_ids)
        )
    )
    rows = [{"offering_id": offering_id, "coach_id": coach_id} for coach_id in sorted(set(coach_ids))]
    if rows:
        await db.exec(insert(OfferingCoach).values(rows).on_conflict_do_nothing())
