"""Outcome: strata, what was to be expected, the adjusted rate and its interval, by property and against scipy."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from setori.quality import constants, outcome, wilson
from setori.quality.outcome import Finished, Need, Stratum, Tally
from setori.vouchers.rules import AgeBand, SupportNeed, Unemployed

STRATA = st.builds(Stratum, st.sampled_from(Need), st.integers(0, 2), st.integers(0, 1))
CLIENTS = st.lists(
    st.builds(Finished, st.sampled_from("abcd"), STRATA, st.sampled_from([True, False, None])), max_size=150
)
EASY, HARD = Stratum(Need.LOW, 0, 1), Stratum(Need.HIGH, 2, 3)


def clients(provider: str, stratum: Stratum, reached: int, of: int) -> list[Finished]:
    return [Finished(provider, stratum, number < reached) for number in range(of)]


def alike(observed: int, finished: int, overall: float) -> Tally:
    """A provider whose clients are the programme's usual ones."""
    return Tally(finished, observed, finished * overall, finished * overall * (1 - overall))


@settings(deadline=None)
@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95]))
def test_wilsons_interval_is_that_of_scipy(n, share, confidence):
    hits = round(share * n)
    theirs = stats.binomtest(hits, n).proportion_ci(confidence, method="wilson")
    assert wilson(hits / n, n, confidence) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0.1, 1000), st.floats(1.01, 10))
def test_wilsons_interval_contains_the_share_and_narrows_with_more_cases(share, n, times):
    low, high = wilson(share, n)
    assert 0 <= low <= share <= high <= 1
    fewer, more = high - low, wilson(share, n * times)
    assert more[1] - more[0] <= fewer
    for wrong in ((1.1, 5), (-0.1, 5), (0.5, 0)):
        with pytest.raises(ValueError, match="share"):
            wilson(*wrong)


def test_a_stratum_is_made_of_need_months_and_age_with_the_bounds_of_the_method():
    assert [outcome.stratum_of(Need.LOW, months, 18).unemployed for months in (0, 5, 6, 24, 25, 90)] == [
        0, 0, 1, 1, 2, 2,
    ]  # fmt: skip
    ages = (0, 19, 20, 24, 25, 29, 30, 70)
    assert [outcome.stratum_of(Need.LOW, 0, age).age for age in ages] == [0, 0, 1, 1, 2, 2, 3, 3]
    for wrong in ((-1, 20), (3, -1)):
        with pytest.raises(ValueError, match="from 0"):
            outcome.stratum_of(Need.LOW, *wrong)


@settings(deadline=None)
@given(CLIENTS)
def test_all_expected_outcomes_together_are_all_observed_ones(given_clients):
    found = outcome.tallies(given_clients)
    known = [one for one in given_clients if one.reached is not None]
    assert sum(tally.expected for tally in found.values()) == pytest.approx(
        sum(bool(one.reached) for one in known)
    )
    assert sum(tally.finished for tally in found.values()) == len(known)
    assert all(0 <= tally.variance <= tally.finished / 4 for tally in found.values())


def test_the_bands_of_the_method_are_those_that_a_voucher_records():
    assert len(Unemployed) == len(constants.UNEMPLOYED_MONTHS) + 1
    assert len(AgeBand) == len(constants.AGES) + 1
    assert [f"from_{age}" for age in constants.AGES] == [
        band.value[: len("from_00")] for band in list(AgeBand)[1:]
    ]
    assert list(Need) == [Need(need.value) for need in SupportNeed]


def test_clients_of_no_known_stratum_are_compared_with_each_other():
    known, unknown = clients("a", EASY, 30, 40), [Finished("b", None, number < 5) for number in range(50)]
    assert outcome.usual_rates([*known, *unknown]) == {EASY: 0.75, None: 0.1}
    found = outcome.tallies([*known, *unknown])
    assert found["b"].expected == pytest.approx(5)
    assert found["a"].expected == pytest.approx(30)


def test_a_stratum_of_twenty_stands_for_itself_and_smaller_ones_are_pooled_by_need():
    a, b, other = Stratum(Need.LOW, 0, 0), Stratum(Need.LOW, 0, 1), Stratum(Need.LOW, 1, 0)
    high = Stratum(Need.HIGH, 0, 0)
    programme = [
        *clients("x", a, 15, 20),  # enough by itself: 0.75
        *clients("y", b, 2, 10), *clients("z", other, 6, 10),  # only together: 8 of 20
        *clients("w", high, 1, 5),  # few, and nobody else has such need
    ]  # fmt: skip
    found = outcome.tallies(programme)
    assert [found[one].expected for one in "xyzw"] == pytest.approx([15, 4, 4, 1])
    fewer = outcome.tallies([*programme[:-15], *programme[-5:]])  # without z the small ones are ten together
    assert fewer["y"].expected == pytest.approx(10 * 17 / 30)
    assert fewer["x"].expected == pytest.approx(20 * 17 / 30)


def test_nobody_gains_by_picking_easy_clients():
    """Two providers do as well as everybody in each stratum; only their clients differ."""
    programme = [
        *clients("picks", EASY, 72, 90), *clients("picks", HARD, 2, 10),
        *clients("takes all", EASY, 8, 10), *clients("takes all", HARD, 18, 90),
    ]  # fmt: skip
    found = outcome.tallies(programme)
    overall = outcome.overall_of(found.values())
    assert overall == 0.5
    rates = {name: outcome.outcome(tally, overall, 10).rate for name, tally in found.items()}
    assert {name: tally.raw for name, tally in found.items()} == {"picks": 0.74, "takes all": 0.26}
    assert rates == pytest.approx({"picks": 0.5, "takes all": 0.5})


