"""Consortia come about and change: a firm is invited, says yes itself, and the registrar decides."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import record
from setori.errors import Conflict, Forbidden, Invalid, NotFound
from setori.people import Actor, Organisation, OrganisationKind, Role
from setori.registry.commands import (
    AnswerInvitation,
    InvitePartner,
    PartnerTerms,
    RemovePartner,
)
from setori.registry.consortium_models import Partner, PartnerChange
from setori.registry.models import Application, Approval, Rulebook
from setori.registry.operations.telling import tell_owners, tell_registrars
from setori.registry.queries.consortia import FRESH, is_named, open_changes_of
from setori.registry.rules import (
    WRITABLE,
    ApplicationStatus,
    ApprovalStatus,
    CapPassed,
    ChangeKind,
    ChangeStatus,
    NotYours,
    PartnerPart,
    approval_status,
    move_change,
    refuse_part,
)


class AlreadyNamed(Conflict):
    """One firm, one place."""

    sentence = "This firm is asked already, or delivers with you already."


class StillInvited(Conflict):
    """An application names firms that have said yes, and no others."""

    sentence = "A firm that you have invited has not answered. Wait for it, or take the invitation back."


class ApprovalOver(Conflict):
    """A consortium ends with its approval."""

    sentence = "This approval is not in force, so its consortium does not change."


class HasLeft(Conflict):
    """Nobody leaves twice."""

    sentence = "This firm has left already, or its last day is known."


async def invite_to_application(
    db: AsyncSession, application_id: UUID, order: InvitePartner, *, by: Actor, at: datetime
) -> UUID:
    """Ask a firm to be in the application that one's own firm writes. Returns the invitation's id.

    Raises Forbidden, NotFound, NotYours when it has been sent, NoConsortia, CapPassed, AlreadyNamed, Invalid.
    """
    application = await _own_application(db, application_id, owner_of(by))
    if application.status not in WRITABLE:
        raise NotYours(status=application.status.value)
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    firm_id = await _firm(db, order, rulebook, application.provider_id)
    if await is_named(db, firm_id, application_id=application_id, approval_id=None, on=local_day(at)):
        raise AlreadyNamed
    whose = {"application_id": application_id, "procurer_id": application.procurer_id}
    return await _begin(
        db, ChangeKind.JOIN, firm_id, order, whose, lead_id=application.provider_id, by=by, at=at
    )


async def invite_to_approval(
    db: AsyncSession, approval_id: UUID, order: InvitePartner, *, by: Actor, at: datetime
) -> UUID:
    """Ask a firm to deliver under one's own approval; once it has said yes the registrar decides.

    Raises Forbidden, NotFound, ApprovalOver, NoConsortia, CapPassed, AlreadyNamed, Invalid.
    """
    approval = await _own_approval(db, approval_id, owner_of(by), on=local_day(at))
    rulebook = await db.get_one(Rulebook, approval.rulebook_id)
    firm_id = await _firm(db, order, rulebook, approval.provider_id)
    if await is_named(db, firm_id, application_id=None, approval_id=approval_id, on=local_day(at)):
        raise AlreadyNamed
    whose = {"approval_id": approval_id, "procurer_id": approval.procurer_id}
    return await _begin(
        db, ChangeKind.JOIN, firm_id, order, whose, lead_id=approval.provider_id, by=by, at=at
    )


async def ask_to_alter(
    db: AsyncSession, partner_id: UUID, order: PartnerTerms, *, by: Actor, at: datetime
) -> UUID:
    """Apply for another part, task or share of a firm; it says yes first. Raises as `invite_to_approval`, HasLeft."""
    partner, approval = await _own_partner(db, partner_id, by=by, at=at)
    rulebook = await db.get_one(Rulebook, approval.rulebook_id)
    _refuse_share(order)
    refuse_part(
        order.part, order.share_percent, allows=rulebook.allows_consortia, cap=rulebook.subcontract_cap
    )
    await _refuse_second(db, partner)
    whose = {
        "approval_id": approval.id,
        "procurer_id": approval.procurer_id,
        "partner_id": partner_id,
    }
    return await _begin(
        db, ChangeKind.ALTER, partner.firm_id, order, whose, lead_id=approval.provider_id, by=by, at=at
    )


async def ask_to_remove(
    db: AsyncSession, partner_id: UUID, order: RemovePartner, *, by: Actor, at: datetime
) -> UUID:
    """Apply for a firm's leaving. It is told; the registrar decides. Raises Forbidden, NotFound, HasLeft."""
    partner, approval = await _own_partner(db, partner_id, by=by, at=at)
    await _refuse_second(db, partner)
    terms = PartnerTerms(
        part=partner.part, task=partner.task, share_percent=partner.share_percent, reason=order.reason
    )
    whose = {"approval_id": approval.id, "procurer_id": approval.procurer_id, "partner_id": partner_id}
    return await _begin(
        db, ChangeKind.LEAVE, partner.firm_id, terms, whose, lead_id=approval.provider_id, by=by, at=at
    )


