"""How a change of a consortium moves, and the cap on what subcontractors deliver together."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.registry import CapPassed, ChangeClosed, ChangeStatus, NoConsortia, PartnerPart
from setori.registry.rules import CHANGE_MOVES, first_fitting_day, greatest_share, move_change, refuse_part

DAY = date(2026, 3, 2)
DAYS = st.integers(0, 30).map(lambda n: DAY + timedelta(days=n))


@st.composite
def held(draw):
    """A subcontractor's share with its days."""
    since = draw(DAYS)
    until = draw(st.none() | st.integers(1, 30).map(lambda n: since + timedelta(days=n)))
    return draw(st.integers(1, 60)), since, until


def test_a_change_moves_as_the_table_says_and_in_no_other_way():
    for status in ChangeStatus:
        for to in ChangeStatus:
            if to in CHANGE_MOVES[status]:
                move_change(status, to)
            else:
                with pytest.raises(ChangeClosed):
                    move_change(status, to)


@given(st.lists(held(), max_size=8), DAYS)
def test_the_greatest_share_is_that_of_the_worst_day(known, since):
    """Day by day, the long way."""
    days = [since + timedelta(days=n) for n in range(70)]
    long_way = max(
        sum(share for share, start, until in known if start <= day and (until is None or day < until))
        for day in days
    )
    assert greatest_share(known, since=since) == long_way


@given(st.lists(held(), max_size=8), st.integers(1, 100), st.integers(0, 100))
def test_who_begins_on_the_day_found_keeps_the_cap_on_every_day(known, share, cap):
    days = (DAY, DAY + timedelta(days=1))
    try:
        begins = first_fitting_day(known, share, days, cap=cap)
    except CapPassed:
        assert all(greatest_share(known, since=day) + share > cap for day in days)
    else:
        assert greatest_share([*known, (share, begins, None)], since=begins) <= cap
        assert begins == DAY or greatest_share(known, since=DAY) + share > cap


def test_what_the_rulebook_does_not_allow_is_refused():
    with pytest.raises(NoConsortia):
        refuse_part(PartnerPart.MEMBER, 0, allows=False, cap=100)
    with pytest.raises(CapPassed):
        refuse_part(PartnerPart.SUBCONTRACTOR, 31, allows=True, cap=30)
    refuse_part(PartnerPart.SUBCONTRACTOR, 30, allows=True, cap=30)
    refuse_part(PartnerPart.MEMBER, 0, allows=True, cap=0)
