"""Writing the catalogue: services, coaches, offerings, and the figures that reviews earn."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.commands import AddService
from setori.catalogue.models import Service
from setori.db import new_id, record
from setori.people import Actor


async def add_service(db: AsyncSession, order: AddService, *, by: Actor | None = None, at: datetime) -> UUID:
    """The service with this code, added or put into other words. Returns its id."""
    added = insert(Service).values(id=new_id(), **order.model_dump())
    kept = added.on_conflict_do_update(
        index_elements=["code"],
        set_={"name": added.excluded.name, "description": added.excluded.description},
    )
    service_id: UUID = (await db.exec(kept.returning(col(Service.id)))).scalar_one()
    record(db, "service.added", service_id, by_id=by.person_id if by else None, at=at)
    return service_id