async def answer_invitation(
    db: AsyncSession, change_id: UUID, order: AnswerInvitation, *, by: Actor, at: datetime
) -> None:
    """An owner of the invited firm says yes or no; a yes may be taken back until it is decided.

    Raises Forbidden, NotFound, ChangeClosed, and CapPassed when others have said yes for too much already.
    """
    firm_id = owner_of(by)
    change = await lock_change(db, change_id, col(PartnerChange.firm_id) == firm_id)
    if change.kind is ChangeKind.LEAVE:
        raise NotFound
    to = ChangeStatus.ACCEPTED if order.answer == "yes" else ChangeStatus.DECLINED
    if change.status is to is ChangeStatus.ACCEPTED:
        return
    move_change(change.status, to)
    if to is ChangeStatus.ACCEPTED:
        if change.application_id is not None:
            await _refuse_passing(db, change)
        change.answered_by, change.answered_at = by.person_id, at
    else:
        change.closed_by, change.closed_at = by.person_id, at
    change.status = to
    _trace(db, f"partner.{to.value}", change, by, at)
    await db.flush()
    params = params_of(change)
    await tell_owners(db, change.lead_id, f"partner_{to.value}", params, at=at)
    if change.approval_id is not None and to is ChangeStatus.ACCEPTED:
        await tell_registrars(db, change.procurer_id, "partner_change_waits", params, at=at)
    await db.flush()


async def take_back_change(db: AsyncSession, change_id: UUID, *, by: Actor, at: datetime) -> None:
    """The lead firm takes back what it has applied for, before it is decided. Raises NotFound, ChangeClosed, NotYours.

    What was filed with an application that waits for its decision stays.
    """
    change = await lock_change(db, change_id, col(PartnerChange.lead_id) == owner_of(by))
    if change.application_id is not None:
        application = await db.get_one(Application, change.application_id)
        if application.status is ApplicationStatus.SUBMITTED:
            raise NotYours(status=application.status.value)
    await close_change(db, change, ChangeStatus.WITHDRAWN, "", by=by, at=at)
    await tell_owners(db, change.firm_id, "partner_withdrawn", params_of(change), at=at)
    await db.flush()


async def _begin(
    db: AsyncSession,
    kind: ChangeKind,
    firm_id: UUID,
    order: PartnerTerms,
    whose: dict[str, Any],
    *,
    lead_id: UUID,
    by: Actor,
    at: datetime,
) -> UUID:
    change = PartnerChange(
        kind=kind,
        status=ChangeStatus.ACCEPTED if kind is ChangeKind.LEAVE else ChangeStatus.INVITED,
        lead_id=lead_id,
        firm_id=firm_id,
        part=order.part,
        task=order.task,
        share_percent=order.share_percent,
        reason=order.reason,
        asked_by=by.person_id,
        asked_at=at,
        **whose,
    )
    try:
        async with db.begin_nested():
            db.add(change)
            await db.flush()
    except IntegrityError as refused:
        if "one_open_change" in str(refused):
            raise AlreadyNamed from refused
        raise
    _trace(db, f"partner.{kind.value}_asked", change, by, at)
    await tell_owners(db, firm_id, f"partner_{kind.value}_asked", params_of(change), at=at)
    if kind is ChangeKind.LEAVE:
        await tell_registrars(db, change.procurer_id, "partner_change_waits", params_of(change), at=at)
    await db.flush()
    return change.id


async def _refuse_passing(db: AsyncSession, change: PartnerChange) -> None:
    """Those who have said yes to an application, and this firm: within the cap together."""
    assert change.application_id is not None
    application = await db.get_one(Application, change.application_id)
    rulebook = await db.get_one(Rulebook, application.rulebook_id)
    named = await open_changes_of(db, application.id)
    together = change.share_percent + sum(
        one.share_percent for one in named if one.status is ChangeStatus.ACCEPTED and one.id != change.id
    )
    if change.part is PartnerPart.SUBCONTRACTOR and together > rulebook.subcontract_cap:
        raise CapPassed(sum=together, cap=rulebook.subcontract_cap)


