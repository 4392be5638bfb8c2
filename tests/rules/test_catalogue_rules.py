"""When a mean may be shown, and by which words an offering is found."""

from hypothesis import given
from hypothesis import strategies as st

from setori.catalogue import shown_mean
from setori.catalogue.rules import SEPARATOR, search_text


@given(st.lists(st.integers(1, 5), max_size=40))
def test_a_mean_is_shown_from_five_ratings_on_and_lies_between_one_and_five(ratings):
    mean = shown_mean(len(ratings), sum(ratings))
    assert (mean is None) == (len(ratings) < 5)
    assert mean is None or 1 <= mean <= 5


def test_the_words_of_coaches_are_kept_apart_from_the_offerings_own():
    words = search_text(
        [{"fi": "Työnhaun TUKI", "en": "Job Search"}], ["Suunta Oy"], [("Äijälä", {"fi": "Kokki"}, ["IT"])]
    )
    assert words.split(SEPARATOR) == ["työnhaun tuki job search suunta oy", "äijälä kokki it"]
