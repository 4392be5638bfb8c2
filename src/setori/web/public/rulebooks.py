"""The terms of approval, open to everybody: each version, what changed between any two, and the national core."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, dialogue, registry
from setori.web.comparison import beside, compare, conditions_of, facts_of
from setori.web.given import Db, Id, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.pages import page, pick
from setori.web.spreadsheets import table


@get("/rulebooks/{rulebook_id:uuid}", opt=public())
async def rulebook(request: Req, db: Db, rulebook_id: Id) -> Template:
    """The terms on which providers are approved."""
    found = await registry.find_rulebook(db, rulebook_id)
    services = {one.id: one for one in await catalogue.list_services(db)}
    return page(
        request,
        "public/rulebook.html",
        rulebook=found,
        service=services.get(found.service_id),
        dialogue_id=await dialogue.find_of_rulebook(db, rulebook_id),
        facts_of=facts_of,
        conditions_of=conditions_of,
    )


@get("/rulebooks/{rulebook_id:uuid}/changes", opt=public())
async def changes(request: Req, db: Db, rulebook_id: Id, against: FromQuery[UUID | None] = None) -> Template:
    """A published version beside another one."""
    return page(request, "public/changes.html", **await beside(db, rulebook_id, against))


@get("/rulebooks/{rulebook_id:uuid}/criteria.csv", opt=public())
async def download(db: Db, rulebook_id: Id) -> Response[bytes]:
    """What a rulebook asks, as a file for a spreadsheet."""
    found = await registry.find_rulebook(db, rulebook_id)
    head = [gettext(N_("Criterion code")), gettext(N_("What is asked")), gettext(N_("What else"))]
    rows = [[term.code, pick(term.text), " · ".join(facts_of(term))] for term in registry.terms_of(found)]
    return Response(
        table(head, rows),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="rulebook-{rulebook_id}.csv"'},
    )


@get("/rulebooks/core", opt=public())
async def core(request: Req, db: Db) -> Template:
    """What every procurer asks, and what changed from the version before."""
    cores = await registry.list_cores(db, limit=2)
    pairs = compare(cores[1].criteria, cores[0].criteria) if len(cores) > 1 else None
    return page(request, "public/core.html", cores=cores, pairs=pairs, facts_of=facts_of)


routes = [core, rulebook, changes, download]