async def close_change(
    db: AsyncSession, change: PartnerChange, to: ChangeStatus, reason: str, *, by: Actor, at: datetime
) -> None:
    """Close a change for good, with a trace. Raises ChangeClosed."""
    move_change(change.status, to)
    change.status, change.closed_by, change.closed_at, change.closed_reason = to, by.person_id, at, reason
    _trace(db, f"partner.{to.value}", change, by, at)
    await db.flush()


async def lock_change(db: AsyncSession, change_id: UUID, whose: Any) -> PartnerChange:
    """A change for writing; what it belongs to is locked first, always, so that nobody waits in a circle."""
    wanted = select(PartnerChange).where(PartnerChange.id == change_id, whose)
    known = (await db.exec(wanted)).first()
    if known is None:
        raise NotFound
    if known.approval_id is not None:
        await db.get_one(Approval, known.approval_id, with_for_update=True, populate_existing=True)
    else:
        await db.get_one(Application, known.application_id, with_for_update=True, populate_existing=True)
    return (await db.exec(wanted.with_for_update(), execution_options=FRESH)).one()


async def _own_application(db: AsyncSession, application_id: UUID, lead_id: UUID) -> Application:
    wanted = select(Application).where(Application.id == application_id, Application.provider_id == lead_id)
    application = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if application is None:
        raise NotFound
    return application


async def _own_approval(db: AsyncSession, approval_id: UUID, lead_id: UUID, *, on: date) -> Approval:
    wanted = select(Approval).where(Approval.id == approval_id, Approval.provider_id == lead_id)
    approval = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if approval is None:
        raise NotFound
    refuse_over(approval, on=on)
    return approval


async def _own_partner(
    db: AsyncSession, partner_id: UUID, *, by: Actor, at: datetime
) -> tuple[Partner, Approval]:
    lead_id, partner = owner_of(by), await db.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    approval = await _own_approval(db, partner.approval_id, lead_id, on=local_day(at))
    partner = await db.get_one(Partner, partner_id, with_for_update=True, populate_existing=True)
    if partner.during.upper is not None:
        raise HasLeft
    return partner, approval


async def _refuse_second(db: AsyncSession, partner: Partner) -> None:
    wanted = select(PartnerChange.id).where(
        PartnerChange.approval_id == partner.approval_id,
        PartnerChange.firm_id == partner.firm_id,
        col(PartnerChange.closed_at).is_(None),
    )
    if (await db.exec(wanted)).first() is not None:
        raise AlreadyNamed


async def _firm(db: AsyncSession, order: InvitePartner, rulebook: Rulebook, lead_id: UUID) -> UUID:
    """The registered provider with this Business ID, who may be asked under this rulebook."""
    _refuse_share(order)
    refuse_part(
        order.part, order.share_percent, allows=rulebook.allows_consortia, cap=rulebook.subcontract_cap
    )
    wanted = select(Organisation.id).where(
        Organisation.business_id == order.business_id, Organisation.kind == OrganisationKind.PROVIDER
    )
    firm_id = (await db.exec(wanted)).first()
    if firm_id is None:
        told = (
            "No provider is registered with this Business ID. Ask the firm to register first, "
            "under “Register your firm” at the sign-in."
        )
        raise Invalid(errors={"business_id": told})
    if firm_id == lead_id:
        raise Invalid(errors={"business_id": "This is your own firm, which leads."})
    return firm_id


def _refuse_share(order: PartnerTerms) -> None:
    if (order.part is PartnerPart.SUBCONTRACTOR) != (order.share_percent > 0):
        told = "A subcontractor has a share of 1 to 100 percent. A member has none."
        raise Invalid(errors={"share_percent": told})


def refuse_over(approval: Approval, *, on: date) -> None:
    """Refuse to touch the consortium of an approval that is not in force. Raises ApprovalOver."""
    days = approval.valid_during
    if approval_status(days.lower, days.upper, approval.closed_as, on=on) is not ApprovalStatus.IN_FORCE:
        raise ApprovalOver


def owner_of(by: Actor) -> UUID:
    """The firm that somebody answers for. Raises Forbidden."""
    if by.role is not Role.PROVIDER_OWNER or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


def params_of(change: PartnerChange) -> dict[str, Any]:
    """What a message about a change carries."""
    return {"change_id": str(change.id)}


def _trace(db: AsyncSession, what: str, change: PartnerChange, by: Actor, at: datetime) -> None:
    record(
        db,
        what,
        change.id,
        by_id=by.person_id,
        at=at,
        procurer_id=change.procurer_id,
        firm_id=str(change.firm_id),
        share_percent=change.share_percent,
    )
