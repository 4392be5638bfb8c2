"""The procurer's desk: what waits for whoever looks, and where the budgets stand."""

from uuid import UUID

from litestar import get
from litestar.response import Template

from setori import facts
from setori.days import local_day
from setori.errors import Forbidden
from setori.people import PROCURER_ROLES, Actor
from setori.readmodels import outcomes, procurer_desk
from setori.readmodels import programmes as programme_rows
from setori.web.given import By, Db, Now, Req
from setori.web.guards import only
from setori.web.pages import page


@get("/procurer", opt=only(*PROCURER_ROLES))
async def home(request: Req, db: Db, now: Now, by: By) -> Template:
    """Tiles of what waits for this role, and each programme's budget."""
    on = local_day(now)
    return page(
        request,
        "procurer/desk/home.html",
        waiting=await procurer_desk.waiting(db, procurer_of(by), person_id=by.person_id, on=on),
        programmes=await programme_rows.list_programmes(db, procurer_of(by)),
        outcomes=await outcomes.count_waiting(db, procurer_of(by)),
        notices=await facts.count_notices(db, by=by),
        on=on,
    )


def procurer_of(by: Actor) -> UUID:
    """The procurer that somebody acts for. Raises Forbidden to everybody else."""
    if by.role not in PROCURER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


routes = [home]
