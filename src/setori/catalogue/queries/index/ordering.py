"""The orders of a list, and its pages: where one ended, the next goes on, whatever has come and gone in between.

Every order is a number for each row, the smallest first; among equal numbers chance decides, anew for each visitor and
day. In turns (posterior sampling) the number is the draw of `quality.order`, and so is the chance: this is
`quality.order.arrange`, computed for many at once and only as far as the page reaches.
"""

import base64
import json
from bisect import bisect_left
from dataclasses import dataclass
from math import isfinite
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from setori.catalogue.commands import Search
from setori.catalogue.queries.index.snapshot import NEVER, Floats, Places, Snapshot
from setori.catalogue.queries.views import Shown
from setori.catalogue.rules import Order
from setori.errors import Invalid
from setori.quality import order as sampling
from setori.quality.constants import ENOUGH_RESPONDENTS

Origin = tuple[float, float]
"""From where distances are measured: latitude and longitude in degrees."""

FEW = 5_000
"""Up to so many fitting rows each draws; beyond, firms are walked from the best that they can draw downwards."""

AT_ONCE = 8
TOO_EARLY = 10.0
"""Where those stand of whom it is too early to say: after everybody else, as scores lie in 1–5."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a row stands in an order."""

    number: float
    tie: float
    key: str


def page_of(
    snapshot: Snapshot,
    fitting: BitMap,
    wanted: Search,
    *,
    seed: str,
    lang: str,
    origin: Origin | None = None,
) -> tuple[list[Shown], str | None]:
    """The rows of the page that is asked for, and the cursor of the next one. Raises Invalid for a foreign cursor."""
    after = _read(snapshot, wanted, lang)
    more = wanted.limit + 1
    if wanted.order is Order.TURNS and len(fitting) > FEW:
        rows, numbers = _best_firms(snapshot, fitting, after, more, seed)
    else:
        rows = np.frombuffer(fitting.to_array(), np.uint32).astype(np.int64)
        numbers = _numbers(snapshot, rows, wanted.order, seed, lang, origin)
    places = _first(snapshot, rows, numbers, after, more, wanted.order, seed)
    on_it = [row for row, _ in places[: wanted.limit]]
    shown = _shown(snapshot, on_it, wanted.order, seed, origin)
    if len(places) <= wanted.limit:
        return shown, None
    row, spot = places[wanted.limit - 1]
    return shown, _written(snapshot, row, spot, wanted.order, lang)


def key_of(pair: tuple[UUID, UUID | None]) -> str:
    """How a pair is called wherever it is one word: `offering_coach`."""
    return f"{pair[0]}_{pair[1] or ''}"


def _numbers(
    snapshot: Snapshot, rows: Places, order: Order, seed: str, lang: str, origin: Origin | None
) -> Floats:
    """By what rows are sorted in an order."""
    if order is Order.TURNS:
        firms = snapshot.firm[rows]
        return -(snapshot.score[rows] + snapshot.sd[rows] * snapshot.luck(seed, firms)[firms])
    if order is Order.PRICE:
        return snapshot.price[rows]
    if order is Order.NAME:
        return snapshot.ranks[lang][1][rows]
    if order is Order.EARLIEST:
        return snapshot.earliest[rows]
    if order is Order.DISTANCE:
        return np.full(len(rows), NEVER) if origin is None else snapshot.kilometres(origin)[rows]
    score = -snapshot.score[rows]
    return np.where(snapshot.respondents[rows] >= ENOUGH_RESPONDENTS, score, TOO_EARLY)


def _best_firms(
    snapshot: Snapshot, fitting: BitMap, after: _Spot | None, more: int, seed: str
) -> tuple[Places, Floats]:
    """Enough fitting rows for a page in turns, without drawing for all: firm by firm, the luckiest first.

    A firm's rows share its deviate, so none of them draws more than its bound. Once the page is full, and no firm that
    is left can reach it, the others need not be looked at.
    """
    luck = snapshot.luck(seed)
    highest, widest, narrowest = snapshot.bounds
    bounds = -(highest + np.where(luck > 0, widest, narrowest) * luck)
    walk = np.argsort(bounds)
    by_firm, starts = snapshot.by_firm
    rows: list[Places] = []
    numbers: list[Floats] = []
    enough = np.inf
    found = 0
    for begin in range(0, len(walk), AT_ONCE):
        if bounds[walk[begin]] > enough:
            break
        for firm in walk[begin : begin + AT_ONCE].tolist():
            theirs = by_firm[starts[firm] : starts[firm + 1]]
            theirs = theirs[np.fromiter((row in fitting for row in theirs.tolist()), bool, len(theirs))]
            drawn = -(snapshot.score[theirs] + snapshot.sd[theirs] * luck[firm])
            if after is not None:
                theirs, drawn = theirs[drawn >= after.number], drawn[drawn >= after.number]
            rows.append(theirs)
            numbers.append(drawn)
            found += len(theirs)
        # Those at the very place where the last page ended may all stand before it.
        ahead = np.concatenate(numbers)
        ahead = ahead if after is None else ahead[ahead > after.number]
        if len(ahead) >= more:
            enough = float(np.partition(ahead, more - 1)[more - 1])
    return np.concatenate(rows), np.concatenate(numbers)


