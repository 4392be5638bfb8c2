"""Real figures: what New Jersey publishes of its training providers, as observed outcomes."""

import csv
from pathlib import Path

import pytest

from setori.quality import outcome
from setori.quality.outcome import Outcome, Tally

FILE = Path(__file__).parents[1] / "data" / "nj_etpl_outcomes.csv"
ROWS = list(csv.DictReader(FILE.open(newline="")))
LARGE, SMALL = 200, 10


def read(quarters: int) -> dict[tuple[str, str], tuple[int, float]]:
    """How many completed and which share was employed so many quarters later, where both are known."""
    found = {}
    for row in ROWS:
        completed = outcome.known_count(float(row[f"NumCompleted{quarters}"]))
        share = outcome.known_share(float(row[f"PerEmployed{quarters}"]))
        if completed and share is not None:
            found[row["providerid"], row["cipcode"]] = completed, share
    return found


def figures(quarters: int) -> tuple[float, float, dict[tuple[str, str], Outcome]]:
    """The overall rate, k, and each provider's outcome; the register tells no strata, so that all clients are alike."""
    known = read(quarters)
    overall = sum(n * share for n, share in known.values()) / sum(n for n, _ in known.values())
    programme = {
        one: Tally(n, round(n * share), n * overall, n * overall * (1 - overall))
        for one, (n, share) in known.items()
    }
    k = outcome.pull_of(programme.values())
    found = {one: outcome.outcome(tally, overall, k) for one, tally in programme.items()}
    return overall, k, {one: made for one, made in found.items() if made is not None}


@pytest.mark.parametrize("quarters", [2, 4, 8])
def test_what_is_not_available_is_missing_and_never_a_number(quarters):
    absent = {
        (row["providerid"], row["cipcode"]) for row in ROWS if float(row[f"PerEmployed{quarters}"]) == -99999
    }
    overall, k, found = figures(quarters)
    assert len(absent) > 20
    assert found.keys().isdisjoint(absent)
    assert len(found) > 40
    assert 0.4 < overall < 0.8
    assert 4 <= k <= 50
    assert all(0 <= one.low <= one.rate <= one.high <= 1 for one in found.values())


@pytest.mark.parametrize("quarters", [2, 4, 8])
def test_the_interval_of_a_large_provider_contains_its_raw_rate(quarters):
    large = [one for one in figures(quarters)[2].values() if one.tally.finished >= LARGE]
    assert large
    assert [one for one in large if not one.low <= one.tally.raw <= one.high] == []


@pytest.mark.parametrize("quarters", [2, 4, 8])
def test_a_small_provider_is_pulled_to_the_overall_rate_further_than_a_large_one(quarters):
    overall, _, found = figures(quarters)
    moved = {  # which part of the way from the raw rate to the overall one
        one: (made.tally.raw - made.rate) / (made.tally.raw - overall)
        for one, made in found.items()
        if abs(made.tally.raw - overall) > 0.05
    }
    small = [part for one, part in moved.items() if found[one].tally.finished < SMALL]
    large = [part for one, part in moved.items() if found[one].tally.finished >= LARGE]
    assert small
    assert min(small) > 0.4
    assert max(large) < 0.15
    assert all(0 <= part <= 1 for part in moved.values())


def test_four_of_four_does_not_stand_above_nine_of_ten_of_many():
    overall, k, found = figures(4)
    best = max((made for made in found.values() if made.tally.finished >= LARGE), key=lambda made: made.rate)
    perfect = outcome.outcome(Tally(4, 4, 4 * overall, 4 * overall * (1 - overall)), overall, k)
    assert best.tally.raw < perfect.tally.raw == 1
    assert perfect.rate < best.rate
    assert perfect.is_early
