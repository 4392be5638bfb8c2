"""The snapshot against a plain reading of the rules: filters, counts, orders and pages of generated markets."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import acos, cos, inf, nan, radians, sin
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setori.catalogue import Order, Search
from setori.catalogue.queries.index import ordering
from setori.catalogue.queries.index.asking import ask
from setori.catalogue.queries.index.rows import Row, in_alphabet
from setori.catalogue.queries.index.snapshot import Snapshot
from setori.days import local_day
from setori.errors import Invalid
from setori.quality.order import Candidate, arrange

MANY = settings(max_examples=60, deadline=None)
DAY = date(2026, 3, 2)
AREAS, LANGUAGES, WAYS = ("10", "39", "4"), ("fi", "sv", "en"), ("in_person", "video")
SERVICES = [UUID(int=number) for number in (1, 2)]
TOPICS = ("cv", "haastattelu")
ACCESS = ("step_free", "hearing_loop")
TAMPERE = (61.5, 23.75)
FACETS = {
    "area": ("areas", AREAS),
    "language": ("languages", LANGUAGES),
    "way": ("ways", WAYS),
    "service": ("services", SERVICES),
    "speciality": ("specialities", TOPICS),
    "access": ("access", ACCESS),
    "within": ("within", (3, 7, 14, 28)),
    "km": ("km", (10, 25, 50, 100)),
}


def some(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=len(values)).map(tuple)


@st.composite
def rows(draw, firms=5, most=25):
    """Rows of a few firms: few different figures, so that many are equal."""
    found = []
    for number in range(draw(st.integers(0, most))):
        firm = UUID(int=1000 + draw(st.integers(0, firms - 1)))
        found.append(
            Row(
                offering_id=UUID(int=draw(st.integers(10**6, 10**9)) * 1000 + number),
                coach_id=draw(st.one_of(st.none(), st.integers(1, 2**64).map(lambda n: UUID(int=n)))),
                provider_id=firm,
                deliverer_id=firm,
                service_id=draw(st.sampled_from(SERVICES)),
                price_cents=draw(st.sampled_from([50_00, 80_00])),
                respondents=draw(st.sampled_from([0, 4, 5, 40])),
                score=draw(st.sampled_from([2.5, 3.0, 4.25])),
                sd=draw(st.sampled_from([0.1, 0.3])),
                areas=draw(some(AREAS).filter(bool)),
                languages=draw(some(LANGUAGES)),
                ways=draw(some(WAYS)),
                specialities=draw(some(TOPICS)),
                access=draw(some(ACCESS)),
                latitude=draw(st.sampled_from([61.5, 60.4, nan])),
                longitude=draw(st.sampled_from([23.75, 22.3])),
                names=tuple(map(in_alphabet, draw(st.sampled_from([("Åsa",) * 3, ("Oma", "Egen", "Own")])))),
                earliest=draw(
                    st.one_of(
                        st.none(),
                        st.integers(0, 3).map(lambda n: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=n)),
                    )
                ),
            )
        )
    return found


asked = st.fixed_dictionaries(
    {},
    optional={
        "area": st.sampled_from(AREAS),
        "language": st.sampled_from(LANGUAGES),
        "way": st.sampled_from(WAYS),
        "service": st.sampled_from(SERVICES),
        "speciality": st.sampled_from(TOPICS),
        "access": some(ACCESS),
        "within": st.sampled_from([3, 7]),
        "km": st.sampled_from([10, 100]),
        "most_cents": st.sampled_from([50_00, 79_99, 80_00]),
    },
)


def distance(row):
    """Between two of four spots, measured by the law of cosines."""
    if row.latitude != row.latitude:
        return inf
    (a, b), (c, d) = (map(radians, spot) for spot in (TAMPERE, (row.latitude, row.longitude)))
    return 6371 * acos(min(1, sin(a) * sin(c) + cos(a) * cos(c) * cos(b - d)))


def fits(row, wanted):
    has = {
        "area": row.areas,
        "language": row.languages,
        "way": row.ways,
        "service": (row.service_id,),
        "speciality": row.specialities,
    }
    late = wanted.get("within")
    return (
        all(value in has[name] for name, value in wanted.items() if name in has)
        and set(wanted.get("access", ())) <= set(row.access)
        and (
            late is None
            or (row.earliest is not None and local_day(row.earliest) <= DAY + timedelta(days=late))
        )
        and distance(row) <= wanted.get("km", inf)
        and row.price_cents <= wanted.get("most_cents", inf)
    )


def by_hand(row, order, lang):
    """What the rows of an order are sorted by, and nothing about equals."""
    return {
        Order.PRICE: row.price_cents,
        Order.EXPERIENCE: -row.score if row.respondents >= 5 else 10,
        Order.EARLIEST: row.earliest or datetime.max.replace(tzinfo=UTC),
        Order.DISTANCE: distance(row),
        Order.NAME: row.names[("fi", "sv", "en").index(lang)],
    }[order]


def every_page(snapshot, limit, **told):
    found, after = [], None
    while True:
        answer = ask(
            snapshot, Search(after=after, limit=limit, **told), seed="anna", lang="sv", origin=TAMPERE
        )
        found += [(one.offering_id, one.coach_id) for one in answer.shown]
        after = answer.next
        if after is None:
            return found
        assert len(answer.shown) == limit
        assert len(found) <= 1000, "it ends"


@given(rows(), asked)
@MANY
def test_filters_and_counts_are_those_of_a_plain_count(market, wanted):
    answer = ask(Snapshot.of(DAY, market), Search(**wanted), seed="anna", lang="fi", origin=TAMPERE)
    fitting = [row for row in market if fits(row, wanted)]
    assert answer.total == len(fitting)
    for name, (facet, values) in FACETS.items():
        others = {other: value for other, value in wanted.items() if other != name}

        def changed(value, name=name, others=others):
            return {**others, name: (*wanted.get(name, ()), value) if name == "access" else value}

        expected = {
            value: number for value in values if (number := sum(fits(row, changed(value)) for row in market))
        }
        assert getattr(answer.facets, facet) == expected, name
    if not fitting:
        for name, number in answer.without.items():
            filter_, _, value = name.partition("=")
            filter_ = "most_cents" if filter_ == "most" else filter_
            less = {other: told for other, told in wanted.items() if other != filter_}
            if value:
                less["access"] = tuple(one for one in wanted["access"] if one != value)
            assert number == sum(fits(row, less) for row in market) > 0


@pytest.mark.parametrize("few", [0, ordering.FEW])
@given(market=rows(most=40), wanted=asked, limit=st.integers(1, 7))
@MANY
def test_in_turns_the_order_is_that_of_the_rules_on_every_page(few, market, wanted, limit):
    candidates = [
        Candidate(ordering.key_of((row.offering_id, row.coach_id)), str(row.provider_id), row.score, row.sd)
        for row in market
        if fits(row, wanted)
    ]
    expected = [place.key for place in arrange(candidates, "anna", DAY)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "FEW", few)
        patch.setattr(ordering, "AT_ONCE", 1)
        found = every_page(Snapshot.of(DAY, market), limit, **wanted)
    assert [ordering.key_of(pair) for pair in found] == expected


@pytest.mark.parametrize("order", [order for order in Order if order is not Order.TURNS])
@given(market=rows(), wanted=asked, limit=st.integers(1, 7))
@MANY
def test_other_orders_are_sorted_and_show_everybody_once(order, market, wanted, limit):
    found = every_page(Snapshot.of(DAY, market), limit, order=order, **wanted)
    row_of = {(row.offering_id, row.coach_id): row for row in market}
    assert Counter(found) == Counter((r.offering_id, r.coach_id) for r in market if fits(r, wanted))
    numbers = [by_hand(row_of[pair], order, "sv") for pair in found]
    numbers = [round(one, 6) for one in numbers] if order is Order.DISTANCE else numbers
    assert numbers == sorted(numbers)


@given(rows(), rows(), st.sets(st.integers(0, 5)))
@MANY
def test_what_has_changed_gives_the_same_as_reading_everything(market, news, changed):
    firms = {UUID(int=1000 + number) for number in changed}
    news = [row for row in news if row.provider_id in firms]
    former = Snapshot.of(DAY, market)
    before = {tag: set(rows) for tag, rows in former.tags.items()}
    now = former.after(firms, news)
    whole = Snapshot.of(DAY, [row for row in market if row.provider_id not in firms] + news)
    for order in Order:
        for wanted in (Search(order=order), Search(order=order, language="fi")):
            one, other = (ask(snapshot, wanted, seed="anna", lang="fi") for snapshot in (now, whole))
            assert (one.total, one.facets) == (other.total, other.facets)
            assert [s.offering_id for s in one.shown] == [s.offering_id for s in other.shown]
    assert {tag: set(rows) for tag, rows in former.tags.items()} == before, "a snapshot never changes"


@given(rows(most=60))
@settings(max_examples=30, deadline=None)
def test_equals_take_turns_also_by_price(market):
    snapshot = Snapshot.of(DAY, market)
    cheapest = [row for row in market if row.price_cents == 50_00]
    if len({(row.offering_id, row.coach_id) for row in cheapest}) < 8:
        return
    firsts = {
        ask(snapshot, Search(order="price", limit=1), seed=str(n), lang="fi").shown[0].offering_id
        for n in range(40)
    }
    assert len(firsts) > 3


def test_an_order_goes_on_where_it_was_although_rows_come_and_go():
    def a_row(number, price):
        return Row(
            *(UUID(int=number), None, UUID(int=1000 + number), UUID(int=1), SERVICES[0], price, 0, 3.0, 0.3),
            *(AREAS, LANGUAGES, WAYS, (), ("a", "a", "a")),
        )

    market = [a_row(number, number * 100) for number in range(1, 7)]
    snapshot = Snapshot.of(DAY, market)
    first = ask(snapshot, Search(order="price", limit=2), seed="x", lang="fi")
    moved = snapshot.after({UUID(int=1002), UUID(int=1009)}, [a_row(9, 150)])
    second = ask(moved, Search(order="price", limit=2, after=first.next), seed="x", lang="fi")
    assert [one.offering_id.int for one in second.shown] == [3, 4]
    with pytest.raises(Invalid):
        ask(snapshot, Search(order="name", after=first.next), seed="x", lang="fi")
