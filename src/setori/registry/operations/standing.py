"""The life of an approval between its first day and its last: closed to new clients, heard, suspended, adopted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.people import Actor, Role
from setori.registry.commands import AdoptApproval, AnswerHearing, OpenHearing, PauseApproval, TellCapacity
from setori.registry.models import Approval, Capacity, Hearing, Pause, Rulebook
from setori.registry.operations.approving import FRESH, approve_for
from setori.registry.operations.rulebooks import registrar_of
from setori.registry.operations.telling import tell_owners, tell_registrars
from setori.registry.queries.register import approved_under, in_force
from setori.registry.queries.rulebooks import criteria_of
from setori.registry.queries.standing import open_hearing_of
from setori.registry.rules import (
    ApprovalStatus,
    ReasonCode,
    RulebookStatus,
    approval_status,
    asked_anew,
)


class NotHeld(Conflict):
    """Only what is in force can be closed to new clients or opened again."""

    sentence = "This approval is not in force."


class AlreadyHeard(Conflict):
    """One hearing at a time."""

    sentence = "The provider is being heard about this approval already."


class HearingClosed(Conflict):
    """Too late to answer."""

    sentence = "This hearing is closed by now."


class AsksMore(Conflict):
    """The adopting rulebook asks things that the provider has not answered where it is approved."""

    sentence = "Our rulebook asks more than the one it is approved under. Ask the provider for the rest."

    def __init__(self, codes: list[str]) -> None:
        self.codes = codes
        super().__init__()


@dataclass(frozen=True, slots=True)
class Adoptable:
    """An approval elsewhere that can be adopted under our rulebook; `codes` are what ours asks beyond theirs."""

    approval_id: UUID
    procurer_id: UUID
    provider_id: UUID
    service_id: UUID
    their_rulebook_id: UUID
    rulebook_id: UUID
    codes: list[str]


async def _held(db: AsyncSession, approval_id: UUID, *, by: Actor, on: date) -> Approval:
    """One's own approval in force, locked. Raises NotFound, NotHeld."""
    wanted = select(Approval).where(Approval.id == approval_id, Approval.procurer_id == registrar_of(by))
    approval = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if approval is None:
        raise NotFound
    days = approval.valid_during
    if approval_status(days.lower, days.upper, approval.closed_as, on=on) is not ApprovalStatus.IN_FORCE:
        raise NotHeld
    return approval


async def pause(
    db: AsyncSession, approval_id: UUID, order: PauseApproval, *, by: Actor, at: datetime
) -> None:
    """Close an approval to new clients from today; those it has go on. The same reason again changes nothing."""
    approval = await _held(db, approval_id, by=by, on=local_day(at))
    await begin_pause(db, approval, order.code, order.reason, by=by, at=at)


async def begin_pause(
    db: AsyncSession, approval: Approval, code: ReasonCode, reason: str, *, by: Actor | None, at: datetime
) -> bool:
    """The same by the house itself, when evidence has lapsed or a firm has ceased (`by` is None then).

    Returns whether it was open for this reason before.
    """
    by_id = by.person_id if by else None
    begun = (
        insert(Pause)
        .values(
            id=new_id(),
            approval_id=approval.id,
            code=code,
            reason=reason,
            from_on=local_day(at),
            begun_by=by_id,
            begun_at=at,
        )
        .on_conflict_do_nothing()
        .returning(col(Pause.id))
    )
    if (await db.exec(begun)).first() is None:
        return False
    record(
        db,
        "approval.paused",
        approval.id,
        by_id=by_id,
        at=at,
        procurer_id=approval.procurer_id,
        code=code.value,
    )
    params = {"approval_id": str(approval.id), "code": code.value}
    await tell_owners(db, approval.provider_id, "approval_paused", params, at=at)
    await db.flush()
    return True


async def resume(db: AsyncSession, approval_id: UUID, *, by: Actor, at: datetime) -> None:
    """Open an approval to new clients again, whatever it was closed for. Again changes nothing."""
    approval = await _held(db, approval_id, by=by, on=local_day(at))
    await end_pauses(db, approval, None, by=by, at=at)


