"""What was filed with an application, round by round, and what a firm has answered before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.errors import NotFound
from setori.evidence import VersionView
from setori.people import Actor, names_of
from setori.registry.models import (
    Appeal,
    Application,
    CompletionRequest,
    Criterion,
    Decision,
    Filing,
)
from setori.registry.queries.documents import document_of, documents_named
from setori.registry.queries.rulebooks import criteria_of, view_of
from setori.registry.queries.seeing import visible_to
from setori.registry.queries.views import CriterionView, DecisionView
from setori.registry.rules import AppealOutcome, CriterionKind
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class Known:
    """An answer that a firm has filed before, and what it answered."""

    code: str
    kind: CriterionKind
    text: Texts
    value: str
    application_id: UUID


@dataclass(frozen=True, slots=True)
class FiledView:
    """That an application was sent: which time, when and by whom."""

    round: int
    filed_at: datetime
    filed_by: str


@dataclass(frozen=True, slots=True)
class FilingView:
    """What was sent in one round, as it was. `changed` are the codes whose answers differ from the filing before;
    `documents` the versions that were sent, by code.
    """

    filed: FiledView
    answers: list[tuple[CriterionView, str]]
    changed: frozenset[str]
    documents: dict[str, VersionView]


@dataclass(frozen=True, slots=True)
class CompletionView:
    """A return for completion: what to mend, on the whole and by the criterion's code."""

    round: int
    message: str
    to_mend: dict[str, str]
    due_on: date
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal against the decision of a round, and its outcome once there is one."""

    id: UUID
    round: int
    received_on: date
    demand: str
    outcome: AppealOutcome | None
    outcome_reason: str
    resolved_at: datetime | None
    by_provider: bool = False
    recorded_by: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What has become of an application so far, each list in its order of time."""

    filings: list[FiledView]
    completions: list[CompletionView]
    decisions: list[DecisionView]
    appeals: list[AppealView]
    withdrawn_by: str
    withdrawn_at: datetime | None


async def course_of(db: AsyncSession, application_id: UUID) -> Course:
    """Everything that has happened to an application. Who may see it has been asked before."""
    application = await db.get_one(Application, application_id)
    filings = (
        await db.exec(
            select(Filing).where(Filing.application_id == application_id).order_by(col(Filing.round))
        )
    ).all()
    requests = (
        await db.exec(
            select(CompletionRequest)
            .where(CompletionRequest.application_id == application_id)
            .order_by(col(CompletionRequest.round))
        )
    ).all()
    decisions = (
        await db.exec(
            select(Decision).where(Decision.application_id == application_id).order_by(col(Decision.round))
        )
    ).all()
    appeals = (
        await db.exec(
            select(Appeal).where(Appeal.application_id == application_id).order_by(col(Appeal.recorded_at))
        )
    ).all()
    ids = {one.filed_by for one in filings} | {one.asked_by for one in requests}
    ids |= {one.decided_by for one in decisions} | {one.recorded_by for one in appeals}
    if application.withdrawn_by is not None:
        ids.add(application.withdrawn_by)
    names = await names_of(db, ids)
    return Course(
        [FiledView(one.round, one.filed_at, names.get(one.filed_by, "")) for one in filings],
        [
            CompletionView(
                one.round, one.message, one.to_mend, one.due_on, names.get(one.asked_by, ""), one.asked_at
            )
            for one in requests
        ],
        [
            DecisionView(
                one.outcome,
                one.reason,
                names.get(one.decided_by, ""),
                one.decided_at,
                one.conditions,
                one.round,
            )
            for one in decisions
        ],
        [
            AppealView(
                one.id,
                one.round,
                one.received_on,
                one.demand,
                one.outcome,
                one.outcome_reason,
                one.resolved_at,
                one.by_provider,
                names.get(one.recorded_by, ""),
                one.recorded_at,
            )
            for one in appeals
        ],
        names.get(application.withdrawn_by, "") if application.withdrawn_by else "",
        application.withdrawn_at,
    )


async def latest_filing(db: AsyncSession, application_id: UUID) -> dict[str, str]:
    """The answers by code as they were last sent; empty when nothing was."""
    wanted = (
        select(Filing.answers)
        .where(Filing.application_id == application_id)
        .order_by(col(Filing.round).desc())
        .limit(1)
    )
    return dict((await db.exec(wanted)).first() or {})


async def latest_filings(db: AsyncSession, application_id: UUID) -> list[Filing]:
    """The last two filings, the newest first."""
    wanted = select(Filing).where(Filing.application_id == application_id)
    return list((await db.exec(wanted.order_by(col(Filing.round).desc()).limit(2))).all())


def asked_between(course: Course, before: int, last: int) -> set[str] | None:
    """The codes that were to be mended between two rounds; None where criteria were not named."""
    asked = [one.to_mend for one in course.completions if before <= one.round < last]
    return {code for to_mend in asked for code in to_mend} if asked and all(asked) else None


async def find_filing(db: AsyncSession, application_id: UUID, round: int, *, by: Actor) -> FilingView:
    """What was sent in one round. Raises NotFound, also for another's application."""
    if not 0 < round < 2**31:
        raise NotFound
    wanted = (
        select(Filing, Application.rulebook_id, Application.provider_id)
        .join(Application, col(Application.id) == Filing.application_id)
        .where(Filing.application_id == application_id, col(Filing.round) <= round, visible_to(by))
        .order_by(col(Filing.round).desc())
        .limit(2)
    )
    found = (await db.exec(wanted)).all()
    if not found or found[0][0].round != round:
        raise NotFound
    filing, rulebook_id, provider_id = found[0]
    before = found[1][0].answers if len(found) > 1 else filing.answers
    codes = set(before) | set(filing.answers)
    name = (await names_of(db, [filing.filed_by])).get(filing.filed_by, "")
    asked = await criteria_of(db, rulebook_id)
    sent = [(one, filing.answers.get(one.code, "")) for one in asked]
    known = await documents_named(db, [(one.kind, value) for one, value in sent], provider_id=provider_id)
    documents = {one.code: document_of(one, value, known) for one, value in sent}
    return FilingView(
        FiledView(filing.round, filing.filed_at, name),
        [(view_of(one), value) for one, value in sent],
        frozenset(code for code in codes if before.get(code) != filing.answers.get(code)),
        {code: document for code, document in documents.items() if document is not None},
    )


async def answered_before(db: AsyncSession, provider_id: UUID, codes: Collection[str]) -> list[Known]:
    """What a firm has filed under these codes in any of its applications, the newest first."""
    wanted = (
        select(Criterion, Filing)
        .join(Application, col(Application.rulebook_id) == Criterion.rulebook_id)
        .join(Filing, col(Filing.application_id) == Application.id)
        .where(Application.provider_id == provider_id, col(Criterion.code).in_(codes))
        .order_by(col(Filing.filed_at).desc(), col(Filing.round).desc())
    )
    return [
        Known(criterion.code, criterion.kind, criterion.text, value, filing.application_id)
        for criterion, filing in (await db.exec(wanted)).all()
        if (value := filing.answers.get(criterion.code, ""))
    ]
