"""Reviews: what clients said of us, without their names."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, reviews
from setori.people import PROVIDER_ROLES
from setori.web.given import By, Db, Req
from setori.web.guards import only
from setori.web.pages import page
from setori.web.provider.desk import firm_of


@get("/provider/reviews", opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """The newest first, under the figures of each offering."""
    return page(
        request,
        "provider/reviews.html",
        listed=await reviews.list_of_provider(db, by=by, after=after),
        offerings=await catalogue.list_offerings(db, firm_of(by), published_only=False),
        is_first=after is None,
    )


routes = [index]
