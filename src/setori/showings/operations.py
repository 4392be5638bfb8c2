"""Keeping what was shown, tying choices to it, and forgetting in time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, exists, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import new_id
from setori.people import Actor, Role
from setori.showings.models import Showing, ShownChoice
from setori.showings.rules import KEPT_PAIRS, LEADS_WITHIN, WITH_PERSON, Source
from setori.vouchers import Choice


async def note(
    db: AsyncSession,
    pairs: Sequence[tuple[UUID, UUID | None]],
    *,
    by: Actor | None,
    seed: str,
    day: date,
    source: Source = Source.SEARCH,
    ordered_by: str = "turns",
    asked: Mapping[str, str] | None = None,
    at: datetime,
) -> None:
    """Keep a list that a jobseeker was shown; of others nothing is kept, for they choose nobody.

    The same list again, as by going back or forth, is kept once.
    """
    if by is None or by.role is not Role.JOBSEEKER or not pairs:
        return
    shown = [_value(pair) for pair in pairs[:KEPT_PAIRS]]
    told = {name: value for name, value in (asked or {}).items() if name != "order"}
    latest = (
        select(Showing)
        .where(Showing.person_id == by.person_id)
        .order_by(col(Showing.shown_at).desc())
        .limit(1)
    )
    before = (await db.exec(latest)).first()
    if before is not None and (before.source, before.ordered_by, before.asked, before.day, before.pairs) == (
        source,
        ordered_by,
        told,
        day,
        shown,
    ):
        return
    kept = Showing(
        id=new_id(),
        person_id=by.person_id,
        source=source,
        ordered_by=ordered_by,
        asked=told,
        seed=seed,
        day=day,
        pairs=shown,
        shown_at=at,
    )
    db.add(kept)
    await db.flush()


async def note_choice(db: AsyncSession, voucher_id: UUID, *, by: Actor, at: datetime) -> None:
    """Tie a voucher's current choice to the latest list in which its holder saw the chosen one, if there is one.

    Again, it is the same.
    """
    current = select(Choice).where(Choice.voucher_id == voucher_id, col(Choice.ended_at).is_(None))
    chosen = (await db.exec(current)).first()
    if chosen is None:
        return
    value = _value((chosen.offering_id, chosen.coach_id))
    seen = (
        select(Showing)
        .where(
            Showing.person_id == by.person_id,
            col(Showing.shown_at) >= at - LEADS_WITHIN,
            col(Showing.pairs).contains([value]),
        )
        .order_by(col(Showing.shown_at).desc(), col(Showing.id).desc())
        .limit(1)
    )
    showing = (await db.exec(seen)).first()
    if showing is None:
        return
    tied = insert(ShownChoice).values(
        choice_id=chosen.id,
        showing_id=showing.id,
        place=showing.pairs.index(value) + 1,
        chosen_on=local_day(at),
    )
    await db.exec(tied.on_conflict_do_nothing(index_elements=["choice_id"]))


async def erase(db: AsyncSession, *, at: datetime) -> int:
    """Forget lists that led to no choice, and whose the old ones were. Returns how many were touched."""
    led = exists().where(col(ShownChoice.showing_id) == col(Showing.id))
    gone = delete(Showing).where(col(Showing.shown_at) < at - LEADS_WITHIN, ~led)
    plain = (
        update(Showing)
        .where(col(Showing.shown_at) < at - WITH_PERSON, col(Showing.person_id).is_not(None))
        .values(person_id=None, seed="", asked={})
    )
    return int((await db.exec(gone)).rowcount + (await db.exec(plain)).rowcount)


def _value(pair: tuple[UUID, UUID | None]) -> str:
    return f"{pair[0]}_{pair[1] or ''}"
