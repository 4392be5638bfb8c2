"""Who closed a statement never approves it: not in another role of the same person, not past the operation."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import people, settlement
from setori.app import clock
from setori.people import Actor, Role
from setori.settlement import ClosePeriod, Refused
from setori.settlement.refusals import FourEyes
from tests.web.procurer.conftest import MARCH


@pytest.fixture
async def both(world) -> Actor:
    """Finance, who is an approver too."""
    closer = world.actors[Role.FINANCE]
    async with world.sessions.begin() as db:
        await people.add_member(db, closer.person_id, world.procurer_id, Role.APPROVER, at=clock())
    return closer


@pytest.fixture
async def closed(world, both) -> UUID:
    """A statement that this person has closed."""
    await world.a_confirmed_session()
    async with world.sessions.begin() as db:
        order = ClosePeriod(month=MARCH.date().replace(day=1))
        (statement_id,) = await settlement.close_period(db, order, by=both, at=clock())
    return statement_id


async def test_switching_roles_in_the_browser_does_not_help(world, visitor, both, closed) -> None:
    who = await visitor(both)
    async with world.sessions.begin() as db:
        held = {one.role: one.id for one in await people.list_memberships(db, both.person_id)}
    for role, status in ((Role.APPROVER, 409), (Role.FINANCE, 403), (Role.APPROVER, 409)):
        switched = await who.post(f"/roles/{held[role]}")
        assert switched.status_code == 303
        who.headers["cookie"] = switched.headers["set-cookie"].partition(";")[0]
        assert (await who.post(f"/procurer/statements/{closed}/approval")).status_code == status
    other = await visitor(Role.APPROVER)
    assert (await other.post(f"/procurer/statements/{closed}/approval")).status_code == 303


async def test_the_operation_asks_who_it_is_and_not_in_which_role(world, both, closed) -> None:
    in_the_other_role = Actor(both.person_id, Role.APPROVER, world.procurer_id, both.name)
    async with world.sessions() as db:
        with pytest.raises(FourEyes):
            await settlement.approve(db, closed, by=in_the_other_role, at=clock())
    # Another person approves, the payment fails, and the statement waits again: it is still the closer's own.
    async with world.sessions.begin() as db:
        order_id = await settlement.approve(db, closed, by=world.actors[Role.APPROVER], at=clock())
    async with world.sessions.begin() as db:
        assert await settlement.next_step(db, order_id, at=clock())
        await settlement.record_sent(db, order_id, Refused(400, "no such account"), at=clock())
    async with world.sessions() as db:
        with pytest.raises(FourEyes):
            await settlement.approve(db, closed, by=in_the_other_role, at=clock())


@pytest.mark.parametrize(
    ("past_the_operation", "why"),
    [
        ("status = 'approved', approved_by = closed_by, approved_at = now()", "statement_four_eyes"),
        ("status = 'approved'", "statement_approved_by_somebody"),
        ("closed_by = '{other}'", "permission denied"),
    ],
    ids=["approved by the closer", "approved by nobody", "closed by somebody else after all"],
)
async def test_the_database_refuses_it_too(world, closed, past_the_operation, why) -> None:
    changes = past_the_operation.format(other=world.actors[Role.APPROVER].person_id)
    async with world.sessions() as db:
        connection = await db.connection()
        with pytest.raises(DBAPIError, match=why):
            await connection.execute(text(f"update statement set {changes} where id = :id"), {"id": closed})
