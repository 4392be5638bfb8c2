"""A firm that has ceased or is bankrupt takes no new clients until the register takes it back; silence does nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from setori import jobs, people, registry
from setori.company_register import HttpCompanyRegister
from setori.days import local_day
from setori.people import Role
from setori.registry import PauseApproval, ReasonCode
from tests.conftest import RealDatabase
from tests.domains.builders import NOON
from tests.register.running import RunningRegister
from tests.world import Market, a_market

NIGHT = NOON + timedelta(days=1)


def same(at: datetime) -> Callable[[], datetime]:
    return lambda: at


@pytest.fixture
async def market(fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database)


class Nights:
    """A firm, the registers, and what Setori does at night."""

    def __init__(self, database: RealDatabase, market: Market, register, ours) -> None:
        self.database, self.market, self.register, self.ours = database, market, register, ours

    async def pass_by(self, at: datetime, **firm: str) -> set[ReasonCode]:
        """A night after which the firm stands as said. Returns why its approval is closed to new clients."""
        async with self.database.sessions() as db:
            business_id = (await people.find_organisation(db, self.market.provider_id)).business_id
        if firm:
            self.register.say(business_id, **firm)
        await jobs.ask_registers(self.database.sessions, self.ours, same(at))
        await jobs.look_after_approvals(self.database.sessions, same(at))
        await jobs.look_after_approvals(self.database.sessions, same(at))
        return await self.closed_for(at)

    async def approval(self, at: datetime):
        async with self.database.sessions() as db:
            (held,) = await registry.list_approvals(db, self.market.provider_id, on=local_day(at))
            return held.id

    async def closed_for(self, at: datetime) -> set[ReasonCode]:
        async with self.database.sessions() as db:
            pauses = await registry.find_open_pauses(db, [await self.approval(at)])
            return {pause.code for pause in pauses.values()}

    async def told(self) -> list[tuple[str, str]]:
        """To whom which messages about the approval went, in order."""
        who = {actor.person_id: role.value for role, actor in self.market.actors.items()}
        async with self.database.sessions() as db:
            mails = (await people.list_outbox(db, limit=50)).items
        kinds = ("approval_paused", "approval_resumed", "desk_paused", "desk_resumed")
        return sorted((who[mail.person_id], mail.kind) for mail in mails if mail.kind in kinds)


@pytest.fixture
def nights(
    fresh_database: RealDatabase, market: Market, register: RunningRegister, ours: HttpCompanyRegister
) -> Nights:
    return Nights(fresh_database, market, register, ours)


@pytest.mark.parametrize(
    ("status", "code"), [("ceased", ReasonCode.FIRM_CEASED), ("bankrupt", ReasonCode.INSOLVENCY)]
)
async def test_a_firm_that_is_gone_takes_no_new_clients_until_the_register_takes_it_back(
    nights: Nights, status: str, code: ReasonCode
) -> None:
    assert await nights.pass_by(NOON) == set()
    assert await nights.pass_by(NIGHT, status=status) == {code}
    assert await nights.told() == [("provider_owner", "approval_paused"), ("registrar", "desk_paused")]
    assert await nights.pass_by(NIGHT + timedelta(days=1)) == {code}, "told once"
    assert await nights.pass_by(NIGHT + timedelta(days=2), status="active") == set()
    assert await nights.told() == [
        ("provider_owner", "approval_paused"),
        ("provider_owner", "approval_resumed"),
        ("registrar", "desk_paused"),
        ("registrar", "desk_resumed"),
    ]


async def test_one_bad_thing_follows_another(nights: Nights) -> None:
    assert await nights.pass_by(NIGHT, status="bankrupt") == {ReasonCode.INSOLVENCY}
    later = NIGHT + timedelta(days=1)
    assert await nights.pass_by(later, status="ceased") == {ReasonCode.FIRM_CEASED}


async def test_silence_closes_nothing_and_opens_nothing(nights: Nights) -> None:
    await nights.pass_by(NOON)
    nights.register.turn(down=True)
    assert await nights.pass_by(NIGHT, status="ceased") == set()
    nights.register.turn()
    later = NIGHT + timedelta(days=1)
    assert await nights.pass_by(later) == {ReasonCode.FIRM_CEASED}
    nights.register.turn(down=True)
    assert await nights.pass_by(later + timedelta(days=1), status="active") == {ReasonCode.FIRM_CEASED}


async def test_what_else_the_registers_say_is_for_people_to_weigh(nights: Nights) -> None:
    assert await nights.pass_by(NIGHT, status="missing") == set()
    assert await nights.pass_by(NIGHT + timedelta(days=1), status="active", tax_debt=True) == set()


async def test_what_a_registrar_has_opened_again_stays_open_until_the_firm_falls_anew(nights: Nights) -> None:
    registrar, sessions = nights.market.actors[Role.REGISTRAR], nights.database.sessions
    await nights.pass_by(NIGHT, status="bankrupt")
    async with sessions.begin() as db:
        await registry.resume(db, await nights.approval(NIGHT), by=registrar, at=NIGHT)
    for day, status, closed_for in (
        (1, "bankrupt", set()),
        (2, "active", set()),
        (3, "bankrupt", {ReasonCode.INSOLVENCY}),
    ):
        assert await nights.pass_by(NIGHT + timedelta(days=day), status=status) == closed_for


async def test_what_a_registrar_has_closed_is_not_opened_by_the_house(nights: Nights) -> None:
    registrar, sessions = nights.market.actors[Role.REGISTRAR], nights.database.sessions
    await nights.pass_by(NOON)
    order = PauseApproval(reason="The court has told us.", code=ReasonCode.INSOLVENCY)
    async with sessions.begin() as db:
        await registry.pause(db, await nights.approval(NOON), order, by=registrar, at=NOON)
    assert await nights.pass_by(NIGHT, status="bankrupt") == {ReasonCode.INSOLVENCY}
    assert await nights.pass_by(NIGHT + timedelta(days=1), status="active") == {ReasonCode.INSOLVENCY}
