"""Who may come to which page: every route says it, and the app does not start when one is silent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import BaseRoute, HTTPRoute

from setori.errors import Forbidden, SetoriError
from setori.people import Actor, Role
from setori.web.unsent import Unsent, unsent_of


@dataclass(frozen=True)
class Policy:
    """Anybody, anybody signed in, or some roles. What belongs to whom is decided by the domains' queries."""

    anybody: bool = False
    roles: frozenset[Role] = frozenset()
    by_token: bool = False


class NotSignedIn(SetoriError):
    """Nobody is signed in, and the page is for somebody."""

    status = 401
    sentence = "Sign in to see this page."

    def __init__(self, unsent: Unsent | None = None) -> None:
        super().__init__()
        self.unsent = unsent


class RouteWithoutPolicy(RuntimeError):
    """A route does not say who may come to it."""


def public() -> dict[str, Any]:
    """For anybody: `@get("/", opt=public())`."""
    return {"policy": Policy(anybody=True)}


def signed_in() -> dict[str, Any]:
    """For anybody who is signed in, in any role."""
    return {"policy": Policy(roles=frozenset(Role))}


def bearers() -> dict[str, Any]:
    """For machines: whoever sends a valid token; the JSON face looks at it."""
    return {"policy": Policy(by_token=True)}


def only(*roles: Role) -> dict[str, Any]:
    """For these roles."""
    return {"policy": Policy(roles=frozenset(roles))}


async def by_policy(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whom the route's policy names. Raises NotSignedIn or Forbidden. It waits for nothing, but the framework
    runs a guard that is not a coroutine in a thread of its own."""
    policy = handler.opt.get("policy")
    if not isinstance(policy, Policy):
        raise RouteWithoutPolicy(str(handler))
    if policy.anybody or policy.by_token:
        return
    actor: Actor | None = connection.state.actor
    if actor is None:
        raise NotSignedIn(await unsent_of(connection) if isinstance(connection, Request) else None)
    if actor.role not in policy.roles:
        raise Forbidden


def refuse_silent_routes(routes: Iterable[BaseRoute]) -> None:
    """Stop the app from starting when a route has no policy. Raises RouteWithoutPolicy."""
    silent = [
        f"{', '.join(sorted(handler.http_methods))} {route.path}"
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"} and not isinstance(handler.opt.get("policy"), Policy)
    ]
    if silent:
        raise RouteWithoutPolicy("These routes have no policy: " + "; ".join(silent))
