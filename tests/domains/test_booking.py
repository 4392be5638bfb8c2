"""Meetings: booked within what the voucher allows, moved, called off, missed, released, offered to those who wait."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from setori import booking, people, vouchers
from setori.booking import BookingStatus, BookTime, SayWhy
from setori.booking.refusals import (
    AlreadyClosed,
    AlreadyWaiting,
    HasBegun,
    NotYetOver,
    OfferPassed,
    TimeTaken,
    TooLateToMove,
    YouAreBusy,
)
from setori.days import local_day
from setori.db import new_id, wire_of
from setori.errors import Forbidden, NotFound
from setori.people import Role
from setori.registry import SuspendApproval, suspend
from setori.vouchers import (
    ChooseOffering,
    DisputeSession,
    ExtendVoucher,
    GiveReason,
    RedeemVoucher,
    WriteNote,
)
from setori.vouchers.refusals import CountsNot, NobodyToMeet, NothingLeftToBook, ProviderPaused, VoucherClosed
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.domains.meetings import (
    LATER,
    TOMORROW,
    TOMORROW_AT,
    Practice,
    a_client,
    a_practice,
    booked,
    is_sound,
    mails,
    status_of,
)


@pytest.fixture
async def practice(db) -> Practice:
    return await a_practice(db)


async def test_a_free_time_is_booked_both_are_told_and_it_is_free_no_more(db, practice) -> None:
    before = await practice.slots(db, at=NOON)
    assert before[0].starts_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    booking_id = await booked(db, practice)
    assert await status_of(db, booking_id) == ("booked", None)
    assert TOMORROW not in [slot.starts_at for slot in await practice.slots(db, at=NOON)]
    assert "meeting_booked" in await mails(db, practice.coach.person_id)
    assert "meeting_confirmed" in await mails(db, practice.clients[0].who.person_id)
    with pytest.raises(TimeTaken):
        await booked(db, practice, 1)


async def test_only_the_hours_are_free(db, practice) -> None:
    for odd in (TOMORROW + timedelta(minutes=5), TOMORROW - timedelta(hours=2), NOON - timedelta(days=1)):
        with pytest.raises(TimeTaken):
            await booked(db, practice, starts_at=odd)


async def test_not_more_meetings_than_sessions_and_only_by_the_holder_of_a_voucher_in_use(
    db, practice
) -> None:
    client = practice.clients[0]
    for hours in (0, 24, 48):
        await booked(db, practice, starts_at=TOMORROW + timedelta(hours=hours))
    with pytest.raises(NothingLeftToBook):
        await booked(db, practice, starts_at=LATER)
    stranger = practice.clients[1].who
    with pytest.raises(NotFound):
        await vouchers.book(db, client.voucher_id, TOMORROW_AT, by=stranger, at=NOON)
    with pytest.raises(Forbidden):
        await vouchers.book(db, client.voucher_id, TOMORROW_AT, by=practice.coach, at=NOON)
    await vouchers.cancel(
        db, client.voucher_id, GiveReason(reason="Työpaikka löytyi."), by=practice.desk, at=NOON
    )
    with pytest.raises(VoucherClosed):
        await booked(db, practice, starts_at=LATER)


async def test_not_after_the_last_day_of_the_voucher(db, practice) -> None:
    late = NOON + timedelta(days=50)
    client = await a_client(db, practice)
    last = (late + timedelta(days=40)).date()
    assert last == date(2026, 5, 31)
    for_far = BookTime(
        starts_at=datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
    )  # a Monday, the day after the last one
    with pytest.raises(TimeTaken):
        await vouchers.book(db, client.voucher_id, for_far, by=client.who, at=late)


async def test_a_coach_has_to_be_chosen_and_approved(db, practice) -> None:
    client = practice.clients[0]
    plain = await a.an_offering(db, practice.owner, practice.service_id, [])
    await vouchers.choose(db, client.voucher_id, ChooseOffering(offering_id=plain), by=client.who, at=NOON)
    with pytest.raises(NobodyToMeet):
        await booked(db, practice)
    soon = NOON + timedelta(days=1)
    order = SuspendApproval(reason="Not kept.", is_urgent=True)
    await suspend(db, practice.approval_id, order, by=practice.registrar, at=soon)
    with pytest.raises(ProviderPaused):
        await booked(db, practice, 1, starts_at=TOMORROW + timedelta(days=2), at=soon + timedelta(days=1))


async def test_one_person_is_not_at_two_places(db, practice) -> None:
    await booked(db, practice)
    client = practice.clients[0]
    other = await a_practice(db, clients=0)
    issued = vouchers.IssueVoucher(
        programme_id=other.programme_id, name="Aino", email=(await people.find_person(db, client.who.person_id)).email
    )  # fmt: skip
    second = await vouchers.issue(db, issued, key=KEY, by=other.desk, at=NOON)
    assert second.person_id == client.who.person_id
    await vouchers.claim(db, second.claim_token, at=NOON)
    choice = ChooseOffering(offering_id=other.offering_id, coach_id=other.coach_id)
    await vouchers.choose(db, second.voucher_id, choice, by=client.who, at=NOON)
    with pytest.raises(YouAreBusy):
        await vouchers.book(db, second.voucher_id, TOMORROW_AT, by=client.who, at=NOON)


async def test_a_meeting_is_moved_and_tells_calendars_so(db, practice) -> None:
    booking_id = await booked(db, practice)
    client = practice.clients[0]
    early = TOMORROW - timedelta(hours=23)
    await vouchers.move_meeting(
        db, booking_id, BookTime(starts_at=LATER + timedelta(days=1)), by=client.who, at=NOON - timedelta(hours=3)
    )  # fmt: skip
    moved = await booking.find_booking(db, booking_id, by=client.who)
    assert (moved.starts_at, moved.sequence) == (LATER + timedelta(days=1), 1)
    assert "meeting_moved" in await mails(db, practice.coach.person_id)
    with pytest.raises(TooLateToMove):
        await vouchers.move_meeting(
            db, booking_id, TOMORROW_AT, by=client.who, at=early + timedelta(days=1, hours=3)
        )
    with pytest.raises(NotFound):
        await vouchers.move_meeting(db, booking_id, TOMORROW_AT, by=practice.clients[1].who, at=NOON)


async def test_calling_off_in_time_or_late_is_told_apart_and_twice_is_once(db, practice) -> None:
    first = await booked(db, practice, starts_at=TOMORROW + timedelta(days=1))
    second = await booked(db, practice, 1)
    who, other = practice.clients[0].who, practice.clients[1].who
    assert await booking.call_off(db, first, SayWhy(), by=who, at=NOON) is BookingStatus.CALLED_OFF
    assert await booking.call_off(db, first, SayWhy(), by=who, at=NOON) is BookingStatus.CALLED_OFF
    assert await booking.call_off(db, second, SayWhy(), by=other, at=NOON) is BookingStatus.CALLED_OFF_LATE
    assert TOMORROW in [slot.starts_at for slot in await practice.slots(db, at=NOON)]
    with pytest.raises(NotFound):
        await booking.call_off(db, first, SayWhy(), by=other, at=NOON)
    with pytest.raises(AlreadyClosed):
        await booking.call_off(db, second, SayWhy(), by=practice.coach, at=NOON)
    third = await booked(db, practice)
    with pytest.raises(HasBegun):
        await booking.call_off(db, third, SayWhy(), by=who, at=TOMORROW)


async def test_a_coach_who_calls_off_names_the_next_times_and_keeps_that_one_closed(db, practice) -> None:
    booking_id = await booked(db, practice)
    await booking.call_off(db, booking_id, SayWhy(reason="Olen kipeä."), by=practice.coach, at=NOON)
    assert await status_of(db, booking_id) == ("coach_away", None)
    assert TOMORROW not in [slot.starts_at for slot in await practice.slots(db, at=NOON)]
    listed = await people.list_outbox(db, person_id=practice.clients[0].who.person_id)
    off = next(mail for mail in listed.items if mail.kind == "meeting_off")
    assert len(off.params["times"]) == 3
    assert off.params["reason"] == "Olen kipeä."
    await booked(db, practice, starts_at=LATER)


async def test_missed_uses_a_session_by_the_terms_and_waits_for_the_clients_word(db, practice) -> None:
    booking_id = await booked(db, practice)
    client = practice.clients[0]
    with pytest.raises(NotYetOver):
        await booking.miss(db, booking_id, SayWhy(), by=practice.coach, at=NOON)
    with pytest.raises(NotYetOver):
        await vouchers.record_meeting(db, booking_id, WriteNote(), key=KEY, by=practice.coach, at=NOON)
    with pytest.raises(Forbidden):
        await booking.miss(db, booking_id, SayWhy(), by=client.who, at=LATER)
    await booking.miss(db, booking_id, SayWhy(), by=practice.coach, at=LATER)
    receipt = await vouchers.record_meeting(db, booking_id, WriteNote(), key=KEY, by=practice.coach, at=LATER)
    again = await vouchers.record_meeting(db, booking_id, WriteNote(), key=KEY, by=practice.coach, at=LATER)
    assert (receipt.status, again.is_replay, receipt.units_left) == (vouchers.RedemptionStatus.HELD, True, 2)
    assert await status_of(db, booking_id) == ("missed", receipt.redemption_id)
    words = DisputeSession(kind="did_not_happen", words="Olin siellä.")
    disputed = await vouchers.dispute(
        await wire_of(db), receipt.redemption_id, words, by=client.who, at=LATER
    )
    assert disputed.status is vouchers.RedemptionStatus.DISPUTED, (
        "the client's side is heard before anything is paid"
    )
    assert await is_sound(db)


async def test_where_the_terms_are_kind_nothing_is_used(db) -> None:
    practice = await a_practice(db, uses=False)
    booking_id = await booked(db, practice)
    await booking.miss(db, booking_id, SayWhy(), by=practice.coach, at=LATER)
    with pytest.raises(CountsNot):
        await vouchers.record_meeting(db, booking_id, WriteNote(), key=KEY, by=practice.coach, at=LATER)


async def test_a_session_is_recorded_from_the_meeting_without_the_code_once(db, practice) -> None:
    booking_id = await booked(db, practice)
    note = WriteNote(note="Hyvä alku.")
    other = await a.an_actor(db, Role.COACH, practice.coach.organisation_id)
    with pytest.raises(NotFound):
        await vouchers.record_meeting(db, booking_id, note, key=KEY, by=other, at=LATER)
    receipt = await vouchers.record_meeting(db, booking_id, note, key=KEY, by=practice.owner, at=LATER)
    again = await vouchers.record_meeting(db, booking_id, note, key=KEY, by=practice.coach, at=LATER)
    assert (receipt.is_replay, again.is_replay, receipt.redemption_id) == (False, True, booking_id)
    assert await status_of(db, booking_id) == ("met", booking_id)
    assert await is_sound(db)


async def test_a_session_recorded_in_any_way_closes_the_meeting_of_its_day(db, practice) -> None:
    booking_id = await booked(db, practice)
    client, redemption_id = practice.clients[0], new_id()
    order = RedeemVoucher(voucher_code=client.code, service_day=date(2026, 3, 3), units=1)
    await vouchers.redeem(await wire_of(db), redemption_id, order, key=KEY, by=practice.coach, at=LATER)
    assert await status_of(db, booking_id) == ("met", redemption_id)
    assert await booking.count_live(db, client.voucher_id, practice.coach_id, at=LATER) == 0


@pytest.mark.parametrize("ends", ["cancel", "release", "choose", "lost"])
async def test_whatever_ends_the_way_to_the_coach_lets_go_of_what_was_booked(db, practice, ends) -> None:
    booking_id = await booked(db, practice, starts_at=TOMORROW + timedelta(days=7))
    client = practice.clients[0]
    if ends == "cancel":
        await vouchers.cancel(
            db, client.voucher_id, GiveReason(reason="Työpaikka löytyi."), by=practice.desk, at=NOON
        )
    elif ends == "release":
        await booking.release(db, [client.voucher_id], at=NOON)
    elif ends == "choose":
        plain = await a.an_offering(db, practice.owner, practice.service_id, [])
        choice = ChooseOffering(offering_id=plain)
        await vouchers.choose(db, client.voucher_id, choice, by=client.who, at=NOON)
    else:
        provider_id = practice.coach.organisation_id
        await vouchers.tell_clients_lost(db, practice.procurer_id, provider_id, practice.service_id, at=NOON)
    assert await status_of(db, booking_id) == ("released", None)
    assert "meeting_released" in await mails(db, client.who.person_id)
    assert "meeting_released_coach" in await mails(db, practice.coach.person_id)
    assert await is_sound(db)


async def test_who_waits_first_is_asked_first_and_alone_may_take_the_time(db) -> None:
    practice = await a_practice(db, clients=4)
    booking_id = await booked(db, practice, starts_at=TOMORROW + timedelta(days=2))
    one, two = practice.clients[1], practice.clients[2]
    await vouchers.wait_for_time(db, one.voucher_id, by=one.who, at=NOON)
    await vouchers.wait_for_time(db, two.voucher_id, by=two.who, at=NOON + timedelta(minutes=1))
    with pytest.raises(AlreadyWaiting):
        await vouchers.wait_for_time(db, one.voucher_id, by=one.who, at=NOON)
    assert await booking.place_in_line(db, two.voucher_id) == 2
    await booking.call_off(db, booking_id, SayWhy(), by=practice.clients[0].who, at=NOON)
    assert "time_offered" in await mails(db, one.who.person_id)
    assert "time_offered" not in await mails(db, two.who.person_id)
    with pytest.raises(TimeTaken):
        await booked(db, practice, 3, starts_at=TOMORROW + timedelta(days=2))
    offer = await offer_of(db, one)
    with pytest.raises(NotFound):
        await vouchers.accept_time(db, offer, by=two.who, at=NOON)
    assert await booking.pass_unanswered(db, at=NOON + timedelta(hours=23)) == 0
    after = NOON + timedelta(hours=25)
    assert await booking.pass_unanswered(db, at=after) == 1
    with pytest.raises(OfferPassed):
        await vouchers.accept_time(db, offer, by=one.who, at=after)
    assert await booking.place_in_line(db, one.voucher_id) == 2, "who did not answer lets the other go first"
    second = await offer_of(db, two)
    await vouchers.accept_time(db, second, by=two.who, at=after)
    assert await status_of(db, second) == ("booked", None)
    assert await booking.place_in_line(db, two.voucher_id) is None
    assert await is_sound(db)


async def test_who_says_no_keeps_the_place_and_is_not_asked_again_for_that_time(db, practice) -> None:
    booking_id = await booked(db, practice, starts_at=TOMORROW + timedelta(days=2))
    one = practice.clients[1]
    await vouchers.wait_for_time(db, one.voucher_id, by=one.who, at=NOON)
    await booking.call_off(db, booking_id, SayWhy(), by=practice.clients[0].who, at=NOON)
    offer = await offer_of(db, one)
    await booking.decline(db, offer, by=one.who, at=NOON)
    assert await status_of(db, offer) == ("passed", None)
    assert TOMORROW + timedelta(days=2) in [slot.starts_at for slot in await practice.slots(db, at=NOON)]
    assert await booking.place_in_line(db, one.voucher_id) == 1
    assert await vouchers.wait_no_more(db, one.voucher_id, by=one.who, at=NOON)


async def offer_of(db, client):
    found = await (await db.connection()).execute(
        text("select id from booking where voucher_id = :v and status = 'offered'"), {"v": client.voucher_id}
    )
    return found.scalar_one()


async def test_a_place_in_the_line_lasts_as_long_as_the_voucher(db, practice) -> None:
    """A voucher given more time is asked for times that lie beyond its first last day."""
    one = practice.clients[1]
    await vouchers.wait_for_time(db, one.voucher_id, by=one.who, at=NOON)
    later = local_day(NOON) + timedelta(days=150)
    order = ExtendVoucher(expires_on=later, reason="was ill")
    await vouchers.extend(db, one.voucher_id, order, by=practice.desk, at=NOON)
    found = await db.exec(text("select last_day from waiting_place where left_at is null"))
    assert found.scalar_one() == later


async def test_a_meeting_for_which_nothing_is_left_is_let_go_the_same_night(db) -> None:
    """The sessions were used otherwise: nobody waits for a meeting that nobody pays."""
    practice = await a_practice(db, clients=1, units=1)
    client = practice.clients[0]
    ahead = await booked(db, practice, starts_at=TOMORROW + timedelta(days=2))
    redemption_id, wire = new_id(), await wire_of(db)
    order = RedeemVoucher(voucher_code=client.code, service_day=local_day(NOON))
    await vouchers.redeem(wire, redemption_id, order, key=KEY, by=practice.coach, at=NOON)
    assert await vouchers.release_spent(db, at=NOON) == 0, "it may not have been held"
    await vouchers.confirm(wire, redemption_id, by=client.who, at=NOON)
    assert await vouchers.release_spent(db, at=NOON) == 1
    assert await status_of(db, ahead) == ("released", None)
    assert "meeting_released" in await mails(db, client.who.person_id)
    assert await vouchers.release_spent(db, at=NOON) == 0
