"""Rulebooks are drafted, published, and superseded by the next version."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import record
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.people import Actor, Role
from setori.registry.commands import DraftRulebook
from setori.registry.models import Criterion, Rulebook
from setori.registry.rules import RulebookStatus


class NotDraft(Conflict):
    """A published version never changes; what follows is a new version."""

    sentence = "This rulebook has been published and no longer changes. Draft a new version instead."


async def draft_rulebook(db: AsyncSession, order: DraftRulebook, *, by: Actor, at: datetime) -> UUID:
    """The next version of the procurer's rulebook for a service. Raises Invalid when two criteria share a code."""
    procurer_id = registrar_of(by)
    codes = [criterion.code for criterion in order.criteria]
    if len(set(codes)) < len(codes):
        raise Invalid(errors={"criteria": "Two criteria have the same code."})
    latest = select(func.max(Rulebook.version)).where(
        Rulebook.procurer_id == procurer_id, Rulebook.service_id == order.service_id
    )
    rulebook = Rulebook(
        procurer_id=procurer_id,
        service_id=order.service_id,
        version=((await db.exec(latest)).one() or 0) + 1,
        status=RulebookStatus.DRAFT,
        title=order.title,
        created_at=at,
    )
    db.add(rulebook)
    await db.flush()
    db.add_all(
        Criterion(rulebook_id=rulebook.id, position=position, **criterion.model_dump())
        for position, criterion in enumerate(order.criteria, start=1)
    )
    record(db, "rulebook.drafted", rulebook.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await db.flush()
    return rulebook.id


async def publish_rulebook(db: AsyncSession, rulebook_id: UUID, *, by: Actor, at: datetime) -> None:
    """Open a rulebook for applications; the version before it is superseded. Raises NotFound, NotDraft."""
    procurer_id = registrar_of(by)
    own = select(Rulebook).where(Rulebook.id == rulebook_id, Rulebook.procurer_id == procurer_id)
    rulebook = (await db.exec(own.with_for_update())).first()
    if rulebook is None:
        raise NotFound
    if rulebook.status is not RulebookStatus.DRAFT:
        raise NotDraft
    former = select(Rulebook).where(
        Rulebook.procurer_id == procurer_id,
        Rulebook.service_id == rulebook.service_id,
        Rulebook.status == RulebookStatus.PUBLISHED,
    )
    for version in (await db.exec(former.with_for_update())).all():
        version.status = RulebookStatus.SUPERSEDED
    await db.flush()
    rulebook.status = RulebookStatus.PUBLISHED
    rulebook.published_at = at
    record(db, "rulebook.published", rulebook.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await db.flush()


def registrar_of(by: Actor) -> UUID:
    """The procurer whose register somebody keeps. Raises Forbidden to everybody else."""
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id
