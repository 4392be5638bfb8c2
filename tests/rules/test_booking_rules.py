"""Free times by the clock on the wall, also in the nights when it is changed; reminders; offers."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.booking import rules
from setori.booking.rules import BOOKING_MOVES, BookingStatus, DayKind, Opening, Span, Special, Weekly
from setori.days import HELSINKI

COACH = UUID(int=7)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""The clock goes from 3 to 4 in the morning of the one, and from 4 back to 3 in that of the other."""


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def wall(at: datetime) -> str:
    return at.astimezone(HELSINKI).strftime("%H:%M")


def slots(day: date, *openings: Opening, specials=(), taken=(), now=None, elsewhere=()):
    weekly = [Weekly(day.isoweekday(), one) for one in openings]
    now = now or datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=3)
    return rules.free_slots(
        COACH, weekly, list(specials), list(taken), first=day, last=day, now=now, busy_elsewhere=elsewhere
    )


def opening(from_minute, to_minute, minutes=60, buffer_minutes=0) -> Opening:
    return Opening(from_minute, to_minute, minutes, buffer_minutes, "in_person", "Hämeenkatu 1")


def test_hours_are_cut_into_meetings_with_a_pause_between_them() -> None:
    found = slots(date(2026, 9, 15), opening(9 * 60, 12 * 60, 60, 15))
    assert [(wall(one.starts_at), wall(one.ends_at)) for one in found] == [
        ("09:00", "10:00"),
        ("10:15", "11:15"),
    ]
    assert found[0].busy_until - found[0].ends_at == timedelta(minutes=15)


def test_in_the_night_of_spring_the_hour_that_the_clock_skips_is_not_offered() -> None:
    found = slots(SPRING, opening(0, 6 * 60))
    assert [wall(one.starts_at) for one in found] == ["00:00", "01:00", "02:00", "04:00", "05:00"]
    assert all(one.ends_at - one.starts_at == timedelta(hours=1) for one in found)


def test_in_the_night_of_autumn_the_hour_that_comes_twice_is_offered_once() -> None:
    found = slots(AUTUMN, opening(0, 6 * 60))
    assert [wall(one.starts_at) for one in found] == ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00"]
    assert found[3].starts_at == utc(2026, 10, 25, 0)
    assert found[4].starts_at == utc(2026, 10, 25, 2)


@given(
    day=st.sampled_from([SPRING, AUTUMN, SPRING - timedelta(days=1), AUTUMN + timedelta(days=1)]),
    hours=st.lists(
        st.tuples(st.integers(0, 1400), st.integers(15, 700), st.integers(15, 120), st.integers(0, 45)),
        min_size=1,
        max_size=3,
    ),
    away=st.lists(st.tuples(st.integers(0, 1380), st.integers(10, 300)), max_size=2),
    taken=st.lists(st.tuples(st.integers(0, 1500), st.integers(15, 120)), max_size=3),
)
def test_whatever_the_hours_every_free_time_is_one_that_can_be_kept(day, hours, away, taken) -> None:
    """Within the hours by the clock, as long as it says, never twice by the same name, never over another."""
    openings = [
        opening(start, min(start + long, 1440), minutes, pause) for start, long, minutes, pause in hours
    ]
    specials = [Special(day, DayKind.AWAY, start, min(start + long, 1440)) for start, long in away]
    midnight = rules.instant_of(day, 0)
    spans = [
        Span(midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + long))
        for start, long in taken
    ]
    found = slots(day, *openings, specials=specials, taken=spans)
    names = [wall(one.starts_at) for one in found]
    assert len(set(names)) == len(names)
    for before, after in pairwise(found):
        assert before.busy_until <= after.starts_at
    for one in found:
        local = one.starts_at.astimezone(HELSINKI)
        assert local.date() == day
        assert local.astimezone(UTC) == one.starts_at
        minute = local.hour * 60 + local.minute
        fitting = [
            o
            for o in openings
            if o.minutes * 60 == (one.ends_at - one.starts_at).total_seconds()
            and o.from_minute <= minute
            and one.ends_at <= rules.instant_of(day, o.to_minute)
        ]
        assert fitting, "inside hours of that length"
        assert not any(span.meets(one.starts_at, one.busy_until) for span in spans)
        for special in specials:
            span = Span(rules.instant_of(day, special.from_minute), rules.instant_of(day, special.to_minute))
            assert not span.meets(one.starts_at, one.ends_at)


