"""Consents are given, proposed, answered and ended. Only the client's own yes begins one."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden, Invalid, NotFound
from setori.guiding import queries, rules
from setori.guiding.commands import GiveConsent, InviteManager, ProposeManager
from setori.guiding.models import Consent, Trace
from setori.guiding.refusals import AlreadyBeside, ConsentClosed, NotAServiceManager
from setori.guiding.rules import ConsentStatus, Scope
from setori.people import Actor, Role
from setori.vouchers import Voucher

AT_A_TIME = 200
"""How many consents are ended in one transaction."""


async def invite(db: AsyncSession, order: InviteManager, *, by: Actor, at: datetime) -> UUID:
    """A client's own yes to a service manager of an employment area that gave a voucher. Returns the consent's id.

    Raises Forbidden, NotAServiceManager, AlreadyBeside, Invalid for a last day that is over or too far away.
    """
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    _sensible(order.until_on, at)
    procurer_id = await queries.procurer_of_manager(db, order.manager_id, client_id=by.person_id)
    if procurer_id is None or order.manager_id == by.person_id:
        raise NotAServiceManager
    consent = _consent(procurer_id, by.person_id, order, ConsentStatus.IN_FORCE, by, at)
    consent.given_at = at
    await _keep(db, consent, at=at)
    _record(db, "consent.given", consent, by, at)
    await _tell_manager(db, consent, "guiding_begun", at=at)
    return consent.id


async def propose(
    db: AsyncSession, voucher_id: UUID, order: ProposeManager, *, by: Actor, at: datetime
) -> UUID:
    """Propose a service manager to the holder of a voucher of one's own area. Returns the consent's id.

    Raises Forbidden, NotFound, NotAServiceManager, AlreadyBeside, Invalid.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    voucher = await db.get(Voucher, voucher_id)
    if voucher is None or voucher.procurer_id != by.organisation_id:
        raise NotFound
    _sensible(order.until_on, at)
    known = await queries.procurer_of_manager(db, order.manager_id, procurer_id=by.organisation_id)
    if known is None or order.manager_id == voucher.person_id:
        raise NotAServiceManager
    consent = _consent(known, voucher.person_id, order, ConsentStatus.PROPOSED, by, at)
    await _keep(db, consent, at=at)
    _record(db, "consent.proposed", consent, by, at)
    await people.notify(db, consent.client_id, "guiding_proposed", {"consent_id": str(consent.id)}, at=at)
    return consent.id


async def agree(db: AsyncSession, consent_id: UUID, order: GiveConsent, *, by: Actor, at: datetime) -> None:
    """The client's yes to a proposal, with the parts and the last day that the client wants.

    Saying yes twice is saying it once. Raises Forbidden, NotFound, ConsentClosed, Invalid.
    """
    consent = await _of_client(db, consent_id, by)
    if consent.status is ConsentStatus.IN_FORCE:
        return
    if consent.status is not ConsentStatus.PROPOSED:
        raise ConsentClosed
    _sensible(order.until_on, at)
    _allow(consent, order.scopes)
    consent.until_on = order.until_on
    consent.status, consent.given_at = ConsentStatus.IN_FORCE, max(at, consent.proposed_at)
    await db.flush()
    _record(db, "consent.given", consent, by, at)
    await _tell_manager(db, consent, "guiding_begun", at=at)


async def decline(db: AsyncSession, consent_id: UUID, *, by: Actor, at: datetime) -> None:
    """The client's no to a proposal. Raises Forbidden, NotFound, ConsentClosed."""
    consent = await _of_client(db, consent_id, by)
    if consent.status is ConsentStatus.REFUSED:
        return
    if consent.status is not ConsentStatus.PROPOSED:
        raise ConsentClosed
    await _close(db, consent, ConsentStatus.REFUSED, by=by, at=at)


