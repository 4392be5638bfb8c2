"""The order of a list: it stands still for a person on a day, and equals take turns over persons."""

from collections import Counter
from datetime import date, timedelta
from hashlib import blake2b
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from setori.quality import order
from setori.quality.order import Candidate

DAY = date(2026, 11, 23)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        key=st.text(max_size=6),
        luck=st.sampled_from("abcdef"),
        score=st.floats(1, 5),
        sd=st.floats(0, 1),
    ),
    max_size=15,
    unique_by=lambda one: one.key,
)
EQUALS = [Candidate(name, name, 3.9, 0.25) for name in "abcdefgh"]
SEEDS = 20_000


def fits(counts: Counter[str], names: int) -> bool:
    """Whether chi-square finds nothing against equal shares: it would wrongly, once in ten thousand seeds."""
    usual = counts.total() / names
    found = sum((counts[name] - usual) ** 2 / usual for name in list(counts))
    return len(counts) == names and found < stats.chi2.ppf(0.9999, names - 1)


@settings(deadline=None)
@given(CANDIDATES, st.text(max_size=8), st.dates(), st.randoms())
def test_it_stands_still_for_a_person_on_a_day_however_the_candidates_come(candidates, seed, day, chance):
    first = order.arrange(candidates, seed, day)
    shuffled = chance.sample(candidates, len(candidates))
    assert order.arrange(shuffled, seed, day) == first
    assert [one.place for one in first] == list(range(1, len(candidates) + 1))
    assert sorted(one.key for one in first) == sorted(one.key for one in candidates)
    assert all(above.draw >= below.draw for above, below in pairwise(first))


@settings(deadline=None)
@given(CANDIDATES.filter(len), st.text(max_size=8))
def test_why_tells_the_numbers_of_the_draw(candidates, seed):
    one = candidates[0]
    place = order.why(candidates, seed, DAY, one.key)
    assert (place.score, place.sd) == (one.score, one.sd)
    assert place.draw == pytest.approx(one.score + one.sd * place.z)
    assert place.z == order.deviate(seed, DAY, one.luck)
    assert place == order.arrange(candidates, seed, DAY)[place.place - 1]
    assert order.why(candidates, seed, DAY, "nobody at all") is None


@settings(deadline=None)
@given(st.text(max_size=8), st.dates(), st.text(max_size=8))
def test_anybody_can_compute_the_luck_again(seed, day, luck):
    parts = [seed.encode(), day.isoformat().encode(), b"luck " + luck.encode()]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    number = int(blake2b(message, digest_size=8, person=b"setori order").hexdigest(), 16)
    assert order.deviate(seed, day, luck) == pytest.approx(stats.norm.ppf(((number // 4096) + 0.5) / 2**52))


def test_the_largest_and_the_smallest_hash_are_chances_still(monkeypatch):
    for byte in (0, 255):

        class Fixed:
            def __init__(self, **_: object) -> None: ...
            def update(self, _: bytes) -> None: ...
            def digest(self, byte: int = byte) -> bytes:
                return bytes([byte] * 8)

        monkeypatch.setattr(order, "blake2b", Fixed)
        assert 0 < order.chance("", DAY, "") < 1
        assert 8 < abs(order.deviate("", DAY, "")) < 9


def test_equals_stand_first_equally_often_over_persons():
    first, last = Counter(), Counter()
    for number in range(SEEDS):
        places = order.arrange(EQUALS, f"person {number}", DAY)
        first[places[0].key] += 1
        last[places[-1].key] += 1
    assert fits(first, len(EQUALS))
    assert fits(last, len(EQUALS))


def test_and_over_the_days_of_one_person():
    days = (DAY + timedelta(number) for number in range(4_000))
    assert fits(Counter(order.arrange(EQUALS, "one", day)[0].key for day in days), len(EQUALS))


def test_the_luck_is_standard_normal_and_that_of_two_providers_is_unrelated():
    one, other = ([order.deviate(f"p{n}", DAY, name) for n in range(5_000)] for name in ("a", "b"))
    assert stats.kstest(one, "norm").pvalue > 0.001
    assert abs(stats.pearsonr(one, other).statistic) < 0.06


def test_whoever_cuts_a_service_into_ten_offerings_has_no_ten_tickets():
    many = [Candidate(f"a{number}", "a", 3.9, 0.25) for number in range(10)]
    pair = [*many, Candidate("b", "b", 3.9, 0.25)]
    first = Counter(order.arrange(pair, f"p{number}", DAY)[0].key for number in range(SEEDS // 4))
    assert fits(Counter({"a": sum(n for key, n in first.items() if key != "b"), "b": first["b"]}), 2)
    del first["b"]
    assert fits(first, 10)


def test_who_is_new_stands_first_sometimes_and_who_is_known_to_be_bad_hardly_ever():
    """As often as the normal distribution of the difference says."""
    good, new, bad = (
        Candidate("g", "g", 4.2, 0.1),
        Candidate("n", "n", 3.8, 0.4),
        Candidate("b", "b", 2.5, 0.1),
    )
    first = Counter(order.arrange([good, new, bad], f"p{n}", DAY)[0].key for n in range(SEEDS // 4))
    likely = stats.norm.sf(0, loc=new.score - good.score, scale=(0.1**2 + 0.4**2) ** 0.5)
    least, most = stats.binom.interval(0.9999, SEEDS // 4, likely)
    assert least <= first["n"] <= most
    assert first["b"] == 0
