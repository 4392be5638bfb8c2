"""Reading the evidence wallet: one's own documents, versions that others refer to, and reminders that are due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.db import Page, page_of
from setori.errors import Forbidden, NotFound
from setori.evidence.models import Document, File, Look, Reminder, Version
from setori.evidence.rules import STAGES, DocumentKind, DocumentStatus, holds_until, stage_due, status_of
from setori.people import PROVIDER_ROLES, Actor, names_of, names_of_organisations

FRESH = {"populate_existing": True}
PAGE = 25
LOOKS = 50


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a document, without its bytes; `is_newest` and `is_withdrawn` tell of the document today."""

    id: UUID
    document_id: UUID
    provider_id: UUID
    kind: DocumentKind
    label: str
    number: int
    issuer: str
    valid_from: date
    valid_until: date | None
    file_name: str
    media_type: str
    size: int
    sha256: str
    kept_by: str
    kept_at: datetime
    is_newest: bool
    is_withdrawn: bool

    def is_over(self, on: date) -> bool:
        """Whether its last day has passed."""
        return self.valid_until is not None and self.valid_until < on


@dataclass(frozen=True, slots=True)
class LookView:
    """Who opened which version, and when."""

    number: int
    procurer: str
    person: str
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of the firm's own, its versions newest first."""

    id: UUID
    kind: DocumentKind
    label: str
    status: DocumentStatus
    holds_until: date | None
    withdrawn_at: datetime | None
    versions: list[VersionView]

    @property
    def newest(self) -> VersionView:
        """What it says now."""
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class FileView:
    """A file with its bytes, for whoever may open it."""

    name: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due."""

    version_id: UUID
    document_id: UUID
    provider_id: UUID
    kind: DocumentKind
    valid_until: date
    days: int


async def list_documents(
    db: AsyncSession, *, by: Actor, on: date, after: UUID | None = None, limit: int = PAGE
) -> Page[DocumentView]:
    """The firm's own wallet, the newest first; what was withdrawn stands in its place."""
    wanted = select(Document).where(Document.provider_id == _firm_of(by))
    if after is not None:
        wanted = wanted.where(col(Document.id) < after)
    rows = (
        await db.exec(wanted.order_by(col(Document.id).desc()).limit(limit + 1), execution_options=FRESH)
    ).all()
    views = await _views(db, rows, on=on)
    return page_of(views, [one.id for one in views], limit)


async def list_usable(
    db: AsyncSession, provider_id: UUID, *, on: date, kind: DocumentKind | None = None
) -> list[DocumentView]:
    """Documents that are not withdrawn, of one kind or of all, those that hold longest first. At most 200."""
    wanted = select(Document).where(Document.provider_id == provider_id, col(Document.withdrawn_at).is_(None))
    if kind is not None:
        wanted = wanted.where(Document.kind == kind)
    rows = (await db.exec(wanted.order_by(col(Document.id).desc()).limit(200), execution_options=FRESH)).all()
    views = await _views(db, rows, on=on)
    return sorted(views, key=lambda one: one.holds_until or date.max, reverse=True)


async def find_document(db: AsyncSession, document_id: UUID, *, by: Actor, on: date) -> DocumentView:
    """One of the firm's own documents with all its versions. Raises NotFound."""
    wanted = select(Document).where(Document.id == document_id, Document.provider_id == _firm_of(by))
    found = (await db.exec(wanted, execution_options=FRESH)).first()
    if found is None:
        raise NotFound
    return (await _views(db, [found], on=on))[0]


async def list_looks(db: AsyncSession, document_id: UUID, *, limit: int = LOOKS) -> list[LookView]:
    """Who opened a document, the newest first. Whose it is has been asked before."""
    wanted = (
        select(Look, Version.number)
        .join(Version, col(Version.id) == Look.version_id)
        .where(Version.document_id == document_id)
        .order_by(col(Look.id).desc())
        .limit(limit)
    )
    rows = (await db.exec(wanted)).all()
    persons = await names_of(db, {look.person_id for look, _ in rows})
    procurers = await names_of_organisations(db, {look.procurer_id for look, _ in rows})
    return [
        LookView(number, procurers.get(look.procurer_id, ""), persons.get(look.person_id, ""), look.looked_at)
        for look, number in rows
    ]


