"""A practice with a service manager, and consents of its clients, for tests of guiding."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from setori import guiding
from setori.days import local_day
from setori.db import Database
from setori.guiding import GiveConsent, InviteManager, ProposeManager, Scope
from setori.people import Actor, Role
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.meetings import Client, Practice, a_practice

ALL = list(Scope)
TODAY = local_day(NOON)
END = TODAY + timedelta(days=90)


@dataclass
class Side:
    """A practice and the service manager of its procurer."""

    practice: Practice
    manager: Actor

    @property
    def client(self) -> Client:
        return self.practice.clients[0]


async def a_side(db: Database, *, clients: int = 2) -> Side:
    """A practice whose procurer has one service manager."""
    practice = await a_practice(db, clients=clients)
    return Side(practice, await a_manager(db, practice.procurer_id))


async def a_manager(db: Database, procurer_id: UUID, name: str = "Pilvi Palvelu") -> Actor:
    return await a.an_actor(db, Role.SERVICE_MANAGER, procurer_id, name)


async def invited(
    db: Database, side: Side, *scopes: Scope, client: Client | None = None, at=NOON, until=END
) -> UUID:
    """The client's own yes, to everything unless told otherwise."""
    order = InviteManager(manager_id=side.manager.person_id, scopes=list(scopes) or ALL, until_on=until)
    return await guiding.invite(db, order, by=(client or side.client).who, at=at)


async def proposed(db: Database, side: Side, *scopes: Scope, at=NOON, until=END) -> UUID:
    """A case worker's proposal."""
    order = ProposeManager(manager_id=side.manager.person_id, scopes=list(scopes) or ALL, until_on=until)
    return await guiding.propose(db, side.client.voucher_id, order, by=side.practice.desk, at=at)


def yes(*scopes: Scope, until=END) -> GiveConsent:
    return GiveConsent(scopes=list(scopes) or ALL, until_on=until)


async def deeds(db: Database) -> list[str]:
    """What stands in the trace, the oldest first."""
    await db.flush()
    rows = await (await db.connection()).execute(text("select what from guiding_trace order by id"))
    return [row[0] for row in rows.all()]
