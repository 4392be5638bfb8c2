"""Who stood first and who was chosen: counted for everybody to see, on a page and as a file."""

from litestar import Response, get
from litestar.response import Template

from setori import showings
from setori.days import local_day
from setori.web.given import Db, Now, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.pages import page, pick
from setori.web.spreadsheets import table


@get("/how/turns", opt=public())
async def turns(request: Req, db: Db, now: Now) -> Template:
    """Each provider's share of first places beside its share of choices, of the last year."""
    return page(request, "public/turns.html", turns=await showings.list_turns(db, on=local_day(now)))


@get("/how/turns.csv", opt=public())
async def turns_file(db: Db, now: Now) -> Response[bytes]:
    """The same as a file. What is too small to publish is empty."""
    found = await showings.list_turns(db, on=local_day(now))
    head = [N_("Firm"), N_("Service"), N_("Lists"), N_("Stood first"), N_("Was chosen")]
    rows = [
        [one.provider_name, pick(one.service_name), *map(_shown, (one.listed, one.first, one.chosen))]
        for one in found.rows
    ]
    return Response(
        table([gettext(word) for word in head], rows),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="turns.csv"'},
    )


def _shown(count: int | None) -> str:
    return "" if count is None else str(count)


routes = [turns, turns_file]
