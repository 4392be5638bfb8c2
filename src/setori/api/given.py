"""What a handler of the JSON face is given: the bearer of a token, the hot path, a transaction, the time."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import Body, FromPath, QueryParameter, SkipValidation

from setori import people
from setori.api.strict import SENTENCE as WRONG_FIELDS
from setori.db import Database, Wire
from setori.errors import Invalid, SetoriError
from setori.people import Actor

Db = NamedDependency[SkipValidation[Database]]
Hot = NamedDependency[SkipValidation[Wire]]
Now = NamedDependency[SkipValidation[datetime]]
By = NamedDependency[SkipValidation[Actor]]
CodeKey = NamedDependency[SkipValidation[bytes]]
Id = FromPath[UUID]
After = Annotated[str | None, QueryParameter(description="The `next` of the page before.")]
Json = Body()


class NoToken(SetoriError):
    """The bearer token is missing, unknown, revoked or too old."""

    status = 401
    sentence = "Send a valid token in the header Authorization: Bearer …"


async def refuse_unknown_parameters(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A misspelt filter must not answer as if nothing had been filtered. Raises ValidationException, as for a field."""
    known = {
        field.kwarg_definition.name or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }
    unknown = [name for name in connection.query_params if name not in known]
    if unknown:
        message = f"There is no such parameter here. Known: {', '.join(sorted(known)) or 'none'}."
        raise ValidationException(extra=[{"key": name, "message": message} for name in unknown])


async def refuse_a_body(request: Request[Any, Any, State]) -> None:
    """Where nothing can be said, what is said all the same must not seem to be heard. Raises Invalid."""
    body = await request.body()
    if not body.strip():
        return
    told = await request.json()
    if told != {}:
        fields = told if isinstance(told, dict) else ["body"]
        raise Invalid(WRONG_FIELDS, dict.fromkeys(fields, "There is no such field here: send no body."))


async def bearer(request: Request[Any, Any, State], wire: Hot, now: Now) -> Actor:
    """Who sends the request, by the token in its header. Raises NoToken."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    actor = None
    if scheme.lower() == "bearer" and token:
        actor = await people.find_api_token(wire, token.strip(), at=now)
    if actor is None:
        raise NoToken
    return actor
