"""What a handler is given, each under one name: `db: Db, wire: Hot, now: Now, by: By, typed: Filled, id: Id`.

What we make ourselves is not looked at again on its way to the handler.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from setori.db import Database, Wire
from setori.people import Actor
from setori.settings import Settings
from setori.web.forms import Typed

Req = Request[Any, Any, State]
"""The request; `request.state` holds actor, language, csrf and the reader's cookie."""
Db = NamedDependency[SkipValidation[Database]]
"""`db`: one request, one transaction."""
Hot = NamedDependency[SkipValidation[Wire]]
"""`wire`: asyncpg itself, for the redemption path; each call is a transaction of its own."""
Now = NamedDependency[SkipValidation[datetime]]
"""`now`: the moment of the request, in UTC."""
By = NamedDependency[SkipValidation[Actor]]
"""`by`: who is signed in. Only on routes whose policy asks for somebody."""
Filled = NamedDependency[SkipValidation[Typed]]
"""`typed`: the fields of the form that was sent."""
CodeKey = NamedDependency[SkipValidation[bytes]]
"""`code_key`: the key that voucher codes are made with."""
Config = NamedDependency[SkipValidation[Settings]]
"""`settings`: the installation's settings."""
Number = Annotated[int | None, QueryParameter(ge=0, le=2_147_483_647)]
"""A statement's number in the address, after which a page of a list begins."""
Id = FromPath[UUID]
"""An id in the address."""


def visitor_of(request: Req) -> str:
    """The address that a request comes from: the socket's, or what a trusted proxy says that it is."""
    return request.client.host if request.client else ""
