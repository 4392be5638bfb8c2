"""Reading what has been taken over from a foreign register, to see what another import of it would change."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.catalogue.commands import ImportOffering
from setori.catalogue.models import Offering, OfferingArea
from setori.catalogue.rules import Way


async def list_imported(
    db: AsyncSession, provider_ids: Collection[UUID]
) -> dict[tuple[UUID, str], ImportOffering]:
    """The imported offerings of providers, by (provider, foreign id), each as it was told of last."""
    which = (col(Offering.provider_id).in_(provider_ids), col(Offering.foreign_id).is_not(None))
    places = select(OfferingArea.offering_id, OfferingArea.area_code).join(
        Offering, col(Offering.id) == OfferingArea.offering_id
    )
    areas: dict[UUID, list[str]] = defaultdict(list)
    for offering_id, code in (await db.exec(places.where(*which))).all():
        areas[offering_id].append(code)
    offerings = (await db.exec(select(Offering).where(*which))).all()
    return {
        (offering.provider_id, offering.foreign_id or ""): _told(offering, areas[offering.id])
        for offering in offerings
    }


def _told(offering: Offering, area_codes: list[str]) -> ImportOffering:
    return ImportOffering.model_construct(
        provider_id=offering.provider_id,
        foreign_id=offering.foreign_id,
        source=offering.source,
        service_id=offering.service_id,
        title=offering.title,
        summary=offering.summary,
        price_cents=offering.price_cents,
        unit=offering.unit,
        minutes=offering.minutes,
        languages=offering.languages,
        ways=[Way(way) for way in offering.ways],
        area_codes=sorted(area_codes),
        is_published=offering.is_published,
    )
