"""What a service manager does with a client's consent: looks, suggests, books, sits in. Never chooses or confirms.

The consent is locked first, and then whatever it is about: whoever ends it waits for a deed that has begun, and no deed
begins after its end. Every deed leaves a trace that the client reads, and the database takes no trace without consent.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import booking, catalogue, people, registry, vouchers
from setori.booking import Booking, BookingStatus, BookTime, SayWhy
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import NotFound
from setori.guiding import queries, rules
from setori.guiding.commands import BookFor, Suggest
from setori.guiding.models import Consent, SittingIn, Suggestion, Trace
from setori.guiding.refusals import NothingToAttend, NotToBeSuggested, SuggestedAlready
from setori.guiding.rules import LOOKS, NEEDS, Deed, Scope
from setori.people import Actor
from setori.vouchers import VoucherStatus


@dataclass(frozen=True, slots=True)
class Beside:
    """A consent in force as its service manager uses it. `client` may book as the client does, and nothing else."""

    consent_id: UUID
    procurer_id: UUID
    client: Actor
    scopes: frozenset[Scope]
    until_on: date


async def look(
    db: AsyncSession, consent_id: UUID, what: Deed = Deed.LOOKED, *, by: Actor, at: datetime
) -> Beside:
    """Come to a client's page: that one looks is kept first. Raises NotFound without a consent for it."""
    consent = await queries.find_in_force(db, consent_id, by=by, at=at)
    await _trace(db, consent, what, None, by=by, at=at)
    return await _beside(db, consent, by)


async def look_at_meeting(db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime) -> Beside:
    """Come to a meeting of a client. Raises NotFound."""
    consent, meeting = await _of_meeting(db, booking_id, by=by, at=at)
    await _trace(db, consent, Deed.LOOKED_AT_MEETING, meeting.id, by=by, at=at)
    return await _beside(db, consent, by)


async def suggest(db: AsyncSession, consent_id: UUID, order: Suggest, *, by: Actor, at: datetime) -> UUID:
    """Put a coach on the client's shortlist, with a few words. The client makes the last tap.

    Raises NotFound, NotToBeSuggested for what the voucher cannot choose now, SuggestedAlready.
    """
    consent = await queries.find_in_force(db, consent_id, by=by, at=at)
    _needs(consent, Deed.SUGGESTED)
    voucher = await queries.find_voucher(db, order.voucher_id, consent)
    today = local_day(at)
    if voucher.status not in (VoucherStatus.CLAIMED, VoucherStatus.CHOSEN) or voucher.expires_on < today:
        raise NotToBeSuggested
    terms = await catalogue.find_terms(db, order.offering_id, order.coach_id)
    if terms is None or terms.service_id != voucher.service_id or terms.price_cents > voucher.price_cap_cents:
        raise NotToBeSuggested
    if await people.area_of(db, consent.procurer_id) not in terms.area_codes:
        raise NotToBeSuggested
    provider, service, procurer = terms.provider_id, voucher.service_id, voucher.procurer_id
    approved = await registry.approved_under(db, procurer, provider, service, on=today, for_new_client=True)
    if approved is None or not await registry.may_deliver(
        db, provider, terms.deliverer_id, service, procurer, on=today
    ):
        raise NotToBeSuggested
    suggestion = Suggestion(
        consent_id=consent.id,
        voucher_id=voucher.id,
        offering_id=order.offering_id,
        coach_id=order.coach_id,
        comment=order.comment,
        made_at=at,
    )
    try:
        async with db.begin_nested():
            db.add(suggestion)
            await db.flush()
    except IntegrityError as refused:
        if "one_live_suggestion" in str(refused.orig):
            raise SuggestedAlready from None
        raise
    await _trace(db, consent, Deed.SUGGESTED, suggestion.id, by=by, at=at)
    await people.notify(db, consent.client_id, "guiding_suggested", {"who": by.name}, at=at)
    return suggestion.id


