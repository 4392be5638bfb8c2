"""What is public: three attackers who read only what was published look for a count under five."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from setori.quality import suppress
from setori.quality.suppress import Published

FAR = 10**9
ROUNDS = 60
COUNTS = st.one_of(st.integers(0, 6), st.integers(0, 60))
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=6)
)


def with_totals(rows: list[list[int]]) -> list[list[int]]:
    full = [[*row, sum(row)] for row in rows]
    return [*full, [sum(column) for column in zip(*full, strict=True)]]


def as_grid(shown: Published) -> list[list[int | None]]:
    """The published table with its totals as the last row and column, and nothing else."""
    rows = [[*row, total] for row, total in zip(shown.cells, shown.row_totals, strict=True)]
    return [*rows, [*shown.column_totals, shown.total]]


def lines(grid: list[list[int | None]]) -> list[list[tuple[int, int]]]:
    """Each row and each column: its last figure is the sum of the others."""
    height, width = len(grid), len(grid[0])
    return [[(i, j) for j in range(width)] for i in range(height)] + [
        [(i, j) for i in range(height)] for j in range(width)
    ]


def by_propagation(grid: list[list[int | None]]) -> dict[tuple[int, int], tuple[int, int]]:
    """What adding and subtracting tells: bounds of each figure left out, narrowed line by line, many times over."""
    bounds = {
        (i, j): (0, FAR) if shown is None else (shown, shown)
        for i, row in enumerate(grid)
        for j, shown in enumerate(row)
    }
    for _ in range(ROUNDS):
        before = dict(bounds)
        for *parts, total in lines(grid):
            low, high = sum(bounds[one][0] for one in parts), sum(bounds[one][1] for one in parts)
            news = {total: (low, high)}
            for one in parts:
                others_low, others_high = low - bounds[one][0], high - bounds[one][1]
                news[one] = (bounds[total][0] - others_high, bounds[total][1] - others_low)
            for one, (least, most) in news.items():
                bounds[one] = max(bounds[one][0], least), min(bounds[one][1], most)
        if bounds == before:
            break
    return bounds


def hidden_small(rows: list[list[int]]) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(with_totals(rows)) for j, count in enumerate(row) if count < 5]


@settings(deadline=None)
@given(TABLES)
def test_no_count_under_five_is_shown_and_what_is_shown_is_true(rows):
    for true, shown in zip(with_totals(rows), as_grid(suppress.suppress(rows)), strict=True):
        for count, figure in zip(true, shown, strict=True):
            assert figure is None or figure == count >= 5


@settings(deadline=None)
@given(TABLES)
def test_nobody_finds_one_by_adding_and_subtracting(rows):
    found = by_propagation(as_grid(suppress.suppress(rows)))
    for one in hidden_small(rows):
        low, high = found[one]
        assert low < 5 <= high, "one cannot even tell that it is small"


def allowed(grid: list[list[int | None]], one: tuple[int, int], sign: int) -> float:
    """The least (sign 1) or most (−1) that all lines together allow for a figure, by linear programming."""
    unknown = [(i, j) for i, row in enumerate(grid) for j, shown in enumerate(row) if shown is None]
    place = {cell: number for number, cell in enumerate(unknown)}
    matrix, right = [], []
    for *parts, total in lines(grid):
        row, sum_of_known = np.zeros(len(unknown)), 0
        for cell, factor in [*((part, 1) for part in parts), (total, -1)]:
            shown = grid[cell[0]][cell[1]]
            if shown is None:
                row[place[cell]] += factor
            else:
                sum_of_known += factor * shown
        matrix.append(row)
        right.append(-sum_of_known)
    aim = np.zeros(len(unknown))
    aim[place[one]] = sign
    found = linprog(aim, A_eq=np.array(matrix), b_eq=right, bounds=(0, 10_000))
    assert found.success
    return found.fun * sign


@settings(deadline=None, max_examples=40)
@given(TABLES)
def test_nor_with_all_equations_at_once(rows):
    grid = as_grid(suppress.suppress(rows))
    for one in hidden_small(rows)[:6]:
        assert allowed(grid, one, -1) >= 5 - 1e-6
        assert allowed(grid, one, 1) < 5


@settings(deadline=None, max_examples=40)
@given(TABLES)
def test_nothing_is_left_out_without_need(rows):
    """Whatever else was left out, showing it would tell of some count that it is under five."""
    true, grid = with_totals(rows), as_grid(suppress.suppress(rows))
    for i, row in enumerate(grid):
        for j, shown in enumerate(row):
            if shown is None and true[i][j] >= 5:
                row[j] = true[i][j]
                assert any(allowed(grid, one, -1) < 5 - 1e-6 for one in hidden_small(rows))
                row[j] = None


@settings(deadline=None)
@given(TABLES)
def test_it_leaves_out_the_same_each_time_and_nothing_of_a_table_without_small_counts(rows):
    assert suppress.suppress(rows) == suppress.suppress([tuple(row) for row in rows])
    larger = [[count + 5 for count in row] for row in rows]
    assert as_grid(suppress.suppress(larger)) == with_totals(larger)


def test_the_attack_itself_finds_what_is_left_out_carelessly():
    """One figure of a row; two that are nothing together; a total that its parts tell; a ring that equations close."""
    assert by_propagation([[None, 9, 12], [7, 8, 15], [10, 17, 27]])[0, 0] == (3, 3)
    assert by_propagation([[None, None, 9, 9], [8, 9, 9, 26], [8, 9, 18, 35]])[0, 0] == (0, 0)
    assert by_propagation([[1, 2, None], [7, 8, 15], [8, 10, 18]])[0, 2] == (3, 3)
    careless = [[None, None, 9, 13], [None, None, 8, 20], [6, 18, 17, 41]]
    assert by_propagation(careless)[0, 0][1] < 5


def test_a_known_table():
    shown = suppress.suppress([[0, 3, 20], [7, 9, 11], [30, 2, 50]])
    assert shown.row_totals == [23, 27, 82]
    assert shown.column_totals == [37, 14, 81]
    assert shown.total == 132
    assert shown.cells == [[None, None, None], [None, 9, None], [None, None, 50]]


def test_of_several_ways_the_one_is_taken_that_leaves_out_the_least():
    shown = suppress.suppress([[3, 40, 6], [90, 80, 70], [9, 70, 8]])
    assert shown.cells == [[None, 40, None], [90, 80, 70], [None, 70, None]]
    assert None not in [*shown.row_totals, *shown.column_totals, shown.total]


def test_a_table_of_nothing_tells_nothing():
    assert suppress.suppress([]) == Published([], [], [], None)
    assert suppress.suppress([[1]]) == Published([[None]], [None], [None], None)
    assert suppress.suppress([[], []]) == Published([[], []], [None, None], [], None)


@pytest.mark.parametrize("rows", [[[1, 2], [3]], [[5, -1]]])
def test_what_is_no_table_of_counts_is_refused(rows):
    with pytest.raises(ValueError, match="table of counts"):
        suppress.suppress(rows)


def test_a_register_of_a_hundred_providers_takes_a_moment_and_keeps_its_totals():
    rows = [[(7 * i + 11 * j * j + i * j) % 23 for j in range(4)] for i in range(60)]
    shown = suppress.suppress(rows)
    assert None not in shown.row_totals + shown.column_totals
    assert all(low <= high for low, high in pairwise([0, shown.total]))
    small = sum(count < 5 for row in rows for count in row)
    assert small < sum(count is None for row in shown.cells for count in row) < 2 * small
