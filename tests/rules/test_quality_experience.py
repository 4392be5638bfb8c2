"""Experience: shrinkage, intervals and fading by property, and against scipy as an implementation of another hand."""

import math
import random
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from setori.quality import constants, experience
from setori.quality.experience import Answer, Prior, Response, Stage, Voice

TODAY = date(2026, 11, 23)
SCORES = st.floats(1, 5)
VOICES = st.lists(st.builds(Voice, SCORES, st.floats(0.01, 1)), max_size=60)
PRIORS = st.builds(Prior, SCORES, st.floats(4, 50), st.floats(0.25, 4))
ANSWERS = st.lists(
    st.builds(
        Answer,
        person=st.integers(1, 8),
        stage=st.sampled_from(Stage),
        score=SCORES,
        day=st.dates(TODAY - timedelta(2000), TODAY + timedelta(20)),
        text_is_hidden=st.booleans(),
    ),
    max_size=30,
)


def of(scores: list[float], prior: Prior, weight: float = 1.0) -> experience.Experience:
    return experience.experience([Voice(score, weight) for score in scores], prior)


@settings(deadline=None)
@given(VOICES, PRIORS)
def test_the_score_lies_between_the_mean_and_the_prior_and_the_interval_contains_it(said, prior):
    found = experience.experience(said, prior)
    ends = [prior.mean] if found.mean is None else [prior.mean, found.mean]
    assert min(ends) - 1e-9 <= found.shrunk <= max(ends) + 1e-9
    low, high = found.interval
    assert 1 <= low <= found.shrunk + 1e-9
    assert found.shrunk - 1e-9 <= high <= 5
    assert high - low <= 2 * found.margin + 1e-9
    assert sum(found.distribution) == found.respondents == len(said)


@settings(deadline=None)
@given(SCORES, PRIORS, st.integers(0, 200), st.integers(1, 200))
def test_more_people_of_one_opinion_are_pulled_less_to_the_prior(score, prior, n, more):
    few, many = of([score] * n, prior), of([score] * (n + more), prior)
    assert abs(many.shrunk - score) <= abs(few.shrunk - score) + 1e-9
    assert abs(many.shrunk - prior.mean) >= abs(few.shrunk - prior.mean) - 1e-9
    if abs(score - prior.mean) > 0.01:
        assert abs(many.shrunk - score) < abs(few.shrunk - score)


@settings(deadline=None)
@given(SCORES, st.integers(1, 50), st.floats(4, 49), SCORES)
def test_a_stronger_pull_brings_the_score_nearer_to_the_prior(score, n, k, mean):
    weak, strong = of([score] * n, Prior(mean, k)), of([score] * n, Prior(mean, k + 1))
    assert abs(strong.shrunk - mean) <= abs(weak.shrunk - mean) + 1e-9


@settings(deadline=None)
@given(ANSWERS, st.builds(Answer, st.integers(1, 9), st.sampled_from(Stage), SCORES, st.just(TODAY)), PRIORS)
def test_one_more_answer_of_today_never_widens_what_the_data_allow(answers, one, prior):
    before = experience.experience(experience.voices(answers, TODAY), prior)
    after = experience.experience(experience.voices([*answers, one], TODAY), prior)
    assert after.margin <= before.margin
    assert after.respondents >= before.respondents


def test_somebody_new_widens_no_interval_and_moves_the_score_by_a_share():
    found = [of([5.0] * n, Prior(3.0, 10.0, 1.0)) for n in range(6)]
    assert [round(one.shrunk, 3) for one in found] == [3.0, 3.182, 3.333, 3.462, 3.571, 3.667]
    assert round(found[0].margin, 3) == round(1.6449 / math.sqrt(10), 3)
    assert [one.is_early for one in found] == [True] * 5 + [False]
    assert found[0].mean is None
    assert found[5].interval == pytest.approx((3.667 - 0.4247, 3.667 + 0.4247), abs=1e-3)


@settings(deadline=None)
@given(ANSWERS)
def test_a_hidden_text_counts_as_any_other(answers):
    shown = [Answer(one.person, one.stage, one.score, one.day) for one in answers]
    assert experience.voices(answers, TODAY) == experience.voices(shown, TODAY)


