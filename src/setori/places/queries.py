"""Reading places."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.places.models import Area, Municipality, PostalCode
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class AreaView:
    """An employment area."""

    code: str
    name: Texts


@dataclass(frozen=True, slots=True)
class MunicipalityView:
    """A municipality and the employment area that it is part of."""

    code: str
    name: Texts
    area_code: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that somebody names: its municipality, and where on the map that lies, in degrees."""

    name: Texts
    area_code: str
    latitude: float
    longitude: float


async def find_spot(db: AsyncSession, told: str) -> Spot | None:
    """Where a postal code or a municipality is; None for what is neither, or lies nowhere that is known."""
    word = told.strip()
    fi, sv = col(Municipality.name)["fi"].astext, col(Municipality.name)["sv"].astext
    wanted = select(Municipality)
    if word.isascii() and word.isdigit():
        wanted = wanted.join(PostalCode, col(PostalCode.municipality_code) == Municipality.code)
        wanted = wanted.where(PostalCode.code == word)
    else:
        wanted = wanted.where((func.lower(fi) == word.lower()) | (func.lower(sv) == word.lower()))
    found = (await db.exec(wanted.order_by(col(Municipality.code)).limit(1))).first()
    if found is None or found.latitude is None or found.longitude is None:
        return None
    return Spot(found.name, found.area_code, found.latitude, found.longitude)


async def list_areas(db: AsyncSession) -> list[AreaView]:
    """All employment areas by their Finnish names. There are 45 and they rarely change, so a caller may keep them."""
    rows = (await db.exec(select(Area).order_by(col(Area.name)["fi"].astext, col(Area.code)))).all()
    return [AreaView(area.code, area.name) for area in rows]


async def find_area_of_postal_code(db: AsyncSession, postal_code: str) -> AreaView | None:
    """The employment area in which a postal code lies, or None."""
    wanted = (
        select(Area)
        .join(Municipality, col(Municipality.area_code) == Area.code)
        .join(PostalCode, col(PostalCode.municipality_code) == Municipality.code)
        .where(PostalCode.code == postal_code.strip())
    )
    area = (await db.exec(wanted)).first()
    return AreaView(area.code, area.name) if area else None


async def find_municipalities(db: AsyncSession, beginning: str, limit: int = 10) -> list[MunicipalityView]:
    """Municipalities whose name in Finnish or Swedish begins with these letters, in any case."""
    start = beginning.strip()
    if not start:
        return []
    fi, sv = col(Municipality.name)["fi"].astext, col(Municipality.name)["sv"].astext
    wanted = (
        select(Municipality)
        .where(fi.istartswith(start, autoescape=True) | sv.istartswith(start, autoescape=True))
        .order_by(fi)
        .limit(limit)
    )
    return [MunicipalityView(m.code, m.name, m.area_code) for m in (await db.exec(wanted)).all()]


async def list_all_municipalities(db: AsyncSession) -> list[MunicipalityView]:
    """Every municipality of the country by code: 308 of them."""
    found = (await db.exec(select(Municipality).order_by(col(Municipality.code)))).all()
    return [MunicipalityView(m.code, m.name, m.area_code) for m in found]


async def list_municipalities(db: AsyncSession, area_code: str) -> list[MunicipalityView]:
    """The municipalities of an employment area by their Finnish names."""
    wanted = (
        select(Municipality)
        .where(Municipality.area_code == area_code)
        .order_by(col(Municipality.name)["fi"].astext)
    )
    return [MunicipalityView(m.code, m.name, m.area_code) for m in (await db.exec(wanted)).all()]
