"""The firm's own outcome figures, with how its clients stood."""

from litestar import get
from litestar.response import Template

from setori.people import Role
from setori.readmodels import figures
from setori.web.given import By, Db, Req
from setori.web.guards import only
from setori.web.pages import page


@get("/provider/outcomes/figures", opt=only(Role.PROVIDER_OWNER))
async def own(request: Req, db: Db, by: By) -> Template:
    """As they were counted last night."""
    return page(request, "provider/outcomes/figures.html", counted=await figures.list_own(db, by=by))


routes = [own]
