"""Reading rulebooks: everybody may read what is published, a procurer also its own drafts; any two compare."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.errors import Forbidden, NotFound
from setori.people import PROCURER_ROLES, PROVIDER_ROLES, Actor, Organisation
from setori.registry.comparing import Term, term_of
from setori.registry.models import Application, Criterion, NationalCore, Rulebook
from setori.registry.queries.views import CoreView, CriterionView, RulebookRow, RulebookView
from setori.registry.rules import FINAL, RulebookStatus


async def list_open_rulebooks(db: AsyncSession, *, by: Actor | None = None) -> list[RulebookRow]:
    """The published rulebooks, with the provider's own newest application to each when a provider asks."""
    rows = await _rows(db, Rulebook.status == RulebookStatus.PUBLISHED)
    if by is None or by.role not in PROVIDER_ROLES:
        return [_row(rulebook, name) for rulebook, name in rows]
    wanted = (
        select(Application)
        .where(
            Application.provider_id == by.organisation_id,
            col(Application.rulebook_id).in_([rulebook.id for rulebook, _ in rows]),
        )
        .order_by(col(Application.started_at), col(Application.id))
    )
    own = {application.rulebook_id: application for application in (await db.exec(wanted)).all()}
    return [_row(rulebook, name, own.get(rulebook.id)) for rulebook, name in rows]


async def list_rulebooks(db: AsyncSession, *, by: Actor) -> list[RulebookRow]:
    """All rulebooks of one's own procurer, drafts and superseded ones too, the newest first."""
    if by.role not in PROCURER_ROLES:
        raise Forbidden
    rows = await _rows(db, Rulebook.procurer_id == by.organisation_id)
    return [_row(rulebook, name) for rulebook, name in rows]


async def find_rulebook(db: AsyncSession, rulebook_id: UUID, *, by: Actor | None = None) -> RulebookView:
    """A rulebook with its criteria. Until published it is for the procurer's own eyes. Raises NotFound."""
    seen: ColumnElement[bool] | bool = col(Rulebook.status).in_(FINAL)
    if by is not None and by.role in PROCURER_ROLES:
        seen = or_(seen, Rulebook.procurer_id == by.organisation_id)  # type: ignore[arg-type]
    found = await _rows(db, and_(Rulebook.id == rulebook_id, seen))  # type: ignore[arg-type]
    if not found:
        raise NotFound
    rulebook, name = found[0]
    return RulebookView(
        rulebook.id,
        rulebook.procurer_id,
        name,
        rulebook.service_id,
        rulebook.version,
        rulebook.status,
        rulebook.title,
        rulebook.published_at,
        [view_of(criterion) for criterion in await criteria_of(db, rulebook_id)],
        rulebook.core_version,
        rulebook.two_assessors,
        rulebook.decision_days,
        rulebook.no_delivery_months,
        rulebook.allows_consortia,
        rulebook.subcontract_cap,
    )


async def list_versions(
    db: AsyncSession, procurer_id: UUID, service_id: UUID, *, by: Actor | None = None
) -> list[RulebookRow]:
    """All versions of a rulebook that may be read, the newest first."""
    seen: ColumnElement[bool] | bool = col(Rulebook.status).in_(FINAL)
    if by is not None and by.role in PROCURER_ROLES and by.organisation_id == procurer_id:
        seen = True
    which = and_(Rulebook.procurer_id == procurer_id, Rulebook.service_id == service_id, seen)  # type: ignore[arg-type]
    rows = [_row(rulebook, name) for rulebook, name in await _rows(db, which)]
    return sorted(rows, key=lambda row: -row.version)


async def newest_core(db: AsyncSession) -> NationalCore | None:
    """The newest national core, or None where there is none yet."""
    wanted = select(NationalCore).order_by(col(NationalCore.version).desc()).limit(1)
    return (await db.exec(wanted)).first()


async def list_cores(db: AsyncSession, *, limit: int = 50) -> list[CoreView]:
    """The versions of the national core, the newest first."""
    wanted = select(NationalCore).order_by(col(NationalCore.version).desc()).limit(limit)
    return [
        CoreView(core.version, core.published_at, [term_of(one) for one in core.criteria])
        for core in (await db.exec(wanted)).all()
    ]


def terms_of(book: RulebookView) -> list[Term]:
    """What a rulebook asks, ready to be compared."""
    return [
        Term(
            asked.code,
            asked.kind,
            asked.text,
            asked.mandatory,
            asked.minimum,
            asked.maximum,
            asked.is_core,
            asked.expires,
            asked.grace_days,
            asked.document_kind,
        )
        for asked in book.criteria
    ]


async def criteria_of(db: AsyncSession, rulebook_id: UUID) -> list[Criterion]:
    """What a rulebook asks, in its order."""
    wanted = select(Criterion).where(Criterion.rulebook_id == rulebook_id).order_by(col(Criterion.position))
    return list((await db.exec(wanted)).all())


def view_of(criterion: Criterion) -> CriterionView:
    """A criterion for pages."""
    return CriterionView(
        criterion.code,
        criterion.position,
        criterion.kind,
        criterion.mandatory,
        criterion.minimum,
        criterion.maximum,
        criterion.text,
        criterion.is_core,
        criterion.expires,
        criterion.grace_days,
        criterion.document_kind,
    )


async def _rows(db: AsyncSession, which: ColumnElement[bool] | bool) -> list[tuple[Rulebook, str]]:
    wanted = (
        select(Rulebook, Organisation.name)
        .join(Organisation, col(Organisation.id) == Rulebook.procurer_id)
        .where(which)
        .order_by(col(Organisation.name), col(Rulebook.created_at).desc(), col(Rulebook.id).desc())
    )
    return [(rulebook, name) for rulebook, name in (await db.exec(wanted)).all()]


def _row(rulebook: Rulebook, name: str, application: Application | None = None) -> RulebookRow:
    return RulebookRow(
        rulebook.id,
        rulebook.procurer_id,
        name,
        rulebook.service_id,
        rulebook.version,
        rulebook.status,
        rulebook.title,
        rulebook.published_at,
        application.id if application else None,
        application.status if application else None,
    )
