"""Sessions are recorded by the coach and confirmed by the jobseeker: each one call of an SQL function.

This is the hot path. The ORM costs sixteen times the application's time of one function call, so these four go straight
to asyncpg; `redeeming.sql` holds the functions, and a state machine in the tests holds them equal to `rules.redeem`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from setori.days import begin_of, local_day
from setori.db import Wire
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.vouchers import codes
from setori.vouchers.commands import GiveReason, RedeemVoucher
from setori.vouchers.refusals import OF_VERDICT, AlreadyResolved, AlreadySettled, MonthClosed
from setori.vouchers.rules import RedemptionStatus, Verdict

# `from`, never `(redeem(…)).*`: that calls the function once for each column of its answer.
REDEEM = "select * from redeem($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
RESOLVE = "select * from resolve_redemption($1, $2, $3, $4, $5, $6, $7, $8)"
SO_FAR = """
select v.person_id, (select count(*) from redemption r where r.voucher_id = v.id and r.id <> $2)::int as sessions
from voucher v where v.id = $1
"""
# A coach's own sessions: those which the pages show to a coach (`readmodels/provider_desk.py`).
OWN = """
select r.id from redemption r join choice c on c.id = r.choice_id left join coach k on k.id = c.coach_id
where r.id = $1 and r.provider_id = $2 and (c.coach_id is null or $3 in (k.person_id, r.recorded_by))
"""


# For whom a firm of a consortium records: the lead firm that was chosen, which is paid.
LEAD = """
select c.provider_id from voucher v
join choice c on c.voucher_id = v.id
join offering f on f.id = c.offering_id
join approval a on a.procurer_id = v.procurer_id and a.provider_id = c.provider_id and a.service_id = v.service_id
join partner p on p.approval_id = a.id and p.firm_id = f.deliverer_id
where v.code_hash = $1 and f.deliverer_id = $2 and a.valid_during @> $3::date and p.during @> $3::date
  and c.chosen_on <= $3::date and (c.ended_at is null or (c.ended_at at time zone 'Europe/Helsinki')::date >= $3::date)
