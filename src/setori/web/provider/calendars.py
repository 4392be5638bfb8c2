"""The coach's week: when one can be met, who comes when, and what became of it. Owners see all of their coaches."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import booking, catalogue, vouchers
from setori.booking import OpenHours, SayWhy, SetDay
from setori.days import HELSINKI, local_day
from setori.db import Database
from setori.errors import Conflict
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.readmodels import guiding, meetings
from setori.vouchers import WriteNote
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, CodeKey, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.provider.desk import firm_of

WEEK = timedelta(days=7)


@get("/provider/calendar", opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, now: Now, by: By) -> Response[Any] | Template:
    """A coach comes to the own week; an owner to the coaches, each with the first free time."""
    if by.role is Role.COACH:
        own = await catalogue.find_coach_of(db, by.person_id, firm_of(by))
        if own is not None:
            return see(f"/provider/calendars/{own.id}")
        return page(request, "provider/calendars/index.html", coaches=[], free={}, open_={})
    coaches = [one for one in await catalogue.list_coaches(db, firm_of(by)) if one.is_active]
    ids = [one.id for one in coaches]
    return page(
        request,
        "provider/calendars/index.html",
        coaches=coaches,
        free=await booking.earliest_free(db, ids, now=now),
        open_=await booking.has_hours(db, ids, on=local_day(now)),
    )


@get("/provider/calendars/{coach_id:uuid}", opt=only(*PROVIDER_ROLES))
async def week(
    request: Req, db: Db, now: Now, by: By, coach_id: Id, since: FromQuery[date | None] = None
) -> Template:
    """Seven days from a Monday on: meetings, and the times that are still free."""
    coach = await booking.find_coach(db, coach_id, by=by)
    today = local_day(now)
    day = min(max(since or today, today - timedelta(days=400)), today + timedelta(days=400))
    monday = day - timedelta(days=day.weekday())
    found = await meetings.list_of_coach(db, coach_id, _midnight(monday), _midnight(monday + WEEK))
    free = await booking.list_free(db, [coach_id], first=monday, last=monday + timedelta(days=6), now=now)
    days = [monday + timedelta(days=number) for number in range(7)]
    return page(
        request,
        "provider/calendars/week.html",
        coach_id=coach_id,
        coach_name=coach.name,
        is_own=coach.person_id == by.person_id,
        days=[
            (
                day,
                [one for one in found if local_day(one.starts_at) == day],
                [one for one in free[coach_id] if local_day(one.starts_at) == day],
            )
            for day in days
        ],
        today=today,
        monday=monday,
        before=monday - WEEK,
        after=monday + WEEK,
        has_hours=bool(await booking.has_hours(db, [coach_id], on=today)),
    )


@get("/provider/calendars/{coach_id:uuid}/hours", opt=only(*PROVIDER_ROLES))
async def hours(request: Req, db: Db, now: Now, by: By, coach_id: Id) -> Template:
    """When one can be met: hours of every week, and days that are otherwise."""
    return await _hours(request, db, now, by, coach_id)


@post("/provider/calendars/{coach_id:uuid}/hours", opt=only(*PROVIDER_ROLES))
async def open_hours(request: Req, db: Db, now: Now, by: By, coach_id: Id, typed: Filled) -> Response[Any]:
    """Open hours in every week."""
    form = forms.parse(OpenHours, typed)
    if form.value is None:
        return await _hours(request, db, now, by, coach_id, weekly=form, status=422)
    try:
        await booking.open_hours(db, coach_id, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _hours(request, db, now, by, coach_id, weekly=form, status=409, refusal=refusal)
    return see(f"/provider/calendars/{coach_id}/hours")


@post("/provider/calendars/{coach_id:uuid}/days", opt=only(*PROVIDER_ROLES))
async def set_day(request: Req, db: Db, now: Now, by: By, coach_id: Id, typed: Filled) -> Response[Any]:
    """Be away on a day, or open besides."""
    form = forms.parse(SetDay, typed)
    if form.value is None:
        return await _hours(request, db, now, by, coach_id, special=form, status=422)
    await booking.set_day(db, coach_id, form.value, by=by, at=now)
    return see(f"/provider/calendars/{coach_id}/hours")


@post("/provider/hours/{hours_id:uuid}/removal", opt=only(*PROVIDER_ROLES))
async def remove_hours(db: Db, now: Now, by: By, hours_id: Id) -> Response[Any]:
    """Close weekly hours; what is booked in them stays."""
    coach_id = await booking.remove_hours(db, hours_id, by=by, at=now)
    return see(f"/provider/calendars/{coach_id}/hours")


@post("/provider/days/{day_id:uuid}/removal", opt=only(*PROVIDER_ROLES))
async def clear_day(db: Db, now: Now, by: By, day_id: Id) -> Response[Any]:
    """Let a day be as every week."""
    coach_id = await booking.remove_special_day(db, day_id, by=by, at=now)
    return see(f"/provider/calendars/{coach_id}/hours")


@get("/provider/meetings/{booking_id:uuid}", opt=only(*PROVIDER_ROLES))
async def show(request: Req, db: Db, now: Now, by: By, booking_id: Id) -> Template:
    """Who comes and where, and what became of it."""
    return await _meeting(request, db, now, by, booking_id)


@get("/provider/meetings/{booking_id:uuid}/cancellation", opt=only(*PROVIDER_ROLES))
async def before_calling_off(request: Req, db: Db, by: By, booking_id: Id) -> Template:
    """What calling it off means for the client."""
    meeting = await meetings.find(db, booking_id, by=by)
    return page(request, "provider/calendars/cancel.html", meeting=meeting, form=Form(), refusal=None)


@post("/provider/meetings/{booking_id:uuid}/cancellation", opt=only(*PROVIDER_ROLES))
async def call_off(request: Req, db: Db, now: Now, by: By, booking_id: Id, typed: Filled) -> Response[Any]:
    """Call it off; the client is told kindly, with the next free times."""
    form, refusal = forms.parse(SayWhy, typed), None
    meeting = await meetings.find(db, booking_id, by=by)
    if form.value is not None:
        try:
            await booking.call_off(db, booking_id, form.value, by=by, at=now)
        except Conflict as refused:
            await db.rollback()
            refusal = refused
        else:
            return see(f"/provider/meetings/{booking_id}")
    return page(
        request,
        "provider/calendars/cancel.html",
        status=refusal.status if refusal else 422,
        meeting=meeting,
        form=form,
        refusal=refusal,
    )


@post("/provider/meetings/{booking_id:uuid}/missed", opt=only(*PROVIDER_ROLES))
async def miss(request: Req, db: Db, now: Now, by: By, booking_id: Id, typed: Filled) -> Response[Any]:
    """The client did not come."""
    form = forms.parse(SayWhy, typed)
    try:
        await booking.miss(db, booking_id, form.value or SayWhy(), by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _meeting(request, db, now, by, booking_id, refusal=refusal)
    return see(f"/provider/meetings/{booking_id}")


@post("/provider/meetings/{booking_id:uuid}/session", opt=only(*PROVIDER_ROLES))
async def record(
    request: Req, db: Db, now: Now, by: By, code_key: CodeKey, booking_id: Id, typed: Filled
) -> Response[Any]:
    """Record the session; one that was missed or called off late, where the terms let it count."""
    note = forms.parse(WriteNote, typed).value or WriteNote()
    try:
        receipt = await vouchers.record_meeting(db, booking_id, note, key=code_key, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _meeting(request, db, now, by, booking_id, refusal=refusal)
    return see(f"/provider/sessions/{receipt.redemption_id}?said=recorded")


async def _meeting(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    booking_id: UUID,
    *,
    refusal: Conflict | None = None,
) -> Template:
    meeting = await meetings.find(db, booking_id, by=by)
    return page(
        request,
        "provider/calendars/meeting.html",
        status=409 if refusal else 200,
        meeting=meeting,
        has_begun=not meeting.is_ahead(now),
        sits_in=await guiding.list_sitting_in(db, booking_id, on=local_day(now)),
        refusal=refusal,
    )


async def _hours(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    coach_id: UUID,
    *,
    weekly: Form[OpenHours] | None = None,
    special: Form[SetDay] | None = None,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    coach = await booking.find_coach(db, coach_id, by=by)
    return page(
        request,
        "provider/calendars/hours.html",
        status=status,
        coach_id=coach_id,
        coach_name=coach.name,
        weekly=await booking.list_hours(db, coach_id),
        specials=await booking.list_special_days(db, coach_id, since=local_day(now)),
        ways=list(catalogue.Way),
        form=weekly or Form(),
        day_form=special or Form(),
        refusal=refusal,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=HELSINKI)


routes = [
    index,
    week,
    hours,
    open_hours,
    set_day,
    remove_hours,
    clear_day,
    show,
    before_calling_off,
    call_off,
    miss,
    record,
]