async def end_pauses(
    db: AsyncSession, approval: Approval, code: ReasonCode | None, *, by: Actor | None, at: datetime
) -> bool:
    """End the open pauses for a reason (None: all); the house ends its own only. Returns whether there was any."""
    ended = update(Pause).where(col(Pause.approval_id) == approval.id, col(Pause.until_on).is_(None))
    if code is not None:
        ended = ended.where(col(Pause.code) == code)
    if by is None:
        ended = ended.where(col(Pause.begun_by).is_(None))
    found = (await db.exec(ended.values(until_on=local_day(at)).returning(col(Pause.id)))).all()
    if not found:
        return False
    by_id = by.person_id if by else None
    record(db, "approval.resumed", approval.id, by_id=by_id, at=at, procurer_id=approval.procurer_id)
    params = {"approval_id": str(approval.id)}
    await tell_owners(db, approval.provider_id, "approval_resumed", params, at=at)
    await db.flush()
    return True


async def open_hearing(
    db: AsyncSession, approval_id: UUID, order: OpenHearing, *, by: Actor, at: datetime
) -> UUID:
    """Tell a provider why its approval may be suspended and by when it can answer. Returns the hearing's id.

    Raises Forbidden, NotFound, NotHeld, AlreadyHeard, Invalid.
    """
    today = local_day(at)
    approval = await _held(db, approval_id, by=by, on=today)
    if not today < order.answer_by <= today + timedelta(days=90):
        raise Invalid(errors={"answer_by": "Give a day between tomorrow and 90 days from now."})
    if await open_hearing_of(db, approval_id) is not None:
        raise AlreadyHeard
    hearing = Hearing(
        approval_id=approval_id,
        code=order.code,
        reason=order.reason,
        answer_by=order.answer_by,
        opened_by=by.person_id,
        opened_at=at,
    )
    db.add(hearing)
    record(db, "approval.heard", approval_id, by_id=by.person_id, at=at, procurer_id=approval.procurer_id)
    params = {"approval_id": str(approval_id), "answer_by": order.answer_by.isoformat()}
    await tell_owners(db, approval.provider_id, "approval_heard", params, at=at)
    await db.flush()
    return hearing.id


async def answer_hearing(
    db: AsyncSession, hearing_id: UUID, order: AnswerHearing, *, by: Actor, at: datetime
) -> None:
    """The provider says its side; it may be said anew until the hearing is closed. Raises NotFound, HearingClosed."""
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    wanted = (
        select(Hearing, Approval.procurer_id)
        .join(Approval, col(Approval.id) == Hearing.approval_id)
        .where(Hearing.id == hearing_id, Approval.provider_id == by.organisation_id)
        .with_for_update(of=Hearing)
    )
    found = (await db.exec(wanted, execution_options=FRESH)).first()
    if found is None:
        raise NotFound
    hearing, procurer_id = found
    if hearing.closed_at is not None:
        raise HearingClosed
    hearing.answer, hearing.answered_by, hearing.answered_at = order.answer, by.person_id, at
    record(db, "hearing.answered", hearing.id, by_id=by.person_id, at=at, procurer_id=procurer_id)
    await db.flush()


async def drop_hearing(db: AsyncSession, approval_id: UUID, *, by: Actor, at: datetime) -> None:
    """Close a hearing without a suspension: the matter is settled, and the provider is told."""
    approval = await _held(db, approval_id, by=by, on=local_day(at))
    hearing = await open_hearing_of(db, approval_id)
    if hearing is None:
        return
    hearing.closed_at, hearing.led_to_suspension = at, False
    record(db, "hearing.dropped", hearing.id, by_id=by.person_id, at=at, procurer_id=approval.procurer_id)
    await tell_owners(db, approval.provider_id, "hearing_dropped", {"approval_id": str(approval_id)}, at=at)
    await db.flush()


async def tell_capacity(db: AsyncSession, order: TellCapacity, *, by: Actor, at: datetime) -> None:
    """A provider says how many new clients it can take for a procurer's people, and how long they wait.

    Raises Forbidden, and NotFound when it is not approved there.
    """
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    if (
        await approved_under(db, order.procurer_id, by.organisation_id, order.service_id, on=local_day(at))
        is None
    ):
        raise NotFound
    said = {
        "places": order.places,
        "waiting_days": order.waiting_days,
        "told_by": by.person_id,
        "told_at": at,
    }
    told = insert(Capacity).values(
        provider_id=by.organisation_id,
        service_id=order.service_id,
        procurer_id=order.procurer_id,
        **said,
    )
    which = ["provider_id", "service_id", "procurer_id"]
    await db.exec(told.on_conflict_do_update(index_elements=which, set_=said))


