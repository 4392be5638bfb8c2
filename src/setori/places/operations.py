"""Loading places from the official lists: whole sets at once, and again when the lists change."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.places.models import Area, Municipality, PostalCode
from setori.texts import Texts

ROWS_AT_ONCE = 1000


async def load_areas(db: AsyncSession, names: Mapping[str, Texts]) -> None:
    """Employment areas: code → name."""
    await _upsert(db, Area, ({"code": code, "name": name} for code, name in names.items()))


async def load_municipalities(db: AsyncSession, rows: Iterable[tuple[str, str, Texts]]) -> None:
    """Municipalities: (code, code of the employment area, name)."""
    await _upsert(db, Municipality, ({"code": c, "area_code": area, "name": name} for c, area, name in rows))


async def place_municipalities(db: AsyncSession, rows: Iterable[tuple[str, float, float]]) -> None:
    """Where the main towns of municipalities lie: (code, latitude, longitude); unknown codes are left out."""
    spots = list(rows)
    statement = (
        "update municipality m set latitude = t.latitude, longitude = t.longitude"
        " from unnest(cast(:codes as text[]), cast(:latitudes as float8[]), cast(:longitudes as float8[]))"
        " as t (code, latitude, longitude) where m.code = t.code"
    )
    given = {
        "codes": [code for code, _, _ in spots],
        "latitudes": [latitude for _, latitude, _ in spots],
        "longitudes": [longitude for _, _, longitude in spots],
    }
    await db.exec(text(statement), params=given)  # type: ignore[call-overload]


async def load_postal_codes(db: AsyncSession, rows: Iterable[tuple[str, str, Texts]]) -> None:
    """Postal codes: (code, code of the municipality, name)."""
    values = ({"code": c, "municipality_code": municipality, "name": name} for c, municipality, name in rows)
    await _upsert(db, PostalCode, values)


async def _upsert(db: AsyncSession, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    """Insert or correct. The lists are public data of the state, so no trace of who loaded them is kept."""
    waiting = iter(rows)
    while chunk := list(islice(waiting, ROWS_AT_ONCE)):
        added = insert(table)
        changed = {name: added.excluded[name] for name in chunk[0] if name != "code"}
        await db.exec(added.on_conflict_do_update(index_elements=["code"], set_=changed), params=chunk)
