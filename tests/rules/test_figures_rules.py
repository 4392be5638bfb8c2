"""Which clients count when, and when counts may be told again: by property, and an attacker who reads all that was."""

from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.figures.rules import Client, Pair, count, may_tell, may_tell_number, stratum_from
from setori.quality.outcome import Need, Stratum

ON = date(2026, 9, 15)
GOOD, OTHER = UUID(int=1), UUID(int=2)
EASY, HARD = Stratum(Need.LOW, 0, 1), Stratum(Need.HIGH, 2, 3)


def clients(provider, reached, of, *, stratum=EASY, months=3, known=12, days=400):
    """Some who finished so many days ago, of whom the first have reached it."""
    return [
        Client(provider, ON - timedelta(days=days), stratum, known, months if number < reached else 0)
        for number in range(of)
    ]


def test_what_a_voucher_recorded_is_a_stratum_and_half_of_it_is_none():
    assert stratum_from("high", "over_24_months", "from_30") == HARD
    assert stratum_from("high", None, "from_30") is None


def test_each_length_of_time_waits_until_it_has_passed_and_asks_for_a_lasting_that_long():
    found = count([*clients(GOOD, 8, 20, months=6), *clients(GOOD, 5, 10, days=100)], ON)
    assert [(one.months, one.outcome.tally.finished, one.outcome.tally.observed) for one in found] == [
        (3, 30, 13), (6, 20, 8), (12, 20, 0),
    ]  # fmt: skip


def test_who_finished_yesterday_waits_three_whole_months():
    day = date(2026, 6, 15)
    (just,) = count([Client(GOOD, day, EASY, 12, 3)], ON)
    assert just.months == 3
    assert count([Client(GOOD, day + timedelta(days=1), EASY, 12, 3)], ON) == []


def test_whose_outcome_nobody_could_show_counts_nowhere():
    assert count(clients(GOOD, 0, 30, known=0), ON) == []
    assert [one.months for one in count(clients(GOOD, 2, 30, known=6), ON)] == [3, 6]


def test_hard_clients_are_compared_with_hard_ones():
    easy, hard = clients(GOOD, 30, 60), clients(OTHER, 12, 60, stratum=HARD)
    peer = [*clients(UUID(int=3), 30, 60), *clients(UUID(int=3), 0, 60, stratum=HARD)]
    first, second, *_ = [one for one in count([*easy, *hard, *peer], ON) if one.months == 3]
    assert first.outcome.tally.raw > second.outcome.tally.raw
    assert second.outcome.rate > first.outcome.rate
    assert [tuple(cell) for cell in second.cells] == [("high", 2, 3, 60, 12, pytest.approx(0.1))]


@given(
    st.lists(st.tuples(st.sampled_from([GOOD, OTHER]), st.sampled_from([EASY, HARD, None]), st.booleans()))
)
def test_the_cells_of_a_provider_are_all_its_clients(people):
    finished = ON - timedelta(days=200)
    found = count([Client(who, finished, how, 3, 3 * reached) for who, how, reached in people], ON)
    for one in found:
        assert sum(cell.finished for cell in one.cells) == one.outcome.tally.finished
        assert sum(cell.reached for cell in one.cells) == one.outcome.tally.observed
        assert sum(cell.finished * cell.usual for cell in one.cells) == pytest.approx(
            one.outcome.tally.expected
        )


PAIRS = st.builds(Pair, st.integers(0, 40), st.integers(0, 40))


@given(st.lists(PAIRS, max_size=40))
def test_an_attacker_with_all_that_was_told_finds_no_group_of_one_to_four(months):
    """Every count and every difference of two counts of the same kind, at any two times."""
    told: list[Pair] = []
    for now in months:
        if may_tell(now, told):
            told.append(now)
    assert all(min(pair) >= 5 for pair in told)
    for one, other in combinations(told, 2):
        for part in (0, 1):
            assert abs(one[part] - other[part]) not in range(1, 5)
        assert abs(sum(one) - sum(other)) not in range(1, 5)
        assert one == other or min(abs(one[0] - other[0]), abs(one[1] - other[1])) >= 5


@given(st.lists(st.integers(0, 60), max_size=40))
def test_nor_from_plain_numbers(months):
    told: list[int] = []
    for now in months:
        if may_tell_number(now, told):
            told.append(now)
    assert all(abs(one - other) not in range(1, 5) for one, other in combinations([0, *told], 2))


def test_what_has_grown_enough_is_told():
    assert may_tell(Pair(12, 8), [])
    assert may_tell(Pair(17, 13), [Pair(12, 8)])
    assert not may_tell(Pair(17, 12), [Pair(12, 8)])
    assert not may_tell(Pair(4, 30), [])
    assert may_tell_number(5, [])
    assert not may_tell_number(9, [5])
