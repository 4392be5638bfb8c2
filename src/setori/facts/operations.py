"""Keeping what the registers say: answers with their source and time, silence as silence, and tasks for registrars."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db import new_id, record
from setori.errors import Forbidden, NotFound
from setori.facts.commands import LookAtNotice
from setori.facts.gateway import Office, Told
from setori.facts.models import BusinessFact, FactAsking, FactNotice
from setori.facts.rules import ANSWERS, BAD, FactAnswer, FactKind, NotLooked, next_night, retry_after
from setori.people import Actor, Role


class NotUnderstood(ValueError):
    """An office said something that is no answer to what was asked."""


async def keep(
    db: AsyncSession, provider_id: UUID, office: Office, told: Told, *, at: datetime
) -> list[FactKind]:
    """Keep what an office said. The same answer again is only confirmed. Returns what has changed.

    Raises NotUnderstood, and keeps nothing, when an answer is none that is known.
    """
    answers = {_kind(name): _answer(_kind(name), value) for name, value in told.answers.items()}
    await _asked(db, provider_id, office, at=at, next_at=next_night(at))
    wanted = select(BusinessFact).where(BusinessFact.provider_id == provider_id, col(BusinessFact.is_current))
    known = {fact.kind: fact for fact in (await db.exec(wanted.with_for_update())).all()}
    changed = []
    for kind, answer in answers.items():
        before = known.get(kind)
        if before is not None and before.answer is answer:
            before.confirmed_at, before.source = max(at, before.confirmed_at), told.source[:120]
            continue
        if before is not None:
            before.is_current = False
            await db.flush()
            await _over(db, before.id, at=at)
        db.add(
            BusinessFact(
                provider_id=provider_id,
                kind=kind,
                answer=answer,
                source=told.source[:120],
                told_at=at,
                confirmed_at=at,
                is_current=True,
            )
        )
        changed.append(kind)
        record(db, "fact.told", provider_id, by_id=None, at=at, kind=kind.value, answer=answer.value)
    await db.flush()
    return changed


async def keep_silence(
    db: AsyncSession, provider_id: UUID, office: Office, why: str, *, at: datetime
) -> None:
    """An office could not be asked. What it said before stands, and it is asked again after a while."""
    asking = await db.get(FactAsking, (provider_id, office.value), with_for_update=True)
    failures = (asking.failures if asking else 0) + 1
    since = asking.failing_since if asking and asking.failing_since else at
    await _asked(
        db,
        provider_id,
        office,
        at=at,
        next_at=at + retry_after(failures),
        failures=failures,
        failing_since=since,
        failure=why[:200],
    )


async def notice(
    db: AsyncSession, provider_id: UUID, procurer_ids: Collection[UUID], *, at: datetime
) -> list[UUID]:
    """Leave a task with each of these procurers for each bad fact that stands; telling it again changes nothing.

    Returns the procurers to whom something new was told.
    """
    wanted = select(BusinessFact.id).where(
        BusinessFact.provider_id == provider_id,
        col(BusinessFact.is_current),
        col(BusinessFact.answer).in_(BAD),
    )
    bad = (await db.exec(wanted)).all()
    rows = [
        {"id": new_id(), "procurer_id": procurer_id, "fact_id": fact_id, "noticed_at": at, "note": ""}
        for procurer_id in procurer_ids
        for fact_id in bad
    ]
    if not rows:
        return []
    laid = (
        insert(FactNotice)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(col(FactNotice.id), col(FactNotice.procurer_id))
    )
    fresh = (await db.exec(laid)).all()
    for notice_id, procurer_id in fresh:
        record(
            db,
            "fact.noticed",
            notice_id,
            by_id=None,
            at=at,
            procurer_id=procurer_id,
            provider_id=str(provider_id),
        )
    await db.flush()
    return sorted({procurer_id for _, procurer_id in fresh})


async def look_at(db: AsyncSession, notice_id: UUID, order: LookAtNotice, *, by: Actor, at: datetime) -> None:
    """Mark a task as looked at, with what was done. Raises NotFound for another procurer's, NotLooked when done."""
    if by.role is not Role.REGISTRAR or by.organisation_id is None:
        raise Forbidden
    wanted = select(FactNotice).where(
        FactNotice.id == notice_id, FactNotice.procurer_id == by.organisation_id
    )
    found = (await db.exec(wanted.with_for_update(), execution_options={"populate_existing": True})).first()
    if found is None:
        raise NotFound
    if found.looked_at is not None:
        raise NotLooked
    found.looked_at, found.looked_by, found.note = at, by.person_id, order.note
    record(db, "fact.looked_at", notice_id, by_id=by.person_id, at=at, procurer_id=by.organisation_id)
    await db.flush()


async def _over(db: AsyncSession, fact_id: UUID, *, at: datetime) -> None:
    """The register has taken it back: nobody needs to look any more."""
    await db.exec(
        update(FactNotice)
        .where(col(FactNotice.fact_id) == fact_id, col(FactNotice.over_at).is_(None))
        .values(over_at=at)
    )


async def _asked(
    db: AsyncSession,
    provider_id: UUID,
    office: Office,
    *,
    at: datetime,
    next_at: datetime,
    failures: int = 0,
    failing_since: datetime | None = None,
    failure: str = "",
) -> None:
    values = {
        "asked_at": at,
        "next_at": next_at,
        "failures": failures,
        "failing_since": failing_since,
        "failure": failure,
    }
    kept = insert(FactAsking).values(provider_id=provider_id, office=office.value, **values)
    await db.exec(kept.on_conflict_do_update(index_elements=["provider_id", "office"], set_=values))


def _kind(name: str) -> FactKind:
    try:
        return FactKind(name)
    except ValueError:
        raise NotUnderstood(f"nobody asked for {name[:40]}") from None


def _answer(kind: FactKind, value: str) -> FactAnswer:
    if value not in ANSWERS[kind]:
        raise NotUnderstood(f"{kind.value} is none we know")
    return FactAnswer(value)
