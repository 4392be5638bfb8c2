"""Finding consents: whoever is not meant by one does not learn that there is one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.errors import NotFound
from setori.guiding.models import Consent, Suggestion
from setori.guiding.rules import ConsentStatus
from setori.people import Actor, Membership, Role
from setori.vouchers import Voucher, VoucherStatus


async def lock_own(db: AsyncSession, consent_id: UUID, *, by: Actor) -> Consent:
    """A consent of the client's own, or one that names the service manager, locked. Raises NotFound."""
    wanted = select(Consent).where(Consent.id == consent_id).with_for_update()
    found = (await db.exec(wanted.execution_options(populate_existing=True))).first()
    if found is None:
        raise NotFound
    is_client = by.role is Role.JOBSEEKER and found.client_id == by.person_id
    is_manager = (
        by.role is Role.SERVICE_MANAGER
        and found.manager_id == by.person_id
        and found.procurer_id == by.organisation_id
    )
    # A service manager learns of a proposal only when the client has said yes to it.
    if not (is_client or (is_manager and found.status is ConsentStatus.IN_FORCE)):
        raise NotFound
    return found


async def find_in_force(db: AsyncSession, consent_id: UUID, *, by: Actor, at: datetime) -> Consent:
    """A consent that is in force for this service manager; it stays so until the transaction ends. Raises NotFound."""
    wanted = select(Consent).where(
        Consent.id == consent_id,
        Consent.manager_id == by.person_id,
        Consent.procurer_id == by.organisation_id,
        Consent.status == ConsentStatus.IN_FORCE,
        Consent.until_on >= local_day(at),
    )
    # FOR SHARE: whoever ends it waits, and whoever comes after the end finds nothing.
    locked = wanted.with_for_update(read=True).execution_options(populate_existing=True)
    found = (await db.exec(locked)).first() if by.role is Role.SERVICE_MANAGER else None
    if found is None:
        raise NotFound
    return found


async def consent_with(
    db: AsyncSession, client_id: UUID, procurer_id: UUID, *, by: Actor, at: datetime
) -> Consent:
    """The consent in force between a client and this service manager. Raises NotFound."""
    wanted = select(Consent.id).where(
        Consent.client_id == client_id,
        Consent.manager_id == by.person_id,
        Consent.procurer_id == procurer_id,
        Consent.status == ConsentStatus.IN_FORCE,
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    return await find_in_force(db, found, by=by, at=at)


async def find_voucher(db: AsyncSession, voucher_id: UUID, consent: Consent) -> Voucher:
    """A voucher that a consent is about: the client's own, from the same procurer, taken into use. Raises NotFound."""
    wanted = select(Voucher).where(
        Voucher.id == voucher_id,
        Voucher.person_id == consent.client_id,
        Voucher.procurer_id == consent.procurer_id,
        Voucher.status != VoucherStatus.ISSUED,
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    return found


async def find_suggestion(
    db: AsyncSession, suggestion_id: UUID, *, by: Actor, at: datetime
) -> tuple[Suggestion, Consent]:
    """A suggestion of one's own under a consent in force. Raises NotFound."""
    suggestion = await db.get(Suggestion, suggestion_id)
    if suggestion is None:
        raise NotFound
    return suggestion, await find_in_force(db, suggestion.consent_id, by=by, at=at)


async def procurer_of_manager(
    db: AsyncSession, manager_id: UUID, *, client_id: UUID | None = None, procurer_id: UUID | None = None
) -> UUID | None:
    """For which procurer somebody is a service manager: this one, or the first that gave the client a voucher."""
    wanted = select(Membership.organisation_id).where(
        Membership.person_id == manager_id,
        Membership.role == Role.SERVICE_MANAGER,
        col(Membership.ended_at).is_(None),
    )
    if procurer_id is not None:
        wanted = wanted.where(Membership.organisation_id == procurer_id)
    if client_id is not None:
        held = exists().where(
            col(Voucher.person_id) == client_id,
            col(Voucher.procurer_id) == col(Membership.organisation_id),
            col(Voucher.status) != VoucherStatus.ISSUED,
        )
        wanted = wanted.where(held)
    return (await db.exec(wanted.order_by(col(Membership.since_at), col(Membership.id)))).first()