async def list_versions(
    db: AsyncSession, version_ids: Collection[UUID], *, provider_id: UUID
) -> dict[UUID, VersionView]:
    """These versions as far as they are this firm's, by id."""
    if not version_ids:
        return {}
    which = (col(Version.id).in_(version_ids)) & (col(Document.provider_id) == provider_id)
    return {one.id: one for one in await _versions(db, which)}


async def open_own(db: AsyncSession, version_id: UUID, *, by: Actor) -> FileView:
    """A file of the firm's own. Raises NotFound."""
    wanted = (
        select(Version.id)
        .join(Document, col(Document.id) == Version.document_id)
        .where(Version.id == version_id, Document.provider_id == _firm_of(by))
    )
    if (await db.exec(wanted)).first() is None:
        raise NotFound
    return await open_file(db, version_id)


async def open_file(db: AsyncSession, version_id: UUID) -> FileView:
    """A file with its bytes. Whether one may open it has been asked before. Raises NotFound."""
    wanted = (
        select(Version.file_name, Version.media_type, Version.sha256, File.content)
        .join(File, col(File.version_id) == Version.id)
        .where(Version.id == version_id)
    )
    found = (await db.exec(wanted)).first()
    if found is None:
        raise NotFound
    return FileView(*found)


async def list_due(db: AsyncSession, *, on: date) -> list[Due]:
    """Which reminders are due: of newest versions that end soon, and have not been told of at this stage."""
    newer = select(Version.document_id, func.max(Version.number).label("number")).group_by(
        col(Version.document_id)
    )
    newest = newer.subquery()
    wanted = (
        select(Version, Document)
        .join(Document, col(Document.id) == Version.document_id)
        .join(newest, (newest.c.document_id == Version.document_id) & (newest.c.number == Version.number))
        .where(
            col(Document.withdrawn_at).is_(None),
            col(Version.valid_until) >= on,
            col(Version.valid_until) <= on + timedelta(days=STAGES[0]),
        )
        .order_by(col(Version.id))
    )
    rows = (await db.exec(wanted)).all()
    sent = select(Reminder).where(col(Reminder.version_id).in_([version.id for version, _ in rows]))
    told = {(one.version_id, one.days) for one in (await db.exec(sent)).all()}
    due = []
    for version, document in rows:
        assert version.valid_until is not None
        days = stage_due(version.valid_until, local_day(version.kept_at), on=on)
        if days is not None and (version.id, days) not in told:
            due.append(
                Due(version.id, document.id, document.provider_id, document.kind, version.valid_until, days)
            )
    return due


async def _views(db: AsyncSession, rows: Sequence[Document], *, on: date) -> list[DocumentView]:
    found: dict[UUID, list[VersionView]] = {}
    if rows:
        for version in await _versions(db, col(Document.id).in_([row.id for row in rows])):
            found.setdefault(version.document_id, []).append(version)
    views = []
    for row in rows:
        versions = found[row.id]
        is_withdrawn = row.withdrawn_at is not None
        status = status_of(versions, is_withdrawn=is_withdrawn, on=on)
        until = holds_until(versions, on=on)
        views.append(DocumentView(row.id, row.kind, row.label, status, until, row.withdrawn_at, versions))
    return views


async def _versions(db: AsyncSession, which: ColumnElement[bool]) -> list[VersionView]:
    """Versions, the newest of each document first."""
    latest = (
        select(func.max(Version.number))
        .where(Version.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )
    wanted = (
        select(Version, Document, latest)
        .join(Document, col(Document.id) == Version.document_id)
        .where(which)
        .order_by(col(Version.document_id), col(Version.number).desc())
    )
    rows = (await db.exec(wanted, execution_options=FRESH)).all()
    names = await names_of(db, {version.kept_by for version, _, _ in rows})
    return [
        VersionView(
            version.id,
            document.id,
            document.provider_id,
            document.kind,
            document.label,
            version.number,
            version.issuer,
            version.valid_from,
            version.valid_until,
            version.file_name,
            version.media_type,
            version.size,
            version.sha256,
            names.get(version.kept_by, ""),
            version.kept_at,
            version.number == newest,
            document.withdrawn_at is not None,
        )
        for version, document, newest in rows
    ]


def _firm_of(by: Actor) -> UUID:
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id
