"""A provider or the client says what came of a voucher, and the other side what it thinks of that."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori import ledger, people, vouchers
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden, Invalid, NotFound
from setori.ledger import AccountKind
from setori.outcomes import queries
from setori.outcomes.commands import AnswerMore, ClaimOutcome, SayOfClaim
from setori.outcomes.models import OutcomeClaim
from setori.outcomes.refusals import (
    ClaimedAlready,
    NoOutcomeFees,
    NotDelivered,
    NothingAsked,
    NotOpen,
    PaidAlready,
    PaidElsewhere,
    ReserveReturned,
    TooLateToClaim,
)
from setori.outcomes.rules import OPEN, ClaimStatus, ClientSays, lasted_on
from setori.people import Actor, Role


async def claim(db: AsyncSession, voucher_id: UUID, order: ClaimOutcome, *, by: Actor, at: datetime) -> UUID:
    """Say what came of a voucher: as its holder, or as a provider with a confirmed session on it.

    The other side is written to. Raises NoOutcomeFees, NotDelivered, TooLateToClaim, ClaimedAlready, PaidAlready,
    ReserveReturned, Invalid for days that cannot be, NotFound for somebody else's voucher.
    """
    if by.role not in (Role.JOBSEEKER, Role.PROVIDER_OWNER):
        raise Forbidden
    by_client = by.role is Role.JOBSEEKER
    voucher = await vouchers.lock_voucher(db, voucher_id, person_id=by.person_id if by_client else None)
    delivered = dict(await vouchers.list_delivered(db, voucher_id))
    if not by_client and by.organisation_id not in delivered:
        # Whose client it never was learns nothing of the voucher.
        raise NotFound
    provider_id = by.organisation_id if not by_client else order.provider_id or next(iter(delivered), None)
    if provider_id is None or provider_id not in delivered:
        raise NotDelivered
    fees = await vouchers.find_outcome_fees(db, voucher.terms_id)
    fee = next((one for one in fees if (one.kind, one.months) == (order.kind, order.months)), None)
    if fee is None:
        raise NoOutcomeFees
    today = local_day(at)
    if order.since < delivered[provider_id]:
        raise Invalid(errors={"since": "It has to have begun after the first session."})
    if lasted_on(order.since, order.months) > today:
        raise Invalid(errors={"since": "It has not lasted that long yet."})
    deadline = voucher.expires_on + timedelta(days=fee.claim_days)
    if today > deadline:
        raise TooLateToClaim(day=f"{deadline.day}.{deadline.month}.{deadline.year}")
    paid = await queries.list_paid(db, voucher_id)
    if any(one.months >= order.months or one.kind is not order.kind for one in paid) or any(
        one.provider_id != provider_id for one in paid
    ):
        raise PaidAlready
    if await queries.is_paid_elsewhere(db, voucher, order.since, lasted_on(order.since, order.months)):
        raise PaidElsewhere
    if await queries.has_open_claim(db, voucher_id, provider_id):
        raise ClaimedAlready
    reserve = await ledger.find_account(db, voucher.procurer_id, AccountKind.OUTCOME, voucher_id)
    if reserve is None or reserve.available <= 0:
        raise ReserveReturned
    said = OutcomeClaim(
        procurer_id=voucher.procurer_id,
        voucher_id=voucher_id,
        provider_id=provider_id,
        kind=order.kind,
        months=order.months,
        since=order.since,
        deadline_on=deadline,
        status=ClaimStatus.PROPOSED,
        by_client=by_client,
        claimed_by=by.person_id,
        claimed_at=at,
        proof=order.proof,
        proof_text=order.proof_text,
        client_says=ClientSays.AGREES if by_client else ClientSays.NOTHING,
        client_said_at=at if by_client else None,
    )
    db.add(said)
    record(db, "outcome.claim", said.id, by_id=by.person_id, at=at, procurer_id=voucher.procurer_id)
    if by_client:
        await tell_owners(db, provider_id, "outcome_claimed_by_client", said.id, at=at)
    else:
        await people.notify(db, voucher.person_id, "outcome_claimed", {"claim_id": str(said.id)}, at=at)
    await db.flush()
    return said.id


async def say(db: AsyncSession, claim_id: UUID, order: SayOfClaim, *, by: Actor, at: datetime) -> None:
    """The client agrees with what is claimed about them, or objects and says why, until it is decided."""
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    said, voucher = await queries.lock_claim(db, claim_id, by=by)
    if said.by_client:
        raise Forbidden
    if said.status not in OPEN:
        raise NotOpen
    if not order.agrees and not order.words:
        raise Invalid(errors={"words": "Say what is not right."})
    said.client_says = ClientSays.AGREES if order.agrees else ClientSays.OBJECTS
    said.client_words, said.client_said_at = order.words, at
    record(
        db,
        f"outcome.client_{said.client_says.value}",
        claim_id,
        by_id=by.person_id,
        at=at,
        procurer_id=voucher.procurer_id,
    )
    await db.flush()


async def answer(db: AsyncSession, claim_id: UUID, order: AnswerMore, *, by: Actor, at: datetime) -> None:
    """Whoever claimed tells what the case worker asked for."""
    said, voucher = await queries.lock_claim(db, claim_id, by=by)
    if said.by_client != (by.role is Role.JOBSEEKER) or by.role not in (Role.JOBSEEKER, Role.PROVIDER_OWNER):
        raise Forbidden
    if said.status is not ClaimStatus.ASKED:
        raise NothingAsked
    said.status, said.answer, said.answered_at = ClaimStatus.PROPOSED, order.answer, at
    record(db, "outcome.answer", claim_id, by_id=by.person_id, at=at, procurer_id=voucher.procurer_id)
    await db.flush()


async def withdraw(db: AsyncSession, claim_id: UUID, *, by: Actor, at: datetime) -> None:
    """Whoever claimed takes the claim back before it is decided."""
    said, voucher = await queries.lock_claim(db, claim_id, by=by)
    if said.by_client != (by.role is Role.JOBSEEKER) or by.role not in (Role.JOBSEEKER, Role.PROVIDER_OWNER):
        raise Forbidden
    if said.status not in OPEN:
        raise NotOpen
    said.status, said.decided_by, said.decided_at = ClaimStatus.WITHDRAWN, by.person_id, at
    record(db, "outcome.withdraw", claim_id, by_id=by.person_id, at=at, procurer_id=voucher.procurer_id)
    await db.flush()


async def tell_owners(
    db: AsyncSession, provider_id: UUID, kind: str, claim_id: UUID, *, at: datetime
) -> None:
    """Write to the owners of a firm about a claim."""
    for member in await people.list_members(db, provider_id):
        if member.role is Role.PROVIDER_OWNER:
            await people.notify(db, member.person_id, kind, {"claim_id": str(claim_id)}, at=at)