def test_a_day_away_closes_and_an_extra_one_opens() -> None:
    day = date(2026, 9, 15)
    extra = Special(day, DayKind.EXTRA, 600, 660, opening(600, 660))
    assert slots(day, opening(540, 720), specials=[Special(day, DayKind.AWAY, 0, 1440)]) == []
    assert [wall(one.starts_at) for one in slots(day, specials=[extra])] == ["10:00"]
    assert [wall(one.starts_at) for one in slots(day, opening(540, 660), specials=[extra])] == [
        "09:00",
        "10:00",
    ]


def test_what_is_taken_is_not_free_and_the_pause_counts() -> None:
    day = date(2026, 9, 15)
    taken = [Span(utc(2026, 9, 15, 6), utc(2026, 9, 15, 7, 15))]
    assert [wall(one.starts_at) for one in slots(day, opening(540, 720), taken=taken)] == ["11:00"]
    elsewhere = [Span(utc(2026, 9, 15, 7), utc(2026, 9, 15, 8))]
    found = slots(day, opening(540, 720), elsewhere=elsewhere)
    assert [wall(one.starts_at) for one in found] == ["09:00", "11:00"]


def test_the_past_and_the_next_two_hours_are_not_offered() -> None:
    found = slots(date(2026, 9, 15), opening(540, 900), now=utc(2026, 9, 15, 7, 30))
    assert [wall(one.starts_at) for one in found] == ["13:00", "14:00"]


@pytest.mark.parametrize(
    ("starts_at", "hours", "said"),
    [
        (utc(2026, 9, 15, 10), 3, utc(2026, 9, 15, 7)),  # 13:00 → 10:00
        (utc(2026, 9, 15, 6), 3, utc(2026, 9, 14, 17, 45)),  # 9:00 → 6:00 would be night → 20:45 before
        (utc(2026, 9, 15, 20, 30), 3, utc(2026, 9, 15, 17, 30)),  # 23:30 → 20:30
        (utc(2026, 9, 15, 18, 0), 48, utc(2026, 9, 13, 17, 45)),  # 21:00 two days before → 20:45
        (utc(2026, 10, 25, 6), 3, utc(2026, 10, 24, 17, 45)),  # over the night of the clock
    ],
)
def test_nobody_is_reminded_in_the_night(starts_at, hours, said) -> None:
    assert rules.remind_at(starts_at, hours) == said
    assert not rules.is_quiet(said)


@given(
    starts_at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    hours=st.sampled_from([3, 48]),
)
def test_a_reminder_comes_in_time_and_never_later_than_promised(starts_at, hours) -> None:
    said = rules.remind_at(starts_at, hours)
    assert not rules.is_quiet(said)
    assert said <= starts_at - timedelta(hours=hours)
    assert said >= starts_at - timedelta(hours=hours + 13)


def test_what_was_arranged_after_the_moment_is_not_reminded_of() -> None:
    starts = utc(2026, 9, 15, 10)
    assert rules.is_reminder_due(starts, utc(2026, 9, 14), 3, now=utc(2026, 9, 15, 7, 1))
    assert not rules.is_reminder_due(starts, utc(2026, 9, 15, 7, 0), 3, now=utc(2026, 9, 15, 7, 1))
    assert not rules.is_reminder_due(starts, utc(2026, 9, 14), 3, now=utc(2026, 9, 15, 10))


def test_an_offer_leaves_time_to_answer_and_ends_before_the_meeting() -> None:
    now = utc(2026, 9, 15, 7)
    assert rules.answer_by(now + timedelta(hours=3), now=now) is None
    assert rules.answer_by(now + timedelta(hours=8), now=now) == now + timedelta(hours=3)
    assert rules.answer_by(now + timedelta(days=9), now=now) == now + timedelta(hours=24)
    late = utc(2026, 9, 15, 18)  # nine in the evening: an answer is asked for in the morning at the earliest
    until = rules.answer_by(late + timedelta(hours=14), now=late)
    assert until == utc(2026, 9, 16, 6)


def test_every_state_has_its_moves() -> None:
    assert set(BOOKING_MOVES) == set(BookingStatus)
