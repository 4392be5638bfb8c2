"""Two versions of a rulebook compared: exact enough that what changed makes the newer out of the older."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from setori.registry import CriterionKind, Line, Term, apply, diff, side_by_side, term_of, words_changed
from setori.registry.comparing import Change, languages_changed

WORDS = st.dictionaries(st.sampled_from(["fi", "sv", "en"]), st.text("ab ", max_size=6), min_size=1)
TERMS = st.builds(
    Term,
    code=st.sampled_from([f"K{n}" for n in range(12)]),
    kind=st.sampled_from(list(CriterionKind)),
    text=WORDS,
    mandatory=st.booleans(),
    minimum=st.none() | st.integers(0, 3),
    maximum=st.none() | st.integers(3, 6),
    is_core=st.booleans(),
    expires=st.booleans(),
    grace_days=st.integers(0, 2),
)
VERSIONS = st.lists(TERMS, max_size=12, unique_by=lambda term: term.code)


def term(code: str, text: str = "x", **told) -> Term:
    return Term(code, CriterionKind.TEXT, {"fi": text}, **told)


def said(lines: list[Line]) -> list[tuple[str, tuple[str, ...]]]:
    return [(line.code, tuple(change.value for change in line.changes)) for line in lines]


@given(VERSIONS)
def test_a_version_does_not_differ_from_itself(version):
    assert diff(version, version) == []
    assert apply([], version) == version


@given(VERSIONS, VERSIONS)
def test_what_changed_makes_the_newer_version_out_of_the_older(before, after):
    assert apply(diff(before, after), before) == after


@given(VERSIONS, VERSIONS)
def test_side_by_side_shows_every_criterion_of_both_once_in_the_order_of_the_newer(before, after):
    lines = side_by_side(before, after)
    assert [line.after for line in lines if line.after] == after
    assert sorted(line.was for line in lines if line.was is not None) == list(range(len(before)))
    assert len({line.code for line in lines}) == len(lines)
    assert all(line.changes for line in diff(before, after))


@given(VERSIONS, st.randoms())
def test_a_mere_new_order_is_told_as_moves_alone_and_one_stays_at_least(version, chance):
    shuffled = list(version)
    chance.shuffle(shuffled)
    found = diff(version, shuffled)
    assert all(line.changes == (Change.MOVED,) for line in found)
    assert len(found) < max(len(version), 1)


@given(VERSIONS, VERSIONS)
def test_turned_round_what_was_added_was_removed(before, after):
    there, back = diff(before, after), diff(after, before)

    def codes(lines, change):
        return {line.code for line in lines if change in line.changes}

    assert codes(there, Change.ADDED) == codes(back, Change.REMOVED)
    assert codes(there, Change.CHANGED) == codes(back, Change.CHANGED)
    assert len(codes(there, Change.MOVED)) == len(codes(back, Change.MOVED))


@given(VERSIONS)
def test_a_term_survives_json(version):
    assert [term_of(one.as_json()) for one in version] == version


def test_one_criterion_taken_to_the_front_is_the_one_that_moved():
    before = [term("A"), term("B"), term("C"), term("D")]
    after = [before[3], *before[:3]]
    assert said(diff(before, after)) == [("D", ("moved",))]


def test_what_is_removed_stands_where_it_stood():
    before = [term("A"), term("B"), term("C")]
    after = [term("A"), replace(term("C"), mandatory=False), term("E")]
    assert said(side_by_side(before, after)) == [
        ("A", ()),
        ("B", ("removed",)),
        ("C", ("changed",)),
        ("E", ("added",)),
    ]
    assert side_by_side(before, after)[2].changed == ("mandatory",)


@given(st.text("ab \n", max_size=30), st.text("ab \n", max_size=30))
def test_the_words_that_stayed_and_came_are_the_newer_text(before, after):
    found = words_changed(before, after)
    assert " ".join(w for change, w in found if change is not Change.REMOVED) == " ".join(after.split())
    assert " ".join(w for change, w in found if change is not Change.ADDED) == " ".join(before.split())


def test_a_text_is_compared_language_by_language():
    assert languages_changed({"fi": "a", "sv": "b"}, {"fi": "a", "sv": "c", "en": "d"}) == ["sv", "en"]
