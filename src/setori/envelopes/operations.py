"""Personal budgets are given, changed and ended; vouchers come out of them, and what is not used goes back by itself.

Whoever moves money locks the programme's budget first and the envelope second, as the triggers of the database do.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import catalogue, ledger, people, vouchers
from setori.days import local_day
from setori.db import record
from setori.envelopes import queries, rules
from setori.envelopes.commands import ChangeEnvelope, DrawVoucher, EndEnvelope, GiveEnvelope, TakeOffering
from setori.envelopes.models import Envelope, EnvelopeLimit
from setori.envelopes.refusals import EnvelopeEmpty, EnvelopeOver, LimitsTaken, NotForService, OverLimit
from setori.errors import Forbidden, Invalid, NotFound
from setori.ledger import AccountKind, NotEnoughMoney, PostingKind
from setori.people import Actor, Role
from setori.vouchers import Gives, Issued, Programme, Terms, Worth


async def give(db: AsyncSession, order: GiveEnvelope, *, by: Actor, at: datetime) -> UUID:
    """Set money aside for one person, who is told of it. Returns the envelope's id.

    Raises Forbidden, NotFound for another procurer's programme or voucher, NotEnoughMoney, Invalid.
    """
    procurer_id = _desk(by)
    programme = await vouchers.find_programme(db, order.programme_id, procurer_id)
    today = local_day(at)
    if order.expires_on < today or order.expires_on > today + timedelta(days=vouchers.LONGEST_DAYS):
        raise Invalid(errors={"expires_on": "The last day must be in the coming three years."})
    person_id = await _person(db, order, procurer_id, by=by, at=at)
    budget = await queries.lock_account(db, procurer_id, AccountKind.BUDGET, programme.id)
    envelope = Envelope(
        procurer_id=procurer_id,
        programme_id=programme.id,
        person_id=person_id,
        starts_on=today,
        expires_on=order.expires_on,
        reason=order.reason,
        given_by=by.person_id,
        given_at=at,
    )
    db.add(envelope)
    await db.flush()
    db.add_all(
        EnvelopeLimit(envelope_id=envelope.id, service_id=one, limit_cents=cents)
        for one, cents in order.limits.items()
    )
    place = await ledger.open_account(db, procurer_id, AccountKind.ENVELOPE, envelope.id)
    await db.flush()
    await _move(db, envelope, budget.id, place, order.amount_cents, by=by, at=at)
    _record(db, "envelope.give", envelope, by, at, reason=order.reason)
    await people.notify(db, person_id, "envelope_given", {"envelope_id": str(envelope.id)}, at=at)
    return envelope.id


async def change(
    db: AsyncSession, envelope_id: UUID, order: ChangeEnvelope, *, by: Actor, at: datetime
) -> None:
    """Another amount, last day and other limits; what vouchers have taken stays theirs.

    Raises Forbidden, NotFound, EnvelopeOver, NotEnoughMoney, LimitsTaken with the fields that are too small.
    """
    envelope, budget, account = await _locked(db, envelope_id, by=by)
    today, errors = local_day(at), {}
    if order.expires_on < today or order.expires_on > envelope.starts_on + timedelta(
        days=vouchers.LONGEST_DAYS
    ):
        errors["expires_on"] = "The last day must be in the coming three years."
    had = await queries.limits(db, envelope.id)
    for service_id in had:
        taken = await queries.taken(db, envelope.id, service_id)
        if order.limits.get(service_id, 0) < taken:
            errors[f"limits.{service_id}"] = "Vouchers have taken more than this already."
    more = order.amount_cents - account.available - await _drawn(db, envelope, had)
    if -more > account.available:
        errors["amount_euros"] = "Vouchers have taken more than this already."
    if errors:
        raise LimitsTaken(errors=errors)
    await _write_limits(db, envelope.id, had, order.limits)
    envelope.expires_on = order.expires_on
    await _move(db, envelope, budget.id, account.id, more, by=by, at=at)
    _record(db, "envelope.change", envelope, by, at, reason=order.reason)
    await people.notify(db, envelope.person_id, "envelope_changed", {"envelope_id": str(envelope.id)}, at=at)
    await db.flush()


async def end(db: AsyncSession, envelope_id: UUID, order: EndEnvelope, *, by: Actor, at: datetime) -> None:
    """End it before its day: what is free goes back to the programme's budget; vouchers keep what they hold.

    Doing it twice is doing it once. Raises Forbidden, NotFound.
    """
    _desk(by)
    try:
        envelope, budget, account = await _locked(db, envelope_id, by=by)
    except EnvelopeOver:
        return
    await _close(db, envelope, budget, account, by=by, reason=order.reason, at=at)
    await people.notify(db, envelope.person_id, "envelope_ended", {"envelope_id": str(envelope.id)}, at=at)


async def end_due(db: AsyncSession, *, at: datetime) -> int:
    """End those whose last day is over, a hundred at a time. Returns how many: call again until it answers 0."""
    due = select(Envelope.id).where(col(Envelope.ended_at).is_(None), Envelope.expires_on < local_day(at))
    ids = (await db.exec(due.order_by(col(Envelope.programme_id), col(Envelope.id)).limit(100))).all()
    for envelope_id in ids:
        seen = await db.get(Envelope, envelope_id)
        assert seen is not None
        budget = await queries.lock_account(db, seen.procurer_id, AccountKind.BUDGET, seen.programme_id)
        wanted = select(Envelope).where(Envelope.id == envelope_id).with_for_update()
        envelope = (await db.exec(wanted.execution_options(populate_existing=True))).one()
        if envelope.ended_at is None and envelope.expires_on < local_day(at):
            account = await queries.lock_account(db, seen.procurer_id, AccountKind.ENVELOPE, envelope.id)
            await _close(db, envelope, budget, account, by=None, reason="", at=at)
    return len(ids)


async def draw(
    db: AsyncSession, envelope_id: UUID, order: DrawVoucher, *, key: bytes, by: Actor, at: datetime
) -> Issued:
    """The case worker gives a voucher out of the budget; its letter goes out as any other's.

    Raises Forbidden, NotFound, ProgrammeClosed, EnvelopeOver, EnvelopeEmpty, OverLimit, Invalid.
    """
    procurer_id = _desk(by)
    programme = await vouchers.find_programme(db, order.programme_id, procurer_id)
    if not programme.is_open:
        raise vouchers.ProgrammeClosed
    terms = await vouchers.newest_terms(db, programme.id)
    units, value = rules.worth_of(
        order.units,
        order.value_cents,
        cap_cents=terms.price_cap_cents,
        holds_money=terms.gives is Gives.VALUE,
        usual_units=terms.units,
        usual_cents=terms.worth_cents,
    )
    envelope = await queries.find(db, envelope_id, by=by)
    issued = await _draw(
        db, envelope, programme, terms, units, value, key=key, by=by, asked=by.person_id, at=at
    )
    person = await people.find_person(db, envelope.person_id)
    if person.email:
        told = {"voucher_id": str(issued.voucher_id), "claim_token": issued.claim_token}
        await people.notify(db, person.id, "voucher_issued", told, at=at)
    return issued


async def take(
    db: AsyncSession, envelope_id: UUID, order: TakeOffering, *, key: bytes, by: Actor, at: datetime
) -> UUID:
    """The person takes so many sessions with somebody of their choice out of the budget. Returns the voucher's id.

    The voucher is in use at once, with that choice made. Raises Forbidden, NotFound, NotForService, EnvelopeOver,
    EnvelopeEmpty, OverLimit, and what choosing raises.
    """
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    envelope = await queries.find(db, envelope_id, by=by)
    if order.voucher_id is not None and await vouchers.is_voucher_of(db, order.voucher_id, envelope.id):
        return order.voucher_id
    offered = await catalogue.find_terms(db, order.offering_id, order.coach_id)
    found = offered and await queries.programme_for(db, envelope, offered.service_id, offered.price_cents)
    if not offered or not found:
        raise NotForService
    programme, terms = found
    units, value = rules.set_aside(
        offered.price_cents,
        order.sessions,
        cap_cents=terms.price_cap_cents,
        holds_money=terms.gives is Gives.VALUE,
    )
    issued = await _draw(
        db,
        envelope,
        programme,
        terms,
        units,
        value,
        id=order.voucher_id,
        key=key,
        by=by,
        asked=envelope.given_by,
        at=at,
    )
    await vouchers.claim(db, issued.claim_token, at=at)
    choice = vouchers.ChooseOffering(offering_id=order.offering_id, coach_id=order.coach_id)
    await vouchers.choose(db, issued.voucher_id, choice, by=by, at=at)
    return issued.voucher_id


async def _draw(
    db: AsyncSession,
    envelope: Envelope,
    programme: Programme,
    terms: Terms,
    units: int,
    value: int,
    *,
    id: UUID | None = None,
    key: bytes,
    by: Actor,
    asked: UUID,
    at: datetime,
) -> Issued:
    budget = await queries.lock_account(db, programme.procurer_id, AccountKind.BUDGET, programme.id)
    envelope = await queries.lock(db, envelope.id, by=by)
    today = local_day(at)
    if envelope.ended_at is not None or envelope.expires_on < today:
        raise EnvelopeOver
    last_day = min(envelope.expires_on, today + timedelta(days=terms.validity_days))
    place = await queries.lock_account(db, programme.procurer_id, AccountKind.ENVELOPE, envelope.id)
    with _said_kindly():
        issued = await vouchers.lay(
            db,
            programme,
            terms,
            envelope.person_id,
            Worth(units, value, last_day),
            id=id,
            envelope_id=envelope.id,
            key=key,
            by=asked,
            at=at,
        )
        await ledger.post(
            db,
            PostingKind.DRAW,
            procurer_id=programme.procurer_id,
            debit=place.id,
            credit=budget.id,
            amount=value,
            reference=issued.voucher_id,
            at=at,
            by_id=by.person_id,
        )
    await vouchers.pay(db, programme, issued, by=by, at=at)
    return issued


@contextmanager
def _said_kindly() -> Iterator[None]:
    """What the database refuses, in words of ours."""
    try:
        yield
    except NotEnoughMoney:
        raise EnvelopeEmpty from None
    except IntegrityError as refused:
        if "envelope_within_limits" in str(refused.orig):
            raise OverLimit from None
        raise


async def _close(
    db: AsyncSession,
    envelope: Envelope,
    budget: ledger.Account,
    account: ledger.Account,
    *,
    by: Actor | None,
    reason: str,
    at: datetime,
) -> None:
    await _move(db, envelope, budget.id, account.id, -account.available, by=by, at=at)
    envelope.ended_at, envelope.ended_by = at, by.person_id if by else None
    envelope.end_reason = reason
    await db.flush()
    _record(db, "envelope.end", envelope, by, at, reason=reason)


async def _move(
    db: AsyncSession,
    envelope: Envelope,
    budget: UUID,
    place: UUID,
    cents: int,
    *,
    by: Actor | None,
    at: datetime,
) -> None:
    """More money from the programme's budget into the envelope, or (fewer than no cents) back."""
    if not cents:
        return
    await ledger.post(
        db,
        PostingKind.ALLOT if cents > 0 else PostingKind.HAND_BACK,
        procurer_id=envelope.procurer_id,
        debit=budget if cents > 0 else place,
        credit=place if cents > 0 else budget,
        amount=abs(cents),
        reference=envelope.id,
        at=at,
        by_id=by.person_id if by else None,
    )


