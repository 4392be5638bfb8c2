"""What of a table may be public: no count under five, and none that can be found by subtraction.

A table is published with the totals of its rows, of its columns, and of all. Counts under five are left out (also among
the totals); then nobody is safe yet, as total − others = what was left out. So others are left out too, until the
published figures allow for each count under five that it is five or more: whoever adds and subtracts, and knows that
counts are not negative, cannot even tell that it is small.

A table with totals is a circulation: each count flows from its row to its column, each total back. What the figures
allow for a count is then the largest flow around it through what was left out (exact, in whole numbers), and the
cheapest way to more room is a shortest path. Sources: D. Gusfield, "A graph theoretic approach to statistical data
security", SIAM J. Computing 17 (1988); L. Cox, "Network models for complementary cell suppression", JASA 90 (1995).

What it does not do: two tables that share counts (this month's and last month's of the same people) are each safe
alone only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from setori.quality.constants import LEAST_SHOWN

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Published:
    """A table as it may be shown: None is a figure that was left out."""

    cells: list[list[int | None]]
    row_totals: list[int | None]
    column_totals: list[int | None]
    total: int | None


def suppress(rows: Sequence[Sequence[int]]) -> Published:
    """Leave out of a table (rows of counts, all of one length) what must not be public. Its totals are added here."""
    width = len(rows[0]) if rows else 0
    if any(len(row) != width for row in rows) or any(count < 0 for row in rows for count in row):
        raise ValueError("a table of counts: rows of one length, nothing negative")
    net = _Net(rows, width)
    hidden = {edge for edge, count in net.flow.items() if count < LEAST_SHOWN}
    small = sorted(hidden)
    for edge in small:
        net.make_room(edge, hidden)
    # What was left out for one count may not be needed once others are: the largest figures come back first.
    for edge in sorted(hidden.difference(small), key=lambda edge: (-net.flow[edge], edge)):
        fewer = hidden - {edge}
        if all(net.has_room(one, fewer) for one in small):
            hidden = fewer
    shown = {edge: None if edge in hidden else count for edge, count in net.flow.items()}
    across, down = range(width), range(len(rows))
    return Published(
        cells=[[shown[net.cell(i, j)] for j in across] for i in down],
        row_totals=[shown[net.cell(i, width)] for i in down],
        column_totals=[shown[net.cell(len(rows), j)] for j in across],
        total=shown[net.cell(len(rows), width)],
    )


class _Net:
    """The table as a circulation. Nodes: the rows and the row of totals, then the columns and the column of totals.

    In a row, what the counts carry away the total brings; in the row and in the column of totals it is the other way
    round, and the total of all goes from rows to columns like a count.
    """

    def __init__(self, rows: Sequence[Sequence[int]], width: int) -> None:
        self.height, self.width = len(rows), width
        self.flow: dict[Edge, int] = {}
        full = [[*row, sum(row)] for row in rows]
        full.append([sum(row[j] for row in full) for j in range(width + 1)])
        for i, row in enumerate(full):
            for j, count in enumerate(row):
                self.flow[self.cell(i, j)] = count
        self.at: dict[int, list[Edge]] = {}
        for edge in self.flow:
            for node in edge:
                self.at.setdefault(node, []).append(edge)

    def cell(self, i: int, j: int) -> Edge:
        """The edge of a count; one past the last row or column is the total."""
        row, column = i, self.height + 1 + j
        is_total = (i == self.height) != (j == self.width)
        return (column, row) if is_total else (row, column)

    def has_room(self, edge: Edge, hidden: set[Edge]) -> bool:
        """Whether the published figures allow this count to be five or more."""
        return self._push(edge, hidden, may_hide=False)

    def make_room(self, edge: Edge, hidden: set[Edge]) -> None:
        """Leave out, in `hidden`, as little as possible for this count to have room."""
        self._push(edge, hidden, may_hide=True)

    def _push(self, edge: Edge, hidden: set[Edge], *, may_hide: bool) -> bool:
        missing = LEAST_SHOWN - self.flow[edge]
        pushed: dict[Edge, int] = {}
        while missing > 0:
            path = self._path(edge, hidden, pushed, may_hide=may_hide)
            if path is None:
                return False
            back = [self.flow[one] + pushed.get(one, 0) for one, forward in path if not forward]
            step = min([missing, *back])
            for one, forward in path:
                pushed[one] = pushed.get(one, 0) + (step if forward else -step)
                hidden.add(one)
            missing -= step
        return True

    def _path(
        self, edge: Edge, hidden: set[Edge], pushed: dict[Edge, int], *, may_hide: bool
    ) -> list[tuple[Edge, bool]] | None:
        """The cheapest way from an edge's end to its beginning: leaving out a figure costs one more than it counts.

        Forwards along an edge what it carries may grow without end, backwards it may shrink to nothing.
        """
        begin, end = edge[1], edge[0]
        best: dict[int, int] = {begin: 0}
        came: dict[int, tuple[int, Edge, bool]] = {}
        queue = [(0, begin)]
        while queue:
            cost, node = heappop(queue)
            if cost > best[node]:
                continue
            if node == end:
                path = []
                while node != begin:
                    node, one, forward = came[node]
                    path.append((one, forward))
                return path
            for one in self.at[node]:
                forward = one[0] == node
                if one == edge or (one not in hidden and not may_hide):
                    continue
                if not forward and self.flow[one] + pushed.get(one, 0) == 0:
                    continue
                there = one[1] if forward else one[0]
                total = cost + (0 if one in hidden else self.flow[one] + 1)
                if there not in best or total < best[there]:
                    best[there] = total
                    came[there] = (node, one, forward)
                    heappush(queue, (total, there))
        return None
