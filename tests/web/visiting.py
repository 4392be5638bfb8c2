"""Visitors to the pages: somebody with a browser, signed in or not, who reads in English unless told otherwise."""

import re
from typing import Any

import httpx

from setori import people
from setori.app import clock
from setori.db import Sessions
from setori.people import Actor


class Visitor:
    """A browser with at most one sign-in."""

    def __init__(self, client: httpx.AsyncClient, secret: str | None = None) -> None:
        self.client = client
        self.headers = {"accept-language": "en"} | ({"cookie": f"setori={secret}"} if secret else {})

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**self.headers, **headers})

    async def post(self, path: str, typed: dict[str, Any] | None = None) -> httpx.Response:
        """Send a form with the token that every page of this sign-in carries."""
        found = re.search(r'name="_csrf" value="([^"]+)"', (await self.get("/roles")).text)
        assert found
        return await self.client.post(path, data={"_csrf": found[1], **(typed or {})}, headers=self.headers)


async def visitor(client: httpx.AsyncClient, sessions: Sessions, who: Actor) -> Visitor:
    """Somebody signed in in a role."""
    async with sessions.begin() as db:
        held = await people.list_memberships(db, who.person_id)
        membership = next(one.id for one in held if one.role is who.role)
        token = await people.mint_link(db, who.person_id, membership, at=clock())
        secret, _ = await people.sign_in(db, token, at=clock(), demo=True)
    return Visitor(client, secret)
