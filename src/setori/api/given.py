"""What a handler of the JSON face is given: the bearer of a token, the hot path, a transaction, the time."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, Parameter

from setori import people
from setori.db import Database, Wire
from setori.errors import Forbidden, SetoriError
from setori.people import Actor, Role

Db = NamedDependency[Database]
Hot = NamedDependency[Wire]
Now = NamedDependency[datetime]
By = NamedDependency[Actor]
Key = NamedDependency[bytes]
Id = FromPath[UUID]
After = Annotated[str, Parameter(description="Where the page before ended: its `next`.", default="")]


class NoToken(SetoriError):
    """The bearer token is missing, unknown, revoked or too old."""

    status = 401
    sentence = "Send a valid token in the header Authorization: Bearer …"


async def bearer(connection: ASGIConnection[Any, Any, Any, Any], *, wire: Wire, at: datetime) -> Actor:
    """Who sends the request, by the token in its header. Raises NoToken."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    actor = None
    if scheme.lower() == "bearer" and token:
        actor = await people.find_api_token(wire, token.strip(), at=at)
    if actor is None:
        raise NoToken
    return actor


Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]


def only(actor: Actor, *roles: Role) -> None:
    """Refuse other roles than these. Raises Forbidden."""
    if actor.role not in roles:
        raise Forbidden
