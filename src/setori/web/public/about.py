"""How it works, told plainly, and what was checked for accessibility."""

from litestar import get
from litestar.response import Template

from setori.catalogue import ENOUGH_REVIEWS
from setori.web.given import Req
from setori.web.guards import public
from setori.web.pages import page


@get("/how", opt=public())
async def how(request: Req) -> Template:
    """How the voucher, the ratings and the order work."""
    return page(request, "public/how.html", enough=ENOUGH_REVIEWS)


@get("/accessibility", opt=public())
async def accessibility(request: Req) -> Template:
    """What was tested, and whom to tell when something does not work."""
    return page(request, "public/accessibility.html")


routes = [how, accessibility]
