"""A week of free times, for whoever picks one: the client, or a service manager for the client."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from setori import booking
from setori.booking import Slot
from setori.days import local_day
from setori.db import Database
from setori.readmodels.meetings import Bookable, Meeting

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """The free times of seven days by day, and where the next and the former ones are."""

    days: dict[date, list[Slot]]
    first: date
    later: date | None
    earlier: date | None


async def week_of(
    db: Database,
    wanted: Bookable,
    person_id: UUID,
    *,
    since: date | None,
    meeting: Meeting | None,
    now: datetime,
) -> Week:
    """The week from a day on, or from the first free time on; a meeting that moves does not count."""
    today = local_day(now)
    end = min(wanted.expires_on, local_day(now + booking.HORIZON))
    first = min(max(since or today, today), end)
    free = await booking.list_free(
        db,
        [wanted.coach_id],
        first=first,
        last=end,
        now=now,
        person_id=person_id,
        without=meeting.id if meeting else None,
    )
    slots = free[wanted.coach_id]
    if since is None and slots:
        first = local_day(slots[0].starts_at)
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        if local_day(slot.starts_at) < first + WEEK:
            days.setdefault(local_day(slot.starts_at), []).append(slot)
    later = next(
        (local_day(one.starts_at) for one in slots if local_day(one.starts_at) >= first + WEEK), None
    )
    return Week(days, first, later, max(first - WEEK, today) if first > today else None)
