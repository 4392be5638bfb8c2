"""How it works, told plainly, what was checked for accessibility, and what there is without a network."""

from litestar import Response, get
from litestar.response import Template

from setori.quality.constants import ENOUGH_RESPONDENTS
from setori.web.assets import OURS
from setori.web.given import Req
from setori.web.guards import public
from setori.web.pages import page

WORKER = OURS / "worker.js"


@get("/how", opt=public())
async def how(request: Req) -> Template:
    """How the voucher, the ratings and the order work."""
    return page(request, "public/how.html", enough=ENOUGH_RESPONDENTS)


@get("/accessibility", opt=public())
async def accessibility(request: Req) -> Template:
    """What was tested, and whom to tell when something does not work."""
    return page(request, "public/accessibility.html")


@get("/offline", opt=public())
async def offline(request: Req) -> Template:
    """What a device shows where there is no network and nothing was kept of the page that was asked for."""
    return page(request, "public/offline.html")


@get("/worker.js", opt=public(), media_type="text/javascript")
async def worker() -> Response[bytes]:
    """The script that keeps pages for where there is no network: at the root, since it keeps what lies under it."""
    return Response(WORKER.read_bytes(), media_type="text/javascript", headers={"cache-control": "no-cache"})


routes = [how, accessibility, offline, worker]