def test_the_latest_answer_of_a_person_and_stage_counts_and_none_of_tomorrow():
    def said(*answers: tuple[Stage, float, int]) -> list[Voice]:
        given = [Answer("a", stage, score, TODAY + timedelta(day)) for stage, score, day in answers]
        return experience.voices(given, TODAY)

    assert said((Stage.START, 2, -10), (Stage.START, 4, 0)) == [Voice(4, 1)]
    assert said((Stage.START, 4, 0), (Stage.START, 2, -10)) == [Voice(4, 1)]
    assert said((Stage.START, 2, 0), (Stage.START, 4, 0)) == [Voice(4, 1)]
    assert said((Stage.START, 2, 0), (Stage.START, 4, 1)) == [Voice(2, 1)]
    assert said((Stage.START, 2, 0), (Stage.END, 4, 0)) == [Voice(3, 1)]
    assert said((Stage.START, 4, 1)) == []


def test_a_person_is_one_voice_as_loud_as_the_latest_answer():
    year_ago = TODAY - timedelta(constants.HALF_LIFE_DAYS)
    (voice,) = experience.voices(
        [Answer("a", Stage.START, 2, year_ago), Answer("a", Stage.END, 5, TODAY)], TODAY
    )
    assert voice == Voice(pytest.approx((2 * 0.5 + 5) / 1.5), 1)


def test_answers_fade_by_half_in_a_half_life_and_are_never_deleted():
    assert [experience.fade(days) for days in (0, 365, 730)] == [1, 0.5, 0.25]
    assert 0 < experience.fade(20 * 365) < 1e-5
    with pytest.raises(ValueError, match="future"):
        experience.fade(-1)
    prior = Prior(3.0, 10.0)
    fresh, stale = of([5.0] * 8, prior), of([5.0] * 8, prior, weight=0.5)
    assert fresh.shrunk > stale.shrunk > 3
    assert fresh.sd < stale.sd
    assert stale.shrunk == pytest.approx(of([5.0] * 4, prior).shrunk)
    assert stale.respondents == 8


@settings(deadline=None)
@given(VOICES, PRIORS)
def test_the_posterior_is_the_one_that_integration_finds(said, prior):
    """Likelihoods raised to their weights, times the prior, integrated by scipy."""
    found = experience.experience(said, prior)
    grid = np.linspace(found.shrunk - 8 * found.sd, found.shrunk + 8 * found.sd, 401)
    log = stats.norm.logpdf(grid, prior.mean, math.sqrt(prior.variance / prior.k))
    for voice in said:
        log += voice.weight * stats.norm.logpdf(voice.score, grid, math.sqrt(prior.variance))
    heights = np.exp(log - log.max())
    whole = integrate.simpson(heights, x=grid)
    mean = integrate.simpson(grid * heights, x=grid) / whole
    spread = integrate.simpson((grid - mean) ** 2 * heights, x=grid)
    assert found.shrunk == pytest.approx(mean, abs=1e-6)
    assert found.sd == pytest.approx(math.sqrt(spread / whole), rel=1e-5)
    inside = stats.norm.cdf(found.shrunk + found.margin, mean, math.sqrt(spread / whole))
    assert inside == pytest.approx(0.95, abs=1e-4)


def test_the_pull_is_that_of_an_analysis_of_variance():
    """With weights of 1, k = n₀ / (F − 1), where n₀ is the usual size of a group and F is scipy's."""
    chance = random.Random(5)
    groups = []
    for _ in range(40):
        usual = chance.gauss(3.4, 0.35)
        groups.append([min(5, max(1, chance.gauss(usual, 0.9))) for _ in range(chance.randint(4, 40))])
    prior = experience.prior_of([[Voice(score, 1) for score in group] for group in groups])
    f = stats.f_oneway(*groups).statistic
    sizes = [len(group) for group in groups]
    usual_size = (sum(sizes) - sum(n * n for n in sizes) / sum(sizes)) / (len(sizes) - 1)
    assert 4 < prior.k < 50
    assert prior.k == pytest.approx(usual_size / (f - 1))
    pooled = sum((len(group) - 1) * stats.tvar(group) for group in groups) / (sum(sizes) - len(sizes))
    assert prior.variance == pytest.approx(pooled)
    assert prior.mean == pytest.approx(stats.tmean([score for group in groups for score in group]))


