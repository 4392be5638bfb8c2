"""Times: picked, moved, called off, with what that means told before; waiting for one; taking one that is offered."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import booking, vouchers
from setori.booking import BookTime, SayWhy, Slot
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, NotFound
from setori.people import Actor, Role
from setori.readmodels import guiding, meetings
from setori.readmodels.meetings import Bookable, Meeting
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.slots import week_of


@get("/wallet/{voucher_id:uuid}/times", opt=only(Role.JOBSEEKER))
async def times(
    request: Req, db: Db, now: Now, by: By, voucher_id: Id, since: FromQuery[date | None] = None
) -> Template:
    """The free times of one's coach, a week at a time."""
    return await _times(request, db, now, by, voucher_id, since=since)


@get("/wallet/{voucher_id:uuid}/meeting", opt=only(Role.JOBSEEKER))
async def check(
    request: Req, db: Db, now: Now, by: By, voucher_id: Id, starts_at: FromQuery[datetime]
) -> Template:
    """The time that was picked, and what calling it off or not coming would mean."""
    wanted = await meetings.find_bookable(db, by, voucher_id, at=now)
    slot = await _slot(db, now, by, wanted, starts_at)
    if slot is None:
        return await _times(request, db, now, by, voucher_id, refusal=booking.TimeTaken())
    return page(request, "jobseeker/meetings/check.html", voucher=wanted, slot=slot, meeting=None)


