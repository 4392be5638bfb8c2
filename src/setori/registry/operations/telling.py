"""Putting a message into the mail of those who answer for a firm or keep a register."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.people import Role


async def tell_owners(
    db: AsyncSession, provider_id: UUID, kind: str, params: dict[str, Any], *, at: datetime
) -> None:
    """Put a message into the mail of the firm's owners."""
    for member in await people.list_members(db, provider_id):
        if member.role is Role.PROVIDER_OWNER:
            await people.notify(db, member.person_id, kind, params, at=at)


async def tell_registrars(
    db: AsyncSession, procurer_id: UUID, kind: str, params: dict[str, Any], *, at: datetime
) -> None:
    """Put a message into the mail of a procurer's registrars."""
    for member in await people.list_members(db, procurer_id):
        if member.role is Role.REGISTRAR:
            await people.notify(db, member.person_id, kind, params, at=at)
