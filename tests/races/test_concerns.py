"""Two who are named for it take up the same report at once: one has it, and the other hears of it."""

import asyncio

from sqlalchemy import text

from setori import concerns
from setori.concerns import TakeConcern, TellConcern
from setori.db import new_id
from setori.people import Role
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.meetings import a_practice
from tests.races.test_booking import run


async def test_one_of_two_takes_it_up(fresh_database: RealDatabase) -> None:
    async with fresh_database.sessions.begin() as db:
        practice = await a_practice(db, clients=1)
        readers = [await a.an_actor(db, Role.SAFEGUARDING, practice.procurer_id, name) for name in "AB"]
    client = practice.clients[0]
    for _ in range(6):
        order = TellConcern(id=new_id(), voucher_id=client.voucher_id, words="It happened.")
        same = [run(fresh_database, concerns.tell, order, by=client.who, at=NOON) for _ in range(2)]
        assert await asyncio.gather(*same) == ["done", "done"]
        both = [
            run(fresh_database, concerns.take, order.id, TakeConcern(), by=who, at=NOON) for who in readers
        ]
        assert sorted(await asyncio.gather(*both)) == ["TakenMeanwhile", "done"]
    async with fresh_database.sessions() as db:
        counted = text("select count(*) from audit_entry where action = 'concern.taken'")
        assert (await (await db.connection()).execute(counted)).scalar_one() == 6
