"""When people meet: opening hours become free times, by the clock on the wall in Finland. Pure.

A day has 23 or 25 hours twice a year. Times are walked in real hours from the opening of the door to its closing, so a
meeting always lasts as long as it says; an hour that the clock shows twice is offered once, one that it skips never.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from setori.days import HELSINKI, local_day

MINUTES_OF_DAY = 24 * 60
LEAD = timedelta(hours=2)
"""A time is free to book until this long before it begins."""

HORIZON = timedelta(days=56)
"""How far ahead times are offered."""

REMINDED_BEFORE = (48, 3)
"""How many hours before a meeting both are reminded."""

QUIET_FROM, QUIET_UNTIL = 21, 8
"""Hours of the clock between which nobody is reminded."""

LAST_CALL_MINUTES = 15
"""What would be told in the quiet hours is told this long before they begin."""

FEED_BEHIND, FEED_AHEAD = timedelta(days=30), timedelta(days=120)
"""Which meetings a calendar feed tells of."""


class BookingStatus(StrEnum):
    """Where a meeting is: offered to somebody who waits, booked, and what became of it."""

    OFFERED = "offered"
    BOOKED = "booked"
    MET = "met"
    MISSED = "missed"
    CALLED_OFF = "called_off"
    CALLED_OFF_LATE = "called_off_late"
    COACH_AWAY = "coach_away"
    RELEASED = "released"
    PASSED = "passed"


BOOKING_MOVES: dict[BookingStatus, frozenset[BookingStatus]] = {
    BookingStatus.OFFERED: frozenset(
        {BookingStatus.BOOKED, BookingStatus.PASSED, BookingStatus.COACH_AWAY, BookingStatus.RELEASED}
    ),
    BookingStatus.BOOKED: frozenset(
        {
            BookingStatus.MET,
            BookingStatus.MISSED,
            BookingStatus.CALLED_OFF,
            BookingStatus.CALLED_OFF_LATE,
            BookingStatus.COACH_AWAY,
            BookingStatus.RELEASED,
        }
    ),
    BookingStatus.MET: frozenset(),
    BookingStatus.MISSED: frozenset({BookingStatus.MET}),
    BookingStatus.CALLED_OFF: frozenset(),
    BookingStatus.CALLED_OFF_LATE: frozenset(),
    BookingStatus.COACH_AWAY: frozenset(),
    BookingStatus.RELEASED: frozenset(),
    BookingStatus.PASSED: frozenset(),
}

LIVE = frozenset({BookingStatus.OFFERED, BookingStatus.BOOKED})
"""States in which a time is taken."""


class DayKind(StrEnum):
    """How a day differs from the weekly hours."""

    AWAY = "away"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of one day, in minutes since its midnight by the clock, and how one meets in it."""

    from_minute: int
    to_minute: int
    minutes: int
    buffer_minutes: int
    way: str
    place: str


@dataclass(frozen=True, slots=True)
class Weekly:
    """An opening of every week; Monday is 1."""

    weekday: int
    opening: Opening


@dataclass(frozen=True, slots=True)
class Special:
    """One day that is otherwise: away from and until a minute, or open besides."""

    on_day: date
    kind: DayKind
    from_minute: int
    to_minute: int
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Time that is taken, from an instant until another."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether both have a moment in common."""
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked, in UTC; until `busy_until` the coach needs for what comes between two meetings."""

    coach_id: UUID
    starts_at: datetime
    ends_at: datetime
    busy_until: datetime
    way: str
    place: str

    def notice_ends_at(self, notice_hours: int) -> datetime:
        """Until when it could be called off in good time."""
        return self.starts_at - timedelta(hours=notice_hours)


def instant_of(day: date, minute: int) -> datetime:
    """What the clock's minute of a day in Finland is in UTC. A time that the clock shows twice is the first of them."""
    midnight = datetime(day.year, day.month, day.day)
    return (midnight + timedelta(minutes=minute)).replace(tzinfo=HELSINKI).astimezone(UTC)


def shown_twice(at: datetime) -> bool:
    """Whether the clock showed the same time an hour ago too."""
    return at.astimezone(HELSINKI).fold == 1


def openings_on(day: date, weekly: Iterable[Weekly], specials: Iterable[Special]) -> list[Opening]:
    """When the door is open on a day, the earliest first. Being away wins over everything."""
    here = [special for special in specials if special.on_day == day]
    open_ = [one.opening for one in weekly if one.weekday == day.isoweekday()]
    open_ += [one.opening for one in here if one.kind is DayKind.EXTRA and one.opening]
    return sorted(open_, key=lambda one: (one.from_minute, one.to_minute))