def _first(
    snapshot: Snapshot,
    rows: Places,
    numbers: Floats,
    after: _Spot | None,
    more: int,
    order: Order,
    seed: str,
) -> list[tuple[int, _Spot]]:
    """The first so many rows after a place, each with its own."""
    found: list[tuple[int, _Spot]] = []
    if after is not None:
        same = rows[numbers == after.number]
        ties = _ties(snapshot, same, order, seed)
        spots = _spots(snapshot, same, np.full(len(same), after.number), ties)
        found = [
            (row, spot)
            for row, spot in zip(same.tolist(), spots, strict=True)
            if (spot.tie, spot.key) > (after.tie, after.key)
        ]
        later = numbers > after.number
        rows, numbers = rows[later], numbers[later]
    left = more - len(found)
    if left > 0 and len(rows) > left:
        last = np.partition(numbers, left - 1)[left - 1]
        surely, equal = rows[numbers < last], rows[numbers == last]
        ties = _ties(snapshot, equal, order, seed)
        if len(equal) > left:
            near = ties <= np.partition(ties, left - 1)[left - 1]
            equal = equal[near]
        chosen = np.concatenate([surely, equal])
        kept = np.concatenate([numbers[numbers < last], np.full(len(equal), last)])
        rows, numbers = chosen, kept
    if left > 0:
        spots = _spots(snapshot, rows, numbers, _ties(snapshot, rows, order, seed))
        found.extend(zip(rows.tolist(), spots, strict=True))
    found.sort(key=lambda one: (one[1].number, one[1].tie, one[1].key))
    return found[:more]


def _spots(snapshot: Snapshot, rows: Places, numbers: Floats, ties: Floats) -> list[_Spot]:
    return [
        _Spot(number, tie, key_of(snapshot.ids[row]))
        for row, number, tie in zip(rows.tolist(), numbers.tolist(), ties.tolist(), strict=True)
    ]


def _ties(snapshot: Snapshot, rows: Places, order: Order, seed: str) -> Floats:
    """The chance that decides among equals: in turns that of `arrange`, elsewhere one that is quick for many."""
    if order is Order.TURNS:
        keys = (key_of(snapshot.ids[row]) for row in rows.tolist())
        chances = (sampling.chance(seed, snapshot.day, f"tie {key}") for key in keys)
        return np.fromiter(chances, np.float64, len(rows))
    start = np.uint64(int(sampling.chance(seed, snapshot.day, "equals") * 2**52))
    return _scatter(snapshot.hashes[rows] ^ _scatter(np.array([start], np.uint64))).astype(np.float64)


def _scatter(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Splitmix64: like numbers become unlike ones, evenly spread."""
    x = numbers + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _shown(
    snapshot: Snapshot, rows: list[int], order: Order, seed: str, origin: Origin | None
) -> list[Shown]:
    at = np.array(rows, np.int64)
    score, sd = snapshot.score[at], snapshot.sd[at]
    zs: list[float | None] = [None] * len(rows)
    draws = zs
    if order is Order.TURNS:
        firms = snapshot.firm[at]
        luck = snapshot.luck(seed, firms)[firms]
        zs, draws = luck.tolist(), (score + sd * luck).tolist()
    far = np.full(len(rows), NEVER) if origin is None else snapshot.kilometres(origin)[at]
    columns = (snapshot.born[at], score, sd, far, snapshot.earliest[at])
    return [
        Shown(
            snapshot.ids[row][0],
            snapshot.ids[row][1],
            born,
            points,
            spread,
            z,
            draw,
            _known(km),
            _known(earliest),
        )
        for row, z, draw, born, points, spread, km, earliest in zip(
            rows, zs, draws, *(column.tolist() for column in columns), strict=True
        )
    ]


def _known(number: float) -> float | None:
    return number if isfinite(number) else None


def _written(snapshot: Snapshot, row: int, spot: _Spot, order: Order, lang: str) -> str:
    """A cursor. A name is written as itself: its number is another in the next snapshot."""
    number: Any = snapshot.names[lang][row] if order is Order.NAME else spot.number
    told = [str(order), number if order is Order.NAME or isfinite(number) else None, spot.tie, spot.key]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _read(snapshot: Snapshot, wanted: Search, lang: str) -> _Spot | None:
    if wanted.after is None:
        return None
    try:
        text = base64.urlsafe_b64decode(wanted.after + "=" * (-len(wanted.after) % 4))
        order, number, tie, key = json.loads(text)
        if order != wanted.order or not isinstance(key, str):
            raise ValueError("a place in another list")
        if wanted.order is Order.NAME:
            names, _ = snapshot.ranks[lang]
            place = bisect_left(names, str(number))
            is_there = place < len(names) and names[place] == number
            return _Spot(float(place) if is_there else place - 0.5, float(tie), key)
        return _Spot(float("inf") if number is None else float(number), float(tie), key)
    except (ValueError, TypeError, AttributeError, RecursionError) as wrong:
        raise Invalid(errors={"after": "This is not where a page ended."}) from wrong
