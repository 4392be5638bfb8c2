"""Asking a snapshot: which rows fit, how many fit under each filter, and which stand on the page that is asked for."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from setori.catalogue.commands import KILOMETRES, WITHIN_DAYS, Search
from setori.catalogue.queries.index.ordering import Origin, page_of
from setori.catalogue.queries.index.snapshot import NEVER, Floats, Snapshot
from setori.catalogue.queries.views import Facets, Shown
from setori.days import midnight

TAGS = ("area", "service", "language", "way", "speciality")
"""The filters that are bitmaps and take one value, each named as in the command."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Which rows stand on the page, after which place the next one begins, how many fit, and the counts.

    `without` says how many there would be without each of the filters, when there is nobody with all of them; of
    several values each is a filter (`access=step_free`).
    """

    shown: list[Shown]
    next: str | None
    total: int
    facets: Facets
    without: dict[str, int] = field(default_factory=dict)


def ask(
    snapshot: Snapshot,
    wanted: Search,
    *,
    seed: str,
    lang: str,
    text: BitMap | None = None,
    origin: Origin | None = None,
    counts: bool = True,
) -> Answer:
    """The page that is asked for. Raises Invalid.

    `text` are the rows that the words in `wanted.q` lead to, `origin` is where `wanted.near` lies.
    """
    chosen = _chosen(snapshot, wanted, origin)
    if text is not None:
        chosen["q"] = text
    fitting = _all_of(snapshot, chosen.values())
    shown, following = page_of(snapshot, fitting, wanted, seed=seed, lang=lang, origin=origin)
    if not counts:
        return Answer(shown, following, len(fitting), Facets())
    bases = {
        name: _all_of(snapshot, (rows for other, rows in chosen.items() if other != name)) for name in chosen
    }
    return Answer(
        shown,
        following,
        len(fitting),
        _facets(snapshot, bases, fitting, origin),
        {} if fitting else {name: len(base) for name, base in bases.items() if base},
    )


def _chosen(snapshot: Snapshot, wanted: Search, origin: Origin | None) -> dict[str, BitMap]:
    """The rows that each filter leaves; those of several values one by one, for all of them must be there."""
    asked: dict[str, Any] = {name: getattr(wanted, name) for name in TAGS}
    chosen = {name: snapshot.having((name, value)) for name, value in asked.items() if value is not None}
    for value in wanted.access:
        chosen[f"access={value}"] = snapshot.having(("access", str(value)))
    if wanted.within is not None:
        chosen["within"] = _rows(snapshot.earliest <= _end_of(snapshot, wanted.within))
    if wanted.most_cents is not None:
        chosen["most"] = _rows(snapshot.price <= wanted.most_cents)
    if wanted.km is not None and origin is not None:
        chosen["km"] = _rows(snapshot.kilometres(origin) <= wanted.km)
    return chosen


def _rows(which: npt.NDArray[np.bool_]) -> BitMap:
    return BitMap(array("I", np.flatnonzero(which).astype(np.uint32).tobytes()))


def _end_of(snapshot: Snapshot, days: int) -> float:
    """The last second of the last of so many days after today."""
    return midnight(snapshot.day + timedelta(days=days + 1)).timestamp() - 1


def _all_of(snapshot: Snapshot, chosen: Iterable[BitMap]) -> BitMap:
    """The rows that every chosen filter leaves; the smallest first, so that the others have little to do."""
    return reduce(lambda one, other: one & other, sorted(chosen, key=len), snapshot.alive)


def _facets(
    snapshot: Snapshot, bases: Mapping[str, BitMap], fitting: BitMap, origin: Origin | None
) -> Facets:
    """Counts by filter. Each filter's own counts leave that filter out: they tell what a change would give."""
    counted: dict[str, dict[Any, int]] = {name: {} for name in (*TAGS, "access")}
    everything = len(fitting) == len(snapshot.alive)
    for (name, value), rows in snapshot.tags.items():
        base = bases.get(name, fitting)
        number = len(rows) if everything else base.intersection_cardinality(rows)
        if number:
            counted[name][value] = number
    ends = {days: _end_of(snapshot, days) for days in WITHIN_DAYS}
    return Facets(
        areas=counted["area"],
        languages=counted["language"],
        ways=counted["way"],
        services=counted["service"],
        specialities=counted["speciality"],
        access=counted["access"],
        within=_up_to(snapshot.earliest, ends, bases.get("within", fitting)),
        km={}
        if origin is None
        else _up_to(snapshot.kilometres(origin), {km: km for km in KILOMETRES}, bases.get("km", fitting)),
    )


def _up_to(numbers: Floats, limits: Mapping[int, float], base: BitMap) -> dict[int, int]:
    """How many rows have a number up to each limit."""
    theirs = numbers[np.frombuffer(base.to_array(), np.uint32)]
    theirs = theirs[theirs < NEVER]
    return {name: number for name, limit in limits.items() if (number := int((theirs <= limit).sum()))}
