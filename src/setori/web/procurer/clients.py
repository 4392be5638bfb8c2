"""The case worker's clients: all with a voucher in use, and those who need a word."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori.days import local_day
from setori.people import Role
from setori.readmodels import clients
from setori.web.given import By, Db, Now, Req
from setori.web.guards import only
from setori.web.pages import page


@get("/procurer/clients", opt=only(Role.CASE_WORKER))
async def index(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    show: FromQuery[str] = "",
    whose: FromQuery[str] = "mine",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """One's own clients or everybody's; in all, or those of whom something is due."""
    kind = show if show in clients.SHOWN else ""
    mine, on = whose != "all", local_day(now)
    return page(
        request,
        "procurer/clients/index.html",
        listed=await clients.list_clients(db, by=by, on=on, show=kind, mine=mine, after=after),
        counts=await clients.count_clients(db, by=by, on=on, mine=mine),
        current=kind,
        mine=mine,
        on=on,
        is_first=after is None,
    )


routes = [index]
