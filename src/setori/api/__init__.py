"""The JSON face, /api/v1: the same operations as the pages, for machines with a bearer token."""

from typing import Any

from litestar import Router
from litestar.di import Provide
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from setori.api import catalogue, settlement, vouchers
from setori.api.given import bearer, refuse_unknown_parameters
from setori.api.strict import SENTENCE as WRONG_FIELDS
from setori.api.strict import StrictCommands

documentation = [JsonRenderPlugin(path="/openapi.json")]
plugins = [StrictCommands()]
security = Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")})


def routes_with(by_token: dict[str, Any], for_anybody: dict[str, Any]) -> list[Any]:
    """All routes of the JSON face, under the policies that the app gives to bearers of tokens and to anybody."""
    return [
        Router(
            "/api/v1",
            route_handlers=[*catalogue.routes],
            guards=[refuse_unknown_parameters],
            opt=for_anybody,
            tags=["Open data"],
        ),
        Router(
            "/api/v1",
            route_handlers=[*vouchers.routes, *settlement.routes],
            dependencies={"by": Provide(bearer)},
            guards=[refuse_unknown_parameters],
            opt=by_token,
            security=[{"bearer": []}],
        ),
        *[_open(handler, for_anybody) for handler in settlement.webhooks],
    ]


def _open(handler: Any, opt: dict[str, Any]) -> Router:
    return Router("/", route_handlers=[handler], opt=opt)


__all__ = ["WRONG_FIELDS", "documentation", "plugins", "routes_with", "security"]
