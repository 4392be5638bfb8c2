"""What people may ask of times: hours of a week, days that are otherwise, and meetings."""

from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from setori.booking.rules import DayKind
from setori.catalogue import Way
from setori.people import Command

Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


def _in_order(from_time: time, to_time: time, minutes: int) -> None:
    length = (to_time.hour * 60 + to_time.minute) - (from_time.hour * 60 + from_time.minute)
    if length < minutes:
        raise PydanticCustomError("hours", "The hours must be long enough for one meeting.")


class OpenHours(Command):
    """Hours of every week: from when to when, how long a meeting is, how and where one meets."""

    weekday: int = Field(ge=1, le=7)
    from_time: time
    to_time: time
    way: Way
    place: Place = ""
    minutes: int = Field(default=60, ge=15, le=240)
    buffer_minutes: int = Field(default=15, ge=0, le=120)

    @model_validator(mode="after")
    def _fits(self) -> "OpenHours":
        _in_order(self.from_time, self.to_time, self.minutes)
        return self


class SetDay(Command):
    """A day that is otherwise: away (all of it, or from and until), or open besides the weekly hours."""

    on_day: date
    kind: DayKind
    from_time: time | None = None
    to_time: time | None = None
    way: Way | None = None
    place: Place = ""
    minutes: int = Field(default=60, ge=15, le=240)
    buffer_minutes: int = Field(default=15, ge=0, le=120)

    @model_validator(mode="after")
    def _fits(self) -> "SetDay":
        if (self.from_time is None) != (self.to_time is None):
            raise PydanticCustomError("hours", "Write both times, or neither.")
        if self.kind is DayKind.EXTRA:
            if self.from_time is None or self.to_time is None or self.way is None:
                raise PydanticCustomError("hours", "Write from when to when you are open, and how you meet.")
            _in_order(self.from_time, self.to_time, self.minutes)
        elif self.from_time is not None and self.to_time is not None:
            _in_order(self.from_time, self.to_time, 1)
        return self


Moment = Annotated[
    AwareDatetime, Field(gt=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
"""When something is to begin: an instant that lies in some day of ours."""


class BookTime(Command):
    """A free time that one wants."""

    starts_at: Moment


class SayWhy(Command):
    """Why a meeting does not take place, in words that the other one reads; they may be empty."""

    reason: Said = ""


class Reservation(Command):
    """Who books for which voucher with whom, and on which terms a late word or an empty chair counts.

    Whether this person may is for the vouchers to say before.
    """

    procurer_id: UUID
    voucher_id: UUID
    person_id: UUID
    coach_id: UUID
    starts_at: AwareDatetime
    last_day: date
    notice_hours: int
    late_uses: bool
    no_show_uses: bool