@post("/wallet/{voucher_id:uuid}/meeting", opt=only(Role.JOBSEEKER))
async def book(request: Req, db: Db, now: Now, by: By, voucher_id: Id, typed: Filled) -> Response[Any]:
    """Book it, or show other times when it is gone."""
    form = forms.parse(BookTime, typed)
    if form.value is None:
        raise NotFound
    try:
        booking_id = await vouchers.book(db, voucher_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _times(request, db, now, by, voucher_id, refusal=refusal)
    return see(f"/meetings/{booking_id}?said=booked")


@post("/wallet/{voucher_id:uuid}/waiting", opt=only(Role.JOBSEEKER))
async def wait(request: Req, db: Db, now: Now, by: By, voucher_id: Id) -> Response[Any]:
    """Stand in the line for a time that comes free."""
    try:
        await vouchers.wait_for_time(db, voucher_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _times(request, db, now, by, voucher_id, refusal=refusal)
    return see(f"/wallet/{voucher_id}/times")


@post("/wallet/{voucher_id:uuid}/waiting/removal", opt=only(Role.JOBSEEKER))
async def wait_no_more(db: Db, now: Now, by: By, voucher_id: Id) -> Response[Any]:
    """Leave the line."""
    await vouchers.wait_no_more(db, voucher_id, by=by, at=now)
    return see(f"/wallet/{voucher_id}/times")


@get("/meetings/{booking_id:uuid}", opt=only(Role.JOBSEEKER))
async def show(request: Req, db: Db, now: Now, by: By, booking_id: Id, said: FromQuery[str] = "") -> Template:
    """When and where, what can be done, and until when without using anything."""
    return await _meeting(request, db, now, by, booking_id, said=said)


@post("/meetings/{booking_id:uuid}/acceptance", opt=only(Role.JOBSEEKER))
async def accept(request: Req, db: Db, now: Now, by: By, booking_id: Id) -> Response[Any]:
    """Take the time that one is offered."""
    try:
        await vouchers.accept_time(db, booking_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _meeting(request, db, now, by, booking_id, refusal=refusal)
    return see(f"/meetings/{booking_id}?said=booked")


@get("/meetings/{booking_id:uuid}/times", opt=only(Role.JOBSEEKER))
async def other_times(
    request: Req, db: Db, now: Now, by: By, booking_id: Id, since: FromQuery[date | None] = None
) -> Template:
    """Where a meeting could be moved to."""
    meeting = await meetings.find(db, booking_id, by=by)
    return await _times(request, db, now, by, meeting.voucher_id, since=since, meeting=meeting)


@get("/meetings/{booking_id:uuid}/move", opt=only(Role.JOBSEEKER))
async def before_moving(
    request: Req, db: Db, now: Now, by: By, booking_id: Id, starts_at: FromQuery[datetime]
) -> Template:
    """The old time and the new one."""
    meeting = await meetings.find(db, booking_id, by=by)
    wanted = await meetings.find_bookable(db, by, meeting.voucher_id, at=now)
    slot = await _slot(db, now, by, wanted, starts_at, without=booking_id)
    if slot is None:
        taken = booking.TimeTaken()
        return await _times(request, db, now, by, meeting.voucher_id, meeting=meeting, refusal=taken)
    return page(request, "jobseeker/meetings/check.html", voucher=wanted, slot=slot, meeting=meeting)


@post("/meetings/{booking_id:uuid}/move", opt=only(Role.JOBSEEKER))
async def move(request: Req, db: Db, now: Now, by: By, booking_id: Id, typed: Filled) -> Response[Any]:
    """Move it, or say why not."""
    form = forms.parse(BookTime, typed)
    meeting = await meetings.find(db, booking_id, by=by)
    if form.value is None:
        raise NotFound
    try:
        await vouchers.move_meeting(db, booking_id, form.value, by=by, at=now)
    except booking.TimeTaken as refusal:
        await db.rollback()
        return await _times(request, db, now, by, meeting.voucher_id, meeting=meeting, refusal=refusal)
    except Conflict as refusal:
        await db.rollback()
        return await _meeting(request, db, now, by, booking_id, refusal=refusal)
    return see(f"/meetings/{booking_id}?said=moved")


@get("/meetings/{booking_id:uuid}/cancellation", opt=only(Role.JOBSEEKER))
async def before_calling_off(request: Req, db: Db, now: Now, by: By, booking_id: Id) -> Template:
    """What calling it off means now, by the terms of the voucher."""
    meeting = await meetings.find(db, booking_id, by=by)
    return page(
        request,
        "jobseeker/meetings/cancel.html",
        meeting=meeting,
        late=meeting.is_late(now),
        form=forms.Form(),
        refusal=None,
    )


@post("/meetings/{booking_id:uuid}/cancellation", opt=only(Role.JOBSEEKER))
async def call_off(request: Req, db: Db, now: Now, by: By, booking_id: Id, typed: Filled) -> Response[Any]:
    """Call it off; an offered time goes to the next one."""
    form = forms.parse(SayWhy, typed)
    meeting = await meetings.find(db, booking_id, by=by)
    refusal: Conflict | None = None
    if form.value is not None:
        try:
            await booking.call_off(db, booking_id, form.value, by=by, at=now)
        except Conflict as refused:
            await db.rollback()
            refusal = refused
        else:
            return see(f"/meetings/{booking_id}")
    return page(
        request,
        "jobseeker/meetings/cancel.html",
        status=refusal.status if refusal else 422,
        meeting=meeting,
        late=meeting.is_late(now),
        form=form,
        refusal=refusal,
    )


async def _meeting(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    booking_id: UUID,
    *,
    said: str = "",
    refusal: Conflict | None = None,
) -> Template:
    meeting = await meetings.find(db, booking_id, by=by)
    return page(
        request,
        "jobseeker/meetings/show.html",
        status=409 if refusal else 200,
        meeting=meeting,
        sits_in=await guiding.list_sitting_in(db, booking_id, on=local_day(now)),
        arranged_by=await guiding.helper_of(db, booking_id),
        is_ahead=meeting.is_ahead(now),
        late=meeting.is_late(now),
        said=said,
        refusal=refusal,
    )


async def _slot(
    db: Database,
    now: datetime,
    by: Actor,
    wanted: Bookable,
    starts_at: datetime,
    *,
    without: UUID | None = None,
) -> Slot | None:
    if starts_at.tzinfo is None or not 2000 < starts_at.year < 2200:
        raise NotFound
    day = local_day(starts_at)
    if day > wanted.expires_on:
        return None
    free = await booking.list_free(
        db, [wanted.coach_id], first=day, last=day, now=now, person_id=by.person_id, without=without
    )
    return next((slot for slot in free[wanted.coach_id] if slot.starts_at == starts_at), None)


async def _times(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    voucher_id: UUID,
    *,
    since: date | None = None,
    meeting: Meeting | None = None,
    refusal: Conflict | None = None,
) -> Template:
    """A week of free times; with none of them in it, where the next one is."""
    wanted = await meetings.find_bookable(db, by, voucher_id, at=now)
    week = await week_of(db, wanted, by.person_id, since=since, meeting=meeting, now=now)
    return page(
        request,
        "jobseeker/meetings/times.html",
        status=409 if refusal else 200,
        voucher=wanted,
        meeting=meeting,
        days=week.days,
        first=week.first,
        later=week.later,
        earlier=week.earlier,
        place=await booking.place_in_line(db, voucher_id),
        refusal=refusal,
    )


routes = [
    times,
    check,
    book,
    wait,
    wait_no_more,
    show,
    accept,
    other_times,
    before_moving,
    move,
    before_calling_off,
    call_off,
]