order by c.ended_at is null desc, c.ended_at desc limit 1
"""
# Whose session a firm of a consortium has delivered.
DELIVERED = """
select r.provider_id from redemption r join choice c on c.id = r.choice_id join offering f on f.id = c.offering_id
where r.id = $1 and f.deliverer_id = $2
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the books say of a session; `is_replay` when it had been said before.

    The receipt of recording is told again as it was told first, whatever has become of the session since.
    """

    redemption_id: UUID
    voucher_id: UUID
    status: RedemptionStatus
    units: int
    unit_price_cents: int
    amount_cents: int
    service_day: date
    recorded_at: datetime
    units_left: int
    is_replay: bool


async def redeem(
    wire: Wire, redemption_id: UUID, order: RedeemVoucher, *, key: bytes, by: Actor, at: datetime
) -> Receipt:
    """Record a session that was held: its price is held on the voucher until the jobseeker says yes or no.

    `redemption_id` is made when the form is rendered; the same id with the same figures answers the original receipt.
    Raises OtherFigures (same id, not the same), UnknownCode, and the other refusals of `refusals.OF_VERDICT`.
    """
    if by.role not in (Role.COACH, Role.PROVIDER_OWNER) or by.organisation_id is None:
        raise Forbidden
    # What cannot be a code is looked for all the same: under a known id it is other figures, else an unknown code.
    code = codes.read(order.voucher_code) or order.voucher_code
    code_hash, firm = codes.hash_of(code, key), by.organisation_id
    row = await _redeem(wire, redemption_id, order, code_hash, firm, by=by, at=at)
    if row["verdict"] in (Verdict.UNKNOWN_CODE, Verdict.OTHER_FIGURES):
        # Looked for only when it is not the firm's own client, so that the hot path stays one call.
        lead = await wire.fetchrow(LEAD, code_hash, firm, order.service_day)
        if lead is not None:
            row = await _redeem(wire, redemption_id, order, code_hash, lead["provider_id"], by=by, at=at)
    verdict = Verdict(row["verdict"])
    if verdict in OF_VERDICT:
        raise OF_VERDICT[verdict](left=row["units_left"] or 0)
    return receipt_of(row, is_replay=verdict is Verdict.REPLAYED)


async def confirm(wire: Wire, redemption_id: UUID, *, by: Actor, at: datetime) -> Receipt:
    """The jobseeker says that the session was held: its price is now owed to the provider."""
    return await _resolve(wire, redemption_id, "confirmed", by=by, at=at, reason="")


async def confirm_on_the_spot(wire: Wire, receipt: Receipt, shown: str, *, key: bytes, at: datetime) -> bool:
    """Confirm a session that was just recorded, with the code that the client showed for it. Returns whether it was.

    The client's code is the client's word: it lives minutes, is for the next session alone and for one unit of it.
    """
    if receipt.units != 1 or receipt.status is not RedemptionStatus.HELD:
        return False
    row = await wire.fetchrow(SO_FAR, receipt.voucher_id, receipt.redemption_id)
    if row is None or not codes.is_present(shown, receipt.voucher_id, row["sessions"], at, key):
        return False
    person_id = row["person_id"]
    done = await wire.fetchrow(
        RESOLVE, receipt.redemption_id, "confirmed", person_id, None, person_id, at, local_day(at), ""
    )
    return bool(done["verdict"] == "done")


async def reverse(wire: Wire, redemption_id: UUID, order: GiveReason, *, by: Actor, at: datetime) -> Receipt:
    """The provider takes a session back, until it stands in a statement: the value is back on the voucher.

    An owner takes back any session of the firm, a coach only own ones: a colleague's is NotFound, as another firm's.
    """
    lead = await wire.fetchrow(DELIVERED, redemption_id, by.organisation_id)
    firm = lead["provider_id"] if lead else by.organisation_id
    if by.role is Role.COACH:
        own = await wire.fetchrow(OWN, redemption_id, firm, by.person_id)
        if own is None:
            raise NotFound
    return await _resolve(wire, redemption_id, "reversed", by=by, firm=firm, at=at, reason=order.reason)


async def _redeem(
    wire: Wire,
    redemption_id: UUID,
    order: RedeemVoucher,
    code_hash: bytes,
    provider_id: UUID,
    *,
    by: Actor,
    at: datetime,
) -> asyncpg.Record:
    began = begin_of(order.service_day, order.begins) if order.begins else None
    try:
        return await wire.fetchrow(
            REDEEM,
            redemption_id,
            code_hash,
            order.units,
            order.service_day,
            order.note,
            provider_id,
            by.person_id,
            at,
            local_day(at),
            order.minutes,
            order.way,
            order.private_note,
            began,
        )
    except asyncpg.ExclusionViolationError as elsewhere:
        # Two sessions at one time, told in the same instant: the database let the first in.
        raise OF_VERDICT[Verdict.TWO_PLACES] from elsewhere
    except asyncpg.UniqueViolationError as taken:
        # A session's id is the id of the posting that holds its money, and another posting has this one.
        if taken.constraint_name != "pk_posting":
            raise
        raise OF_VERDICT[Verdict.OTHER_FIGURES] from taken


async def _resolve(
    wire: Wire,
    redemption_id: UUID,
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    firm: UUID | None = None,
) -> Receipt:
    of_person = by.role is Role.JOBSEEKER
    if of_person != (to != "reversed"):
        raise Forbidden
    if not of_person and (by.role not in (Role.COACH, Role.PROVIDER_OWNER) or by.organisation_id is None):
        raise Forbidden
    row = await wire.fetchrow(
        RESOLVE,
        redemption_id,
        to,
        by.person_id if of_person else None,
        None if of_person else firm,
        by.person_id,
        at,
        local_day(at),
        reason,
    )
    return answer_of(row)


def answer_of(row: asyncpg.Record) -> Receipt:
    """What the database answered to an act on a session, as a receipt or as the refusal that it is."""
    match row["verdict"]:
        case "done" | "replayed":
            return receipt_of(row, is_replay=row["verdict"] == "replayed")
        case "settled":
            raise AlreadySettled
        case "month_closed":
            raise MonthClosed
        case "conflict":
            raise AlreadyResolved(status=RedemptionStatus(row["status"]))
    raise NotFound


def receipt_of(row: asyncpg.Record, *, is_replay: bool) -> Receipt:
    """A row of the type `receipt`."""
    return Receipt(
        redemption_id=row["redemption_id"],
        voucher_id=row["voucher_id"],
        status=RedemptionStatus(row["status"]),
        units=row["units"],
        unit_price_cents=row["unit_price_cents"],
        amount_cents=row["amount_cents"],
        service_day=row["service_on"],
        recorded_at=row["recorded_at"],
        units_left=row["units_left"],
        is_replay=is_replay,
    )
