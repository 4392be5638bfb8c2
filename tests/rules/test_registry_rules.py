"""What an application must hold, how it moves, and what an approval means on a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.registry import ApplicationStatus, ApprovalStatus, CriterionKind, NotYours
from setori.registry.rules import MOVES, answer_problem, approval_status, missing, move

START, END = date(2026, 1, 10), date(2026, 3, 1)


def test_an_application_moves_as_the_table_says_and_in_no_other_way():
    for status in ApplicationStatus:
        for to in ApplicationStatus:
            if to in MOVES[status]:
                move(status, to)
            else:
                with pytest.raises(NotYours):
                    move(status, to)


def test_a_decision_is_the_end_of_an_application():
    for final in (ApplicationStatus.APPROVED, ApplicationStatus.WITHDRAWN):
        assert not MOVES[final]
    assert MOVES[ApplicationStatus.REJECTED] == {ApplicationStatus.SUBMITTED}, "an appeal may be accepted"


@pytest.mark.parametrize(
    ("kind", "value", "is_good"),
    [
        (CriterionKind.DECLARATION, "yes", True),
        (CriterionKind.DECLARATION, "maybe", False),
        (CriterionKind.NUMBER, "2", True),
        (CriterionKind.NUMBER, "50", True),
        (CriterionKind.NUMBER, "1", False),
        (CriterionKind.NUMBER, "51", False),
        (CriterionKind.NUMBER, "-3", False),
        (CriterionKind.NUMBER, "²", False),
        (CriterionKind.TEXT, "x" * 4000, True),
        (CriterionKind.TEXT, "x" * 4001, False),
    ],
)
def test_an_answer_is_looked_at_by_its_kind(kind, value, is_good):
    assert (answer_problem(kind, value, 2, 50) is None) == is_good


def test_a_mandatory_declaration_needs_a_yes_and_the_rest_an_answer():
    asked = {"D": CriterionKind.DECLARATION, "T": CriterionKind.TEXT, "N": CriterionKind.NUMBER}
    assert set(missing(asked, {"D": "no", "T": "  "})) == {"D", "T", "N"}
    assert missing(asked, {"D": "yes", "T": "Words", "N": "3"}) == {}


@given(on=st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_an_approval_is_in_force_from_its_first_day_until_the_day_before_its_end(on):
    inside = START <= on < END
    assert (approval_status(START, END, None, on=on) is ApprovalStatus.IN_FORCE) == inside
    assert (approval_status(START, None, None, on=on) is ApprovalStatus.IN_FORCE) == (on >= START)


def test_what_was_cut_says_why():
    assert approval_status(START, END, "suspended", on=END) is ApprovalStatus.SUSPENDED
    assert approval_status(START, END, "ended", on=END) is ApprovalStatus.ENDED
    assert approval_status(START, END, "suspended", on=START) is ApprovalStatus.IN_FORCE
