"""A case worker decides a claim; what is verified is paid at once, each step once, from what was reserved for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger, people, vouchers
from setori.days import local_day, month_of
from setori.db import record
from setori.db.queue import enqueue
from setori.errors import Forbidden
from setori.ledger import AccountKind, NotEnoughMoney, PostingKind
from setori.outcomes import queries
from setori.outcomes.commands import AskMore, RefuseClaim, VerifyClaim
from setori.outcomes.models import OutcomeClaim, OutcomeStep
from setori.outcomes.operations.claiming import tell_owners
from setori.outcomes.refusals import NotOpen, PaidAlready, PaidElsewhere, ReserveReturned, WordIsNotEnough
from setori.outcomes.rules import OPEN, ClaimStatus, can_verify, lasted_on
from setori.people import Actor, Role
from setori.vouchers import MonthClosed, Voucher

# Closing a month takes this lock alone; whoever adds to the month shares it (settlement, and redeeming.sql).
SHARE = text(
    "select pg_advisory_xact_lock_shared("
    "hashtextextended(cast(cast(:procurer as uuid) as text) || cast(cast(:provider as uuid) as text), 0))"
)
CLOSED = text(
    "select exists (select from statement s where s.procurer_id = :procurer and s.provider_id = :provider "
    "and s.month >= :month)"
)


COUNT = "figures"
"""The job that counts the outcomes of a service anew."""


async def share_month(db: AsyncSession, procurer_id: UUID, provider_id: UUID, *, at: datetime) -> None:
    """Add to a provider's month, or take from it, while nobody closes it. Raises MonthClosed."""
    connection = await db.connection()
    whose = {"procurer": procurer_id, "provider": provider_id}
    await connection.execute(SHARE, whose)
    if (await connection.execute(CLOSED, {**whose, "month": month_of(local_day(at))})).scalar():
        raise MonthClosed


async def verify(db: AsyncSession, claim_id: UUID, order: VerifyClaim, *, by: Actor, at: datetime) -> int:
    """Find a claim true and pay every step up to it that was not paid yet. Returns the cents paid.

    Raises WordIsNotEnough, NotOpen, PaidAlready (also when two are verified at once), ReserveReturned, MonthClosed.
    """
    said, voucher = await _open(db, claim_id, by=by)
    if not can_verify(order.proof, by_client=said.by_client, client_says=said.client_says):
        raise WordIsNotEnough
    paid = await queries.list_paid(db, said.voucher_id)
    if any(
        one.months >= said.months or one.kind is not said.kind or one.provider_id != said.provider_id
        for one in paid
    ):
        raise PaidAlready
    until = lasted_on(said.since, said.months)
    if await queries.is_paid_elsewhere(db, voucher, said.since, until, taking=True):
        raise PaidElsewhere
    await share_month(db, said.procurer_id, said.provider_id, at=at)
    reserve = await ledger.find_account(db, said.procurer_id, AccountKind.OUTCOME, said.voucher_id)
    if reserve is None:
        raise ReserveReturned
    _close(said, ClaimStatus.VERIFIED, order.reason, by=by, at=at)
    said.verified_by_proof = order.proof
    await db.flush()
    total = await _pay(db, said, voucher, reserve.id, {one.months for one in paid}, by=by, at=at)
    record(
        db, "outcome.verify", claim_id, by_id=by.person_id, at=at, procurer_id=said.procurer_id, cents=total
    )
    await _tell(db, said, voucher, "outcome_verified", at=at)
    await enqueue(db, COUNT, voucher.service_id)
    return total


async def _pay(
    db: AsyncSession,
    said: OutcomeClaim,
    voucher: Voucher,
    reserve_id: UUID,
    paid: set[int],
    *,
    by: Actor,
    at: datetime,
) -> int:
    accrued = await ledger.open_account(db, said.procurer_id, AccountKind.PROVIDER_ACCRUED, said.provider_id)
    total = 0
    for fee in await vouchers.find_outcome_fees(db, voucher.terms_id):
        if fee.kind is not said.kind or fee.months > said.months or fee.months in paid:
            continue
        step = OutcomeStep(
            procurer_id=said.procurer_id,
            voucher_id=said.voucher_id,
            claim_id=said.id,
            provider_id=said.provider_id,
            kind=said.kind,
            months=fee.months,
            amount_cents=fee.fee_cents,
            paid_on=local_day(at),
        )
        db.add(step)
        await db.flush()
        try:
            await ledger.post(
                db,
                PostingKind.OUTCOME_FEE,
                procurer_id=said.procurer_id,
                debit=reserve_id,
                credit=accrued,
                amount=fee.fee_cents,
                reference=said.id,
                at=at,
                by_id=by.person_id,
                id=step.id,
            )
        except NotEnoughMoney as returned:
            raise ReserveReturned from returned
        total += fee.fee_cents
    return total


async def ask(db: AsyncSession, claim_id: UUID, order: AskMore, *, by: Actor, at: datetime) -> None:
    """Ask whoever claimed for more."""
    said, voucher = await _open(db, claim_id, by=by)
    said.status, said.question, said.asked_at = ClaimStatus.ASKED, order.question, at
    record(db, "outcome.ask", claim_id, by_id=by.person_id, at=at, procurer_id=said.procurer_id)
    await _tell(db, said, voucher, "outcome_asked", at=at)


async def refuse(db: AsyncSession, claim_id: UUID, order: RefuseClaim, *, by: Actor, at: datetime) -> None:
    """Pay nothing, and say why."""
    said, voucher = await _open(db, claim_id, by=by)
    _close(said, ClaimStatus.REFUSED, order.reason, by=by, at=at)
    record(db, "outcome.refuse", claim_id, by_id=by.person_id, at=at, procurer_id=said.procurer_id)
    await _tell(db, said, voucher, "outcome_refused", at=at)


async def _open(db: AsyncSession, claim_id: UUID, *, by: Actor) -> tuple[OutcomeClaim, Voucher]:
    if by.role is not Role.CASE_WORKER:
        raise Forbidden
    said, voucher = await queries.lock_claim(db, claim_id, by=by)
    if said.status not in OPEN:
        raise NotOpen
    return said, voucher


def _close(said: OutcomeClaim, status: ClaimStatus, reason: str, *, by: Actor, at: datetime) -> None:
    said.status, said.reason, said.decided_by, said.decided_at = status, reason, by.person_id, at


async def _tell(db: AsyncSession, said: OutcomeClaim, voucher: Voucher, kind: str, *, at: datetime) -> None:
    """Whoever claimed hears what came of it."""
    if said.by_client:
        params = {"claim_id": str(said.id)}
        await people.notify(db, voucher.person_id, f"{kind}_client", params, at=at)
    if not said.by_client or kind == "outcome_verified":
        await tell_owners(db, said.provider_id, kind, said.id, at=at)
    await db.flush()
