"""Five answers in, at most three out, each with why it is shown and one honest drawback. Pure.

The answers filter first; what is left is weighed: the draw of the fair order (see `quality.order`), a little for each
strength that was asked for, and a little for a free time soon. So among equals the draw decides, and nobody's money.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from setori.quality.constants import ENOUGH_RESPONDENTS

AT_MOST = 3
LIST_AT_MOST = 12
"""So many stand on a shortlist: who remembers more compares none."""

STRENGTH = 0.5
"""What a strength that was asked for counts beside the draw, in points of the scale 1–5."""

SOON = 0.25
"""What a free time within SOON_DAYS counts."""

SOON_DAYS = timedelta(days=7)
LATE_DAYS = timedelta(days=14)
NEAR_KM = 10
FAR_KM = 25
DEARER = 1.2
"""So many times the cheapest of the shown is called dearer."""


class Reason(StrEnum):
    """Why somebody is shown."""

    STRENGTH = "strength"
    PRAISED = "praised"
    SOON = "soon"
    NEAR = "near"
    FITS = "fits"


class Drawback(StrEnum):
    """What speaks against somebody, or is not known."""

    BELOW = "below"
    FAR = "far"
    LATE = "late"
    NO_TIMES = "no_times"
    OTHER_STRENGTHS = "other_strengths"
    NOBODY_SAID = "nobody_said"
    FEW_SAID = "few_said"
    DEARER = "dearer"
    ONE_WAY = "one_way"
    ONE_LANGUAGE = "one_language"
    UNKNOWN = "unknown"


class Loosened(StrEnum):
    """A wish that was let go, for nobody fits all of them."""

    DISTANCE = "how_far"
    WAY = "how_to_meet"
    LANGUAGE = "spoken_language"
    AREA = "home_area"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who passes the filters. `draw`, `low`, `high`, `usual` are points of 1–5; `km` and `earliest` may be unknown."""

    key: Hashable
    provider: Hashable
    draw: float
    low: float
    high: float
    usual: float
    respondents: int
    price_cents: int
    languages: Sequence[str]
    ways: Sequence[str]
    helps: frozenset[str]
    earliest: datetime | None = None
    km: float | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """One of the three: why, what against it, and what the two sentences need."""

    key: Hashable
    reason: Reason
    drawback: Drawback
    params: dict[str, Any] = field(default_factory=dict)


def pick(candidates: Iterable[Candidate], helps: frozenset[str], *, now: datetime) -> list[Pick]:
    """The three at most, of as many providers, the best first. The order of the candidates is irrelevant."""
    weighed = sorted(candidates, key=lambda one: (-weight(one, helps, now), str(one.key)))
    shown: list[Candidate] = []
    for one in weighed:
        if len(shown) < AT_MOST and all(one.provider != other.provider for other in shown):
            shown.append(one)
    cheapest = min((one.price_cents for one in shown), default=0)
    return [
        Pick(
            one.key,
            reason_for(one, helps, now),
            drawback_of(one, helps, now, cheapest),
            {
                "helps": sorted(one.helps & helps),
                "missing": sorted(helps - one.helps),
                "km": one.km,
                "earliest": one.earliest,
                "respondents": one.respondents,
            },
        )
        for one in shown
    ]


def weight(one: Candidate, helps: frozenset[str], now: datetime) -> float:
    """What a candidate is put in order by."""
    soon = SOON if one.earliest is not None and one.earliest <= now + SOON_DAYS else 0.0
    return one.draw + STRENGTH * len(one.helps & helps) + soon


def reason_for(one: Candidate, helps: frozenset[str], now: datetime) -> Reason:
    """The first that is true; the last always is."""
    if one.helps & helps:
        return Reason.STRENGTH
    if one.respondents >= ENOUGH_RESPONDENTS and one.low > one.usual:
        return Reason.PRAISED
    if one.earliest is not None and one.earliest <= now + SOON_DAYS:
        return Reason.SOON
    if one.km is not None and one.km <= NEAR_KM:
        return Reason.NEAR
    return Reason.FITS


def drawback_of(one: Candidate, helps: frozenset[str], now: datetime, cheapest: int) -> Drawback:
    """The first that is true, the weightiest first; the last always is."""
    true = {
        Drawback.BELOW: one.respondents >= ENOUGH_RESPONDENTS and one.high < one.usual,
        Drawback.FAR: one.km is not None and one.km > FAR_KM,
        Drawback.LATE: one.earliest is not None and one.earliest > now + LATE_DAYS,
        Drawback.NO_TIMES: one.earliest is None,
        Drawback.OTHER_STRENGTHS: bool(helps - one.helps),
        Drawback.NOBODY_SAID: one.respondents == 0,
        Drawback.FEW_SAID: 0 < one.respondents < ENOUGH_RESPONDENTS,
        Drawback.DEARER: one.price_cents > DEARER * cheapest,
        Drawback.ONE_WAY: len(one.ways) == 1,
        Drawback.ONE_LANGUAGE: len(one.languages) == 1,
        Drawback.UNKNOWN: True,
    }
    return next(drawback for drawback, is_so in true.items() if is_so)
