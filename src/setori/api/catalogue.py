"""`GET /offerings` and `GET /providers`: open data, no token needed."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import FromQuery, QueryParameter
from pydantic import ValidationError

from setori import catalogue, registry
from setori.api.given import After, Db, Id, Now
from setori.api.problems import problems
from setori.api.views import Approved, Offered, Offerings, Provider, Register, Registered
from setori.days import local_day
from setori.errors import Invalid
from setori.registry import ApprovalView


@get("/offerings", summary="What can be chosen today", responses=problems(400, 422))
async def list_offerings(
    db: Db,
    now: Now,
    q: FromQuery[str] = "",
    area: Annotated[str | None, QueryParameter(description="Code of an employment area.")] = None,
    language: FromQuery[str | None] = None,
    way: Annotated[str | None, QueryParameter(description="in_person, video, phone or chat.")] = None,
    service: FromQuery[UUID | None] = None,
    order: FromQuery[str] = "turns",
    after: After = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
) -> Offerings:
    """Coaches within offerings, with the same filters and orders as the catalogue page."""
    asked = {"q": q, "area": area, "language": language, "way": way, "service": service, "order": order}
    try:
        wanted = catalogue.Search.model_validate(
            {**{k: v for k, v in asked.items() if v is not None}, "limit": limit}
            | ({"after": after} if after else {})
        )
    except ValidationError as wrong:
        raise Invalid(errors={str(e["loc"][0]): e["msg"] for e in wrong.errors()}) from wrong
    found = await catalogue.search(db, wanted, on=local_day(now), seed="api")
    return Offerings(
        items=[
            Offered(
                offering_id=card.offering_id,
                coach_id=card.coach_id,
                coach_name=card.coach_name,
                title=card.title,
                provider_id=card.provider_id,
                provider_name=card.provider_name,
                service_id=card.service_id,
                price_cents=card.price_cents,
                unit=card.unit,
                minutes=card.minutes,
                languages=card.languages,
                ways=[str(way) for way in card.ways],
                area_codes=card.area_codes,
                respondents=card.experience.respondents,
                experience=_shown(card.experience.is_early, card.experience.shrunk),
                experience_low=_shown(card.experience.is_early, card.experience.interval[0]),
                experience_high=_shown(card.experience.is_early, card.experience.interval[1]),
                deliverer_id=card.deliverer_id,
                deliverer_name=card.deliverer_name,
            )
            for card in found.cards
        ],
        total=found.total,
        next=found.next,
    )


@get("/providers", summary="The register of providers", responses=problems(400, 422))
async def list_providers(
    db: Db,
    now: Now,
    q: FromQuery[str] = "",
    area: FromQuery[str | None] = None,
    service: FromQuery[UUID | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
) -> Register:
    """Providers that are or were approved, by name, each with its latest approvals."""
    listed = await registry.list_register(
        db, on=local_day(now), q=q, area_code=area, service_id=service, after=after, limit=limit
    )
    return Register(
        items=[
            Registered(
                id=row.provider_id,
                name=row.name,
                business_id=row.business_id,
                city=row.city,
                is_sample=row.is_sample,
                approvals=[_approved(approval) for approval in row.approvals],
            )
            for row in listed.items
        ],
        next=str(listed.next) if listed.next else None,
    )


@get("/providers/{provider_id:uuid}", summary="One provider", responses=problems(400, 404, 422))
async def show_provider(db: Db, now: Now, provider_id: Id) -> Provider:
    """A provider with its profile and the history of its approvals."""
    found = await registry.find_provider(db, provider_id, on=local_day(now))
    return Provider(
        id=found.id,
        name=found.name,
        business_id=found.business_id,
        city=found.city,
        website=found.website,
        summary=found.summary,
        languages=found.languages,
        is_sample=found.is_sample,
        approvals=[_approved(approval) for approval in found.approvals],
    )


def _approved(approval: ApprovalView) -> Approved:
    return Approved(
        procurer_id=approval.procurer_id,
        procurer_name=approval.procurer_name,
        service_id=approval.service_id,
        rulebook_id=approval.rulebook_id,
        status=approval.status,
        starts_on=approval.starts_on,
        ends_on=approval.ends_on,
    )


def _shown(is_early: bool, points: float) -> float | None:
    return None if is_early else round(points, 2)


routes = [list_offerings, list_providers, show_provider]
