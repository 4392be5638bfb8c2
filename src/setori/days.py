"""Days and months as Finland counts them: an instant is UTC, a day is a day in Helsinki."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")


def local_day(at: datetime) -> date:
    """The day in Finland at an instant."""
    return at.astimezone(HELSINKI).date()


def month_of(day: date) -> date:
    """A month is named by its first day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of its month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(month: date) -> date:
    """The last day of a month."""
    return next_month(month) - timedelta(days=1)


def day_before(day: date) -> date:
    """The last day of days that end before this one."""
    return day - timedelta(days=1)


def begin_of(day: date, begins: time) -> datetime:
    """The instant at which something begins at a time of the clock in Finland.

    A time that the clock skips in spring is taken an hour later, and one that it shows twice in autumn is the first.
    """
    return datetime.combine(day, begins, tzinfo=HELSINKI).astimezone(UTC)


def midnight(day: date) -> datetime:
    """When a day begins in Finland, as an instant in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=HELSINKI).astimezone(UTC)


def noon(day: date) -> datetime:
    """Noon in Finland on a day, as an instant in UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=HELSINKI).astimezone(UTC)
