"""Vouchers end: they are cancelled or expire, and what was not used goes back to the budget the same night."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import booking
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden
from setori.people import Actor, Role
from setori.vouchers import queries
from setori.vouchers.commands import GiveReason
from setori.vouchers.refusals import VoucherClosed
from setori.vouchers.rules import HOLD_LIVES, VoucherStatus

# Set-based, a thousand at a time: row by row would be ten thousand round trips on the night when a programme ends.
EXPIRE = text("""
    with due as (
      select id from voucher
      where status in ('issued', 'claimed', 'chosen', 'used') and expires_on < :today
      order by id limit 1000 for update skip locked)
    update voucher v set status = 'expired', closed_at = :at from due where v.id = due.id returning v.id
""")
# A voucher whose sessions are all used gives back what its price was under the cap.
RETURN = text("""
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at)
    select uuidv7(), a.procurer_id, 'return', 'post', a.id, b.id, a.credits - a.debits - a.held, a.id, :today, :at
    from (
      select a.* from account a join voucher v on v.id = a.id
      where v.status in ('used', 'expired', 'cancelled') and a.credits - a.debits - a.held > 0
        and (v.status <> 'used' or v.units_held = 0) and (cast(:only as uuid) is null or v.id = :only)
      order by a.id limit 1000 for update of v skip locked) a
    join voucher v on v.id = a.id
    join account b on b.procurer_id = a.procurer_id and b.kind = 'budget' and b.owner_id = v.programme_id
    returning amount
""")
LAPSE = text("""
    select (resolve_redemption(id, 'lapsed', null, null, null, :at, :today, '')).verdict
    from (select r.id from redemption r join voucher v on v.id = r.voucher_id join terms t on t.id = v.terms_id
          where r.status = 'held' and t.silent_days = 0 and r.recorded_at < :before
          order by r.voucher_id limit 500) due
""")


async def expire_due(db: AsyncSession, *, at: datetime) -> tuple[int, int]:
    """Expire vouchers past their last day and return all that is unused. Returns (vouchers, cents returned).

    Call again until it answers (0, 0): each call does a thousand at most, so that no lock is held long.
    """
    when = {"today": local_day(at), "at": at}
    await db.flush()
    connection = await db.connection()
    expired = (await connection.execute(EXPIRE, when)).all()
    for (voucher_id,) in expired:
        record(db, "voucher.expire", voucher_id, by_id=None, at=at)
    await booking.release(db, [voucher_id for (voucher_id,) in expired], at=at)
    returned = (await connection.execute(RETURN, {**when, "only": None})).all()
    return len(expired), sum(row[0] for row in returned)


async def lapse_due(db: AsyncSession, *, at: datetime) -> int:
    """Let recorded sessions lapse that nobody answered in thirty days, where silence is no yes. Returns how many."""
    when = {"today": local_day(at), "at": at, "before": at - HOLD_LIVES}
    verdicts = (await (await db.connection()).execute(LAPSE, when)).scalars().all()
    return verdicts.count("done")  # somebody may have answered in the same moment


async def cancel(db: AsyncSession, voucher_id: UUID, order: GiveReason, *, by: Actor, at: datetime) -> None:
    """The procurer takes a voucher back: nothing new can be recorded, and the unused value returns to the budget.

    Sessions that wait for the jobseeker can still be confirmed.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    voucher = await queries.lock_voucher(db, voucher_id, procurer_id=by.organisation_id)
    if voucher.status not in (VoucherStatus.ISSUED, VoucherStatus.CLAIMED, VoucherStatus.CHOSEN):
        raise VoucherClosed
    voucher.status = VoucherStatus.CANCELLED
    voucher.closed_at = at
    await db.flush()
    record(
        db,
        "voucher.cancel",
        voucher.id,
        by_id=by.person_id,
        at=at,
        procurer_id=voucher.procurer_id,
        reason=order.reason,
    )
    await booking.release(db, [voucher.id], by=by, at=at)
    connection = await db.connection()
    await connection.execute(RETURN, {"today": local_day(at), "at": at, "only": voucher.id})
