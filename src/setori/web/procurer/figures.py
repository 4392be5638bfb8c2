"""The outcome figures of the providers that a procurer has approved."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori.people import Role
from setori.readmodels import figures
from setori.web.given import By, Db, Req
from setori.web.guards import only
from setori.web.pages import page


@get("/procurer/figures", opt=only(Role.REGISTRAR, Role.CASE_WORKER))
async def index(request: Req, db: Db, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """Provider by provider."""
    listed = await figures.list_of_procurer(db, by=by, after=after)
    return page(request, "procurer/outcomes/figures.html", listed=listed, is_first=after is None)


routes = [index]