async def take_back(db: AsyncSession, suggestion_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Take a suggestion off the client's shortlist; twice is once. Returns the consent's id. Raises NotFound."""
    suggestion, consent = await queries.find_suggestion(db, suggestion_id, by=by, at=at)
    _needs(consent, Deed.TOOK_BACK)
    if suggestion.withdrawn_at is None:
        suggestion.withdrawn_at = at
        await db.flush()
        await _trace(db, consent, Deed.TOOK_BACK, suggestion.id, by=by, at=at)
    return consent.id


async def book_for(db: AsyncSession, consent_id: UUID, order: BookFor, *, by: Actor, at: datetime) -> UUID:
    """Book a free time of the coach that the client has chosen. Raises NotFound, and what `vouchers.book` raises."""
    consent = await queries.find_in_force(db, consent_id, by=by, at=at)
    _needs(consent, Deed.BOOKED)
    await queries.find_voucher(db, order.voucher_id, consent)
    who = (await _beside(db, consent, by)).client
    booked = await vouchers.book(db, order.voucher_id, BookTime(starts_at=order.starts_at), by=who, at=at)
    await _trace(db, consent, Deed.BOOKED, booked, by=by, at=at)
    return booked


async def move_for(db: AsyncSession, booking_id: UUID, order: BookTime, *, by: Actor, at: datetime) -> None:
    """Move a client's meeting. Raises NotFound, and what `vouchers.move_meeting` raises."""
    consent, meeting = await _of_meeting(db, booking_id, by=by, at=at)
    _needs(consent, Deed.MOVED)
    was = meeting.starts_at
    who = (await _beside(db, consent, by)).client
    await vouchers.move_meeting(db, booking_id, order, by=who, at=at)
    if was != order.starts_at:
        await _trace(db, consent, Deed.MOVED, booking_id, by=by, at=at)


async def call_off_for(
    db: AsyncSession, booking_id: UUID, order: SayWhy, *, by: Actor, at: datetime
) -> BookingStatus:
    """Call a client's meeting off, on the terms of the voucher. Raises NotFound, and what `booking.call_off` raises."""
    consent, meeting = await _of_meeting(db, booking_id, by=by, at=at)
    _needs(consent, Deed.CALLED_OFF)
    was = meeting.status
    who = (await _beside(db, consent, by)).client
    became = await booking.call_off(db, booking_id, order, by=who, at=at)
    if was is not became:
        await _trace(db, consent, Deed.CALLED_OFF, booking_id, by=by, at=at)
    return became


async def sit_in(db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime) -> None:
    """Say that one sits in at a meeting; the client and the coach see it. Raises NotFound, NothingToAttend."""
    consent, meeting = await _of_meeting(db, booking_id, by=by, at=at)
    _needs(consent, Deed.SITS_IN)
    if meeting.status is not BookingStatus.BOOKED or meeting.starts_at <= at:
        raise NothingToAttend
    row = insert(SittingIn).values(booking_id=booking_id, consent_id=consent.id, since_at=at)
    made = await db.exec(row.on_conflict_do_nothing().returning(col(SittingIn.booking_id)))
    if made.scalar_one_or_none() is not None:
        await _trace(db, consent, Deed.SITS_IN, booking_id, by=by, at=at)


async def sit_in_no_more(db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime) -> None:
    """Say that one does not come after all. Raises NotFound."""
    consent, _ = await _of_meeting(db, booking_id, by=by, at=at)
    _needs(consent, Deed.SITS_NOT_IN)
    gone = delete(SittingIn).where(
        col(SittingIn.booking_id) == booking_id, col(SittingIn.consent_id) == consent.id
    )
    if (await db.exec(gone.returning(col(SittingIn.booking_id)))).scalar_one_or_none() is not None:
        await _trace(db, consent, Deed.SITS_NOT_IN, booking_id, by=by, at=at)


async def _of_meeting(
    db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime
) -> tuple[Consent, Booking]:
    meeting = await db.get(Booking, booking_id, populate_existing=True)
    if meeting is None:
        raise NotFound
    consent = await queries.consent_with(db, meeting.person_id, meeting.procurer_id, by=by, at=at)
    if not consent.scopes & {Scope.BOOK, Scope.ATTEND}:
        raise NotFound
    return consent, meeting


async def _beside(db: AsyncSession, consent: Consent, by: Actor) -> Beside:
    person = await people.find_person(db, consent.client_id)
    client = Actor(person.id, by.role, None, person.name, person.language, through=by)
    return Beside(consent.id, consent.procurer_id, client, consent.scopes, consent.until_on)


def _needs(consent: Consent, deed: Deed) -> None:
    """What the client has not ticked is not there."""
    if not consent.scopes & NEEDS[deed]:
        raise NotFound


async def _trace(
    db: AsyncSession, consent: Consent, what: Deed, about: UUID | None, *, by: Actor, at: datetime
) -> None:
    _needs(consent, what)
    row = insert(Trace).values(
        id=new_id(),
        consent_id=consent.id,
        what=what,
        about_id=about,
        at=at,
        look_at=rules.look_of(at) if what in LOOKS else None,
    )
    kept = await db.exec(row.on_conflict_do_nothing().returning(col(Trace.id)))
    if kept.scalar_one_or_none() is not None:
        record(
            db,
            f"guiding.{what.value}",
            about or consent.id,
            by_id=by.person_id,
            at=at,
            procurer_id=consent.procurer_id,
        )
