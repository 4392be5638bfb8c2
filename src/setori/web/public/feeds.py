"""The register for machines: everything, what has changed since, and Open Referral's words. Open data, cacheable."""

import hashlib
import json
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter

from setori.days import local_day
from setori.db import list_changes
from setori.errors import NotFound
from setori.readmodels import public_register
from setori.readmodels.public_register import PublicFirm
from setori.web.given import Config, Db, Id, Now, Req
from setori.web.guards import public
from setori.web.public import documents

_AGE_S = 60
_WHOLE_PAGE = 1000

After = Annotated[str | None, QueryParameter(name="after")]
Since = Annotated[int, QueryParameter(name="since", ge=0, le=9_223_372_036_854_775_807)]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500)]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]
PerPage = Annotated[int, QueryParameter(name="per_page", ge=1, le=200)]


@get("/register.json", opt=public())
async def register_json(
    request: Req, db: Db, now: Now, settings: Config, after: After = None, limit: Limit = 100
) -> Response[Any]:
    """Every firm that is or was approved, with the history of its approvals, page after page."""
    start = None if after is None else _uuid(after)
    firms = await public_register.list_firms(db, on=local_day(now), after=start, limit=limit + 1)
    following = firms[limit - 1].id if len(firms) > limit else None
    body = {
        "items": [documents.firm_document(firm, settings.base_url) for firm in firms[:limit]],
        "next": f"{settings.base_url}/register.json?after={following}&limit={limit}" if following else None,
    }
    return data(request, body)


@get("/register.csv", opt=public())
async def register_csv(request: Req, db: Db, now: Now) -> Response[Any]:
    """The whole register, one approval a row."""
    firms: list[PublicFirm] = []
    while True:
        after = firms[-1].id if firms else None
        some = await public_register.list_firms(db, on=local_day(now), after=after, limit=_WHOLE_PAGE)
        firms += some
        if len(some) < _WHOLE_PAGE:
            break
    answer = data(request, documents.as_csv(firms).encode(), "text/csv")
    answer.headers["content-disposition"] = 'attachment; filename="register.csv"'
    return answer


@get("/register/events", opt=public())
async def events(
    request: Req, db: Db, settings: Config, since: Since = 0, limit: Limit = 100
) -> Response[Any]:
    """What has changed after an event. Ask again with `next`: nothing is told twice and nothing is left out.

    `what` is approval.begun, adopted, reinstated, paused (closed to new clients), reopened, suspended, ended,
    partner_joined, partner_changed, changed or removed; `reason_code` why, where there is a code; `approval` how it was
    then, on that day. An end that is ahead is told by its `ends_on` when it is decided, and not again when it comes.
    """
    found = await list_changes(db, since=since, limit=limit)
    last = found[-1].number if found else since
    body = {
        "items": [documents.event_document(event) for event in found],
        "since": last,
        "next": f"{settings.base_url}/register/events?since={last}&limit={limit}",
        "more": len(found) == limit,
    }
    return data(request, body)


@get("/register/hsds", opt=public())
async def hsds(request: Req) -> Response[Any]:
    """What this is, in Open Referral's words."""
    body = {
        "version": "3.0.1",
        "profile": "https://docs.openreferral.org/en/3.0/",
        "openapi_url": "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json",
    }
    return data(request, body)


@get("/register/hsds/organizations", opt=public())
async def organizations(
    request: Req, db: Db, now: Now, settings: Config, page: PageNumber = 1, per_page: PerPage = 50
) -> Response[Any]:
    """The firms of the register, by when they came."""
    firms = await public_register.list_firms(
        db, on=local_day(now), offset=(page - 1) * per_page, limit=per_page
    )
    contents = [documents.hsds_organization(firm, settings.base_url) for firm in firms]
    total = await public_register.count_firms(db)
    return data(request, documents.hsds_page(contents, total=total, page=page, per_page=per_page))


@get("/register/hsds/organizations/{provider_id:uuid}", opt=public())
async def organization(request: Req, db: Db, now: Now, settings: Config, provider_id: Id) -> Response[Any]:
    """One firm."""
    firm = await public_register.find_firm(db, provider_id, on=local_day(now))
    if firm is None:
        raise NotFound
    return data(request, documents.hsds_organization(firm, settings.base_url))


@get("/register/hsds/services", opt=public())
async def services(
    request: Req, db: Db, now: Now, settings: Config, page: PageNumber = 1, per_page: PerPage = 50
) -> Response[Any]:
    """What the firms of the register offer, without what is nested in it."""
    offerings = await public_register.list_public_offerings(
        db, on=local_day(now), offset=(page - 1) * per_page, limit=per_page
    )
    firms = await public_register.list_firms_by_id(
        db, {one.provider_id for one in offerings}, on=local_day(now)
    )
    contents = [documents.hsds_service(one, firms[one.provider_id], settings.base_url) for one in offerings]
    total = await public_register.count_public_offerings(db)
    return data(request, documents.hsds_page(contents, total=total, page=page, per_page=per_page))


@get("/register/hsds/services/{offering_id:uuid}", opt=public())
async def service(request: Req, db: Db, now: Now, settings: Config, offering_id: Id) -> Response[Any]:
    """One offering with everything about it."""
    found = await public_register.list_public_offerings(db, on=local_day(now), only=offering_id, limit=1)
    if not found:
        raise NotFound
    firm = await public_register.find_firm(db, found[0].provider_id, on=local_day(now))
    if firm is None:
        raise NotFound
    return data(request, documents.hsds_service(found[0], firm, settings.base_url))


def data(
    request: Req, content: dict[str, Any] | bytes, kind: str = "application/json; charset=utf-8"
) -> Response[Any]:
    """Open data: the same for everybody, for any site to use, with a tag by which nobody fetches it twice."""
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "etag": tag,
        "cache-control": f"public, max-age={_AGE_S}",
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag",
        "cross-origin-resource-policy": "cross-origin",
    }
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if "*" in known or tag.removeprefix("W/") in known:
        return Response(b"", status_code=304, headers=headers, media_type=kind)
    return Response(body, headers=headers, media_type=kind)


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        wrong = {"key": "after", "message": "Expected the `next` of the page before."}
        raise ValidationException(extra=[wrong]) from None


routes = [
    register_json,
    register_csv,
    events,
    hsds,
    organizations,
    organization,
    services,
    service,
]
