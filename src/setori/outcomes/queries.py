"""Reading claims, each for the eyes that may see them, and locking them."""

from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import vouchers
from setori.errors import Forbidden, NotFound
from setori.outcomes.models import Clawback, OutcomeClaim, OutcomeStep
from setori.outcomes.rules import lasted_on
from setori.people import Actor, Role
from setori.vouchers import Voucher


async def lock_claim(db: AsyncSession, claim_id: UUID, *, by: Actor) -> tuple[OutcomeClaim, Voucher]:
    """A claim that concerns the actor, with its voucher, both locked, the voucher first. Raises NotFound."""
    found = await db.get(OutcomeClaim, claim_id)
    if found is None:
        raise NotFound
    voucher = await vouchers.lock_voucher(db, found.voucher_id)
    wanted = select(OutcomeClaim).where(OutcomeClaim.id == claim_id).with_for_update()
    claim = (await db.exec(wanted.execution_options(populate_existing=True))).one()
    whose = {
        Role.JOBSEEKER: voucher.person_id == by.person_id,
        Role.PROVIDER_OWNER: claim.provider_id == by.organisation_id,
        Role.CASE_WORKER: claim.procurer_id == by.organisation_id,
        Role.APPROVER: claim.procurer_id == by.organisation_id,
    }
    if by.role not in whose:
        raise Forbidden
    if not whose[by.role]:
        raise NotFound
    return claim, voucher


async def list_paid(db: AsyncSession, voucher_id: UUID) -> list[OutcomeStep]:
    """The fees that a voucher's outcome has been paid and that stand."""
    wanted = select(OutcomeStep).where(
        OutcomeStep.voucher_id == voucher_id, col(OutcomeStep.undone).is_(None)
    )
    return list((await db.exec(wanted.order_by(col(OutcomeStep.months)))).all())


async def is_paid_elsewhere(
    db: AsyncSession, voucher: Voucher, since: date, until: date, *, taking: bool = False
) -> bool:
    """Whether some of these days were paid for on another voucher of the same person, whoever gave it.

    `taking` is for whoever is about to pay: others wait until the transaction ends.
    """
    if taking:
        whose = func.hashtextextended(f"outcome of {voucher.person_id}", 0)
        await db.exec(select(func.pg_advisory_xact_lock(whose)))
    wanted = (
        select(col(OutcomeStep.months), col(OutcomeClaim.since))
        .join(OutcomeClaim, col(OutcomeClaim.id) == OutcomeStep.claim_id)
        .join(Voucher, col(Voucher.id) == OutcomeStep.voucher_id)
        .where(
            Voucher.person_id == voucher.person_id,
            OutcomeStep.voucher_id != voucher.id,
            col(OutcomeStep.undone).is_(None),
            col(OutcomeClaim.since) < until,
        )
    )
    return any(since < lasted_on(begun, months) for months, begun in (await db.exec(wanted)).all())


async def list_paid_for(db: AsyncSession, claim_id: UUID) -> list[OutcomeStep]:
    """The fees that were paid for a claim and that stand."""
    wanted = select(OutcomeStep).where(OutcomeStep.claim_id == claim_id, col(OutcomeStep.undone).is_(None))
    return list((await db.exec(wanted.order_by(col(OutcomeStep.months)))).all())


async def find_clawback(db: AsyncSession, clawback_id: UUID) -> Clawback:
    """A clawback. Raises NotFound."""
    found = await db.get(Clawback, clawback_id)
    if found is None:
        raise NotFound
    return found


async def open_clawback(db: AsyncSession, claim_id: UUID) -> Clawback | None:
    """The clawback of a claim that waits for a second person."""
    wanted = select(Clawback).where(Clawback.claim_id == claim_id, Clawback.status == "proposed")
    return (await db.exec(wanted)).first()


async def has_open_claim(db: AsyncSession, voucher_id: UUID, provider_id: UUID) -> bool:
    """Whether an outcome of a voucher with a provider waits for its decision."""
    wanted = select(OutcomeClaim.id).where(
        OutcomeClaim.voucher_id == voucher_id,
        OutcomeClaim.provider_id == provider_id,
        col(OutcomeClaim.status).in_(("proposed", "asked")),
    )
    return (await db.exec(wanted)).first() is not None
