"""Vouchers end: they are cancelled or expire, and what was not used goes back to the budget the night they close."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import booking, people
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden, Invalid
from setori.people import Actor, Role
from setori.vouchers import queries
from setori.vouchers.commands import LONGEST_DAYS, ExtendVoucher, GiveReason
from setori.vouchers.refusals import VoucherClosed
from setori.vouchers.rules import ENDING_NOTICES, HOLD_LIVES, RECORD_AFTER_END, VoucherStatus

OPEN = (VoucherStatus.ISSUED, VoucherStatus.CLAIMED, VoucherStatus.CHOSEN)

# Set-based, a thousand at a time: row by row would be ten thousand round trips on the night when a programme ends.
EXPIRE = text("""
    with due as (
      select id from voucher
      where status in ('issued', 'claimed', 'chosen', 'used') and expires_on < :today
        and (status in ('issued', 'claimed') or expires_on < :recorded_until)
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
ENDINGS = text("""
    with due as (
      select v.id, v.person_id, v.expires_on,
             (select min(d) from unnest(cast(:days as int[])) d where d >= v.expires_on - cast(:today as date)) as days
      from voucher v
      where v.status in ('issued', 'claimed', 'chosen') and v.expires_on >= cast(:today as date)
        and v.expires_on <= cast(:today as date) + (select max(d) from unnest(cast(:days as int[])) d)),
    told as (
      insert into ending_notice (voucher_id, expires_on, days, told_at)
      select id, expires_on, days, :at from due order by id
      on conflict do nothing returning voucher_id, expires_on)
    insert into outbox (id, person_id, kind, params, created_at)
    select uuidv7(), d.person_id, 'voucher_ends', jsonb_build_object('voucher_id', d.id, 'closes_on', d.expires_on), :at
    from told t join due d on d.id = t.voucher_id
    returning id
""")
SPENT = text("""
    select distinct v.id from booking b join voucher v on v.id = b.voucher_id
    where b.status in ('offered', 'booked') and b.starts_at > :at and v.status = 'used' limit 500
""")
LAPSE = text("""
    select (resolve_redemption(id, 'lapsed', null, null, null, :at, :today, '')).verdict
    from (select r.id from redemption r join voucher v on v.id = r.voucher_id join terms t on t.id = v.terms_id
          where r.status = 'held' and t.silent_days = 0 and r.recorded_at < :before
          order by r.voucher_id limit 500) due
""")


async def expire_due(db: AsyncSession, *, at: datetime) -> tuple[int, int]:
    """Expire vouchers past their last day and return all that is unused. Returns (vouchers, cents returned).

    A voucher with a coach waits `RECORD_AFTER_END` for what was held on its last days.

    Call again until it answers (0, 0): each call does a thousand at most, so that no lock is held long.
    """
    when = {"today": local_day(at), "at": at}
    await db.flush()
    connection = await db.connection()
    ending = {**when, "recorded_until": when["today"] - RECORD_AFTER_END}
    expired = (await connection.execute(EXPIRE, ending)).all()
    for (voucher_id,) in expired:
        record(db, "voucher.expire", voucher_id, by_id=None, at=at)
    await booking.release(db, [voucher_id for (voucher_id,) in expired], at=at)
    returned = (await connection.execute(RETURN, {**when, "only": None})).all()
    return len(expired), sum(row[0] for row in returned)


async def release_spent(db: AsyncSession, *, at: datetime) -> int:
    """Let go of meetings ahead whose voucher has nothing left for them: its sessions were used otherwise. Returns how
    many; call again until it answers 0."""
    spent = (await (await db.connection()).execute(SPENT, {"at": at})).scalars().all()
    return await booking.release(db, spent, at=at)


async def lapse_due(db: AsyncSession, *, at: datetime) -> int:
    """Let recorded sessions lapse that nobody answered in thirty days, where silence is no yes. Returns how many."""
    when = {"today": local_day(at), "at": at, "before": at - HOLD_LIVES}
    verdicts = (await (await db.connection()).execute(LAPSE, when)).scalars().all()
    return verdicts.count("done")  # somebody may have answered in the same moment


async def extend(
    db: AsyncSession, voucher_id: UUID, order: ExtendVoucher, *, by: Actor, at: datetime
) -> None:
    """Give a voucher a later last day, with a reason; its holder is told. Its money was never anywhere else.

    Raises Forbidden, NotFound, VoucherClosed for one that is over, Invalid when the day is not later or too far away.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    voucher = await queries.lock_voucher(db, voucher_id, procurer_id=by.organisation_id)
    if voucher.status not in OPEN:
        raise VoucherClosed
    if order.expires_on <= voucher.expires_on or order.expires_on < local_day(at):
        raise Invalid(errors={"expires_on": "The new last day must be later than the one it has."})
    if order.expires_on > voucher.starts_on + timedelta(days=LONGEST_DAYS):
        raise Invalid(errors={"expires_on": "A voucher can be valid for at most 1,100 days."})
    was, voucher.expires_on = voucher.expires_on, order.expires_on
    await booking.wait_longer(db, voucher.id, order.expires_on)
    record(
        db,
        "voucher.extend",
        voucher.id,
        by_id=by.person_id,
        at=at,
        procurer_id=voucher.procurer_id,
        reason=order.reason,
        was=was.isoformat(),
        becomes=order.expires_on.isoformat(),
    )
    params = {"voucher_id": str(voucher.id), "closes_on": order.expires_on.isoformat()}
    await people.notify(db, voucher.person_id, "voucher_extended", params, at=at)
    await db.flush()


async def tell_of_endings(db: AsyncSession, *, at: datetime) -> int:
    """Write to holders whose voucher ends in 30, 7 or 1 days, once for each and for each last day. Returns to how many.

    Who has not been written to in time (the night before did not run) is told by the nearest of them alone.
    """
    connection = await db.connection()
    given = {"today": local_day(at), "at": at, "days": list(ENDING_NOTICES)}
    return len((await connection.execute(ENDINGS, given)).all())


async def cancel(db: AsyncSession, voucher_id: UUID, order: GiveReason, *, by: Actor, at: datetime) -> None:
    """The procurer takes a voucher back: nothing new can be recorded, and the unused value returns to the budget.

    Sessions that wait for the jobseeker can still be confirmed.
    """
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    voucher = await queries.lock_voucher(db, voucher_id, procurer_id=by.organisation_id)
    if voucher.status not in OPEN:
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
