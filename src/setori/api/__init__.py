"""The JSON face, /api/v1: the same operations as the pages, for machines with a bearer token."""

from typing import Any

from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

routes: list[Any] = []

documentation = [JsonRenderPlugin(path="/openapi.json")]
security = Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")})