async def take_back_proposal(db: AsyncSession, consent_id: UUID, *, by: Actor, at: datetime) -> None:
    """A case worker takes back what was proposed and not yet answered: the client is asked no more.

    Taking back what was refused or taken back changes nothing. Raises Forbidden, NotFound, ConsentClosed after a yes.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    consent = await db.get(Consent, consent_id, with_for_update={"key_share": True})
    if (
        consent is None
        or consent.procurer_id != by.organisation_id
        or consent.proposed_by == consent.client_id
    ):
        raise NotFound
    if consent.status is ConsentStatus.REFUSED:
        return
    if consent.status is not ConsentStatus.PROPOSED:
        raise ConsentClosed
    await _close(db, consent, ConsentStatus.REFUSED, by=by, at=at)


async def end(db: AsyncSession, consent_id: UUID, *, by: Actor, at: datetime) -> None:
    """End a consent at once: by the client, who need not say why, or by the service manager, who steps back.

    Ending twice is ending once. Raises NotFound, ConsentClosed for what never began.
    """
    consent = await queries.lock_own(db, consent_id, by=by)
    if consent.status is ConsentStatus.ENDED:
        return
    if consent.status is not ConsentStatus.IN_FORCE:
        raise ConsentClosed
    await _close(db, consent, ConsentStatus.ENDED, by=by, at=at)
    if by.role is Role.JOBSEEKER:
        await _tell_manager(db, consent, "guiding_ended", at=at)
    else:
        told = {"consent_id": str(consent.id)}
        await people.notify(db, consent.client_id, "guiding_left", told, at=at)


async def end_due(db: AsyncSession, *, at: datetime) -> int:
    """End what has come to its last day, and take silence for a no. Returns how many; call again until it is none."""
    today = local_day(at)
    due = select(Consent).where(
        or_(
            (col(Consent.status) == ConsentStatus.IN_FORCE) & (col(Consent.until_on) < today),
            (col(Consent.status) == ConsentStatus.PROPOSED)
            & (
                (col(Consent.until_on) < today)
                | (col(Consent.proposed_at) < at - timedelta(days=rules.ANSWER_DAYS))
            ),
        )
    )
    found = (
        await db.exec(due.order_by(col(Consent.id)).limit(AT_A_TIME).with_for_update(skip_locked=True))
    ).all()
    for consent in found:
        was = consent.status
        to = ConsentStatus.ENDED if was is ConsentStatus.IN_FORCE else ConsentStatus.REFUSED
        await _close(db, consent, to, by=None, at=at)
        if was is ConsentStatus.IN_FORCE:
            await _tell_manager(db, consent, "guiding_ended", at=at)
    return len(found)


async def _of_client(db: AsyncSession, consent_id: UUID, by: Actor) -> Consent:
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    return await queries.lock_own(db, consent_id, by=by)


def _consent(
    procurer_id: UUID,
    client_id: UUID,
    order: InviteManager | ProposeManager,
    status: ConsentStatus,
    by: Actor,
    at: datetime,
) -> Consent:
    consent = Consent(
        procurer_id=procurer_id,
        client_id=client_id,
        manager_id=order.manager_id,
        status=status,
        may_see=False,
        may_shortlist=False,
        may_book=False,
        may_attend=False,
        until_on=order.until_on,
        proposed_by=by.person_id,
        proposed_at=at,
    )
    _allow(consent, order.scopes)
    return consent


def _allow(consent: Consent, scopes: Iterable[Scope]) -> None:
    allowed = frozenset(scopes)
    for scope in Scope:
        setattr(consent, f"may_{scope.value}", scope in allowed)


async def _keep(db: AsyncSession, consent: Consent, *, at: datetime) -> None:
    """Write down a new one. One whose last day is over and that the night has not ended yet is ended first."""
    over = select(Consent).where(
        Consent.client_id == consent.client_id,
        Consent.manager_id == consent.manager_id,
        Consent.status == ConsentStatus.IN_FORCE,
        Consent.until_on < local_day(at),
    )
    former = (await db.exec(over.with_for_update())).first()
    if former is not None:
        await _close(db, former, ConsentStatus.ENDED, by=None, at=at)
    try:
        async with db.begin_nested():
            db.add(consent)
            await db.flush()
    except IntegrityError as refused:
        if "one_open_consent" in str(refused.orig) or "consents_do_not_overlap" in str(refused.orig):
            raise AlreadyBeside from None
        raise


async def _close(
    db: AsyncSession, consent: Consent, to: ConsentStatus, *, by: Actor | None, at: datetime
) -> None:
    """Close a consent: not before the last thing that was done with it, however close together two requests come."""
    last = (await db.exec(select(func.max(Trace.at)).where(Trace.consent_id == consent.id))).one()
    consent.status = to
    consent.closed_at = max(moment for moment in (at, consent.given_at, last) if moment is not None)
    consent.closed_by = by.person_id if by else None
    await db.flush()
    _record(db, f"consent.{to.value}", consent, by, at)


def _sensible(until_on: date, at: datetime) -> None:
    if not rules.is_sensible_end(until_on, local_day(at)):
        raise Invalid(errors={"until_on": "Choose a day from today on, a year from now at most."})


async def _tell_manager(db: AsyncSession, consent: Consent, kind: str, *, at: datetime) -> None:
    await people.notify(db, consent.manager_id, kind, {"consent_id": str(consent.id)}, at=at)


def _record(db: AsyncSession, action: str, consent: Consent, by: Actor | None, at: datetime) -> None:
    who = by.person_id if by else None
    record(db, action, consent.id, by_id=who, at=at, procurer_id=consent.procurer_id)