@settings(deadline=None)
@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.01, 1), st.floats(4, 50), st.floats(1, 3))
def test_the_interval_contains_the_rate_and_the_rate_is_pulled_to_the_overall_one(n, share, mix, k, more):
    overall = 0.55
    tally = Tally(n, round(share * n), n * mix, n * mix * (1 - mix))
    found = outcome.outcome(tally, overall, k)
    assert 0 <= found.low <= found.rate <= found.high <= 1
    unpulled = min(1, overall * tally.observed / tally.expected)
    assert min(overall, unpulled) - 1e-9 <= found.rate <= max(overall, unpulled) + 1e-9
    stronger = outcome.outcome(tally, overall, k * more)
    assert abs(stronger.rate - overall) <= abs(found.rate - overall) + 1e-9


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(0, 20), st.integers(2, 20), st.floats(0.05, 0.95), st.floats(4, 50))
def test_more_clients_of_the_same_kind_pull_less_and_reach_less_far(n, observed, times, overall, k):
    assume(observed <= n)
    few = outcome.outcome(alike(observed, n, overall), overall, k)
    many = outcome.outcome(alike(observed * times, n * times, overall), overall, k)
    assert abs(many.rate - observed / n) <= abs(few.rate - observed / n) + 1e-9
    at_few = wilson(many.rate, (few.tally.expected + k) / overall)
    assert many.high - many.low <= at_few[1] - at_few[0]


def test_for_one_stratum_the_rate_is_the_share_with_k_expected_outcomes_added():
    """Counted otherwise: k / overall more clients, k of whom reach it; the interval is scipy's for these."""
    found = outcome.outcome(alike(30, 60, 0.4), 0.4, 8)
    assert found.rate == pytest.approx((30 + 8) / (60 + 20))
    theirs = stats.binomtest(38, 80).proportion_ci(0.9, method="wilson")
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_the_interval_contains_the_truth_in_nine_cases_of_ten():
    """Providers differ by a Gamma with mean 1 and variance 1/20, so that k is (1 − overall)·20."""
    chance, overall, k = random.Random(31), 0.4, 12.0
    inside, cases = 0, 3000
    for _ in range(cases):
        truth = min(1.0, overall * chance.gammavariate(20, 1 / 20))
        n = chance.randint(10, 200)
        found = outcome.outcome(alike(sum(chance.random() < truth for _ in range(n)), n, overall), overall, k)
        inside += found.low <= truth <= found.high
    least, most = stats.binom.interval(0.999, cases, 0.90)
    assert least <= inside <= most


def test_the_pull_finds_how_much_providers_differ():
    chance, overall = random.Random(8), 0.4

    def k_of(difference: float) -> float:
        programme = []
        for _ in range(600):
            truth = min(1.0, overall * chance.gammavariate(difference, 1 / difference))
            n = chance.randint(20, 150)
            programme.append(alike(sum(chance.random() < truth for _ in range(n)), n, overall))
        return outcome.pull_of(programme)

    assert k_of(10.0) == pytest.approx(0.6 * 10, rel=0.15)
    assert k_of(40.0) == pytest.approx(0.6 * 40, rel=0.25)
    assert k_of(10_000.0) == constants.K_BOUNDS[1]


def test_the_pull_is_ten_until_five_providers_have_ten_finished_and_is_kept_in_its_bounds():
    apart = [alike(0, 40, 0.5), alike(40, 40, 0.5)] * 3
    assert outcome.pull_of([]) == outcome.pull_of(apart[:4]) == constants.K_UNKNOWN
    assert outcome.pull_of([*apart[:4], alike(0, 9, 0.5)]) == constants.K_UNKNOWN
    assert outcome.pull_of(apart) == constants.K_BOUNDS[0]
    assert outcome.pull_of([alike(20, 40, 0.5)] * 5) == constants.K_BOUNDS[1]
    assert outcome.pull_of([Tally(10, 0, 0.0, 0.0)] * 5) == constants.K_UNKNOWN


def test_what_nobody_has_reached_is_told_as_nothing_with_its_interval():
    found = outcome.outcome(alike(0, 12, 0), 0.0, 10)
    assert (found.rate, found.low) == (0, 0)
    assert found.high == pytest.approx(stats.binomtest(0, 12).proportion_ci(0.9, method="wilson").high)
    assert outcome.outcome(alike(30, 30, 1.0), 1.0, 10).rate == 1
    assert outcome.outcome(Tally(30, 30, 3.0, 2.7), 0.8, 4).rate == 1, "no rate is above one"


def test_it_is_too_early_below_ten_finished_and_nothing_without_any():
    assert [outcome.outcome(alike(3, n, 0.4), 0.4, 10).is_early for n in (3, 9, 10)] == [True, True, False]
    assert outcome.outcome(Tally(0, 0, 0, 0), 0.4, 10) is None
    assert outcome.overall_of([]) is None
    assert Tally(0, 0, 0, 0).raw is None
    assert outcome.tallies([Finished("a", EASY, None)] * 30) == {}


@pytest.mark.parametrize("missing", [-99999, -99999.0, -1, -0.5, float("nan"), float("inf"), None])
def test_negative_figures_are_missing_and_never_numbers(missing):
    assert outcome.known_count(missing) is None
    assert outcome.known_share(missing) is None


def test_others_are_what_they_are():
    assert [outcome.known_count(n) for n in (0, 7, 936.0, 7.5)] == [0, 7, 936, None]
    assert [outcome.known_share(n) for n in (0, 0.25, 1, 1.01)] == [0, 0.25, 1, None]
