"""Experience: what verified clients said, as a mean that little data pulls to the programme's, with its interval.

The model is normal: a provider's true score θ is drawn from N(prior, variance / k), and each person who met it gives
N(θ, variance). Then the posterior mean after n people is (n·mean + k·prior) / (n + k), and its variance is
variance / (n + k). Prior, variance and k come from the programme itself (empirical Bayes, method of moments between
providers). An answer fades with age: its likelihood is raised to its weight, so that n is the sum of the weights.

Sources: B. Efron and C. Morris, "Data analysis using Stein's estimator", JASA 70 (1975), for the shrinkage;
R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986), for the moments; J. Ibrahim and M.-H. Chen, "Power
prior distributions for regression models", Statistical Science 15 (2000), for the weights.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import floor, sqrt

from setori.quality import constants as c
from setori.quality.intervals import DEVIATE


class Stage(StrEnum):
    """When somebody is asked: after the first session, midway, and at the end or at a switch."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class Item(StrEnum):
    """What is asked, each from 1 (disagrees) to 5 (agrees)."""

    RESPECT = "respect"
    PLAN = "plan"
    JOB_MARKET = "job_market"
    INFLUENCE = "influence"
    RECOMMEND = "recommend"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered pulse. `score` is the mean of its items, 1–5. Whether its text is hidden changes no figure."""

    person: Hashable
    stage: Stage
    score: float
    day: date
    text_is_hidden: bool = False

    def __post_init__(self) -> None:
        if not c.SCALE[0] <= self.score <= c.SCALE[1]:
            raise ValueError("an answer lies in 1–5")


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person says in all, 1–5, and how much it weighs: 1 today, half after a half-life."""

    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known before anybody speaks of a provider: the programme's mean, the pull k, how far people differ."""

    mean: float = c.MIDDLE_OF_SCALE
    k: float = c.K_UNKNOWN
    variance: float = c.VARIANCE_UNKNOWN


@dataclass(frozen=True, slots=True)
class Experience:
    """What can be said of a provider, coach or offering, with everything that it was computed from.

    `respondents` are people; `n` is the sum of their weights; `mean` is the plain weighted mean (None without anybody)
    and never shown alone; `shrunk` and `sd` are the posterior's; `distribution` counts people by whole points 1…5.
    """

    respondents: int
    n: float
    mean: float | None
    shrunk: float
    sd: float
    prior: Prior
    distribution: tuple[int, int, int, int, int]

    @property
    def margin(self) -> float:
        """Half of the interval. It depends on n, k and the variance only: more answers never widen it."""
        return DEVIATE * self.sd

    @property
    def interval(self) -> tuple[float, float]:
        """The credible interval, in which the true score lies with the method's confidence; never outside the scale."""
        return max(float(c.SCALE[0]), self.shrunk - self.margin), min(
            float(c.SCALE[1]), self.shrunk + self.margin
        )

    @property
    def is_early(self) -> bool:
        """Whether it is too early to say: the answers are then told in words, with their number."""
        return self.respondents < c.ENOUGH_RESPONDENTS


@dataclass(frozen=True, slots=True)
class Response:
    """How many of those who were asked have answered."""

    answered: int
    invited: int

    def __post_init__(self) -> None:
        if not 0 <= self.answered <= self.invited:
            raise ValueError("nobody answers who was not invited")

    @property
    def rate(self) -> float | None:
        """The share 0…1, None when nobody was invited."""
        return self.answered / self.invited if self.invited else None

    @property
    def is_low(self) -> bool:
        """Whether the figure is marked "few answered"."""
        return self.rate is not None and self.rate < c.FEW_ANSWERED


def score_of(items: Iterable[int | None]) -> float | None:
    """The mean of the items that were answered, each a whole point 1–5; None when none was."""
    given = [item for item in items if item is not None]
    if any(not c.SCALE[0] <= item <= c.SCALE[1] for item in given):
        raise ValueError("an item lies in 1–5")
    return sum(given) / len(given) if given else None


