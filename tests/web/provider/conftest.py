"""A provider with an owner and two coaches, its clients, and a rival firm that must see nothing of it."""

import re
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest

from setori import people, vouchers
from setori.app import clock
from setori.days import local_day
from setori.db import Sessions, new_id, wire_of
from setori.people import Actor, Role
from setori.vouchers import ChooseOffering, IssueVoucher, RedeemVoucher, StartProgramme
from tests.conftest import RealDatabase
from tests.domains import builders as a

_numbers = count(1)


@dataclass
class Client:
    """Somebody who has chosen our firm."""

    actor: Actor
    voucher_id: UUID
    code: str


@dataclass
class World:
    """Who there is, and what tests need to find again."""

    sessions: Sessions
    key: bytes
    procurer_id: UUID
    service_id: UUID
    rulebook_id: UUID
    programme_id: UUID
    offering_id: UUID
    coach_id: UUID
    other_coach_id: UUID
    registrar: Actor
    desk: Actor
    owner: Actor
    coach: Actor
    rival: Actor

    async def a_client(self, name: str = "Veera Laine", coach_id: UUID | None = None) -> Client:
        """A voucher of five sessions at 80 euros, issued, claimed, and our coach chosen."""
        at = clock()
        order = IssueVoucher(
            programme_id=self.programme_id, name=name, email=f"veera{next(_numbers)}@example.fi"
        )
        async with self.sessions.begin() as db:
            issued = await vouchers.issue(db, order, key=self.key, by=self.desk, at=at)
            actor = Actor(issued.person_id, Role.JOBSEEKER, None, name, "fi")
            await vouchers.claim(db, issued.claim_token, at=at)
            choice = ChooseOffering(offering_id=self.offering_id, coach_id=coach_id or self.coach_id)
            await vouchers.choose(db, issued.voucher_id, choice, by=actor, at=at)
        return Client(actor, issued.voucher_id, issued.code)

    async def a_session(self, client: Client, *, confirmed: bool = False) -> UUID:
        """A session of today that our owner has recorded."""
        redemption_id, at = new_id(), clock()
        order = RedeemVoucher(voucher_code=client.code, service_day=local_day(at))
        async with self.sessions.begin() as db:
            wire = await wire_of(db)
            await vouchers.redeem(wire, redemption_id, order, key=self.key, by=self.owner, at=at)
            if confirmed:
                await vouchers.confirm(wire, redemption_id, by=client.actor, at=at)
        return redemption_id


@pytest.fixture
async def world(app: Any, fresh_database: RealDatabase) -> World:
    at = clock()
    async with fresh_database.sessions.begin() as db:
        procurer_id = await a.a_procurer(db, at=at)
        registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id, at=at)
        desk = await a.an_actor(db, Role.CASE_WORKER, procurer_id, at=at)
        service_id = await a.a_service(db, at=at)
        rulebook_id = await a.a_rulebook(db, registrar, service_id, at=at)
        firm_id = await a.a_provider(db, at=at)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm_id, "Otso Omistaja", at=at)
        coach = await a.an_actor(db, Role.COACH, firm_id, "Maija Mäkelä", at=at)
        rival = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db, "Kilpa Oy", at=at), at=at)
        await a.an_approval(db, rulebook_id, firm_id, at=at)
        coach_id = await a.a_coach(db, firm_id, person_id=coach.person_id, at=at)
        other_coach_id = await a.a_coach(db, firm_id, "Fatima Warsame", at=at)
        offering_id = await a.an_offering(db, owner, service_id, [coach_id, other_coach_id], at=at)
        programme = StartProgramme(
            service_id=service_id,
            name={"fi": "Nuorten valmennus"},
            units=5,
            price_cap_cents=100_00,
            validity_days=90,
            budget_cents=50_000_00,
        )
        programme_id = await vouchers.start_programme(db, programme, by=desk, at=at)
    return World(
        fresh_database.sessions,
        app.state.code_key,
        procurer_id,
        service_id,
        rulebook_id,
        programme_id,
        offering_id,
        coach_id,
        other_coach_id,
        registrar,
        desk,
        owner,
        coach,
        rival,
    )


class Visitor:
    """Somebody with a browser, signed in, who reads in English."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self.client = client
        self.headers = {"cookie": f"setori={secret}", "accept-language": "en"}

    async def get(self, path: str, language: str = "en") -> httpx.Response:
        return await self.client.get(path, headers={**self.headers, "accept-language": language})

    async def post(self, path: str, typed: dict[str, Any] | None = None) -> httpx.Response:
        """Send a form with the token that every page of this sign-in carries."""
        page = (await self.get("/roles")).text
        found = re.search(r'name="_csrf" value="([^"]+)"', page)
        assert found, page
        return await self.client.post(path, data={"_csrf": found[1], **(typed or {})}, headers=self.headers)


@pytest.fixture
def visitor(client: httpx.AsyncClient, world: World) -> Any:
    async def come(who: Actor) -> Visitor:
        async with world.sessions.begin() as db:
            held = await people.list_memberships(db, who.person_id)
            membership = next((one.id for one in held if one.role is who.role), None)
            token = await people.mint_link(db, who.person_id, membership, at=clock())
            secret, _ = await people.sign_in(db, token, at=clock(), demo=True)
        return Visitor(client, secret)

    return come
