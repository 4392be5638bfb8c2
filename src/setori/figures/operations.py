"""Counting outcomes at night, taking in those of registers, and publishing the figures of a month once."""

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day, month_of
from setori.figures import queries, rules
from setori.figures.commands import TakeInOutcome
from setori.figures.models import FigureMonth, OutcomeFigure, PublishedFigure, RegisterFigure, RegisterOutcome
from setori.figures.rules import Said
from setori.quality.constants import LASTING_MONTHS

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('figures ' || cast(:of as text), 0))")


async def count_outcomes(db: AsyncSession, service_id: UUID, *, at: datetime) -> int:
    """Count the outcomes of a service anew, as they stand today. Returns how many figures there are.

    Counting again on the same day gives the same rows.
    """
    connection = await db.connection()
    await connection.execute(ONE_AT_A_TIME, {"of": str(service_id)})
    counted = rules.count(await queries.list_finished(db, service_id), local_day(at))
    await db.exec(delete(OutcomeFigure).where(col(OutcomeFigure.service_id) == service_id))
    for one in counted:
        made = one.outcome
        db.add(
            OutcomeFigure(
                provider_id=one.provider_id,
                service_id=service_id,
                months=one.months,
                finished=made.tally.finished,
                observed=round(made.tally.observed),
                expected=made.tally.expected,
                variance=made.tally.variance,
                overall=made.overall,
                k=made.k,
                rate=made.rate,
                low=made.low,
                high=made.high,
                strata=[list(cell) for cell in one.cells],
                counted_on=local_day(at),
            )
        )
    await db.flush()
    return len(counted)


async def take_in_outcome(db: AsyncSession, order: TakeInOutcome, *, at: datetime) -> str:
    """Write down what a register says of a provider's subject: "added", "changed" or "unchanged".

    What was known before and is not told any more stands.
    """
    before = await queries.find_taken_in(db, order.provider_id, order.subject)
    happened = "unchanged"
    for months, completed, reached in order.known:
        known = before.get(months)
        if known is None:
            db.add(
                RegisterOutcome(
                    **order.model_dump(exclude={"known"}),
                    months=months,
                    completed=completed,
                    reached=reached,
                    taken_in_at=at,
                )
            )
            happened = "changed" if before else "added"
        elif (known.completed, known.reached) != (completed, reached):
            known.completed, known.reached, known.source = completed, reached, order.source
            happened = "changed"
    await db.flush()
    return happened


async def count_register(db: AsyncSession, register_code: str) -> int:
    """Count the figures of a register anew, out of everything that it told. Returns how many there are."""
    connection = await db.connection()
    await connection.execute(ONE_AT_A_TIME, {"of": register_code})
    await db.exec(delete(RegisterFigure).where(col(RegisterFigure.register_code) == register_code))
    number = 0
    for months, rows in groupby(await queries.list_register(db, register_code), key=lambda row: row[0]):
        told = {(row[1], row[2]): row for row in rows}
        counted = rules.count_register([(row[1], row[2], row[4], row[5]) for row in told.values()])
        for (provider_id, service_id), made in counted.items():
            _, _, _, subjects, completed, reached, source = told[provider_id, service_id]
            db.add(
                RegisterFigure(
                    provider_id=provider_id,
                    service_id=service_id,
                    months=months,
                    register_code=register_code,
                    source=source,
                    subjects=subjects,
                    completed=completed,
                    reached=reached,
                    overall=made.overall,
                    k=made.k,
                    rate=made.rate,
                    low=made.low,
                    high=made.high,
                )
            )
            number += 1
    await db.flush()
    return number


async def publish_month(db: AsyncSession, *, at: datetime) -> bool:
    """Publish the figures of this month as they stand, once: whether it was done now.

    What could tell of single people stays as it was told before, or is not told.
    """
    month = month_of(local_day(at))
    connection = await db.connection()
    await connection.execute(ONE_AT_A_TIME, {"of": "month"})
    if await db.get(FigureMonth, month) is not None:
        return False
    db.add(FigureMonth(month=month, counted_on=local_day(at), written_at=at))
    await db.flush()
    before = await queries.list_told(db)
    outcomes = {
        whose: {one.months: one for one in rows}
        for whose, rows in groupby(
            await queries.list_outcomes(db), key=lambda one: (one.provider_id, one.service_id)
        )
    }
    said = await queries.list_experiences(db)
    for whose in sorted({*before, *outcomes, *said}):
        told = before.get(whose, [])
        outcome = _tell_outcome(outcomes.get(whose, {}), told)
        experience = _tell_experience(said.get(whose), told)
        if outcome or experience:
            provider_id, service_id = whose
            db.add(
                PublishedFigure(
                    month=month,
                    provider_id=provider_id,
                    service_id=service_id,
                    experience=experience,
                    outcome=outcome,
                )
            )
    await db.flush()
    return True


def _tell_outcome(now: dict[int, OutcomeFigure], told: list[PublishedFigure]) -> dict[str, Any] | None:
    """What may be told of a provider's outcomes, by months; `told` is all that was, the latest last."""
    found = {}
    for months in LASTING_MONTHS:
        earlier = [row.outcome[str(months)] for row in told if row.outcome and str(months) in row.outcome]
        pairs = [rules.Pair(one["observed"], one["finished"] - one["observed"]) for one in earlier]
        figure = now.get(months)
        pair = None if figure is None else rules.Pair(figure.observed, figure.finished - figure.observed)
        if figure is not None and pair is not None and rules.may_tell(pair, pairs) and pair not in pairs[-1:]:
            found[str(months)] = _as_told(figure)
        elif earlier:
            found[str(months)] = earlier[-1]
    return found or None


def _tell_experience(now: Said | None, told: list[PublishedFigure]) -> dict[str, Any] | None:
    """What may be told of what clients said. How many of those asked answered is a share only, and may be missing."""
    earlier = [row.experience for row in told if row.experience]
    last = earlier[-1] if earlier else None
    people = [one["respondents"] for one in earlier]
    if now is None or now.respondents in people[-1:] or not rules.may_tell_number(now.respondents, people):
        return last
    pairs = [rules.Pair(*one["asked"]) for one in earlier if one["asked"]]
    pair = rules.Pair(now.answered, now.invited - now.answered)
    asked = list(pair) if rules.may_tell(pair, pairs) else last["asked"] if last else None
    low, high = now.interval
    return {
        "counted_on": now.counted_on.isoformat(),
        "respondents": now.respondents,
        **{name: round(value, 2) for name, value in (("shrunk", now.shrunk), ("low", low), ("high", high))},
        "asked": asked,
    }


def _as_told(figure: OutcomeFigure) -> dict[str, Any]:
    """An outcome as it is published: shares to a hundredth, so that they tell no more than the counts do."""
    return {
        "counted_on": figure.counted_on.isoformat(),
        "finished": figure.finished,
        "observed": figure.observed,
        "expected": round(figure.expected, 1),
        "k": round(figure.k, 1),
        **{name: round(getattr(figure, name), 2) for name in ("overall", "rate", "low", "high")},
    }
