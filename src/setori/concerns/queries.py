"""Reading reports in confidence: one's own, or one's procurer's by whoever is named for it. Nobody else finds any."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import aliased
from sqlmodel import col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.concerns.models import Concern, ConcernMessage
from setori.concerns.rules import BEGIN_WITHIN, ConcernStatus
from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Membership, Organisation, Person, Role
from setori.vouchers import Voucher


@dataclass(frozen=True, slots=True)
class MessageView:
    """What was written later, and whether by whoever told it."""

    words: str
    is_of_client: bool
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ConcernView:
    """A report. `done` is for those who handle reports, and empty for whoever told it."""

    id: UUID
    person_name: str
    email: str | None
    phone: str | None
    reach: str
    procurer_name: str
    words: str
    status: ConcernStatus
    told_at: datetime
    handler_id: UUID | None
    handler_name: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    done: str
    messages: tuple[MessageView, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Whether nothing is written to it any more."""
        return self.status is ConcernStatus.CLOSED

    def age_days(self, at: datetime) -> int:
        """How many whole days it is old, or was when it was closed."""
        return ((self.closed_at or at) - self.told_at).days

    def is_late(self, at: datetime) -> bool:
        """Whether nobody has taken it up in the time that we promise."""
        return self.status is ConcernStatus.RECEIVED and at > self.told_at + BEGIN_WITHIN


@dataclass(frozen=True, slots=True)
class HolderOf:
    """A voucher that somebody may tell about: whose it is from, and whether anybody is named there to read it."""

    voucher_id: UUID
    procurer_id: UUID
    procurer_name: str
    has_readers: bool


async def list_vouchers(db: AsyncSession, *, by: Actor) -> list[HolderOf]:
    """Which vouchers one holds or held, the newest first; a few at most. Raises Forbidden."""
    if by.role is not Role.JOBSEEKER or by.through is not None:
        raise Forbidden
    readers = exists().where(
        and_(
            col(Membership.organisation_id) == Voucher.procurer_id,
            col(Membership.role) == Role.SAFEGUARDING,
            col(Membership.ended_at).is_(None),
        )
    )
    wanted = (
        select(Voucher.id, Organisation.id, Organisation.name, readers)
        .join(Organisation, col(Organisation.id) == Voucher.procurer_id)
        .where(Voucher.person_id == by.person_id)
        .order_by(col(Voucher.id).desc())
        .limit(20)
    )
    return [HolderOf(*row) for row in (await db.exec(wanted)).all()]


async def list_own(db: AsyncSession, *, by: Actor) -> list[ConcernView]:
    """What one has told, the newest first; a few at most. Raises Forbidden."""
    if by.role is not Role.JOBSEEKER or by.through is not None:
        raise Forbidden
    return await _views(db, col(Concern.person_id) == by.person_id, limit=20, inside=False)


async def list_of_procurer(
    db: AsyncSession, *, by: Actor, is_open: bool, after: UUID | None = None, limit: int = 25
) -> Page[ConcernView]:
    """The reports to one's procurer, the oldest first while they are open. Raises Forbidden."""
    which = and_(_handled_by(by), (col(Concern.status) != ConcernStatus.CLOSED) == is_open)
    if after is not None:
        which = and_(which, col(Concern.id) > after if is_open else col(Concern.id) < after)
    rows = await _views(db, which, limit=limit + 1, inside=True, oldest_first=is_open)
    return page_of(rows, [row.id for row in rows], limit)


async def find(db: AsyncSession, concern_id: UUID, *, by: Actor) -> ConcernView:
    """One report with what was said since, for whoever told it or handles such. Raises NotFound for all others."""
    if by.role is Role.SAFEGUARDING:
        which, inside = _handled_by(by), True
    elif by.role is Role.JOBSEEKER and by.through is None:
        which, inside = col(Concern.person_id) == by.person_id, False
    else:
        raise NotFound
    found = await _views(db, and_(which, col(Concern.id) == concern_id), limit=1, inside=inside, whole=True)
    if not found:
        raise NotFound
    return found[0]


def _handled_by(by: Actor) -> ColumnElement[bool]:
    if by.role is not Role.SAFEGUARDING or by.organisation_id is None:
        raise Forbidden
    # A report about somebody who is a client and reads reports at once is not read by that person as a handler.
    return and_(col(Concern.procurer_id) == by.organisation_id, col(Concern.person_id) != by.person_id)


async def _views(
    db: AsyncSession,
    which: ColumnElement[bool],
    *,
    limit: int,
    inside: bool,
    oldest_first: bool = False,
    whole: bool = False,
) -> list[ConcernView]:
    teller, handler = aliased(Person), aliased(Person)
    by_age = col(Concern.id) if oldest_first else col(Concern.id).desc()
    wanted = (
        select(Concern, teller, handler.name, Organisation.name)
        .join(teller, col(teller.id) == Concern.person_id)
        .join(Organisation, col(Organisation.id) == Concern.procurer_id)
        .outerjoin(handler, col(handler.id) == Concern.handler_id)
        .where(which)
        .order_by(by_age)
        .limit(limit)
    )
    found = (await db.exec(wanted)).all()
    told = await _messages(db, found[0][0]) if whole and found else ()
    return [
        ConcernView(
            id=row.id,
            person_name=person.name,
            email=person.email,
            phone=person.phone,
            reach=row.reach,
            procurer_name=procurer,
            words=row.words,
            status=row.status,
            told_at=row.told_at,
            handler_id=row.handler_id,
            handler_name=handled,
            taken_at=row.taken_at,
            closed_at=row.closed_at,
            done=row.done if inside else "",
            messages=told,
        )
        for row, person, handled, procurer in found
    ]


async def _messages(db: AsyncSession, concern: Concern) -> tuple[MessageView, ...]:
    wanted = (
        select(ConcernMessage)
        .where(ConcernMessage.concern_id == concern.id)
        .order_by(col(ConcernMessage.id))
        .limit(200)
    )
    return tuple(
        MessageView(row.words, row.by_id == concern.person_id, row.written_at)
        for row in (await db.exec(wanted)).all()
    )
