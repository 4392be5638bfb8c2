"""Reading assessments: one's own marks always, the others' when all who were asked have done, and never before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role, list_members, names_of
from setori.registry.models import Application, Assessment, Criterion, Mark, Rulebook
from setori.registry.queries.seeing import visible_to
from setori.registry.rules import ApplicationStatus, is_revealed, may_decide


@dataclass(frozen=True, slots=True)
class MarkView:
    """Whether one assessor finds a criterion met, and why."""

    met: bool
    reason: str


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """Who was asked to assess, and when it was done. `marks`, by code, are None for eyes that may not see them yet."""

    assessor_id: UUID
    assessor: str
    assigned_at: datetime
    done_at: datetime | None
    is_own: bool
    marks: dict[str, MarkView] | None


@dataclass(frozen=True, slots=True)
class Assessing:
    """The assessment of an application in the round that runs, for a registrar."""

    two: bool
    assessments: list[AssessmentView]
    is_revealed: bool
    may_decide: bool
    own: AssessmentView | None
    own_before: dict[str, MarkView]
    """One's own marks of the round before, to begin from."""
    candidates: list[tuple[UUID, str]]
    """Who may still be asked."""


async def find_assessing(db: AsyncSession, application_id: UUID, *, by: Actor) -> Assessing:
    """Who assesses an application and, as far as one may see, how. Raises NotFound, Forbidden to all but registrars."""
    if by.role is not Role.REGISTRAR:
        raise Forbidden
    wanted = (
        select(Application, Rulebook.two_assessors)
        .join(Rulebook, col(Rulebook.id) == Application.rulebook_id)
        .where(Application.id == application_id, visible_to(by))
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    application, two = found
    rows = await assessments_of(db, application_id, application.round)
    done = [row.done_at is not None for row in rows]
    shown = is_revealed(done, two=two)
    seen = {row.assessor_id for row in rows} if shown else {by.person_id}
    marks = await _marks(db, application_id, application.round, seen)
    before = await _marks(db, application_id, application.round - 1, {by.person_id})
    members = await list_members(db, application.procurer_id)
    registrars = {one.person_id: one.person_name for one in members if one.role is Role.REGISTRAR}
    names = await names_of(db, {row.assessor_id for row in rows})
    views = [
        AssessmentView(
            row.assessor_id,
            names.get(row.assessor_id, ""),
            row.assigned_at,
            row.done_at,
            row.assessor_id == by.person_id,
            marks.get(row.assessor_id, {}) if row.assessor_id in seen else None,
        )
        for row in rows
    ]
    is_open = application.status is ApplicationStatus.SUBMITTED
    assigned = {row.assessor_id for row in rows}
    return Assessing(
        two,
        views,
        shown,
        is_open and may_decide(done, two=two),
        next((view for view in views if view.is_own), None),
        before.get(by.person_id, {}),
        [(id, name) for id, name in registrars.items() if id not in assigned],
    )


async def assessments_of(db: AsyncSession, application_id: UUID, round: int) -> list[Assessment]:
    """Who was asked in a round, in the order in which they were."""
    wanted = (
        select(Assessment)
        .where(Assessment.application_id == application_id, Assessment.round == round)
        .order_by(col(Assessment.assigned_at), col(Assessment.assessor_id))
    )
    return list((await db.exec(wanted, execution_options={"populate_existing": True})).all())


async def assessors_of(
    db: AsyncSession, applications: Collection[tuple[UUID, int]]
) -> dict[UUID, list[tuple[UUID, str, bool]]]:
    """For each of some applications in a round: who assesses it, with the name and whether it is done."""
    rounds = dict(applications)
    wanted = select(Assessment).where(col(Assessment.application_id).in_(rounds))
    rows = (await db.exec(wanted.order_by(col(Assessment.assigned_at)))).all() if rounds else ()
    names = await names_of(db, {row.assessor_id for row in rows})
    found: dict[UUID, list[tuple[UUID, str, bool]]] = {}
    for row in rows:
        if rounds[row.application_id] == row.round:
            who = (row.assessor_id, names.get(row.assessor_id, ""), row.done_at is not None)
            found.setdefault(row.application_id, []).append(who)
    return found


async def _marks(
    db: AsyncSession, application_id: UUID, round: int, assessor_ids: Collection[UUID]
) -> dict[UUID, dict[str, MarkView]]:
    wanted = (
        select(Mark, Criterion.code)
        .join(Criterion, col(Criterion.id) == Mark.criterion_id)
        .where(
            Mark.application_id == application_id,
            Mark.round == round,
            col(Mark.assessor_id).in_(assessor_ids),
        )
    )
    found: dict[UUID, dict[str, MarkView]] = {}
    for mark, code in (await db.exec(wanted)).all():
        found.setdefault(mark.assessor_id, {})[code] = MarkView(mark.met, mark.reason)
    return found
