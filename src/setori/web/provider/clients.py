"""Clients: those who have chosen this firm, with what is left of their vouchers."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori.days import local_day
from setori.people import PROVIDER_ROLES
from setori.readmodels import client_page, provider_desk
from setori.web.given import By, Db, Id, Now, Req
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
        today=local_day(now),
        listed=await provider_desk.list_clients(db, by=by, on=local_day(now), ended=ended, after=after),
        ended=ended,
        is_first=after is None,
    )


@get("/provider/clients/{choice_id:uuid}", opt=only(*PROVIDER_ROLES))
async def show(request: Req, db: Db, now: Now, by: By, choice_id: Id) -> Template:
    """One client: what is left, the sessions, and what the client handed over."""
    client = await client_page.find_client(db, choice_id, by=by)
    return page(
        request,
        "provider/clients/show.html",
        today=local_day(now),
        client=client,
        sessions=await client_page.list_sessions(db, client),
    )


routes = [index, show]
