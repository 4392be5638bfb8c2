"""When somebody is asked: never before a session, once of each stage, never backwards, and not about the past."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.reviews import Stage, stage_due
from setori.reviews.rules import CHANGE_FOR, OPEN_FOR, is_open

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
numbers = st.integers(0, 12)
stages = st.frozensets(st.sampled_from(Stage))


@pytest.mark.parametrize(
    ("sessions", "used", "units", "is_over", "asked", "due"),
    [
        (0, 0, 4, False, "", None),
        (0, 0, 4, True, "", None),
        (1, 1, 4, False, "", Stage.START),
        (1, 1, 4, False, "start", None),
        (1, 3, 4, False, "", Stage.START),
        (2, 2, 4, False, "start", Stage.MIDDLE),
        (2, 2, 4, False, "", Stage.MIDDLE),
        (3, 3, 4, False, "start middle", None),
        (2, 2, 4, False, "middle", None),
        (4, 4, 4, True, "start middle", Stage.END),
        (4, 4, 4, True, "start middle end", None),
        (1, 1, 4, True, "start", None),
        (1, 1, 1, True, "", Stage.END),
    ],
)
def test_what_is_asked_when(sessions, used, units, is_over, asked, due):
    before = {Stage(one) for one in asked.split()}
    assert stage_due(sessions, used, units, is_over=is_over, asked=before) is due


@given(numbers, numbers, numbers, st.booleans(), stages)
def test_nobody_is_asked_before_a_session_nor_twice_nor_backwards(sessions, used, units, is_over, asked):
    due = stage_due(sessions, used, units, is_over=is_over, asked=asked)
    if due is not None:
        order = list(Stage)
        assert sessions >= 1
        assert all(order.index(due) > order.index(one) for one in asked)


@given(st.lists(st.tuples(numbers, st.booleans()), max_size=30))
def test_whatever_happens_three_times_are_the_most(moments):
    """However sessions come and go and vouchers end and go on, a coach is asked about three times at most."""
    asked: list[Stage] = []
    for sessions, is_over in moments:
        due = stage_due(sessions, sessions, 8, is_over=is_over, asked=asked)
        if due is not None:
            asked.append(due)
    assert len(asked) == len(set(asked)) <= 3
    assert asked == sorted(asked, key=list(Stage).index)


def test_a_question_is_open_for_a_time_and_an_answer_can_be_given_anew_for_another():
    second = timedelta(seconds=1)
    assert is_open(NOW + OPEN_FOR - second, NOW, None, None)
    assert not is_open(NOW + OPEN_FOR, NOW, None, None)
    assert not is_open(NOW, NOW, None, NOW)
    assert is_open(NOW + CHANGE_FOR - second, NOW, NOW, None)
    assert is_open(NOW + CHANGE_FOR - second, NOW, NOW, NOW)
    assert not is_open(NOW + CHANGE_FOR, NOW, NOW, None)
