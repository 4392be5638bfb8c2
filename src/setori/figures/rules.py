"""Which clients count for whom, what came of them, and when a figure may be told anew. Pure: plain values, no database.

A figure that is public is told again only when nobody can learn of one to four people from the difference: the counts
behind it are the same as told before, or each of them differs from each that was ever told by five or more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from setori.days import months_after
from setori.quality import outcome, suppress
from setori.quality.constants import LASTING_MONTHS, LEAST_SHOWN, SCALE
from setori.quality.intervals import DEVIATE
from setori.quality.outcome import Finished, Need, Outcome, Stratum, Tally

BANDS = {
    "under_6_months": 0,
    "from_6_to_24_months": 1,
    "over_24_months": 2,
    "under_20": 0,
    "from_20_to_24": 1,
    "from_25_to_29": 2,
    "from_30": 3,
}
"""What a voucher records at issue, as the bands of a stratum."""


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who has finished with a provider in a service.

    `known_months` is how long an outcome can be shown to have lasted by the terms (0: not at all), `reached_months` how
    long one was found to have (0: none was).
    """

    provider_id: UUID
    finished_on: date
    stratum: Stratum | None
    known_months: int
    reached_months: int


@dataclass(frozen=True, slots=True)
class Said:
    """What clients said of a provider in a service, as it is kept: see `quality.experience`."""

    respondents: int
    shrunk: float
    sd: float
    invited: int
    answered: int
    counted_on: date

    @property
    def interval(self) -> tuple[float, float]:
        """In which the true score lies with the method's confidence; never outside the scale."""
        reach, (least, most) = DEVIATE * self.sd, SCALE
        return max(float(least), self.shrunk - reach), min(float(most), self.shrunk + reach)


class Cell(NamedTuple):
    """A provider's clients of one stratum: how many finished and reached it, and the usual rate of such clients."""

    need: str | None
    unemployed: int | None
    age: int | None
    finished: int
    reached: int
    usual: float


@dataclass(frozen=True, slots=True)
class Counted:
    """The outcome of a provider after so many months, with its clients by stratum."""

    provider_id: UUID
    months: int
    outcome: Outcome
    cells: tuple[Cell, ...]


def stratum_from(need: str | None, unemployed: str | None, age: str | None) -> Stratum | None:
    """The stratum that a voucher records; None when a part of it was not recorded."""
    if need is None or unemployed is None or age is None:
        return None
    return Stratum(Need(need), BANDS[unemployed], BANDS[age])


def count(clients: Sequence[Client], on: date) -> list[Counted]:
    """The outcomes of all providers of one service, for each length of time; those who finished too lately wait."""
    found = []
    for months in LASTING_MONTHS:
        due = [
            Finished(one.provider_id, one.stratum, one.reached_months >= months)
            for one in clients
            if one.known_months >= months and months_after(one.finished_on, months) <= on
        ]
        usual, tallies = outcome.usual_rates(due), outcome.tallies(due)
        overall, k = outcome.overall_of(tallies.values()), outcome.pull_of(tallies.values())
        for provider, tally in tallies.items():
            made = None if overall is None else outcome.outcome(tally, overall, k)
            if made is not None and isinstance(provider, UUID):
                own = [one for one in due if one.provider == provider]
                found.append(Counted(provider, months, made, _cells(own, usual)))
    return sorted(found, key=lambda one: (one.provider_id, one.months))


def count_register(
    told: Sequence[tuple[UUID, UUID, int, int]],
) -> dict[tuple[UUID, UUID], Outcome]:
    """The outcomes of providers (in services) by a register: (provider, service, completed, reached) after some months.

    A register tells no strata, so that all its clients are alike: everybody is expected at the register's own rate.
    """
    completed = sum(row[2] for row in told)
    overall = sum(row[3] for row in told) / completed if completed else 0.0
    tallies = {
        (provider, service): Tally(n, reached, n * overall, n * overall * (1 - overall))
        for provider, service, n, reached in told
    }
    k = outcome.pull_of(tallies.values())
    found = {whose: outcome.outcome(tally, overall, k) for whose, tally in tallies.items()}
    return {whose: made for whose, made in found.items() if made is not None}


def _cells(own: Sequence[Finished], usual: dict[Stratum | None, float]) -> tuple[Cell, ...]:
    """A provider's clients by stratum; those of no known stratum come last."""
    cells = []
    for stratum in sorted({one.stratum for one in own}, key=_rank):
        alike = [one for one in own if one.stratum == stratum]
        reached = sum(bool(one.reached) for one in alike)
        if stratum is None:
            cells.append(Cell(None, None, None, len(alike), reached, usual[None]))
        else:
            need, months, age = stratum.need.value, stratum.unemployed, stratum.age
            cells.append(Cell(need, months, age, len(alike), reached, usual[stratum]))
    return tuple(cells)


def _rank(stratum: Stratum | None) -> tuple[int, int, int]:
    if stratum is None:
        return len(Need), 0, 0
    return list(Need).index(stratum.need), stratum.unemployed, stratum.age


class Pair(NamedTuple):
    """A group of people in two parts: those who reached something and the others."""

    part: int
    rest: int


def may_tell(now: Pair, told: Iterable[Pair]) -> bool:
    """Whether these counts may become public after those: no small one is in them, nor found by subtraction."""
    shown = suppress.suppress([now]).cells[0]
    return None not in shown and all(_is_far(now, before) for before in told)


def may_tell_number(now: int, told: Iterable[int]) -> bool:
    """The same of a plain number of people."""
    return now >= LEAST_SHOWN and all(now == before or abs(now - before) >= LEAST_SHOWN for before in told)


def _is_far(now: Pair, before: Pair) -> bool:
    moved = [abs(ours - theirs) for ours, theirs in zip(now, before, strict=True)]
    whole = abs(sum(now) - sum(before))
    return now == before or (min(moved) >= LEAST_SHOWN and (whole == 0 or whole >= LEAST_SHOWN))
