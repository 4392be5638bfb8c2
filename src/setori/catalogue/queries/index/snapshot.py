"""A snapshot of what can be chosen on one day: numbers in arrays, and a bitmap for every value of every filter.

It never changes. What has changed gives the next snapshot: the rows of the firms concerned leave every bitmap, and
their new rows are added at the end. A row that has left keeps its place in the arrays until the next full reading.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from setori.catalogue.queries.index.rows import Row
from setori.quality import order
from setori.texts import LANGUAGES

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Tag = tuple[str, Any]
"""A filter and one of its values."""

NEVER = float("inf")
SEEDS_KEPT = 256
ORIGINS_KEPT = 32
EARTH_KM = 6371.0


@dataclass(frozen=True)
class Snapshot:
    """See the module. A place is a row's index in every array; `ids` are (offering, coach or None)."""

    day: date
    generation: int
    ids: Sequence[tuple[UUID, UUID | None]]
    firms: Sequence[UUID]
    """The providers; `firm` says which of them a row belongs to."""
    firm: npt.NDArray[np.int32]
    sold: Mapping[UUID, BitMap]
    """The rows of each provider: they are read again when it changes."""
    born: npt.NDArray[np.int32]
    """In which generation a row was read: what is kept of its card is good as long as this stays."""
    price: Floats
    score: Floats
    sd: Floats
    respondents: npt.NDArray[np.int32]
    earliest: Floats
    """Seconds since 1970 of the first free time, or NEVER."""
    latitude: Floats
    longitude: Floats
    entry: Places
    names: Mapping[str, Sequence[str]]
    alive: BitMap
    tags: Mapping[Tag, BitMap]
    lucks: dict[str, Floats] = field(default_factory=dict)
    """The deviates of each firm that were drawn so far, by seed. Of one seed and day they are always the same."""
    distances: dict[tuple[float, float], Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, day: date, rows: Iterable[Row], generation: int = 0) -> "Snapshot":
        """From everything that there is."""
        nothing = np.empty(0)
        empty = cls(
            day=day,
            generation=generation - 1,
            ids=[],
            firms=[],
            firm=np.empty(0, np.int32),
            sold={},
            born=np.empty(0, np.int32),
            price=nothing,
            score=nothing,
            sd=nothing,
            respondents=np.empty(0, np.int32),
            earliest=nothing,
            latitude=nothing,
            longitude=nothing,
            entry=np.empty(0, np.int64),
            names={language: [] for language in LANGUAGES},
            alive=BitMap(),
            tags={},
        )
        return empty.after((), rows)

    def after(self, changed: Iterable[UUID], rows: Iterable[Row]) -> "Snapshot":
        """The next snapshot: without what the changed providers had, and with these rows, which they have now."""
        gone = BitMap().union(*[self.sold[firm] for firm in changed if firm in self.sold])
        new = list(rows)
        start = len(self.ids)
        firms = list(self.firms)
        known = {firm: number for number, firm in enumerate(firms)}
        numbers = []
        added: dict[Tag, array[int]] = defaultdict(lambda: array("I"))
        theirs: dict[UUID, array[int]] = defaultdict(lambda: array("I"))
        for place, row in enumerate(new, start):
            if row.provider_id not in known:
                known[row.provider_id] = len(firms)
                firms.append(row.provider_id)
            numbers.append(known[row.provider_id])
            theirs[row.provider_id].append(place)
            for tag in _tags(row):
                added[tag].append(place)
        generation = self.generation + 1
        return Snapshot(
            day=self.day,
            generation=generation,
            ids=[*self.ids, *((row.offering_id, row.coach_id) for row in new)],
            firms=firms,
            firm=np.concatenate([self.firm, np.array(numbers, np.int32)]),
            sold=_next(self.sold, gone, theirs),
            born=np.concatenate([self.born, np.full(len(new), generation, np.int32)]),
            price=np.concatenate([self.price, np.array([row.price_cents for row in new], np.float64)]),
            score=np.concatenate([self.score, np.array([row.score for row in new], np.float64)]),
            sd=np.concatenate([self.sd, np.array([row.sd for row in new], np.float64)]),
            respondents=np.concatenate(
                [self.respondents, np.array([row.respondents for row in new], np.int32)]
            ),
            earliest=np.concatenate([self.earliest, np.array([_seconds(row.earliest) for row in new])]),
            latitude=np.concatenate([self.latitude, np.array([row.latitude for row in new], np.float64)]),
            longitude=np.concatenate([self.longitude, np.array([row.longitude for row in new], np.float64)]),
            entry=np.concatenate([self.entry, np.array([row.entry for row in new], np.int64)]),
            names={
                language: [*self.names[language], *(row.names[number] for row in new)]
                for number, language in enumerate(LANGUAGES)
            },
            alive=(self.alive - gone) | BitMap(array("I", range(start, start + len(new)))),
            tags=_next(self.tags, gone, added),
            lucks={} if len(firms) != len(self.firms) else self.lucks,
        )

    @property
    def is_worn(self) -> bool:
        """Whether more rows have left than are still there: then it is better read as a whole."""
        return len(self.ids) > 1000 + 2 * len(self.alive)

    def having(self, tag: Tag) -> BitMap:
        """The rows that have a value of a filter."""
        return self.tags.get(tag) or BitMap()

    def values(self, kind: str) -> list[Any]:
        """The values of a filter that any row has."""
        return [value for one, value in self.tags if one == kind]

    @cached_property
    def places(self) -> dict[tuple[UUID, UUID | None], int]:
        """Where each pair stands that is still there."""
        return {self.ids[place]: place for place in self.alive}

    @cached_property
    def _entries(self) -> tuple[Places, Places]:
        places = np.frombuffer(self.alive.to_array(), np.uint32).astype(np.int64)
        entries = self.entry[places]
        in_order = np.argsort(entries)
        return entries[in_order], places[in_order]

    def holding(self, entries: Places) -> BitMap:
        """The rows whose words are kept under these numbers, each of which is given once and in order."""
        known, places = self._entries
        if not len(known):
            return BitMap()
        at = np.minimum(np.searchsorted(known, entries), len(known) - 1)
        found = places[at[known[at] == entries]]
        return BitMap(array("I", np.sort(found).astype(np.uint32).tobytes()))

    @cached_property
    def ranks(self) -> dict[str, tuple[list[str], Floats]]:
        """By language: all names in order, each once, and of each row the number of its name."""
        found = {}
        for language, names in self.names.items():
            different = sorted(set(names))
            number = {name: float(place) for place, name in enumerate(different)}
            found[language] = (
                different,
                np.fromiter((number[name] for name in names), np.float64, len(names)),
            )
        return found

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """Of each row a number that is its own."""
        keys = ((one.int ^ ((other.int if other else 0) >> 3)) & (2**64 - 1) for one, other in self.ids)
        return np.fromiter(keys, np.uint64, len(self.ids))

    @cached_property
    def by_firm(self) -> tuple[Places, Places]:
        """The rows, firm after firm, and where each firm's begin (and the last ones end)."""
        rows = np.argsort(self.firm, kind="stable")
        return rows, np.searchsorted(self.firm[rows], np.arange(len(self.firms) + 1))

    @cached_property
    def bounds(self) -> tuple[Floats, Floats, Floats]:
        """Of each firm, also of rows that have left: the highest score, the widest and the narrowest sd."""
        rows, starts = self.by_firm
        if not len(rows):
            return (np.empty(0),) * 3
        begins = starts[:-1]
        return (
            np.maximum.reduceat(self.score[rows], begins),
            np.maximum.reduceat(self.sd[rows], begins),
            np.minimum.reduceat(self.sd[rows], begins),
        )

    def kilometres(self, origin: tuple[float, float]) -> Floats:
        """How far each row's place is from a spot, as the crow flies; NEVER for a place that is not known."""
        kept = self.distances.get(origin)
        if kept is None:
            if len(self.distances) >= ORIGINS_KEPT:
                self.distances.clear()
            kept = self.distances[origin] = _kilometres(self.latitude, self.longitude, *origin)
        return kept

    def luck(self, seed: str, firms: npt.NDArray[Any] | None = None) -> Floats:
        """The deviate of each firm for one seed, drawn where it is needed; NaN elsewhere."""
        kept = self.lucks.get(seed)
        if kept is None:
            while len(self.lucks) >= SEEDS_KEPT:
                self.lucks.pop(next(iter(self.lucks)), None)
            kept = self.lucks[seed] = np.full(len(self.firms), np.nan)
        wanted = np.arange(len(self.firms)) if firms is None else np.unique(firms)
        for number in wanted[np.isnan(kept[wanted])].tolist():
            kept[number] = order.deviate(seed, self.day, str(self.firms[number]))
        return kept


