"""A refusal that counts says one and several differently, in each language and to machines."""

import pytest

from setori.errors import Conflict
from setori.vouchers.refusals import NotEnoughLeft
from setori.web import i18n

EN = {
    0: "The voucher has 0 sessions left",
    1: "The voucher has 1 session left",
    2: "The voucher has 2 sessions left",
}
FI = {0: "jäljellä 0 tapaamista.", 1: "jäljellä 1 tapaaminen.", 2: "jäljellä 2 tapaamista."}


@pytest.mark.parametrize("left", [0, 1, 2])
def test_one_session_left_is_not_one_sessions(left: int) -> None:
    refusal = NotEnoughLeft(left=left)
    assert EN[left] in str(refusal)
    for language, words in (("en", EN), ("fi", FI)):
        token = i18n.language.set(language)
        try:
            assert words[left] in i18n.sentence(refusal)
        finally:
            i18n.language.reset(token)


def test_words_of_its_own_are_said_as_they_are() -> None:
    class Few(Conflict):
        sentence, plural, counted = "One of {n}.", "Some of {n}.", "n"

    assert [str(Few(n=1)), str(Few(n=2)), str(Few("None of {n}.", n=2))] == [
        "One of 1.",
        "Some of 2.",
        "None of 2.",
    ]
