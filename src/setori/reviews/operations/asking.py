"""Asking people how it goes, at the right time: after the first confirmed session, midway, and at the end."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import and_, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.db import new_id
from setori.reviews.models import Pulse
from setori.reviews.rules import LOOK_BACK, REMIND_AFTER, Stage, stage_due

AT_ONCE = 500

# Every pair of voucher and coach in which something happened lately: how many sessions were held, and what was asked.
_HAPPENED = """
with touched as (
    select c.voucher_id, c.offering_id, c.coach_id from redemption r join choice c on c.id = r.choice_id
     where r.status = 'confirmed' and r.resolved_at >= :since
       and (cast(:redemption as uuid) is null or r.id = :redemption)
    union
    select c.voucher_id, c.offering_id, c.coach_id from choice c
     where c.ended_at >= :since and cast(:redemption as uuid) is null
    union
    select c.voucher_id, c.offering_id, c.coach_id from choice c join voucher v on v.id = c.voucher_id
     where v.closed_at >= :since and c.ended_at is null and cast(:redemption as uuid) is null
), held as (
    select t.voucher_id, t.offering_id, t.coach_id, count(*)::int as sessions,
           (array_agg(r.id order by r.service_on desc, r.id desc))[1] as redemption_id
      from touched t
      join choice c on c.voucher_id = t.voucher_id and c.offering_id = t.offering_id
                   and c.coach_id is not distinct from t.coach_id
      join redemption r on r.choice_id = c.id and r.status = 'confirmed'
     where not exists (select from booking b where b.redemption_id = r.id and b.status in ('missed', 'called_off_late'))
     group by 1, 2, 3
)
select h.voucher_id, h.offering_id, h.coach_id, h.sessions, h.redemption_id,
       v.units_used, v.units, v.person_id, v.procurer_id, v.service_id, o.provider_id,
       v.status not in ('claimed', 'chosen') or not exists (
           select from choice n where n.voucher_id = v.id and n.ended_at is null and n.offering_id = h.offering_id
                                  and n.coach_id is not distinct from h.coach_id) as is_over,
       array(select p.stage from pulse p where p.voucher_id = h.voucher_id and p.offering_id = h.offering_id
                                           and p.coach_id is not distinct from h.coach_id) as asked
  from held h join voucher v on v.id = h.voucher_id join offering o on o.id = h.offering_id
 where cast(:procurer as uuid) is null or v.procurer_id = :procurer
 order by h.voucher_id, h.offering_id, h.coach_id"""


async def ask_due(
    db: AsyncSession,
    *,
    at: datetime,
    since: datetime | None = None,
    procurer_id: UUID | None = None,
    by_mail: bool = True,
) -> int:
    """Ask everybody whose turn it is, or a procurer's; what happened before `since` (or LOOK_BACK ago) is let be.

    Each is asked of a stage once, also when two workers do this at the same time. Returns how many were asked.
    """
    rows = await _happened(db, at - LOOK_BACK if since is None else since, procurer_id=procurer_id)
    return len(await _ask(db, rows, at=at, by_mail=by_mail))


async def ask_after(db: AsyncSession, redemption_id: UUID, *, at: datetime) -> UUID | None:
    """Ask on the spot, without a letter, after a session that was just confirmed. Returns the pulse, if it is time."""
    rows = await _happened(db, at - LOOK_BACK, redemption_id)
    asked = await _ask(db, rows, at=at, by_mail=False)
    return asked[0] if asked else None


async def remind(db: AsyncSession, *, at: datetime) -> int:
    """Ask once more whoever has not answered. Returns how many."""
    waiting = (
        update(Pulse)
        .where(
            col(Pulse.answered_at).is_(None),
            col(Pulse.closed_at).is_(None),
            col(Pulse.reminded_at).is_(None),
            col(Pulse.invited_at) <= at - REMIND_AFTER,
            col(Pulse.invited_at) > at - LOOK_BACK,
        )
        .values(reminded_at=at)
        .returning(col(Pulse.id), col(Pulse.person_id))
    )
    rows = (await db.exec(waiting)).all()
    await _write(db, [(row[0], row[1]) for row in rows], "pulse_again", at=at)
    return len(rows)


async def _happened(
    db: AsyncSession, since: datetime, redemption_id: UUID | None = None, procurer_id: UUID | None = None
) -> list[Any]:
    connection = await db.connection()
    given = {"since": since, "redemption": redemption_id, "procurer": procurer_id}
    return list((await connection.execute(text(_HAPPENED), given)).all())


async def _ask(db: AsyncSession, rows: Sequence[Any], *, at: datetime, by_mail: bool) -> list[UUID]:
    new = []
    for row in rows:
        asked = {Stage(stage) for stage in row.asked}
        stage = stage_due(row.sessions, row.units_used, row.units, is_over=row.is_over, asked=asked)
        if stage is not None:
            new.append(
                {
                    "id": new_id(),
                    "procurer_id": row.procurer_id,
                    "voucher_id": row.voucher_id,
                    "person_id": row.person_id,
                    "provider_id": row.provider_id,
                    "service_id": row.service_id,
                    "offering_id": row.offering_id,
                    "coach_id": row.coach_id,
                    "redemption_id": row.redemption_id,
                    "stage": stage,
                    "invited_at": at,
                }
            )
    told: list[tuple[UUID, UUID]] = []
    for first in range(0, len(new), AT_ONCE):
        told += await _insert(db, new[first : first + AT_ONCE], at=at)
    if by_mail:
        await _write(db, told, "pulse_asked", at=at)
    return [pulse_id for pulse_id, _ in told]


async def _insert(db: AsyncSession, new: list[dict[str, Any]], *, at: datetime) -> list[tuple[UUID, UUID]]:
    added = insert(Pulse).values(new).on_conflict_do_nothing(constraint="one_pulse_a_stage")
    rows = (await db.exec(added.returning(col(Pulse.id), col(Pulse.person_id)))).all()
    told = [(row[0], row[1]) for row in rows]
    # Nobody is asked twice about the same coach: what was asked earlier and has no answer is closed.
    earlier, later = aliased(Pulse), aliased(Pulse)
    superseded = (
        select(earlier.id)
        .join(
            later,
            and_(
                col(later.voucher_id) == col(earlier.voucher_id),
                col(later.offering_id) == col(earlier.offering_id),
                col(later.coach_id).is_not_distinct_from(earlier.coach_id),
                col(later.id) != col(earlier.id),
            ),
        )
        .where(
            col(later.id).in_([pulse_id for pulse_id, _ in told]),
            col(earlier.answered_at).is_(None),
            col(earlier.closed_at).is_(None),
        )
    )
    if told:
        await db.exec(update(Pulse).where(col(Pulse.id).in_(superseded)).values(closed_at=at))
    return told


async def _write(db: AsyncSession, told: Sequence[tuple[UUID, UUID]], kind: str, *, at: datetime) -> None:
    """A letter to each, with a code of its own by which it is answered with one tap; an earlier letter's goes out."""
    codes = {pulse_id: secrets.token_urlsafe(24) for pulse_id, _ in told}
    if not codes:
        return
    connection = await db.connection()
    keep = text(
        "update pulse p set code_hash = c.hash from unnest(cast(:ids as uuid[]), cast(:hashes as bytea[]))"
        " as c (id, hash) where p.id = c.id"
    )
    given = {"ids": list(codes), "hashes": [sha256(code.encode()).digest() for code in codes.values()]}
    await connection.execute(keep, given)
    letters = [(person_id, {"code": codes[pulse_id]}) for pulse_id, person_id in told]
    await people.notify_all(db, kind, letters, at=at)
