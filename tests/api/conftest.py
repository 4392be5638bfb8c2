"""What tests of the JSON face share: a market, its neighbour, and programs with somebody's token."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from setori import people
from setori.app import clock
from setori.days import local_day
from setori.people import Actor
from tests.conftest import RealDatabase
from tests.world import Market, a_market

API = "/api/v1"


@dataclass
class Machine:
    """A program with somebody's token."""

    client: httpx.AsyncClient
    token: str

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return await self.client.request(method, API + path, json=body, headers=headers)


@pytest.fixture
async def market(app: Any, fresh_database: RealDatabase) -> Market:
    return await a_market(fresh_database, units=3, at=clock(), key=app.state.code_key)


@pytest.fixture
async def neighbour(app: Any, fresh_database: RealDatabase, market: Market) -> Market:
    return await a_market(
        fresh_database, 3, at=clock(), key=app.state.code_key, area=("0022", "Varsinais-Suomi")
    )


@pytest.fixture
def machine(client: httpx.AsyncClient, fresh_database: RealDatabase) -> Any:
    async def of(actor: Actor) -> Machine:
        async with fresh_database.sessions.begin() as db:
            held = await people.list_memberships(db, actor.person_id)
            (membership,) = [one for one in held if one.role is actor.role]
            return Machine(client, await people.mint_api_token(db, membership.id, "test", at=clock()))

    return of


def session(market: Market, **other: Any) -> dict[str, Any]:
    return {"voucher_code": market.code, "units": 1, "service_day": str(local_day(clock()))} | other


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    body = answer.json()
    assert body["type"] == f"urn:setori:problem:{code}", body
    assert body["status"] == status == answer.status_code
    return bool(body["title"] and body["detail"])


def answer_of(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but the number of its request."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content, headers
