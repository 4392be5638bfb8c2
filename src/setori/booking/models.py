"""When they meet: a coach's hours, the meetings, those who wait for a time, and the calendars that follow along."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from setori.booking.rules import BookingStatus, DayKind
from setori.catalogue import Way
from setori.db import choice, instant, key

MINUTES_FIT = "minutes between 15 and 240 and buffer_minutes between 0 and 120"


class WeeklyHours(SQLModel, table=True):
    """Hours in which a coach meets people every week, in minutes since midnight by the clock. Monday is 1."""

    __tablename__ = "weekly_hours"
    __table_args__ = (
        CheckConstraint("weekday between 1 and 7", name="weekly_hours_weekday_known"),
        CheckConstraint(
            "0 <= from_minute and from_minute < to_minute and to_minute <= 1440",
            name="weekly_hours_in_order",
        ),
        CheckConstraint(MINUTES_FIT, name="weekly_hours_minutes_fit"),
    )

    id: UUID = key()
    coach_id: UUID = Field(foreign_key="coach.id", index=True)
    weekday: int
    from_minute: int
    to_minute: int
    minutes: int
    buffer_minutes: int
    way: Way = choice(Way, "weekly_hours", "way")
    place: str = Field(default="", max_length=300)


class SpecialDay(SQLModel, table=True):
    """A day on which a coach is away for some time, or open besides the weekly hours."""

    __tablename__ = "special_day"
    __table_args__ = (
        CheckConstraint(
            "0 <= from_minute and from_minute < to_minute and to_minute <= 1440",
            name="special_day_in_order",
        ),
        CheckConstraint("(kind = 'extra') = (way is not null)", name="special_day_extra_has_a_way"),
        CheckConstraint(MINUTES_FIT, name="special_day_minutes_fit"),
        Index("ix_special_day_coach_id", "coach_id", "on_day"),
    )

    id: UUID = key()
    coach_id: UUID = Field(foreign_key="coach.id")
    on_day: date
    kind: DayKind = choice(DayKind, "special_day", "kind")
    from_minute: int
    to_minute: int
    minutes: int
    buffer_minutes: int
    way: Way | None = choice(Way, "special_day", "way", nullable=True)
    place: str = Field(default="", max_length=300)


class Booking(SQLModel, table=True):
    """A meeting. While it is offered or booked nobody else has that time: two constraints of the database hold it.

    `sequence` counts its changes for calendars. The terms are those of the voucher, told when it was booked. The
    voucher and the recorded session are known by their ids alone, for their domain is above this one.
    """

    __table_args__ = (
        CheckConstraint("starts_at < ends_at and ends_at <= busy_until", name="booking_times_in_order"),
        CheckConstraint("(status = 'offered') <= (answer_by is not null)", name="booking_offer_has_an_end"),
        CheckConstraint(
            "(status in ('offered', 'booked')) = (closed_at is null)", name="booking_closed_with_its_state"
        ),
        CheckConstraint("notice_hours between 0 and 168", name="booking_notice_in_bounds"),
        CheckConstraint("sequence >= 0", name="booking_sequence_counts"),
        UniqueConstraint("redemption_id"),
        Index("ix_booking_voucher_id", "voucher_id", "starts_at"),
        Index("ix_booking_person_id", "person_id", "starts_at"),
        Index("ix_booking_coach_id", "coach_id", "starts_at"),
        Index("ix_booking_live", "starts_at", postgresql_where=text("status in ('offered', 'booked')")),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    voucher_id: UUID
    person_id: UUID = Field(foreign_key="person.id")
    coach_id: UUID = Field(foreign_key="coach.id")
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    busy_until: datetime = instant()
    way: Way = choice(Way, "booking", "way")
    place: str = Field(default="", max_length=300)
    status: BookingStatus = choice(BookingStatus, "booking", "status")
    sequence: int = Field(default=0)
    notice_hours: int
    late_uses: bool
    no_show_uses: bool
    arranged_by: UUID | None = Field(default=None, foreign_key="person.id")
    arranged_at: datetime = instant()
    answer_by: datetime | None = instant(nullable=True)
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = instant(nullable=True)
    reason: str = Field(default="", max_length=500)
    redemption_id: UUID | None = Field(default=None)


class WaitingPlace(SQLModel, table=True):
    """Somebody who waits for a time of a coach. Those who came first are asked first."""

    __tablename__ = "waiting_place"
    __table_args__ = (
        Index(
            "one_waiting_place",
            "voucher_id",
            unique=True,
            postgresql_where=text("left_at is null"),
        ),
        Index(
            "ix_waiting_place_line", "coach_id", "since_at", "id", postgresql_where=text("left_at is null")
        ),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    voucher_id: UUID
    person_id: UUID = Field(foreign_key="person.id", index=True)
    coach_id: UUID = Field(foreign_key="coach.id")
    last_day: date
    notice_hours: int
    late_uses: bool
    no_show_uses: bool
    since_at: datetime = instant()
    left_at: datetime | None = instant(nullable=True)


class BookingReminder(SQLModel, table=True):
    """That both were reminded of a meeting at this time, so many hours before: once, however often one looks."""

    __tablename__ = "booking_reminder"
    __table_args__ = (
        ForeignKeyConstraint(["booking_id"], ["booking.id"]),
        CheckConstraint("hours in (3, 48)", name="booking_reminder_hours_known"),
    )

    booking_id: UUID = Field(primary_key=True)
    starts_at: datetime = Field(sa_type=instant().sa_type, primary_key=True)
    hours: int = Field(primary_key=True)
    sent_at: datetime = instant()


class CalendarFeed(SQLModel, table=True):
    """An address under which a person's own calendar finds the meetings. Only the hash of its secret is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("one_live_feed", "person_id", unique=True, postgresql_where=text("ended_at is null")),
    )

    id: UUID = key()
    person_id: UUID = Field(foreign_key="person.id")
    token_hash: bytes
    made_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
