"""Outcome: what came of it, compared with what was to be expected of these very clients.

A client's stratum (need, months without work, age) is recorded when the voucher is issued. A provider's expected number
is the sum, over its finished clients, of the rate that the whole programme reaches in their stratum; its adjusted rate
is overall × (observed + k) / (expected + k): indirect standardisation, pulled to the overall rate where little is
expected. Its interval is Wilson's on the effective sample (expected + k) / overall: so many clients of the usual mix.

Sources: S.-L. Normand, M. Glickman and C. Gatsonis, "Statistical methods for profiling providers of medical care",
JASA 92 (1997); H. Bühlmann and E. Straub, "Glaubwürdigkeit für Schadensätze", Mitteilungen der Vereinigung
schweizerischer Versicherungsmathematiker 70 (1970), for the pull; Wilson, JASA 22 (1927).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, isfinite

from setori.quality import constants as c
from setori.quality.intervals import wilson


class Need(StrEnum):
    """How much support a client needs, as judged at issue."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """Clients who are alike: the level of need, and the bands (0 is the lowest) of months without work and of age."""

    need: Need
    unemployed: int
    age: int


@dataclass(frozen=True, slots=True)
class Finished:
    """One client for whom the time to look has come. `reached` is None when nobody knows.

    Those whose stratum was not recorded at issue (None) are compared with each other.
    """

    provider: Hashable
    stratum: Stratum | None
    reached: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A provider's clients whose outcome is known: how many, how many reached it, and how many were to be expected to.

    `variance` is that of the number reached, were the provider like all others: Σ p(1−p).
    """

    finished: int
    observed: float
    expected: float
    variance: float

    @property
    def raw(self) -> float | None:
        """The plain share 0…1, without any adjustment; None without clients."""
        return self.observed / self.finished if self.finished else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What can be said of a provider's outcomes, with all that it was computed from. Rates are shares 0…1."""

    tally: Tally
    overall: float
    k: float
    rate: float
    low: float
    high: float

    @property
    def is_early(self) -> bool:
        """Whether it is too early to say: too few clients have finished."""
        return self.tally.finished < c.ENOUGH_FINISHED


def stratum_of(need: Need, unemployed_months: int, age: int) -> Stratum:
    """The stratum of a client at issue, from full months without work and full years of age."""
    under, until = c.UNEMPLOYED_MONTHS
    if unemployed_months < 0 or age < 0:
        raise ValueError("months and years are counted from 0")
    months = 0 if unemployed_months < under else 1 if unemployed_months <= until else 2
    return Stratum(need, months, bisect_right(c.AGES, age))


def known_count(value: float | None) -> int | None:
    """A count out of somebody else's register: whole and not negative, else it is missing (−99999 says so)."""
    if value is None or not isfinite(value) or value < 0 or value != int(value):
        return None
    return int(value)


def known_share(value: float | None) -> float | None:
    """A share out of somebody else's register: 0…1, else it is missing."""
    return None if value is None or not isfinite(value) or not 0 <= value <= 1 else float(value)


def tallies(clients: Iterable[Finished]) -> dict[Hashable, Tally]:
    """Count the clients of a whole programme, by provider, with what was to be expected of each provider.

    All expected numbers together are all observed ones. A client of whom nothing is known counts nowhere.
    """
    known = [one for one in clients if one.reached is not None]
    usual = usual_rates(known)
    by_provider: dict[Hashable, list[Finished]] = {}
    for one in known:
        by_provider.setdefault(one.provider, []).append(one)
    found = {}
    for provider, own in by_provider.items():
        rates = [usual[one.stratum] for one in own]
        found[provider] = Tally(
            finished=len(own),
            observed=sum(bool(one.reached) for one in own),
            expected=fsum(rates),
            variance=fsum(rate * (1 - rate) for rate in rates),
        )
    return found


def usual_rates(clients: Iterable[Finished]) -> dict[Stratum | None, float]:
    """The share that reaches the outcome in each stratum of a whole programme, or in what it is pooled into."""
    known = [one for one in clients if one.reached is not None]
    cell_of = _pool(Counter(one.stratum for one in known))
    size: Counter[Hashable] = Counter(cell_of[one.stratum] for one in known)
    reached: Counter[Hashable] = Counter(cell_of[one.stratum] for one in known if one.reached)
    return {stratum: reached[cell] / size[cell] for stratum, cell in cell_of.items()}


def _pool(sizes: Counter[Stratum | None]) -> dict[Stratum | None, Hashable]:
    """Which cell gives a stratum its rate: its own, if large enough, else all small ones of its need together.

    Where these are too few together, the whole level of need is one cell, however small it is.
    """
    cells: dict[Stratum | None, Hashable] = {None: None} if None in sizes else {}
    for need in Need:
        strata = [stratum for stratum in sizes if stratum is not None and stratum.need == need]
        small = [stratum for stratum in strata if sizes[stratum] < c.STRATUM_AT_LEAST]
        pooled = strata if 0 < sum(sizes[one] for one in small) < c.STRATUM_AT_LEAST else small
        cells |= {stratum: need if stratum in pooled else stratum for stratum in strata}
    return cells


def overall_of(programme: Iterable[Tally]) -> float | None:
    """The share of all clients of a programme who reached the outcome; None without clients."""
    observed = finished = 0.0
    for tally in programme:
        observed += tally.observed
        finished += tally.finished
    return observed / finished if finished else None


def pull_of(programme: Iterable[Tally]) -> float:
    """k, in expected outcomes: how far chance moves observed / expected, over how far providers truly differ in it.

    By the method of moments, with the chance of a share (and not that of rare events, which would pull too much).
    Where chance explains all the difference it is the largest k.
    """
    counted = [tally for tally in programme if tally.expected > 0]
    if sum(tally.finished >= c.EACH_TO_ESTIMATE for tally in counted) < c.PROVIDERS_TO_ESTIMATE:
        return c.K_UNKNOWN
    beyond_chance = sum(
        ((tally.observed - tally.expected) ** 2 - tally.variance) / tally.expected for tally in counted
    )
    if beyond_chance <= 0:
        return c.K_BOUNDS[1]
    k = sum(tally.variance for tally in counted) / beyond_chance
    return min(max(k, c.K_BOUNDS[0]), c.K_BOUNDS[1])


def outcome(tally: Tally, overall: float, k: float) -> Outcome | None:
    """The adjusted rate of a provider with its interval; None when nobody's outcome is known."""
    if not tally.finished:
        return None
    if overall == 0:  # nobody in the programme has reached it, so that there is nothing to adjust by
        rate, sample = 0.0, float(tally.finished)
    else:
        rate = min(1.0, overall * (tally.observed + k) / (tally.expected + k))
        sample = (tally.expected + k) / overall
    low, high = wilson(rate, sample)
    return Outcome(tally, overall, k, rate, low, high)
