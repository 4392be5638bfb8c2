"""Which applications somebody may see, and taking one for writing."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.errors import Forbidden, NotFound
from setori.people import PROCURER_ROLES, PROVIDER_ROLES, Actor
from setori.registry.models import Application


def visible_to(by: Actor) -> ColumnElement[bool]:
    """Which applications somebody may see: a provider's people their own, a procurer's people what was sent to them."""
    if by.role in PROVIDER_ROLES:
        return col(Application.provider_id) == by.organisation_id
    if by.role in PROCURER_ROLES:
        return and_(
            col(Application.procurer_id) == by.organisation_id, col(Application.submitted_at).is_not(None)
        )
    raise Forbidden


async def lock_application(db: AsyncSession, application_id: UUID, *, by: Actor) -> Application:
    """An application for writing, so that two people do not move it at the same time. Raises NotFound."""
    wanted = select(Application).where(Application.id == application_id, visible_to(by)).with_for_update()
    application = (await db.exec(wanted, execution_options={"populate_existing": True})).first()
    if application is None:
        raise NotFound
    return application
