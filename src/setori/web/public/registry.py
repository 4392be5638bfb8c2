"""The public register: who is approved, by whom, for what, and on which terms."""

from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from setori import catalogue, facts, places, registry
from setori.days import local_day
from setori.errors import NotFound
from setori.readmodels import consortia, figures, obstacles, public_register
from setori.registry import ApprovalStatus
from setori.web import forms
from setori.web.given import Config, Db, Id, Now, Req
from setori.web.guards import public
from setori.web.pages import page
from setori.web.public.documents import linked_provider


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
    """Search the register by name or Business ID, area, service and state."""
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
        first_href=None if after is None else _href(asked),
        next_href=_href({**asked, "after": str(listed.next)}) if listed.next else None,
    )


@get("/providers/{provider_id:uuid}", opt=public())
async def provider(request: Req, db: Db, now: Now, settings: Config, provider_id: Id) -> Template:
    """A provider: what it tells of itself, its approvals with their history, and its offerings."""
    found = await registry.find_provider(db, provider_id, on=local_day(now))
    services = {one.id: one for one in await catalogue.list_services(db)}
    return page(
        request,
        "public/provider.html",
        provider=found,
        linked=linked_provider(found, services, request.state.language, settings.base_url),
        led=(await consortia.list_groups(db, lead_id=provider_id, with_firms=True, on=local_day(now))).items,
        within=(await consortia.list_groups(db, firm_id=provider_id, on=local_day(now))).items,
        known=await facts.find_facts(db, provider_id, for_anybody=True),
        history=await public_register.list_history(db, provider_id),
        offerings=await catalogue.list_offerings(db, provider_id),
        openness=await obstacles.of_provider(db, provider_id, on=local_day(now)),
        paused=await obstacles.list_paused(db, provider_id, on=local_day(now)),
        coaches=await catalogue.list_coaches(db, provider_id),
        services=services,
        outcomes={
            service_id: view
            for (_, service_id), view in (await figures.outcomes_of(db, [provider_id])).items()
        },
    )


def _href(asked: dict[str, str]) -> str:
    """The register with these filters."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/providers?{query}" if query else "/providers"


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise NotFound from None


routes = [register, provider]
