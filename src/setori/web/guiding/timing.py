"""Times for a client: picked, moved and called off by the service manager, and meetings at which one sits in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import booking, guiding
from setori.booking import BookTime, SayWhy, Slot
from setori.days import local_day
from setori.errors import Conflict, NotFound
from setori.guiding import Beside, BookFor, Deed, Scope
from setori.people import Role
from setori.readmodels import guided, meetings
from setori.readmodels import guiding as reading
from setori.readmodels.meetings import Bookable, Meeting
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.slots import week_of


@get("/guiding/clients/{consent_id:uuid}/times", opt=only(Role.SERVICE_MANAGER))
async def times(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    consent_id: Id,
    voucher: FromQuery[UUID],
    since: FromQuery[date | None] = None,
) -> Template:
    """The free times of the coach that the client has chosen."""
    return await _times(request, db, now, by, consent_id, voucher, since=since)


@get("/guiding/clients/{consent_id:uuid}/meeting", opt=only(Role.SERVICE_MANAGER))
async def check(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    consent_id: Id,
    voucher: FromQuery[UUID],
    starts_at: FromQuery[datetime],
) -> Template:
    """The time that was picked, and what calling it off would mean for the client."""
    beside = await guiding.look(db, consent_id, Deed.LOOKED_AT_TIMES, by=by, at=now)
    wanted = await _bookable(db, now, beside, voucher)
    slot = await _slot(db, now, beside, wanted, starts_at)
    if slot is None:
        return await _times(request, db, now, by, consent_id, voucher, refusal=booking.TimeTaken())
    return page(request, "guiding/check.html", beside=beside, voucher=wanted, slot=slot, meeting=None)


@post("/guiding/clients/{consent_id:uuid}/meetings", opt=only(Role.SERVICE_MANAGER))
async def book(request: Req, db: Db, now: Now, by: By, consent_id: Id, typed: Filled) -> Response[Any]:
    """Book it for the client, who is told."""
    form = forms.parse(BookFor, typed)
    if form.value is None:
        raise NotFound
    try:
        booking_id = await guiding.book_for(db, consent_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _times(request, db, now, by, consent_id, form.value.voucher_id, refusal=refusal)
    return see(f"/guiding/meetings/{booking_id}")


@get("/guiding/meetings/{booking_id:uuid}", opt=only(Role.SERVICE_MANAGER))
async def show(request: Req, db: Db, now: Now, by: By, booking_id: Id) -> Template:
    """A meeting of a client, and what the consent lets one do about it."""
    return await _meeting(request, db, now, by, booking_id)


@get("/guiding/meetings/{booking_id:uuid}/times", opt=only(Role.SERVICE_MANAGER))
async def other_times(
    request: Req, db: Db, now: Now, by: By, booking_id: Id, since: FromQuery[date | None] = None
) -> Template:
    """Where the meeting could be moved to."""
    beside, meeting = await _found(db, now, by, booking_id)
    return await _times(
        request, db, now, by, beside.consent_id, meeting.voucher_id, since=since, meeting=meeting
    )


@get("/guiding/meetings/{booking_id:uuid}/move", opt=only(Role.SERVICE_MANAGER))
async def before_moving(
    request: Req, db: Db, now: Now, by: By, booking_id: Id, starts_at: FromQuery[datetime]
) -> Template:
    """The old time and the new one."""
    beside, meeting = await _found(db, now, by, booking_id)
    wanted = await _bookable(db, now, beside, meeting.voucher_id)
    slot = await _slot(db, now, beside, wanted, starts_at, without=booking_id)
    if slot is None:
        taken, id = booking.TimeTaken(), meeting.voucher_id
        return await _times(request, db, now, by, beside.consent_id, id, meeting=meeting, refusal=taken)
    return page(request, "guiding/check.html", beside=beside, voucher=wanted, slot=slot, meeting=meeting)


@post("/guiding/meetings/{booking_id:uuid}/move", opt=only(Role.SERVICE_MANAGER))
async def move(request: Req, db: Db, now: Now, by: By, booking_id: Id, typed: Filled) -> Response[Any]:
    """Move it, or say why not."""
    form = forms.parse(BookTime, typed)
    if form.value is None:
        raise NotFound
    try:
        await guiding.move_for(db, booking_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _meeting(request, db, now, by, booking_id, refusal=refusal)
    return see(f"/guiding/meetings/{booking_id}")


@get("/guiding/meetings/{booking_id:uuid}/cancellation", opt=only(Role.SERVICE_MANAGER))
async def before_calling_off(request: Req, db: Db, now: Now, by: By, booking_id: Id) -> Template:
    """What calling it off means for the client's voucher."""
    return await _cancellation(request, db, now, by, booking_id, forms.Form())


