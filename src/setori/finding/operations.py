"""Keeping what was found in somebody's wallet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import new_id, record
from setori.errors import Invalid
from setori.finding.commands import Wishes
from setori.finding.models import Finding
from setori.finding.queries import Three
from setori.people import Actor


async def keep(
    db: AsyncSession, person_id: UUID, wishes: Wishes, three: Three, *, by: Actor, at: datetime
) -> None:
    """Keep the answers and the three for a jobseeker, in place of those before. Who may do this, the caller knows.

    Raises Invalid when there is nobody to keep.
    """
    if not three.picks:
        raise Invalid("Nobody was found, so there is nothing to keep.")
    values: dict[str, Any] = {
        "wishes": wishes.model_dump(mode="json"),
        "picks": [
            {
                "pair": f"{card.offering_id}_{card.coach_id or ''}",
                "reason": one.reason.value,
                "drawback": one.drawback.value,
                "params": one.params
                | {"earliest": one.params["earliest"].isoformat() if one.params["earliest"] else None},
            }
            for card, one in three.picks
        ],
        "found_by": by.person_id,
        "found_at": at,
    }
    added = insert(Finding).values(id=new_id(), person_id=person_id, **values)
    await db.exec(added.on_conflict_do_update(index_elements=["person_id"], set_=values))
    record(db, "finding.kept", person_id, by_id=by.person_id, at=at)
    await db.flush()
