"""The work on a batch, some hundred rows in a transaction at a time: what was committed is done once, whatever happens.

A row's voucher has its id before it is issued, so no crash and no second worker can issue it twice.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger, people
from setori.days import local_day
from setori.db import Sessions, record
from setori.errors import NotFound
from setori.ledger import AccountKind, NotEnoughMoney, PostingKind
from setori.people import Newcomer
from setori.vouchers import codes, queries
from setori.vouchers.models import Batch, BatchRow, Terms, Voucher
from setori.vouchers.operations.batching.asking import leave_out_the_rest, waiting_statuses
from setori.vouchers.operations.batching.checking import check
from setori.vouchers.operations.batching.judging import Problem
from setori.vouchers.rules import BATCH_UNDER_WAY, BatchStatus, RowStatus, VoucherStatus, most_in_fees

CHUNK = 500
STALLED_AFTER = timedelta(seconds=30)

_TAKE_BACK = text("""
    update voucher set status = 'cancelled', closed_at = :at where id in (
      select v.id from batch_row r join voucher v on v.id = r.voucher_id
      where r.batch_id = :batch and r.status = 'issued' and v.status = 'issued'
      order by v.id limit :most for update of v)
    returning id
""")
_RETURN = text("""
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at)
    select uuidv7(), a.procurer_id, 'return', 'post', a.id, b.id, a.credits - a.debits - a.held, a.id, :today, :at
    from account a join voucher v on v.id = a.id
    join account b on b.procurer_id = a.procurer_id and b.kind = 'budget' and b.owner_id = v.programme_id
    where a.id = any (cast(:ids as uuid[])) and a.credits - a.debits - a.held > 0 order by a.id
""")


async def run_batch(
    sessions: Sessions, batch_id: UUID, *, key: bytes, clock: Callable[[], datetime], chunk: int = CHUNK
) -> None:
    """Do what a batch waits for, until there is nothing to do. Doing it again, after a crash too, does it once."""
    most = chunk
    while True:
        try:
            async with sessions.begin() as db:
                goes_on = await _step(db, batch_id, key=key, most=most, at=clock())
        except NotEnoughMoney:
            # Somebody took the money in the same moment. Nothing of this chunk was written: look again, for fewer.
            most //= 2
            continue
        except NotFound:
            return
        if not goes_on:
            return
        most = chunk


async def list_stalled(db: AsyncSession, *, at: datetime) -> list[UUID]:
    """Batches that are under way and that nobody has worked on for a while: their worker was stopped."""
    wanted = select(Batch.id).where(
        col(Batch.status).in_(BATCH_UNDER_WAY), col(Batch.touched_at) < at - STALLED_AFTER
    )
    return list((await db.exec(wanted.order_by(col(Batch.id)).limit(20))).all())


async def _step(db: AsyncSession, batch_id: UUID, *, key: bytes, most: int, at: datetime) -> bool:
    """One transaction's work. Returns whether there may be more."""
    batch = await queries.lock_batch(db, batch_id)
    if batch.status is BatchStatus.CHECKING:
        await check(db, batch, at=at)
    elif batch.status is BatchStatus.ISSUING:
        return await _issue_some(db, batch, key=key, most=most, at=at)
    elif batch.status is BatchStatus.CANCELLING:
        return await _take_back_some(db, batch, most=most, at=at)
    return False


async def _issue_some(db: AsyncSession, batch: Batch, *, key: bytes, most: int, at: datetime) -> bool:
    # Batches of one programme take turns, so that none of them overlooks a voucher that another is issuing.
    await db.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(f"batch {batch.programme_id}", 0))))
    wanted = (
        select(BatchRow)
        .where(BatchRow.batch_id == batch.id, col(BatchRow.status).in_(waiting_statuses(batch)))
        .order_by(col(BatchRow.number))
        .limit(max(most, 1))
    )
    rows = list((await db.exec(wanted)).all())
    if not rows:
        await leave_out_the_rest(db, batch)
        batch.finished_at, batch.file = at, b""
        return await _come_to(db, batch, BatchStatus.ISSUED, at=at)
    rows = await _without_second(db, batch, rows)
    budget = await ledger.find_account(db, batch.procurer_id, AccountKind.BUDGET, batch.programme_id)
    reserved = most_in_fees(
        (fee.kind, fee.fee_cents) for fee in await queries.find_outcome_fees(db, batch.terms_id)
    )
    affordable = _affordable(rows[:most], budget.available if budget else 0, reserved)
    programme = await queries.find_programme(db, batch.programme_id, batch.procurer_id)
    if rows and (not affordable or not programme.is_open):
        batch.failure = "no_money" if programme.is_open else "programme_closed"
        return await _come_to(db, batch, BatchStatus.STOPPED, at=at)
    batch.touched_at = at
    if affordable and budget:
        await _issue(db, batch, affordable, budget.id, key=key, at=at)
    return True