async def adopt_elsewhere(
    db: AsyncSession, approval_id: UUID, order: AdoptApproval, *, by: Actor, at: datetime
) -> UUID:
    """Approve a provider because another procurer has: under our rulebook of that service, pinned to its version.

    Returns the new approval's id. What our rulebook asks beyond the other one must be answered first: AsksMore names
    the codes. Raises Forbidden, NotFound, NotHeld, AlreadyApproved.
    """
    found = await find_adoptable(db, approval_id, by=by, at=at)
    if found.codes:
        raise AsksMore(found.codes)
    rulebook, days = await db.get_one(Rulebook, found.rulebook_id), Range(local_day(at))
    adopted_id = await approve_for(
        db,
        rulebook,
        found.provider_id,
        days,
        None,
        by=by,
        at=at,
        reason=order.reason,
        adopted_from=approval_id,
    )
    await tell_owners(db, found.provider_id, "approval_adopted", {"approval_id": str(adopted_id)}, at=at)
    return adopted_id


async def find_adoptable(db: AsyncSession, approval_id: UUID, *, by: Actor, at: datetime) -> Adoptable:
    """Another procurer's approval in force, our published rulebook for its service, and what ours asks beyond theirs.

    Raises Forbidden, NotFound, NotHeld.
    """
    ours = registrar_of(by)
    theirs = await db.get(Approval, approval_id)
    if theirs is None or theirs.procurer_id == ours:
        raise NotFound
    days, today = theirs.valid_during, local_day(at)
    if approval_status(days.lower, days.upper, theirs.closed_as, on=today) is not ApprovalStatus.IN_FORCE:
        raise NotHeld
    wanted = select(Rulebook.id).where(
        Rulebook.procurer_id == ours,
        Rulebook.service_id == theirs.service_id,
        Rulebook.status == RulebookStatus.PUBLISHED,
    )
    rulebook_id = (await db.exec(wanted)).first()
    if rulebook_id is None:
        raise NotFound
    asked = [_plain(one) for one in await criteria_of(db, rulebook_id)]
    answered = [_plain(one) for one in await criteria_of(db, theirs.rulebook_id)]
    return Adoptable(
        theirs.id,
        theirs.procurer_id,
        theirs.provider_id,
        theirs.service_id,
        theirs.rulebook_id,
        rulebook_id,
        asked_anew(asked, answered),
    )


async def invite_to_apply(db: AsyncSession, approval_id: UUID, *, by: Actor, at: datetime) -> None:
    """Write to a provider approved elsewhere that it can apply here: what it has answered before is filled in already.

    Raises Forbidden, NotFound, NotHeld.
    """
    found = await find_adoptable(db, approval_id, by=by, at=at)
    params = {"rulebook_id": str(found.rulebook_id)}
    await tell_owners(db, found.provider_id, "invited_to_apply", params, at=at)
    record(
        db,
        "provider.invited",
        found.provider_id,
        by_id=by.person_id,
        at=at,
        procurer_id=by.organisation_id,
        rulebook_id=str(found.rulebook_id),
    )
    await db.flush()


async def sweep_pauses(
    db: AsyncSession,
    lapsed: Collection[UUID],
    code: ReasonCode,
    reason: str,
    *,
    at: datetime,
    tell_desk: bool = False,
) -> int:
    """Bring the pauses for one reason to what is true today: begun for these approvals, ended for all others.

    The house does it for what has lapsed or come back, and leaves alone what a registrar has begun.
    Owners are told, and registrars too with `tell_desk`. Returns how many changed.
    """
    open_ones = (
        select(Pause.approval_id)
        .join(Approval, col(Approval.id) == Pause.approval_id)
        .where(col(Pause.until_on).is_(None), col(Pause.begun_by).is_(None), Pause.code == code)
        .where(in_force(local_day(at)))
    )
    standing = set((await db.exec(open_ones)).all())
    differing = sorted(standing.symmetric_difference(lapsed))
    wanted = (
        select(Approval).where(col(Approval.id).in_(differing)).order_by(col(Approval.id)).with_for_update()
    )
    changed = 0
    for approval in (await db.exec(wanted)).all():
        if approval.id in standing:
            has_changed = await end_pauses(db, approval, code, by=None, at=at)
        else:
            has_changed = await begin_pause(db, approval, code, reason, by=None, at=at)
        changed += has_changed
        if has_changed and tell_desk:
            kind = "desk_resumed" if approval.id in standing else "desk_paused"
            await tell_registrars(db, approval.procurer_id, kind, {"approval_id": str(approval.id)}, at=at)
    return changed


def _plain(criterion: object) -> dict[str, object]:
    names = ("code", "kind", "mandatory", "minimum", "maximum", "text", "expires", "document_kind")
    return {name: getattr(criterion, name) for name in names}