def test_the_pull_is_ten_until_five_providers_have_ten_respondents_and_is_kept_in_its_bounds():
    def k(*groups: list[float]) -> float:
        return experience.prior_of([[Voice(score, 1) for score in group] for group in groups]).k

    alike = [1.0, 5.0] * 5
    apart = [[score, score + 0.5] * 5 for score in (1, 2, 3, 4, 4.5)]
    assert k() == k(*[alike] * 4, alike[:9]) == k(*apart[:4], apart[4][:9]) == constants.K_UNKNOWN == 10
    assert k(*[alike] * 5) == 50
    assert k(*apart) == 4
    assert experience.prior_of([]) == Prior(3.0, 10.0, 1.0)
    assert experience.prior_of([[Voice(4, 1)], []]) == Prior(4.0, 10.0, 1.0)
    assert experience.prior_of([[Voice(4, 1)] * 10] * 5).variance == 0.25


@settings(deadline=None)
@given(st.lists(VOICES, max_size=8))
def test_a_programme_always_has_a_prior_within_bounds(providers):
    prior = experience.prior_of(providers)
    assert 1 - 1e-9 <= prior.mean <= 5 + 1e-9
    assert 4 <= prior.k <= 50
    assert 0.25 <= prior.variance <= 4


def test_answers_that_have_all_faded_but_one_estimate_nothing():
    faded = [[Voice(4, 1)] + [Voice(2, 1e-300)] * 9] + [[Voice(3, 1e-300)] * 10] * 5
    assert experience.prior_of(faded) == Prior(4.0)


def test_the_interval_contains_the_truth_in_nine_cases_of_ten():
    chance, prior, cases = random.Random(90), Prior(3.2, 8.0, 0.5), 4000
    inside = 0
    for _ in range(cases):
        truth = chance.gauss(prior.mean, math.sqrt(prior.variance / prior.k))
        said = [
            Voice(chance.gauss(truth, math.sqrt(prior.variance)), 1) for _ in range(chance.randint(0, 30))
        ]
        found = experience.experience(said, prior)
        inside += abs(found.shrunk - truth) <= found.margin
    least, most = stats.binom.interval(0.999, cases, 0.90)
    assert least <= inside <= most


def test_it_does_so_too_for_whole_points_and_a_prior_that_is_estimated():
    """Points 1–5 are not normal, and k is known roughly: near nine in ten is what can be asked for."""
    chance, inside, cases = random.Random(17), 0, 0
    for _ in range(12):
        truths, spoken = [], []
        for _ in range(60):
            share = chance.betavariate(14, 6)
            truths.append(1 + 4 * share)
            people = range(chance.randint(3, 40))
            spoken.append([Voice(1 + sum(chance.random() < share for _ in range(4)), 1) for _ in people])
        prior = experience.prior_of(spoken)
        for truth, said in zip(truths, spoken, strict=True):
            low, high = experience.experience(said, prior).interval
            inside += low <= truth <= high
            cases += 1
    assert 0.87 <= inside / cases <= 0.93


def test_items_make_a_score_and_unanswered_ones_do_not_count():
    assert experience.score_of([5, 4, None, 3, None]) == 4
    assert experience.score_of([None]) is None
    for wrong in (0, 6):
        with pytest.raises(ValueError, match="1–5"):
            experience.score_of([3, wrong])
        with pytest.raises(ValueError, match="1–5"):
            Answer("a", Stage.START, wrong, TODAY)


def test_half_a_point_is_counted_upwards_in_the_distribution():
    assert of([1, 1.4, 1.5, 2.5, 4.5, 5], Prior()).distribution == (2, 1, 1, 0, 2)


def test_a_low_response_is_marked_below_thirty_percent():
    assert [Response(n, 10).is_low for n in (0, 2, 3, 10)] == [True, True, False, False]
    assert Response(0, 0).rate is None
    assert not Response(0, 0).is_low
    with pytest.raises(ValueError, match="invited"):
        Response(3, 2)