async def _without_second(db: AsyncSession, batch: Batch, rows: list[BatchRow]) -> list[BatchRow]:
    """The rows of people who have no voucher of the programme by now; the others are left out, and told why."""
    if batch.gives_seconds:
        return rows
    known = await people.find_jobseekers(db, [_newcomer(row) for row in rows])
    live = await queries.list_with_live_voucher(db, batch.programme_id, set(known.values()))
    kept = []
    for row in rows:
        has = live.get(known[row.person_id]) if row.person_id in known else None
        if has is None:
            kept.append(row)
            continue
        told = Problem(
            "has_voucher", "email" if row.email else "phone", row.email or row.phone or "", str(has)
        )
        row.status, row.problems = RowStatus.LEFT_OUT, [*row.problems, told.as_kept()]
    return kept


def _affordable(rows: list[BatchRow], free: int, reserved: int) -> list[BatchRow]:
    """As many rows from the first on as the money is enough for, with what each reserves for outcome fees."""
    kept = []
    for row in rows:
        free -= row.value_cents + reserved
        if free < 0:
            break
        kept.append(row)
    return kept


async def _issue(
    db: AsyncSession, batch: Batch, rows: list[BatchRow], budget_id: UUID, *, key: bytes, at: datetime
) -> None:
    terms = await db.get_one(Terms, batch.terms_id)
    service_id = (await queries.find_programme(db, batch.programme_id, batch.procurer_id)).service_id
    by_id = batch.started_by or batch.made_by
    ids = await people.add_jobseekers(db, [_newcomer(row) for row in rows], by_id=by_id, at=at)
    tokens = {row.voucher_id: codes.claim_token_of(row.voucher_id, key) for row in rows}
    today, procurer_id = local_day(at), batch.procurer_id
    for row in rows:
        row.person_id, row.status = ids[row.person_id], RowStatus.ISSUED
        db.add(
            Voucher(
                id=row.voucher_id,
                procurer_id=batch.procurer_id,
                programme_id=batch.programme_id,
                terms_id=terms.id,
                service_id=service_id,
                person_id=row.person_id,
                status=VoucherStatus.ISSUED,
                code_hash=codes.hash_of(codes.code_of(row.voucher_id, key), key),
                claim_hash=codes.claim_hash_of(tokens[row.voucher_id]),
                units=row.units,
                price_cap_cents=terms.price_cap_cents,
                value_cents=row.value_cents,
                starts_on=today,
                expires_on=today + timedelta(days=terms.validity_days),
                support_need=row.support_need,
                unemployed=row.unemployed,
                age_band=row.age_band,
                issued_by=by_id,
                issued_at=at,
            )
        )
        record(
            db, "voucher.issue", row.voucher_id, by_id=by_id, at=at, procurer_id=procurer_id, units=row.units
        )
    await db.flush()
    await ledger.open_accounts(db, batch.procurer_id, AccountKind.VOUCHER, list(tokens))
    moves = [(budget_id, row.voucher_id, row.value_cents, row.voucher_id) for row in rows]
    await ledger.post_all(db, PostingKind.ISSUE, moves, procurer_id=procurer_id, at=at, by_id=by_id)
    letters = [
        (row.person_id, {"voucher_id": str(row.voucher_id), "claim_token": tokens[row.voucher_id]})
        for row in rows
        if row.email
    ]
    await people.notify_all(db, "voucher_issued", letters, at=at)
    await db.flush()


async def _take_back_some(db: AsyncSession, batch: Batch, *, most: int, at: datetime) -> bool:
    connection = await db.connection()
    given = {"batch": batch.id, "most": most, "at": at}
    taken = list((await connection.execute(_TAKE_BACK, given)).scalars().all())
    if not taken:
        return await _come_to(db, batch, BatchStatus.CANCELLED, at=at)
    for voucher_id in taken:
        by_id, procurer_id = batch.ended_by, batch.procurer_id
        record(
            db,
            "voucher.cancel",
            voucher_id,
            by_id=by_id,
            at=at,
            procurer_id=procurer_id,
            reason=batch.reason,
        )
    await connection.execute(_RETURN, {"ids": taken, "today": local_day(at), "at": at})
    batch.touched_at = at
    await db.flush()
    return True


async def _come_to(db: AsyncSession, batch: Batch, status: BatchStatus, *, at: datetime) -> bool:
    """The work is over for now. Returns that there is no more."""
    batch.status, batch.touched_at = status, at
    record(db, f"batch.{status.value}", batch.id, by_id=None, at=at, procurer_id=batch.procurer_id)
    await db.flush()
    return False


def _newcomer(row: BatchRow) -> Newcomer:
    return Newcomer(row.person_id, row.name, row.email, row.phone, row.language)
