"""The provider's first page: who waits for what, this month's total, the newest statement, and where to apply."""

from datetime import timedelta
from uuid import UUID

from litestar import get
from litestar.response import Template

from setori import registry
from setori.days import local_day, month_of
from setori.errors import Forbidden
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.readmodels import meetings, provider_desk, statements
from setori.web.given import By, Db, Now, Req
from setori.web.guards import only
from setori.web.pages import page

SHORT = 5
AHEAD = timedelta(days=2)


@get("/provider", opt=only(*PROVIDER_ROLES))
async def home(request: Req, db: Db, now: Now, by: By) -> Template:
    """What is new and what waits; an owner also sees the money and the rulebooks that are open."""
    on = local_day(now)
    is_owner = by.role is Role.PROVIDER_OWNER
    listed = (await statements.list_statements(db, by=by, limit=1))[0] if is_owner else []
    rulebooks = await registry.list_open_rulebooks(db, by=by) if is_owner else []
    recent = await provider_desk.list_sessions(db, by=by, limit=SHORT)
    has_begun = bool(recent.items or listed or any(row.application_id for row in rulebooks))
    return page(
        request,
        "provider/home.html",
        desk=await provider_desk.find_desk(db, by=by, on=on),
        is_new=is_owner and not has_begun,
        month=month_of(on),
        waiting=await provider_desk.list_sessions(db, by=by, status="held", limit=SHORT),
        recent=recent,
        statement=listed[0] if listed else None,
        rulebooks=[row for row in rulebooks if row.application_id is None],
        profile=await registry.find_profile(db, by=by) if is_owner else None,
        is_owner=is_owner,
        meetings=await meetings.list_of_desk(db, by, first=now, until=now + AHEAD),
        now=now,
    )


def firm_of(by: Actor) -> UUID:
    """The firm that somebody acts for. Raises Forbidden to everybody else."""
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


routes = [home]
