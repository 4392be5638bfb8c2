"""The public register: who is approved, by whom, for what, and on which terms."""

from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, places, registry
from setori.days import local_day
from setori.errors import NotFound
from setori.registry import ApprovalStatus
from setori.web import forms
from setori.web.given import Db, Id, Now, Req
from setori.web.guards import public
from setori.web.pages import page


@get("/providers", opt=public())
async def register(
    request: Req,
    db: Db,
    now: Now,
    q: FromQuery[str] = "",
    area: FromQuery[str] = "",
    service: FromQuery[str] = "",
    status: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """Search the register by name, area, service and state."""
    listed = await registry.list_register(
        db,
        on=local_day(now),
        q=q[:100].replace("\0", ""),
        area_code=area or None,
        service_id=_uuid(service),
        status=ApprovalStatus(status) if status in set(ApprovalStatus) else None,
        after=after,
    )
    asked = {"q": q, "area": area, "service": service, "status": status}
    return page(
        request,
        "public/providers.html",
        listed=listed,
        form=forms.Form(typed={name: [value] for name, value in asked.items() if value}),
        areas=await places.list_areas(db),
        services={one.id: one for one in await catalogue.list_services(db)},
        statuses=list(ApprovalStatus),
        is_first=after is None,
    )


@get("/providers/{provider_id:uuid}", opt=public())
async def provider(request: Req, db: Db, now: Now, provider_id: Id) -> Template:
    """A provider: what it tells of itself, its approvals with their history, and its offerings."""
    found = await registry.find_provider(db, provider_id, on=local_day(now))
    return page(
        request,
        "public/provider.html",
        provider=found,
        offerings=await catalogue.list_offerings(db, provider_id),
        coaches=await catalogue.list_coaches(db, provider_id),
        services={one.id: one for one in await catalogue.list_services(db)},
    )


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise NotFound from None


routes = [register, provider]
