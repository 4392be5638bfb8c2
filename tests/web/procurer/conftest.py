"""A small procurer with people in every role, a neighbour, and a provider whose sessions were confirmed in March."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from setori import people, vouchers
from setori.app import clock
from setori.db import Sessions, wire_of
from setori.people import Actor, Role
from tests.conftest import RealDatabase
from tests.domains import builders as a

MARCH = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@dataclass
class World:
    """Who there is, and what tests need to find again."""

    sessions: Sessions
    procurer_id: UUID
    neighbour_id: UUID
    provider_id: UUID
    service_id: UUID
    rulebook_id: UUID
    approval_id: UUID
    offering_id: UUID
    coach_id: UUID
    owner: Actor
    actors: dict[Role, Actor] = field(default_factory=dict)

    async def a_confirmed_session(self, at: datetime = MARCH) -> UUID:
        """A session that both sides say was held, on a voucher and a programme of its own."""
        async with self.sessions.begin() as db:
            redemption_id, holder = await a.a_session(
                db,
                self.procurer_id,
                self.actors[Role.REGISTRAR],
                self.owner,
                self.offering_id,
                self.coach_id,
                at=at,
            )
            await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=at)
        return redemption_id


@pytest.fixture
async def world(fresh_database: RealDatabase) -> World:
    async with fresh_database.sessions.begin() as db:
        procurer_id = await a.a_procurer(db)
        neighbour_id = await a.a_procurer(db, "0022", "Varsinais-Suomen työllisyysalue")
        actors = {role: await an_actor(db, role, procurer_id) for role in people.PROCURER_ROLES}
        service_id = await a.a_service(db)
        provider_id = await a.a_provider(db)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, provider_id, "Otso Omistaja")
        rulebook_id = await a.a_rulebook(db, actors[Role.REGISTRAR], service_id)
        approval_id = await a.an_approval(db, rulebook_id, provider_id)
        coach_id = await a.a_coach(db, provider_id)
        offering_id = await a.an_offering(db, owner, service_id, [coach_id])
    return World(
        fresh_database.sessions,
        procurer_id,
        neighbour_id,
        provider_id,
        service_id,
        rulebook_id,
        approval_id,
        offering_id,
        coach_id,
        owner,
        actors,
    )


async def an_actor(db, role: Role, organisation_id: UUID) -> Actor:
    return await a.an_actor(db, role, organisation_id, f"{role.value.title()} Nieminen")


class Visitor:
    """Somebody with a browser of their own, signed in, who reads in English."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self.client = client
        self.headers = {"cookie": f"setori={secret}", "accept-language": "en"}

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, **typed: str | list[str]) -> httpx.Response:
        """Send a form, with the token that a page of this sign-in carries."""
        page = (await self.get("/roles")).text
        found = re.search(r'name="_csrf" value="([^"]+)"', page)
        assert found, page
        as_browsers_do = {"origin": "null", "sec-fetch-site": "same-origin"}
        data = {"_csrf": found[1], **typed}
        return await self.client.post(path, data=data, headers=self.headers | as_browsers_do)


class Visitors:
    """Visitors by role, or for an actor of the test's own."""

    def __init__(self, client: httpx.AsyncClient, world: World) -> None:
        self.client = client
        self.world = world

    async def __call__(self, who: Role | Actor) -> Visitor:
        actor = self.world.actors[who] if isinstance(who, Role) else who
        async with self.world.sessions.begin() as db:
            held = [
                one
                for one in await people.list_memberships(db, actor.person_id)
                if one.role is actor.role and one.organisation_id == actor.organisation_id
            ]
            token = await people.mint_link(db, actor.person_id, held[0].id, at=clock())
            secret, _ = await people.sign_in(db, token, at=clock(), demo=True)
        return Visitor(self.client, secret)


@pytest.fixture
def visitor(client: httpx.AsyncClient, world: World) -> Visitors:
    return Visitors(client, world)


@pytest.fixture
async def statements_sent() -> AsyncIterator[list[str]]:
    """Every SQL statement that any engine of this process sends."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)
