"""Keeping what was found in somebody's wallet, and whom they want to remember on their shortlist."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import catalogue
from setori.days import local_day
from setori.db import new_id, record
from setori.errors import Invalid
from setori.finding.commands import Wishes
from setori.finding.models import Finding, ShortlistEntry
from setori.finding.queries import Pair, Three, list_shortlist
from setori.finding.rules import LIST_AT_MOST
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


async def add_to_shortlist(db: AsyncSession, pairs: Sequence[Pair], *, by: Actor, at: datetime) -> int:
    """Put coaches on one's own shortlist; who is there stays, and what is not in the catalogue is left out.

    Returns how many found no room.
    """
    listed = await list_shortlist(db, by.person_id)
    known = await catalogue.list_cards(db, pairs, on=local_day(at))
    new = [pair for card in known if (pair := (card.offering_id, card.coach_id)) not in listed]
    room = max(0, LIST_AT_MOST - len(listed))
    rows = [
        {
            "id": new_id(),
            "person_id": by.person_id,
            "offering_id": offering_id,
            "coach_id": coach_id,
            "listed_at": at + timedelta(microseconds=len(listed) + number),
        }
        for number, (offering_id, coach_id) in enumerate(new[:room])
    ]
    if rows:
        await db.exec(insert(ShortlistEntry).values(rows).on_conflict_do_nothing())
    return len(new[room:])


async def take_off_shortlist(db: AsyncSession, pair: Pair, *, by: Actor) -> None:
    """Take a coach off one's own shortlist; twice is once."""
    offering_id, coach_id = pair
    await db.exec(
        delete(ShortlistEntry).where(
            col(ShortlistEntry.person_id) == by.person_id,
            col(ShortlistEntry.offering_id) == offering_id,
            col(ShortlistEntry.coach_id).is_not_distinct_from(coach_id),
        )
    )
