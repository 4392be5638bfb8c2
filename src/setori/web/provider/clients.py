"""Clients: those who have chosen this firm, with what is left of their vouchers."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori.days import local_day
from setori.people import PROVIDER_ROLES
from setori.readmodels import provider_desk
from setori.web.given import By, Db, Now, Req
from setori.web.guards import only
from setori.web.pages import page


@get("/provider/clients", opt=only(*PROVIDER_ROLES))
async def index(
    request: Req, db: Db, now: Now, by: By, show: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """The newest choice first; `show=ended` for vouchers that are used up or over."""
    ended = show == "ended"
    return page(
        request,
        "provider/clients/index.html",
        listed=await provider_desk.list_clients(db, by=by, on=local_day(now), ended=ended, after=after),
        ended=ended,
        is_first=after is None,
    )


routes = [index]