async def _locked(
    db: AsyncSession, envelope_id: UUID, *, by: Actor
) -> tuple[Envelope, ledger.Account, ledger.Account]:
    """The envelope, its programme's budget and its own account, in that order of meaning and the other of locking."""
    procurer_id = _desk(by)
    seen = await queries.find(db, envelope_id, by=by)
    budget = await queries.lock_account(db, procurer_id, AccountKind.BUDGET, seen.programme_id)
    envelope = await queries.lock(db, envelope_id, by=by)
    if envelope.ended_at is not None:
        raise EnvelopeOver
    account = await queries.lock_account(db, procurer_id, AccountKind.ENVELOPE, envelope_id)
    return envelope, budget, account


async def _drawn(db: AsyncSession, envelope: Envelope, had: Mapping[UUID, int]) -> int:
    return sum([await queries.taken(db, envelope.id, service_id) for service_id in had])


async def _write_limits(
    db: AsyncSession, envelope_id: UUID, had: Mapping[UUID, int], wanted: Mapping[UUID, int]
) -> None:
    mine = EnvelopeLimit.envelope_id == envelope_id
    gone = [one for one in had if one not in wanted]
    if gone:
        await db.exec(
            delete(EnvelopeLimit).where(
                col(EnvelopeLimit.envelope_id) == envelope_id, col(EnvelopeLimit.service_id).in_(gone)
            )
        )
    kept = {one.service_id: one for one in (await db.exec(select(EnvelopeLimit).where(mine))).all()}
    for service_id, cents in wanted.items():
        if service_id in kept:
            kept[service_id].limit_cents = cents
        else:
            db.add(EnvelopeLimit(envelope_id=envelope_id, service_id=service_id, limit_cents=cents))
    await db.flush()


async def _person(
    db: AsyncSession, order: GiveEnvelope, procurer_id: UUID, *, by: Actor, at: datetime
) -> UUID:
    if order.voucher_id is not None:
        voucher = await vouchers.find_voucher(db, order.voucher_id)
        if voucher is None or voucher.procurer_id != procurer_id:
            raise NotFound
        return voucher.person_id
    person = people.AddPerson(name=order.name, email=order.email, phone=order.phone, language=order.language)
    person_id = await people.add_person(db, person, by=by, at=at)
    await people.add_member(db, person_id, None, Role.JOBSEEKER, by=by, at=at)
    return person_id


def _record(
    db: AsyncSession, action: str, envelope: Envelope, by: Actor | None, at: datetime, *, reason: str
) -> None:
    who = by.person_id if by else None
    record(db, action, envelope.id, by_id=who, at=at, procurer_id=envelope.procurer_id, reason=reason)


def _desk(by: Actor) -> UUID:
    if by.role is not Role.CASE_WORKER or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


__all__ = ["change", "draw", "end", "end_due", "give", "take"]
