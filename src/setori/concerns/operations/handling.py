"""Handling what was told in confidence: every look leaves a trace, and one person handles it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.concerns import queries
from setori.concerns.commands import AddWords, CloseConcern, TakeConcern
from setori.concerns.models import Concern, ConcernMessage
from setori.concerns.queries import ConcernView
from setori.concerns.refusals import ConcernClosed, NotInYourHands, TakenMeanwhile
from setori.concerns.rules import ConcernStatus
from setori.db import Page, record
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role


async def look_at_list(
    db: AsyncSession, *, by: Actor, is_open: bool, after: UUID | None = None, at: datetime
) -> Page[ConcernView]:
    """The reports to one's procurer. The look is written down. Raises Forbidden."""
    listed = await queries.list_of_procurer(db, by=by, is_open=is_open, after=after)
    if by.organisation_id is None:
        raise Forbidden
    seen = [str(one.id) for one in listed.items]
    owner = by.organisation_id
    record(db, "concern.listed", owner, by_id=by.person_id, at=at, procurer_id=owner, seen=seen)
    return listed


async def look(db: AsyncSession, concern_id: UUID, *, by: Actor, at: datetime) -> ConcernView:
    """One report, by whoever is named for it. The look is written down. Raises NotFound."""
    if by.role is not Role.SAFEGUARDING:
        raise NotFound
    seen = await queries.find(db, concern_id, by=by)
    record(db, "concern.looked", concern_id, by_id=by.person_id, at=at, procurer_id=by.organisation_id)
    return seen


async def take(db: AsyncSession, concern_id: UUID, order: TakeConcern, *, by: Actor, at: datetime) -> None:
    """Take up a report, or take it over from the colleague who was seen to have it. Taking it twice is taking it once.

    Raises NotFound, TakenMeanwhile, ConcernClosed.
    """
    concern = await _locked(db, concern_id, by)
    if concern.handler_id == by.person_id:
        return
    if concern.handler_id != order.seen_with:
        raise TakenMeanwhile
    begins = concern.status is ConcernStatus.RECEIVED
    concern.status, concern.handler_id, concern.taken_at = ConcernStatus.BEING_HANDLED, by.person_id, at
    await db.flush()
    record(db, "concern.taken", concern_id, by_id=by.person_id, at=at, procurer_id=concern.procurer_id)
    if begins:
        await _tell(db, concern, at=at)


async def answer(db: AsyncSession, concern_id: UUID, order: AddWords, *, by: Actor, at: datetime) -> None:
    """Write to whoever told it. Raises NotFound, NotInYourHands, ConcernClosed."""
    concern = await _locked(db, concern_id, by, in_own_hands=True)
    db.add(ConcernMessage(concern_id=concern_id, by_id=by.person_id, words=order.words, written_at=at))
    record(db, "concern.answered", concern_id, by_id=by.person_id, at=at, procurer_id=concern.procurer_id)
    await _tell(db, concern, at=at)


async def close(db: AsyncSession, concern_id: UUID, order: CloseConcern, *, by: Actor, at: datetime) -> None:
    """Close it with what was done and an answer. Raises NotFound, NotInYourHands, ConcernClosed."""
    concern = await _locked(db, concern_id, by, in_own_hands=True)
    db.add(ConcernMessage(concern_id=concern_id, by_id=by.person_id, words=order.answer, written_at=at))
    concern.status, concern.closed_at, concern.done = ConcernStatus.CLOSED, at, order.done
    await db.flush()
    record(db, "concern.closed", concern_id, by_id=by.person_id, at=at, procurer_id=concern.procurer_id)
    await _tell(db, concern, at=at)


async def _locked(db: AsyncSession, concern_id: UUID, by: Actor, *, in_own_hands: bool = False) -> Concern:
    wanted = select(Concern).where(
        Concern.id == concern_id,
        Concern.procurer_id == by.organisation_id,
        Concern.person_id != by.person_id,
    )
    found = (await db.exec(wanted.with_for_update().execution_options(populate_existing=True))).first()
    if found is None or by.role is not Role.SAFEGUARDING:
        raise NotFound
    if found.status is ConcernStatus.CLOSED:
        raise ConcernClosed
    if in_own_hands and found.handler_id != by.person_id:
        raise NotInYourHands
    return found


async def _tell(db: AsyncSession, concern: Concern, *, at: datetime) -> None:
    given = {"concern_id": str(concern.id)}
    await people.notify(db, concern.person_id, "concern_moved", given, at=at)
