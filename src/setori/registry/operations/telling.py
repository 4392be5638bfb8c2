"""Putting a message into the mail of those who answer for a firm or keep a register."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.people import Organisation, Role
from setori.registry.models import Application, Approval, Rulebook


async def tell_owners(
    db: AsyncSession, provider_id: UUID, kind: str, params: dict[str, Any], *, at: datetime
) -> None:
    """Put a message into the mail of the firm's owners."""
    params = await about(db, params)
    for member in await people.list_members(db, provider_id):
        if member.role is Role.PROVIDER_OWNER:
            await people.notify(db, member.person_id, kind, params, at=at)


async def tell_registrars(
    db: AsyncSession, procurer_id: UUID, kind: str, params: dict[str, Any], *, at: datetime
) -> None:
    """Put a message into the mail of a procurer's registrars."""
    params = await about(db, params)
    for member in await people.list_members(db, procurer_id):
        if member.role is Role.REGISTRAR:
            await people.notify(db, member.person_id, kind, params, at=at)


async def about(db: AsyncSession, params: dict[str, Any]) -> dict[str, Any]:
    """A message's parameters with what it is about, so that nobody need open it to know: the rulebook's title, whose it
    is, and the application's number (an empty one for an approval)."""
    rulebook = select(Rulebook.title, Organisation.name).join(
        Organisation, col(Organisation.id) == Rulebook.procurer_id
    )
    rulebook_id: UUID | None = None
    number: int | str = ""
    if "application_id" in params:
        application = await db.get(Application, UUID(str(params["application_id"])))
        if application is not None:
            rulebook_id, number = application.rulebook_id, application.number or ""
    elif "approval_id" in params:
        approval = await db.get(Approval, UUID(str(params["approval_id"])))
        rulebook_id = approval.rulebook_id if approval else None
    found = (await db.exec(rulebook.where(Rulebook.id == rulebook_id))).first() if rulebook_id else None
    return {**params, "about": found[0], "about_whose": found[1], "about_number": number} if found else params