def fade(age_days: int) -> float:
    """The weight of an answer of this age in days (0 or more): 1, halved with each half-life."""
    if age_days < 0:
        raise ValueError("an answer is not from the future")
    return float(0.5 ** (age_days / c.HALF_LIFE_DAYS))


def voices(answers: Iterable[Answer], day: date) -> list[Voice]:
    """What each person says, as of a day; answers of later days do not count yet.

    Of one person and stage the latest answer counts; of one day, the one given later. A person who answered at several
    stages is still one voice, as these answers hang together: their mean by weight, as loud as the latest of them.
    """
    latest: dict[tuple[Hashable, Stage], Answer] = {}
    for answer in answers:
        one = (answer.person, answer.stage)
        if answer.day <= day and (one not in latest or latest[one].day <= answer.day):
            latest[one] = answer
    people: dict[Hashable, list[tuple[float, float]]] = {}
    for answer in latest.values():
        people.setdefault(answer.person, []).append((answer.score, fade((day - answer.day).days)))
    return [
        Voice(sum(score * weight for score, weight in said) / total, max(weight for _, weight in said))
        for said in people.values()
        if (total := sum(weight for _, weight in said)) > 0
    ]


def prior_of(providers: Iterable[Sequence[Voice]]) -> Prior:
    """What a programme's providers together say: their mean, and k and the variance once there is enough.

    k is the variance between people over the variance between providers, both by the method of moments: with weights
    of 1 it is the estimate of a one-way analysis of variance. Providers that do not differ visibly give the largest k.
    """
    spoken = [said for said in providers if said]
    total = sum(voice.weight for said in spoken for voice in said)
    if not total:
        return Prior()
    mean = sum(voice.weight * voice.score for said in spoken for voice in said) / total
    if sum(len(said) >= c.EACH_TO_ESTIMATE for said in spoken) < c.PROVIDERS_TO_ESTIMATE:
        return Prior(mean)

    squares = freedom = 0.0  # within providers
    parts: list[tuple[float, float, float]] = []  # of each provider: Σw, Σw², mean
    for said in spoken:
        n = sum(voice.weight for voice in said)
        n2 = sum(voice.weight**2 for voice in said)
        own = sum(voice.weight * voice.score for voice in said) / n
        squares += sum(voice.weight * (voice.score - own) ** 2 for voice in said)
        freedom += n - n2 / n
        parts.append((n, n2, own))
    apart = total - sum(n * n for n, _, _ in parts) / total
    if freedom < 1 or apart <= 0:  # all but a few have faded away
        return Prior(mean)
    within = squares / freedom
    seen = sum(n * (own - mean) ** 2 for n, _, own in parts)
    by_chance = within * sum(n2 / n * (1 - n / total) for n, n2, _ in parts)
    between = (seen - by_chance) / apart
    k = _within(c.K_BOUNDS, within / between) if between > 0 else c.K_BOUNDS[1]
    return Prior(mean, k, _within(c.VARIANCE_BOUNDS, within))


def experience(said: Sequence[Voice], prior: Prior) -> Experience:
    """The posterior of one provider, coach or offering after these voices."""
    n = sum(voice.weight for voice in said)
    total = sum(voice.weight * voice.score for voice in said)
    counts = [0] * c.SCALE[1]
    for voice in said:
        counts[min(c.SCALE[1], floor(voice.score + 0.5)) - 1] += 1
    one, two, three, four, five = counts
    return Experience(
        respondents=len(said),
        n=n,
        mean=total / n if n else None,
        shrunk=(total + prior.k * prior.mean) / (n + prior.k),
        sd=sqrt(prior.variance / (n + prior.k)),
        prior=prior,
        distribution=(one, two, three, four, five),
    )


def _within(bounds: tuple[float, float], value: float) -> float:
    return min(max(value, bounds[0]), bounds[1])
