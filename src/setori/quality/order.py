"""The order of a list: those whom the data cannot tell apart take turns, by posterior sampling.

Each offering draws `score + sd·z` from the posterior of its experience; the highest draw stands first. So whoever is
new (a wide posterior) stands first sometimes, whoever is known to be bad rarely, and equals equally often. z is a
standard normal deviate made from a hash of who looks, the day and the provider: the list stands still for one person on
one day, and anybody who knows the seed can compute it again. No money, contract or office enters.

Source: W. R. Thompson, "On the likelihood that one unknown probability exceeds another", Biometrika 25 (1933).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from statistics import NormalDist

_BITS = 52
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is to be put in order. `score` and `sd` are the posterior's, in points of the scale 1–5.

    `luck` names who draws: the provider. Its offerings share one z, so that whoever cuts a service into ten offerings
    has no ten tickets; among those with the same draw, chance decides.
    """

    key: str
    luck: str
    score: float
    sd: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a candidate stands (1 is first) and why: `draw` = `score` + `sd`·`z`."""

    place: int
    key: str
    score: float
    sd: float
    z: float
    draw: float


def chance(seed: str, day: date, name: str) -> float:
    """A number between 0 and 1 (neither of them), the same whenever it is asked for: uniform over seeds."""
    hashed = blake2b(digest_size=8, person=b"setori order")
    for part in (seed, day.isoformat(), name):
        data = part.encode()
        hashed.update(len(data).to_bytes(4, "big") + data)
    return ((int.from_bytes(hashed.digest(), "big") >> (64 - _BITS)) + 0.5) / (1 << _BITS)


def deviate(seed: str, day: date, luck: str) -> float:
    """The z of a provider for one person or visitor on one day: standard normal over seeds."""
    return _NORMAL.inv_cdf(chance(seed, day, f"luck {luck}"))


def arrange(candidates: Iterable[Candidate], seed: str, day: date) -> list[Place]:
    """Put candidates in the order of their draws, each with what "why this order?" needs.

    `seed` stands for who looks (a person, or a visitor's cookie) and lasts; the order of the candidates is irrelevant.
    """
    lucky: dict[str, float] = {}
    drawn: list[tuple[float, float, str, Candidate, float]] = []
    for one in candidates:
        z = lucky.get(one.luck)
        if z is None:
            z = lucky[one.luck] = deviate(seed, day, one.luck)
        # A second chance, of the offering itself, for those that draw the same.
        tie = chance(seed, day, f"tie {one.key}")
        drawn.append((-(one.score + one.sd * z), tie, one.key, one, z))
    drawn.sort(key=lambda row: row[:3])
    return [
        Place(number, one.key, one.score, one.sd, z, -minus)
        for number, (minus, _, _, one, z) in enumerate(drawn, 1)
    ]


def why(candidates: Iterable[Candidate], seed: str, day: date, key: str) -> Place | None:
    """Why a candidate stands where it stands: its place, score, spread and draw; None when it is not in the list."""
    return next((place for place in arrange(candidates, seed, day) if place.key == key), None)