@post("/guiding/meetings/{booking_id:uuid}/cancellation", opt=only(Role.SERVICE_MANAGER))
async def call_off(request: Req, db: Db, now: Now, by: By, booking_id: Id, typed: Filled) -> Response[Any]:
    """Call it off for the client, who is told."""
    form = forms.parse(SayWhy, typed)
    if form.value is None:
        return await _cancellation(request, db, now, by, booking_id, form)
    try:
        await guiding.call_off_for(db, booking_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _cancellation(request, db, now, by, booking_id, form, refusal=refusal)
    return see(f"/guiding/meetings/{booking_id}")


@post("/guiding/meetings/{booking_id:uuid}/attendance", opt=only(Role.SERVICE_MANAGER))
async def sit_in(request: Req, db: Db, now: Now, by: By, booking_id: Id) -> Response[Any]:
    """Say that one sits in."""
    try:
        await guiding.sit_in(db, booking_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _meeting(request, db, now, by, booking_id, refusal=refusal)
    return see(f"/guiding/meetings/{booking_id}")


@post("/guiding/meetings/{booking_id:uuid}/attendance/removal", opt=only(Role.SERVICE_MANAGER))
async def sit_in_no_more(db: Db, now: Now, by: By, booking_id: Id) -> Response[Any]:
    """Say that one does not come after all."""
    await guiding.sit_in_no_more(db, booking_id, by=by, at=now)
    return see(f"/guiding/meetings/{booking_id}")


async def _found(
    db: Db, now: Now, by: By, booking_id: UUID, *, needs: Scope | None = Scope.BOOK
) -> tuple[Beside, Meeting]:
    beside = await guiding.look_at_meeting(db, booking_id, by=by, at=now)
    if needs is not None and needs not in beside.scopes:
        raise NotFound
    return beside, await meetings.find(db, booking_id, by=beside.client)


async def _meeting(
    request: Req, db: Db, now: Now, by: By, booking_id: UUID, *, refusal: Conflict | None = None
) -> Template:
    beside, meeting = await _found(db, now, by, booking_id, needs=None)
    return page(
        request,
        "guiding/meeting.html",
        status=409 if refusal else 200,
        beside=beside,
        meeting=meeting,
        is_ahead=meeting.is_ahead(now),
        late=meeting.is_late(now),
        attends=await reading.attends(db, booking_id, beside.consent_id),
        books=Scope.BOOK in beside.scopes,
        may_attend=Scope.ATTEND in beside.scopes,
        refusal=refusal,
    )


async def _cancellation(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    booking_id: UUID,
    form: forms.Form[SayWhy],
    *,
    refusal: Conflict | None = None,
) -> Template:
    beside, meeting = await _found(db, now, by, booking_id)
    return page(
        request,
        "guiding/call_off.html",
        status=409 if refusal else 422 if form.errors else 200,
        beside=beside,
        meeting=meeting,
        late=meeting.is_late(now),
        form=form,
        refusal=refusal,
    )


async def _bookable(db: Db, now: Now, beside: Beside, voucher_id: UUID) -> Bookable:
    await guided.find_voucher(db, beside, voucher_id, on=local_day(now))  # of this client and this procurer
    return await meetings.find_bookable(db, beside.client, voucher_id, at=now)


async def _slot(
    db: Db, now: Now, beside: Beside, wanted: Bookable, starts_at: datetime, *, without: UUID | None = None
) -> Slot | None:
    if starts_at.tzinfo is None or not 2000 < starts_at.year < 2200:
        raise NotFound
    day = local_day(starts_at)
    if day > wanted.expires_on:
        return None
    free = await booking.list_free(
        db,
        [wanted.coach_id],
        first=day,
        last=day,
        now=now,
        person_id=beside.client.person_id,
        without=without,
    )
    return next((slot for slot in free[wanted.coach_id] if slot.starts_at == starts_at), None)


async def _times(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    consent_id: UUID,
    voucher_id: UUID,
    *,
    since: date | None = None,
    meeting: Meeting | None = None,
    refusal: Conflict | None = None,
) -> Template:
    beside = await guiding.look(db, consent_id, Deed.LOOKED_AT_TIMES, by=by, at=now)
    wanted = await _bookable(db, now, beside, voucher_id)
    week = await week_of(db, wanted, beside.client.person_id, since=since, meeting=meeting, now=now)
    return page(
        request,
        "guiding/times.html",
        status=409 if refusal else 200,
        beside=beside,
        voucher=wanted,
        meeting=meeting,
        week=week,
        refusal=refusal,
    )


routes = [
    times,
    check,
    book,
    show,
    other_times,
    before_moving,
    move,
    before_calling_off,
    call_off,
    sit_in,
    sit_in_no_more,
]