def free_slots(
    coach_id: UUID,
    weekly: Sequence[Weekly],
    specials: Sequence[Special],
    taken: Sequence[Span],
    *,
    first: date,
    last: date,
    now: datetime,
    busy_elsewhere: Sequence[Span] = (),
) -> list[Slot]:
    """The times of a coach that can be booked now, from one day to another, the earliest first.

    `taken` are the coach's, each with its pause after it; `busy_elsewhere` are of who looks: they need no pause.
    """
    found: dict[datetime, Slot] = {}
    earliest, latest = now + LEAD, now + HORIZON
    for day in _days(max(first, local_day(earliest)), min(last, local_day(latest))):
        away = [
            Span(instant_of(day, one.from_minute), instant_of(day, one.to_minute))
            for one in specials
            if one.on_day == day and one.kind is DayKind.AWAY
        ]
        for slot in _walk(coach_id, day, openings_on(day, weekly, specials)):
            if slot.starts_at < earliest or slot.starts_at > latest:
                continue
            if any(span.meets(slot.starts_at, slot.ends_at) for span in (*away, *busy_elsewhere)):
                continue
            if any(span.meets(slot.starts_at, slot.busy_until) for span in (*taken, *_spans(found.values()))):
                continue
            found[slot.starts_at] = slot
    return [found[start] for start in sorted(found)]


def first_free(
    coach_id: UUID,
    weekly: Sequence[Weekly],
    specials: Sequence[Special],
    taken: Sequence[Span],
    *,
    first: date,
    last: date,
    now: datetime,
) -> datetime | None:
    """When the first of the free times begins. Days are looked at one by one, as it is mostly one of the next."""
    open_days = {one.weekday for one in weekly}
    extra_days = {one.on_day for one in specials if one.kind is DayKind.EXTRA}
    for day in _days(first, last):
        if day.isoweekday() not in open_days and day not in extra_days:
            continue
        here = [span for span in taken if local_day(span.ends_at) >= day >= local_day(span.starts_at)]
        slots = free_slots(coach_id, weekly, specials, here, first=day, last=day, now=now)
        if slots:
            return slots[0].starts_at
    return None


def _spans(slots: Iterable[Slot]) -> list[Span]:
    # Only the neighbour can be in the way: extra hours that lie over the weekly ones.
    return [Span(slot.starts_at, slot.busy_until) for slot in slots]


def _walk(coach_id: UUID, day: date, openings: Iterable[Opening]) -> Iterable[Slot]:
    for opening in openings:
        start, closes = instant_of(day, opening.from_minute), instant_of(day, opening.to_minute)
        length, pause = timedelta(minutes=opening.minutes), timedelta(minutes=opening.buffer_minutes)
        while start + length <= closes:
            if not shown_twice(start):
                ends = start + length
                yield Slot(coach_id, start, ends, ends + pause, opening.way, opening.place)
            start += length + pause


def _days(first: date, last: date) -> Iterable[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def is_late(starts_at: datetime, notice_hours: int, *, now: datetime) -> bool:
    """Whether it is too late to call a meeting off without being late."""
    return now > starts_at - timedelta(hours=notice_hours)


def is_quiet(at: datetime) -> bool:
    """Whether people sleep."""
    hour = at.astimezone(HELSINKI).hour
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def remind_at(starts_at: datetime, hours: int) -> datetime:
    """When to remind of a meeting: so many hours before, or in the evening before when people would sleep."""
    moment = starts_at - timedelta(hours=hours)
    if not is_quiet(moment):
        return moment
    local = moment.astimezone(HELSINKI)
    evening = local.date() if local.hour >= QUIET_FROM else local.date() - timedelta(days=1)
    return instant_of(evening, QUIET_FROM * 60 - LAST_CALL_MINUTES)


def is_reminder_due(starts_at: datetime, arranged_at: datetime, hours: int, *, now: datetime) -> bool:
    """Whether to remind now: not in the quiet hours, and not of what was arranged only after that moment."""
    due = remind_at(starts_at, hours)
    return arranged_at < due <= now < starts_at and not is_quiet(now)


def answer_by(starts_at: datetime, *, now: datetime) -> datetime | None:
    """Until when somebody who waits may take a freed time: half of what is left, a day at most.

    None when too little is left to ask anybody. The night does not count against the one who is asked.
    """
    left = starts_at - LEAD - now
    if left < timedelta(hours=2):
        return None
    until = now + min(timedelta(hours=24), left / 2)
    if is_quiet(until):
        morning = local_day(until) + timedelta(days=until.astimezone(HELSINKI).hour >= QUIET_FROM)
        until = min(instant_of(morning, QUIET_UNTIL * 60 + 60), starts_at - LEAD)
    return until
