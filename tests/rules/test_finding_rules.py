"""Three at most, each with a reason and a drawback that are true; among equals chance decides, for everybody alike."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from setori.catalogue import Help, Way
from setori.finding import AT_MOST, Candidate, Drawback, Reason, pick
from setori.quality import order

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

points = st.floats(1, 5, allow_nan=False)
strengths = st.frozensets(st.sampled_from(Help), max_size=2)
candidates = st.lists(
    st.builds(
        Candidate,
        key=st.integers(0, 10_000),
        provider=st.integers(0, 6),
        draw=points,
        low=points,
        high=points,
        usual=points,
        respondents=st.integers(0, 12),
        price_cents=st.integers(1, 500_00),
        languages=st.lists(st.sampled_from(["fi", "sv", "en"]), min_size=1, unique=True),
        ways=st.lists(st.sampled_from(Way), min_size=1, unique=True),
        helps=strengths,
        earliest=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 3, 2, 11)),
        km=st.none() | st.floats(0, 900),
    ),
    unique_by=lambda one: one.key,
    max_size=20,
)


@given(candidates, strengths, st.randoms())
def test_three_at_most_of_as_many_firms_whatever_order_they_come_in(given_, wanted, chance):
    found = pick(given_, wanted, now=NOW)
    known = {one.key: one for one in given_}
    firms = {one.provider for one in given_}
    assert len(found) == min(AT_MOST, len(firms))
    assert len({known[one.key].provider for one in found}) == len(found)
    shuffled = list(given_)
    chance.shuffle(shuffled)
    assert pick(shuffled, wanted, now=NOW) == found


@given(candidates, strengths)
def test_every_reason_and_every_drawback_is_true(given_, wanted):
    found = pick(given_, wanted, now=NOW)
    known = {one.key: one for one in given_}
    cheapest = min((known[one.key].price_cents for one in found), default=0)
    for one in found:
        who = known[one.key]
        enough = who.respondents >= 5
        assert {
            Reason.STRENGTH: bool(who.helps & wanted) and one.params["helps"] == sorted(who.helps & wanted),
            Reason.PRAISED: enough and who.low > who.usual,
            Reason.SOON: who.earliest is not None and who.earliest <= NOW + timedelta(days=7),
            Reason.NEAR: who.km is not None and who.km <= 10,
            Reason.FITS: True,
        }[one.reason]
        assert {
            Drawback.BELOW: enough and who.high < who.usual,
            Drawback.FAR: who.km is not None and who.km > 25,
            Drawback.LATE: who.earliest is not None and who.earliest > NOW + timedelta(days=14),
            Drawback.NO_TIMES: who.earliest is None,
            Drawback.OTHER_STRENGTHS: one.params["missing"] == sorted(wanted - who.helps) != [],
            Drawback.NOBODY_SAID: who.respondents == 0,
            Drawback.FEW_SAID: 0 < who.respondents < 5,
            Drawback.DEARER: who.price_cents > 1.2 * cheapest,
            Drawback.ONE_WAY: len(who.ways) == 1,
            Drawback.ONE_LANGUAGE: len(who.languages) == 1,
            Drawback.UNKNOWN: True,
        }[one.drawback]


@given(candidates, strengths)
def test_a_strength_that_was_asked_for_never_harms(given_, wanted):
    """Whoever is among the three without being strong in it is among them when they are, all else alike."""
    found = {one.key for one in pick(given_, wanted, now=NOW)}
    for one in given_:
        if one.key in found:
            stronger = [other if other.key != one.key else _with(one, one.helps | wanted) for other in given_]
            assert one.key in {other.key for other in pick(stronger, wanted, now=NOW)}


def _with(one: Candidate, helps: frozenset[Help]) -> Candidate:
    told = {name: getattr(one, name) for name in Candidate.__dataclass_fields__}
    return Candidate(**told | {"helps": helps})


def test_equals_are_shown_equally_often():
    """Six alike firms, two thousand visitors: each is among the three half of the time, and first a sixth of it."""
    shown, first = Counter(), Counter()
    firms = [f"firm {n}" for n in range(6)]
    for visitor in range(2000):
        drawn = order.arrange(
            [order.Candidate(firm, firm, 3.5, 0.4) for firm in firms], f"visitor {visitor}", date(2026, 3, 2)
        )
        alike = [
            Candidate(
                place.key, place.key, place.draw, 3, 4, 3.5, 0, 80_00, ["fi", "sv"], [*Way], frozenset()
            )
            for place in drawn
        ]
        found = pick(alike, frozenset(), now=NOW)
        shown.update(one.key for one in found)
        first[found[0].key] += 1
    assert all(900 < shown[firm] < 1100 for firm in firms)
    assert all(260 < first[firm] < 410 for firm in firms)
