"""The front page: what Setori is, to whoever comes by."""

from litestar import get
from litestar.response import Template

from setori.web.given import Req
from setori.web.guards import public
from setori.web.pages import page


@get("/", opt=public())
async def home(request: Req) -> Template:
    """The front page."""
    return page(request, "public/home.html")


routes = [home]
