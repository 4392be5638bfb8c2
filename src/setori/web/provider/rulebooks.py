"""Rulebooks that are open: what each asks, and the way to apply."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Template

from setori import catalogue, registry
from setori.errors import Conflict
from setori.people import PROVIDER_ROLES, Role
from setori.web.comparison import conditions_of, facts_of
from setori.web.given import By, Db, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see


@get("/provider/rulebooks", opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, by: By) -> Template:
    """The published rulebooks, with our own application to each."""
    return page(
        request,
        "provider/rulebooks/index.html",
        listed=await registry.list_open_rulebooks(db, by=by),
        services={service.id: service.name for service in await catalogue.list_services(db)},
    )


@get("/provider/rulebooks/{rulebook_id:uuid}", opt=only(*PROVIDER_ROLES))
async def show(request: Req, db: Db, by: By, rulebook_id: Id) -> Template:
    """Everything that a rulebook asks."""
    seen = await registry.find_rulebook(db, rulebook_id)
    return page(
        request,
        "provider/rulebooks/show.html",
        seen=seen,
        refusal=None,
        facts_of=facts_of,
        conditions_of=conditions_of,
    )


@post("/provider/rulebooks/{rulebook_id:uuid}/applications", opt=only(Role.PROVIDER_OWNER))
async def start(request: Req, db: Db, now: Now, by: By, rulebook_id: Id) -> Response[Any]:
    """Begin an application, or go on with the one that was begun."""
    try:
        application_id = await registry.start_application(db, rulebook_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        seen = await registry.find_rulebook(db, rulebook_id)
        return page(
            request,
            "provider/rulebooks/show.html",
            status=refusal.status,
            seen=seen,
            refusal=refusal,
            facts_of=facts_of,
            conditions_of=conditions_of,
        )
    return see(f"/provider/applications/{application_id}")


routes = [index, show, start]
