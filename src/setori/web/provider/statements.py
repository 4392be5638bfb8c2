"""Statements: what was owed for each month, line by line down to the session, and whether it has been paid."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Template

from setori import registry
from setori.people import Role
from setori.readmodels import statements
from setori.web.given import By, Db, Id, Number, Req
from setori.web.guards import only
from setori.web.pages import page
from setori.web.provider import spreadsheet


@get("/provider/statements", opt=only(Role.PROVIDER_OWNER))
async def index(request: Req, db: Db, by: By, after: Number = None) -> Template:
    """All statements, the newest first."""
    listed, next_after = await statements.list_statements(db, by=by, after=after)
    return page(
        request,
        "provider/statements/index.html",
        listed=listed,
        next=next_after,
        is_first=after is None,
        profile=await registry.find_profile(db, by=by),
    )


@get("/provider/statements/{statement_id:uuid}", opt=only(Role.PROVIDER_OWNER))
async def show(
    request: Req, db: Db, by: By, statement_id: Id, after: FromQuery[UUID | None] = None
) -> Template:
    """One statement with its sessions."""
    seen = await statements.find_statement(db, statement_id, by=by)
    lines, next_after = await statements.list_lines(db, seen, after=after)
    return page(
        request,
        "provider/statements/show.html",
        seen=seen,
        lines=lines,
        fees=await statements.list_fees(db, seen),
        offsets=await statements.list_offsets(db, seen),
        next=next_after,
        is_first=after is None,
    )


@get("/provider/statements/{statement_id:uuid}/lines.csv", opt=only(Role.PROVIDER_OWNER))
async def download(db: Db, by: By, statement_id: Id) -> Response[bytes]:
    """All sessions of a statement as a file for a spreadsheet."""
    seen = await statements.find_statement(db, statement_id, by=by)
    lines, _ = await statements.list_lines(db, seen, limit=None)
    fees, offsets = await statements.list_fees(db, seen), await statements.list_offsets(db, seen)
    return Response(
        spreadsheet.of_statement(seen, lines, fees, offsets),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="setori-{seen.number}.csv"'},
    )


routes = [index, show, download]
