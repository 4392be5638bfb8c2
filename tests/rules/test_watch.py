"""What is worth a question: around each limit, and against scipy where there is a formula."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from setori.watch import rules
from setori.watch.rules import (
    FLAG_MOVES,
    Asked,
    FlagOutcome,
    FlagStatus,
    Mix,
    Sessions,
    Shared,
    Waiting,
    deviation,
    may_close,
)

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ago(*hours: float) -> list[datetime]:
    return [AT - one * HOUR for one in hours]


def test_six_answers_within_two_days_are_a_burst_and_five_are_not() -> None:
    assert rules.burst(ago(0, 1, 2, 3, 4), at=AT) is None
    assert rules.burst(ago(0, 1, 2, 3, 4, 47.9), at=AT) == {"answers": 6, "usual": 0.0}
    assert rules.burst(ago(0, 1, 2, 3, 4, 48), at=AT) is None, "within two days, not two days apart"


def test_a_burst_is_found_wherever_it_lies_in_the_month_and_not_before() -> None:
    old = [moment - timedelta(days=20) for moment in ago(0, 1, 2, 3, 4, 5)]
    assert rules.burst(old + ago(1), at=AT) == {"answers": 6, "usual": 0.0}
    assert rules.burst([moment - timedelta(days=12) for moment in old], at=AT) is None


def test_what_is_usual_of_a_large_firm_is_no_burst() -> None:
    usual = [AT - rules.BURST_LOOKED_AT - timedelta(days=number) for number in range(180) for _ in range(2)]
    assert rules.burst(usual + ago(*range(10)), at=AT) is None, "four in two days are usual"
    assert rules.burst(usual + ago(*range(16)), at=AT) == {"answers": 16, "usual": 4.0}


@given(st.lists(st.integers(0, 29 * 24), max_size=30), st.randoms())
def test_the_largest_burst_is_found_in_any_order(hours, random) -> None:
    moments = ago(*hours)
    random.shuffle(moments)
    most = max((sum(1 for other in hours if 0 <= hour - other < 48) for hour in hours), default=0)
    found = rules.burst(moments, at=AT)
    assert (found or {"answers": 0})["answers"] == (most if most >= 6 else 0)


def test_a_device_or_network_of_many_firms_says_nothing() -> None:
    assert rules.same_device(Shared(people=3, known=50, firms=2))
    assert rules.same_device(Shared(people=2, known=2, firms=1)) is None
    assert rules.same_device(Shared(people=9, known=9, firms=3)) is None
    assert rules.same_network(Shared(people=5, known=10, firms=1))
    assert rules.same_network(Shared(people=5, known=11, firms=1)) is None
    assert rules.same_network(Shared(people=9, known=9, firms=3)) is None


def test_how_many_answer() -> None:
    assert rules.few_answers(Asked(20, 5, 0, 0)) == {"asked": 20, "answered": 5}
    assert rules.few_answers(Asked(20, 6, 0, 0)) is None
    assert rules.few_answers(Asked(19, 0, 0, 0)) is None
    assert rules.falling_answers(Asked(20, 7, 20, 16)) == {"now": 35, "before": 80, "asked": 20}
    assert rules.falling_answers(Asked(20, 8, 20, 16)) is None
    assert rules.falling_answers(Asked(20, 0, 19, 19)) is None
    assert rules.falling_answers(Asked(20, 0, 20, 0)) is None, "nobody answered before either"


HELD = Sessions(confirmed=20, silent=0, timed=20, exact=0, timed_others=0, exact_others=0, clocked=20, odd=0)


def test_how_sessions_look() -> None:
    assert rules.silence(replace(HELD, silent=8)) is None
    assert rules.silence(replace(HELD, silent=9)) == {"confirmed": 20, "silent": 9}
    assert rules.silence(replace(HELD, confirmed=9, silent=9)) is None
    assert rules.same_length(replace(HELD, exact=19)) is None
    assert rules.same_length(replace(HELD, exact=20)) == {"timed": 20, "exact": 20}
    assert rules.same_length(replace(HELD, exact=20, timed_others=15, exact_others=12)) is None, (
        "as elsewhere"
    )
    assert rules.same_length(replace(HELD, exact=20, timed_others=14, exact_others=14)), "too few to compare"
    assert rules.odd_hours(replace(HELD, odd=4)) is None
    assert rules.odd_hours(replace(HELD, odd=5)) == {"clocked": 20, "odd": 5}
    assert rules.odd_hours(replace(HELD, clocked=25, odd=5)) is None


def test_who_comes_and_who_waits() -> None:
    assert rules.creaming(Mix(40, 30, 60, 24)) == {"chose": 40, "low": 75, "saw": 60, "low_saw": 40}
    assert rules.creaming(Mix(19, 19, 60, 24)) is None
    assert rules.creaming(Mix(40, 20, 60, 24)) is None, "ten points"
    assert rules.creaming(Mix(20, 12, 30, 13)) is None, "seventeen points of few are chance"
    assert rules.parking(Waiting(10, 5, 20, 4)) == {"high": 10, "waiting": 5, "others": 20}
    assert rules.parking(Waiting(10, 4, 20, 0)) is None
    assert rules.parking(Waiting(9, 9, 0, 0)) is None
    assert rules.parking(Waiting(10, 5, 20, 6)) is None, "the others wait too"
    assert rules.parking(Waiting(10, 5, 0, 0)), "there is nobody else"


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_the_deviation_is_that_of_the_chi_square_test(of, of_others, data) -> None:
    some, other = data.draw(st.integers(0, of)), data.draw(st.integers(0, of_others))
    found = deviation(some, of, other, of_others)
    if some + other in (0, of + of_others):
        assert found == 0
        return
    table = [[some, of - some], [other, of_others - other]]
    assert isclose(found**2, stats.chi2_contingency(table, correction=False).statistic, abs_tol=1e-9)
    assert (found > 0) == (some * of_others > other * of)


@pytest.mark.parametrize("status", FlagStatus)
def test_nobody_is_told_of_a_breach_without_having_been_heard(status) -> None:
    for outcome in (FlagOutcome.BREACH, FlagOutcome.PUT_RIGHT):
        assert may_close(status, outcome, is_overdue=False) == (status is FlagStatus.ANSWERED)
        assert may_close(status, outcome, is_overdue=True) == (
            status in {FlagStatus.ANSWERED, FlagStatus.ASKED}
        )
    for outcome in (FlagOutcome.EXPLAINED, FlagOutcome.IN_VIEW):
        assert may_close(status, outcome, is_overdue=False) == (FlagStatus.CLOSED in FLAG_MOVES[status])
