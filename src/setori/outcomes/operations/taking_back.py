"""A fee that was not due is taken back by two people, and what nobody can claim any more returns to the budget."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger
from setori.days import local_day
from setori.db import record
from setori.db.queue import enqueue
from setori.errors import Forbidden, NotFound
from setori.ledger import AccountKind, PostingKind
from setori.outcomes import queries
from setori.outcomes.commands import DecideClawback, ProposeClawback
from setori.outcomes.models import Clawback, OutcomeClaim, OutcomeStep
from setori.outcomes.operations.claiming import tell_owners
from setori.outcomes.operations.deciding import COUNT, share_month
from setori.outcomes.refusals import ClawbackDecided, ClawbackWaits, NotVerified, OwnClawback
from setori.outcomes.rules import ClaimStatus, ClawbackStatus, Undone
from setori.people import Actor, Role

DECIDERS = (Role.CASE_WORKER, Role.APPROVER)

SETTLED = text("select outcome_step_id from statement_line where outcome_step_id = any(:steps)")

# Two statements: the second looks anew once the vouchers are held, so that a claim made in between is seen.
OVER = """
  (v.expires_on + coalesce((select max(claim_days) from outcome_fee f where f.terms_id = v.terms_id), 0) < :today
   or (v.status in ('expired', 'cancelled')
       and not exists (select from redemption r where r.voucher_id = v.id and r.status in ('held', 'confirmed'))))
  and not exists (select from outcome_claim c where c.voucher_id = v.id and c.status in ('proposed', 'asked'))
"""
LOCK_DUE = text(f"""
    select v.id from account a join voucher v on v.id = a.owner_id
    where a.kind = 'outcome' and a.credits - a.debits > 0 and {OVER}
    order by v.id limit 1000 for update of v skip locked
""")
RETURN = text(f"""
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at)
    select uuidv7(), a.procurer_id, 'return_outcome', 'post', a.id, b.id, a.credits - a.debits, v.id, :today, :at
    from voucher v
    join account a on a.owner_id = v.id and a.kind = 'outcome'
    join account b on b.procurer_id = v.procurer_id and b.kind = 'budget' and b.owner_id = v.programme_id
    where v.id = any(:vouchers) and a.credits - a.debits > 0 and {OVER}
    order by v.id
    returning amount
""")


async def propose_clawback(
    db: AsyncSession, claim_id: UUID, order: ProposeClawback, *, by: Actor, at: datetime
) -> UUID:
    """A case worker says why a fee was not due. Nothing moves before another person agrees."""
    if by.role is not Role.CASE_WORKER:
        raise Forbidden
    said, _ = await queries.lock_claim(db, claim_id, by=by)
    if said.status is not ClaimStatus.VERIFIED:
        raise NotVerified
    if await queries.open_clawback(db, claim_id):
        raise ClawbackWaits
    proposed = Clawback(
        procurer_id=said.procurer_id,
        claim_id=claim_id,
        reason=order.reason,
        status=ClawbackStatus.PROPOSED,
        proposed_by=by.person_id,
        proposed_at=at,
    )
    db.add(proposed)
    record(db, "clawback.propose", claim_id, by_id=by.person_id, at=at, procurer_id=said.procurer_id)
    await db.flush()
    return proposed.id


async def decide_clawback(
    db: AsyncSession, clawback_id: UUID, order: DecideClawback, *, by: Actor, at: datetime
) -> None:
    """Another person agrees that a fee is taken back, or says no.

    A fee that no statement holds yet goes back to the reserve; one that stands in a statement is owed by the provider,
    and kept from the next statement. Raises OwnClawback, ClawbackDecided, MonthClosed, NotFound.
    """
    if by.role not in DECIDERS:
        raise Forbidden
    proposed = await queries.find_clawback(db, clawback_id)
    if proposed.procurer_id != by.organisation_id:
        raise NotFound
    said, voucher = await queries.lock_claim(db, proposed.claim_id, by=by)
    await db.refresh(proposed)
    if proposed.status is not ClawbackStatus.PROPOSED:
        raise ClawbackDecided
    if proposed.proposed_by == by.person_id:
        raise OwnClawback
    proposed.status = ClawbackStatus.APPROVED if order.approves else ClawbackStatus.DECLINED
    proposed.decided_by, proposed.decided_at, proposed.answer = by.person_id, at, order.answer
    action = f"clawback.{proposed.status.value}"
    record(db, action, said.id, by_id=by.person_id, at=at, procurer_id=said.procurer_id)
    await db.flush()
    if order.approves:
        await _take_back(db, said, by=by, at=at)
        await tell_owners(db, said.provider_id, "outcome_taken_back", said.id, at=at)
        await enqueue(db, COUNT, voucher.service_id)
    await db.flush()


async def _take_back(db: AsyncSession, said: OutcomeClaim, *, by: Actor, at: datetime) -> None:
    await share_month(db, said.procurer_id, said.provider_id, at=at)
    said.status = ClaimStatus.TAKEN_BACK
    steps = await queries.list_paid_for(db, said.id)
    connection = await db.connection()
    settled = set((await connection.execute(SETTLED, {"steps": [one.id for one in steps]})).scalars())
    reserve = await ledger.open_account(db, said.procurer_id, AccountKind.OUTCOME, said.voucher_id)
    for step in steps:
        await _undo(db, step, reserve, is_settled=step.id in settled, by=by, at=at)


async def _undo(
    db: AsyncSession, step: OutcomeStep, reserve: UUID, *, is_settled: bool, by: Actor, at: datetime
) -> None:
    from_kind = AccountKind.RECEIVABLE if is_settled else AccountKind.PROVIDER_ACCRUED
    debit = await ledger.open_account(db, step.procurer_id, from_kind, step.provider_id)
    step.undone = Undone.CLAWED_BACK if is_settled else Undone.REVERSED
    step.undone_at = at
    await db.flush()
    await ledger.post(
        db,
        PostingKind.CLAWBACK if is_settled else PostingKind.REVERSE_OUTCOME,
        procurer_id=step.procurer_id,
        debit=debit,
        credit=reserve,
        amount=step.amount_cents,
        reference=step.claim_id,
        at=at,
        by_id=by.person_id,
        reverses=step.id,
    )


async def return_due(db: AsyncSession, *, at: datetime) -> int:
    """Return what was reserved for outcomes that nobody can claim any more; what is claimed waits for its decision.

    Returns the cents. Call again until it answers 0: each call does a thousand vouchers at most.
    """
    await db.flush()
    connection = await db.connection()
    when = {"today": local_day(at)}
    due = list((await connection.execute(LOCK_DUE, when)).scalars())
    if not due:
        return 0
    returned = await connection.execute(RETURN, {**when, "at": at, "vouchers": due})
    return sum(returned.scalars())
