"""What a voucher allows its holder to book: with the chosen coach, in its days, as many as there are sessions left.

The voucher is locked while that is looked at, so that two who book at once cannot have more meetings than sessions.
"""

from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori import booking, people, registry
from setori.booking import BookingStatus, BookTime, Reservation
from setori.days import HELSINKI, local_day
from setori.db import wire_of
from setori.errors import Forbidden
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.vouchers import codes, queries
from setori.vouchers.commands import RedeemVoucher, WriteNote
from setori.vouchers.models import Choice, Voucher
from setori.vouchers.operations import redeeming
from setori.vouchers.refusals import CountsNot, NobodyToMeet, NothingLeftToBook, ProviderPaused, VoucherClosed
from setori.vouchers.rules import VoucherStatus

WHY = {
    BookingStatus.MISSED: {
        "fi": "Sovittuun tapaamiseen ei tultu. Palvelusetelin ehtojen mukaan se käyttää yhden kerran.",
        "sv": "Klienten kom inte till den avtalade träffen. Enligt servicesedelns villkor använder det en gång.",
        "en": "The client did not come to the meeting. By the voucher's terms that uses one session.",
    },
    BookingStatus.CALLED_OFF_LATE: {
        "fi": "Tapaaminen peruttiin myöhässä. Palvelusetelin ehtojen mukaan se käyttää yhden kerran.",
        "sv": "Träffen avbokades för sent. Enligt servicesedelns villkor använder det en gång.",
        "en": "The meeting was called off late. By the voucher's terms that uses one session.",
    },
}
"""What the client reads on a session that did not take place, in the client's language."""


async def book(db: AsyncSession, voucher_id: UUID, order: BookTime, *, by: Actor, at: datetime) -> UUID:
    """Book a free time of the chosen coach. Returns the meeting's id.

    Raises Forbidden, NotFound, VoucherClosed, NobodyToMeet, NothingLeftToBook, and what `booking.reserve` raises.
    """
    voucher, choice = await _usable(db, voucher_id, by=by, at=at)
    await _enough(db, voucher, choice, at=at)
    reservation = await _reservation(db, voucher, choice, order.starts_at)
    return await booking.reserve(db, reservation, by=by, at=at)


async def move_meeting(
    db: AsyncSession, booking_id: UUID, order: BookTime, *, by: Actor, at: datetime
) -> None:
    """Move one's meeting to another free time, within the voucher's days. Raises what `booking.move` raises."""
    meeting = await _own(db, booking_id, by)
    voucher, _ = await _usable(db, meeting.voucher_id, by=by, at=at)
    await booking.move(db, booking_id, order, last_day=voucher.expires_on, by=by, at=at)


async def accept_time(db: AsyncSession, booking_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a time that one was offered. Raises NothingLeftToBook, and what `booking.accept` raises."""
    meeting = await _own(db, booking_id, by)
    voucher, choice = await _usable(db, meeting.voucher_id, by=by, at=at)
    if meeting.status is BookingStatus.OFFERED:
        await _enough(db, voucher, choice, at=at)
    await booking.accept(db, booking_id, by=by, at=at)


async def wait_for_time(db: AsyncSession, voucher_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Wait for a time of the chosen coach to come free. Raises what `book` raises, and AlreadyWaiting."""
    voucher, choice = await _usable(db, voucher_id, by=by, at=at)
    await _enough(db, voucher, choice, at=at)
    return await booking.join_line(db, await _reservation(db, voucher, choice, at), by=by, at=at)


async def wait_no_more(db: AsyncSession, voucher_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Leave the line. Returns whether one stood in it."""
    if by.role is not Role.JOBSEEKER:
        raise Forbidden
    await queries.lock_voucher(db, voucher_id, person_id=by.person_id)
    return await booking.leave_line(db, voucher_id, by=by, at=at)


async def record_meeting(
    db: AsyncSession, booking_id: UUID, order: WriteNote, *, key: bytes, by: Actor, at: datetime
) -> redeeming.Receipt:
    """Record the session of a meeting, without asking the client for the code again.

    One that was missed or called off late is recorded where the voucher's terms let that count; it says why in place
    of the coach's note. All wait for the client's own word. Recording twice is recording once. Raises Forbidden,
    NotFound, CountsNot, NotYetOver, and what `redeem` raises.
    """
    if by.role not in PROVIDER_ROLES:
        raise Forbidden
    meeting = await booking.find_booking(db, booking_id, by=by)
    counts = {
        BookingStatus.MISSED: meeting.no_show_uses,
        BookingStatus.CALLED_OFF_LATE: meeting.late_uses,
        BookingStatus.BOOKED: True,
        BookingStatus.MET: meeting.redemption_id == booking_id,
    }
    if not counts.get(meeting.status):
        raise CountsNot
    if meeting.starts_at > at:
        raise booking.NotYetOver
    person = await people.find_person(db, meeting.person_id)
    told = WHY.get(meeting.status)
    session = RedeemVoucher(
        voucher_code=codes.code_of(meeting.voucher_id, key),
        service_day=local_day(meeting.starts_at),
        units=1,
        minutes=None if told else int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
        way=None if told else meeting.way,
        begins=None if told else meeting.starts_at.astimezone(HELSINKI).time(),
        note=told.get(person.language, told["en"]) if told else order.note,
    )
    # Under the meeting's own id: so one meeting is recorded once, and the database joins the two.
    return await redeeming.redeem(await wire_of(db), booking_id, session, key=key, by=by, at=at)


async def _own(db: AsyncSession, booking_id: UUID, by: Actor) -> booking.Booking:
    if not by.is_client:
        raise Forbidden
    return await booking.find_booking(db, booking_id, by=by)


async def _usable(db: AsyncSession, voucher_id: UUID, *, by: Actor, at: datetime) -> tuple[Voucher, Choice]:
    if not by.is_client:
        raise Forbidden
    voucher = await queries.lock_voucher(db, voucher_id, person_id=by.person_id)
    if voucher.status is not VoucherStatus.CHOSEN or voucher.expires_on < local_day(at):
        raise VoucherClosed
    choice = await queries.current_choice(db, voucher_id)
    if choice is None or choice.coach_id is None:
        raise NobodyToMeet
    return voucher, choice


async def _enough(db: AsyncSession, voucher: Voucher, choice: Choice, *, at: datetime) -> None:
    assert choice.coach_id is not None
    approved = await registry.approved_under(
        db, voucher.procurer_id, choice.provider_id, voucher.service_id, on=local_day(at)
    )
    if approved is None:
        raise ProviderPaused
    if voucher.units_left <= await booking.count_live(db, voucher.id, choice.coach_id, at=at):
        raise NothingLeftToBook


async def _reservation(
    db: AsyncSession, voucher: Voucher, choice: Choice, starts_at: datetime
) -> Reservation:
    assert choice.coach_id is not None
    terms = await queries.find_terms(db, voucher)
    last_day: date = voucher.expires_on
    return Reservation(
        procurer_id=voucher.procurer_id,
        voucher_id=voucher.id,
        person_id=voucher.person_id,
        coach_id=choice.coach_id,
        starts_at=starts_at,
        last_day=last_day,
        notice_hours=terms.notice_hours,
        late_uses=terms.late_cancel_uses,
        no_show_uses=terms.no_show_uses,
    )
