"""Reviews: what clients said of us, without their names, and what we reply."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, reviews
from setori.errors import Conflict
from setori.people import PROVIDER_ROLES, Role
from setori.reviews import WriteReply
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.pages import page, see
from setori.web.provider.desk import firm_of


@get("/provider/reviews", opt=only(*PROVIDER_ROLES))
async def index(
    request: Req, db: Db, by: By, after: FromQuery[UUID | None] = None, said: FromQuery[str] = ""
) -> Template:
    """The newest first, under the figures of each offering."""
    return page(
        request,
        "provider/reviews.html",
        listed=await reviews.list_of_provider(db, by=by, after=after),
        offerings=await catalogue.list_offerings(db, firm_of(by), published_only=False),
        is_first=after is None,
        said=said,
    )


@get("/provider/reviews/{review_id:uuid}/reply", opt=only(Role.PROVIDER_OWNER))
async def before_replying(request: Req, db: Db, by: By, review_id: Id) -> Template:
    """What was said, and where it is replied to."""
    seen = await reviews.find_own(db, review_id, by=by)
    return page(request, "provider/reply.html", review=seen, form=forms.Form(), refusal=None)


@post("/provider/reviews/{review_id:uuid}/reply", opt=only(Role.PROVIDER_OWNER))
async def reply(request: Req, db: Db, now: Now, by: By, review_id: Id, typed: Filled) -> Response[Any]:
    """Reply once; the procurer looks at it before others read it."""
    form = forms.parse(WriteReply, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await reviews.reply(db, review_id, form.value, by=by, at=now, language=request.state.language)
            return see("/provider/reviews?said=replied")
        except Conflict as refused:
            status, refusal = refused.status, refused
            await db.rollback()
    seen = await reviews.find_own(db, review_id, by=by)
    return page(request, "provider/reply.html", status=status, review=seen, form=form, refusal=refusal)


routes = [index, before_replying, reply]