def _next(former: Mapping[Any, BitMap], gone: BitMap, added: Mapping[Any, "array[int]"]) -> dict[Any, BitMap]:
    found = {key: rows - gone for key, rows in former.items()} if gone else dict(former)
    for key, places in added.items():
        found[key] = found[key] | BitMap(places) if key in found else BitMap(places)
    return {key: rows for key, rows in found.items() if rows}


def _kilometres(latitude: Floats, longitude: Floats, north: float, east: float) -> Floats:
    """The great circle (haversine)."""
    here, there = np.radians(north), np.radians(latitude)
    half = np.sin((there - here) / 2) ** 2
    half += np.cos(here) * np.cos(there) * np.sin(np.radians(longitude - east) / 2) ** 2
    found: Floats = np.nan_to_num(2 * EARTH_KM * np.arcsin(np.sqrt(half)), nan=NEVER)
    return found


def _seconds(at: datetime | None) -> float:
    return NEVER if at is None else at.astimezone(UTC).timestamp()


def _tags(row: Row) -> Iterable[Tag]:
    yield "service", row.service_id
    for kind, values in (
        ("area", row.areas),
        ("language", row.languages),
        ("way", row.ways),
        ("speciality", row.specialities),
        ("access", row.access),
    ):
        for value in values:
            yield kind, value
