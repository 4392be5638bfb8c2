"""The database holds by itself what the rules of guiding say, whoever writes and however."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from setori.db import Database
from setori.guiding import CONSENT_MOVES, NEEDS, ConsentStatus, Deed, Scope
from tests.domains.companions import Side, a_side, invited
from tests.domains.meetings import booked


@pytest.fixture
async def side(db: Database) -> Side:
    return await a_side(db)


def test_every_deed_needs_something() -> None:
    assert set(NEEDS) == set(Deed)
    assert all(NEEDS.values())


async def test_the_database_holds_the_same_tables_of_moves_and_of_needs(db) -> None:
    connection = await db.connection()
    for was in ConsentStatus:
        for becomes in ConsentStatus:
            may = await connection.execute(
                text("select consent_may_move(:was, :becomes)"), {"was": was, "becomes": becomes}
            )
            assert may.scalar_one() == (was is becomes or becomes in CONSENT_MOVES[was])
    for deed in Deed:
        needs = await connection.execute(text("select scopes_for(:what)"), {"what": deed})
        assert set(needs.scalar_one()) == NEEDS[deed]


@pytest.mark.parametrize(
    "statement",
    [
        "update consent set status = 'proposed', given_at = null",
        "update consent set may_book = true",
        "update consent set until_on = until_on + 1",
        "insert into guiding_trace (id, consent_id, what, at)"
        " select gen_random_uuid(), id, 'booked', given_at from consent",
        "insert into sitting_in (booking_id, consent_id, since_at)"
        " select b.id, c.id, c.given_at from booking b, consent c",
        "insert into suggestion (id, consent_id, voucher_id, offering_id, comment, made_at)"
        " select gen_random_uuid(), c.id, b.voucher_id, h.offering_id, '', c.given_at"
        " from booking b, consent c, choice h where h.voucher_id = b.voucher_id",
        "update booking b set arranged_by = c.manager_id from consent c where b.person_id = c.client_id",
        "insert into consent select gen_random_uuid(), procurer_id, client_id, manager_id, 'in_force', true, true,"
        " true, true, until_on, proposed_by, proposed_at, given_at from consent",
    ],
)
async def test_the_database_refuses_what_no_consent_allows(db, side, statement) -> None:
    await invited(db, side, Scope.SEE)
    await booked(db, side.practice)
    await db.flush()
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await (await db.connection()).execute(text(statement))
