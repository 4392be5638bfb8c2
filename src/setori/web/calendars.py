"""Calendars: one meeting as a file, and all of a person's at an address that a calendar program reads (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any

from icalendar import Calendar, Event, vText
from litestar import Response, get, post
from litestar.params import PathParameter
from litestar.response import Template

from setori import booking, people
from setori.people import Role
from setori.readmodels import meetings
from setori.readmodels.meetings import Meeting
from setori.web import i18n
from setori.web.given import By, Config, Db, Id, Now, Req
from setori.web.guards import only, public
from setori.web.i18n import gettext
from setori.web.names import name
from setori.web.pages import page, see

WHO = (Role.JOBSEEKER, Role.COACH, Role.PROVIDER_OWNER)
READ_AGAIN = timedelta(hours=1)
GONE = ("called_off", "called_off_late", "coach_away", "released")
Token = Annotated[str, PathParameter(max_length=100)]


@get("/meetings/{booking_id:uuid}/calendar.ics", opt=only(*WHO))
async def one(db: Db, by: By, settings: Config, booking_id: Id) -> Response[bytes]:
    """One meeting as a file that a calendar takes in."""
    found = await meetings.find(db, booking_id, by=by)
    return _file(_calendar([found], settings.base_url, for_coach=by.role is not Role.JOBSEEKER))


@get("/calendars/{token:str}", opt=public())
async def feed(db: Db, now: Now, settings: Config, token: Token) -> Response[bytes]:
    """All of a person's meetings, in that person's language. Whoever has the address may read it, until it is ended."""
    person_id = await booking.find_feed(db, booking.feed_hash_of(token.removesuffix(".ics")))
    person = await people.find_person(db, person_id)
    first, until = now - booking.FEED_BEHIND, now + booking.FEED_AHEAD
    found = await meetings.list_of_person(db, person_id, first, until)
    i18n.language.set(person.language)
    return _file(_calendar(found, settings.base_url, is_feed=True))


@get("/calendar", opt=only(*WHO))
async def follow(request: Req, db: Db, by: By) -> Template:
    """How one's own calendar follows along."""
    return await _page(request, db, by)


@post("/calendar", opt=only(*WHO))
async def make(request: Req, db: Db, now: Now, by: By, settings: Config) -> Template:
    """A new address, shown once; the one before ends."""
    token = await booking.make_feed(db, by=by, at=now)
    return await _page(request, db, by, address=f"{settings.base_url}/calendars/{token}.ics")


@post("/calendar/removal", opt=only(*WHO))
async def end(db: Db, now: Now, by: By) -> Response[Any]:
    """Let the address find nothing any more."""
    await booking.end_feed(db, by=by, at=now)
    return see("/calendar")


async def _page(request: Req, db: Db, by: By, address: str = "") -> Template:
    live = await booking.live_feed(db, by.person_id)
    return page(
        request, "calendar.html", made_at=live.made_at if live else None, address=address, home=_home(by.role)
    )


def _home(role: Role) -> str:
    return "/wallet" if role is Role.JOBSEEKER else "/provider/calendar"


def _calendar(
    found: Iterable[Meeting], base_url: str, *, for_coach: bool = False, is_feed: bool = False
) -> Calendar:
    """The meetings as a calendar. Voucher, service and procurer are not named: calendars are seen by many."""
    calendar = Calendar()
    calendar.add("prodid", "-//Setori//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if is_feed:
        calendar.add("name", gettext("My meetings"))
        calendar.add("x-wr-calname", gettext("My meetings"))
        calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vText("PT1H"))
    for meeting in found:
        as_coach = meeting.is_coachs or for_coach
        calendar.add_component(_event(meeting, base_url, as_coach=as_coach))
    return calendar


def _event(meeting: Meeting, base_url: str, *, as_coach: bool) -> Event:
    who = _short(meeting.client_name) if as_coach else meeting.coach_name
    path = f"/provider/meetings/{meeting.id}" if as_coach else f"/meetings/{meeting.id}"
    event = Event()
    event.add("uid", f"{meeting.id}@setori")
    event.add("dtstamp", _changed(meeting))
    event.add("last-modified", _changed(meeting))
    event.add("sequence", meeting.sequence)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", gettext("Meeting: %(who)s") % {"who": who})
    event.add("location", meeting.place or name(meeting.way))
    event.add("description", f"{name(meeting.way)}. {base_url}{path}")
    event.add("url", f"{base_url}{path}")
    event.add("status", "CANCELLED" if meeting.status in GONE else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def _changed(meeting: Meeting) -> datetime:
    return meeting.closed_at or meeting.arranged_at


def _short(full: str) -> str:
    """A client's first name and initial: more does not belong into a calendar."""
    first, *rest = full.split() or [""]
    return f"{first} {rest[-1][0]}." if rest else first


def _file(calendar: Calendar) -> Response[bytes]:
    return Response(
        content=calendar.to_ical(),
        media_type="text/calendar; charset=utf-8",
        headers={
            "content-disposition": 'attachment; filename="setori.ics"',
            "cache-control": "private, max-age=300",
        },
    )


routes = [one, feed, follow, make, end]
