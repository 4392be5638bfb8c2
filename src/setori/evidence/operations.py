"""Keeping documents: files are examined before anything is written, versions are added, nothing is ever taken away."""

import asyncio
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people
from setori.days import local_day
from setori.db import record
from setori.errors import Forbidden, Invalid, NotFound
from setori.evidence import examining
from setori.evidence.commands import KeepDocument, RenewDocument
from setori.evidence.models import Document, File, Look, Reminder, Version
from setori.evidence.queries import FRESH, list_due
from setori.evidence.refusals import (
    FileActive,
    FileBroken,
    FileLocked,
    FileMissing,
    FileRefused,
    FileTooLarge,
    FileWithin,
    KindRefused,
    PictureTooLarge,
    Withdrawn,
)
from setori.evidence.rules import LARGEST, safe_name
from setori.people import PROVIDER_ROLES, Actor, Role

REFUSALS: dict[str, type[FileRefused]] = {
    "kind": KindRefused,
    "broken": FileBroken,
    "locked": FileLocked,
    "active": FileActive,
    "within": FileWithin,
    "dots": PictureTooLarge,
}
PATIENCE_S = 30.0
AT_ONCE = 2
_PROGRAM = Path(examining.__file__)
_turns = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """A file that may be kept. Only `examine` makes one."""

    name: str
    media_type: str
    content: bytes
    sha256: str


async def examine(content: bytes, name: str) -> ExaminedFile:
    """Look at a file in a process of its own, with bounds on memory and time, and no transaction open for it.

    Raises FileRefused, each kind with a sentence that says what to do.
    """
    if not content:
        raise FileMissing
    if len(content) > LARGEST:
        raise FileTooLarge
    async with _turns:
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_PROGRAM)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            said, _ = await asyncio.wait_for(program.communicate(content), PATIENCE_S)
        except TimeoutError:
            said = b""
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
    line, _, kept = said.partition(b"\n")
    verdict, _, word = line.decode("ascii", "replace").partition(" ")
    if verdict != "kept":
        raise REFUSALS.get(word, FileBroken)
    if len(kept) > LARGEST:
        raise FileTooLarge
    return ExaminedFile(safe_name(name, word), word, kept, hashlib.sha256(kept).hexdigest())


async def keep(db: AsyncSession, order: KeepDocument, file: ExaminedFile, *, by: Actor, at: datetime) -> UUID:
    """Put a document into the firm's wallet. Returns its version's id. Raises Forbidden, Invalid."""
    provider_id = _firm_of(by)
    _refuse_days(order)
    document = Document(provider_id=provider_id, kind=order.kind, label=order.label, created_at=at)
    db.add(document)
    await db.flush()
    return await _add(db, document.id, 1, order, file, by=by, at=at)


async def renew(
    db: AsyncSession, document_id: UUID, order: RenewDocument, file: ExaminedFile, *, by: Actor, at: datetime
) -> UUID:
    """Add a newer version to a document; the older ones stay. Returns the version's id.

    Raises Forbidden, NotFound, Withdrawn, Invalid.
    """
    document = await _lock(db, document_id, by=by)
    if document.withdrawn_at is not None:
        raise Withdrawn
    _refuse_days(order)
    latest = select(func.max(Version.number)).where(Version.document_id == document_id)
    return await _add(db, document_id, ((await db.exec(latest)).one() or 0) + 1, order, file, by=by, at=at)


async def withdraw(db: AsyncSession, document_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a document out of use. What has been sent with it stays with whom it was sent to. Again changes nothing."""
    document = await _lock(db, document_id, by=_owner(by))
    if document.withdrawn_at is None:
        document.withdrawn_at, document.withdrawn_by = at, by.person_id
        record(db, "document.withdrawn", document_id, by_id=by.person_id, at=at)
        await db.flush()


async def restore(db: AsyncSession, document_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a withdrawn document back into use. Again changes nothing."""
    document = await _lock(db, document_id, by=_owner(by))
    if document.withdrawn_at is not None:
        document.withdrawn_at = document.withdrawn_by = None
        record(db, "document.restored", document_id, by_id=by.person_id, at=at)
        await db.flush()


async def note_look(db: AsyncSession, version_id: UUID, *, by: Actor, at: datetime) -> None:
    """Write down that somebody of a procurer opened a file. Whether one may has been asked before."""
    if by.organisation_id is None:
        raise Forbidden
    db.add(Look(version_id=version_id, procurer_id=by.organisation_id, person_id=by.person_id, looked_at=at))
    record(db, "document.looked_at", version_id, by_id=by.person_id, at=at, procurer_id=by.organisation_id)
    await db.flush()


async def remind(db: AsyncSession, *, at: datetime) -> int:
    """Tell owners of documents that end in 60, 30 or 7 days, each once. Returns how many documents were told of."""
    told = 0
    due = await list_due(db, on=local_day(at))
    owners: dict[UUID, Sequence[UUID]] = {}
    for one in due:
        noted = (
            insert(Reminder)
            .values(version_id=one.version_id, days=one.days, told_at=at)
            .on_conflict_do_nothing()
            .returning(col(Reminder.version_id))
        )
        if (await db.exec(noted)).first() is None:
            continue
        if one.provider_id not in owners:
            members = await people.list_members(db, one.provider_id)
            owners[one.provider_id] = [m.person_id for m in members if m.role is Role.PROVIDER_OWNER]
        params = {
            "document_id": str(one.document_id),
            "document": one.kind.value,
            "closes_on": one.valid_until.isoformat(),
        }
        for person_id in owners[one.provider_id]:
            await people.notify(db, person_id, "document_ends", params, at=at)
        told += 1
    await db.flush()
    return told


async def _add(
    db: AsyncSession,
    document_id: UUID,
    number: int,
    order: RenewDocument,
    file: ExaminedFile,
    *,
    by: Actor,
    at: datetime,
) -> UUID:
    version = Version(
        document_id=document_id,
        number=number,
        issuer=order.issuer,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
        kept_by=by.person_id,
        kept_at=at,
    )
    db.add(version)
    await db.flush()
    db.add(File(version_id=version.id, content=file.content))
    record(db, "document.kept", document_id, by_id=by.person_id, at=at, number=number, sha256=file.sha256)
    await db.flush()
    return version.id


async def _lock(db: AsyncSession, document_id: UUID, *, by: Actor) -> Document:
    wanted = select(Document).where(Document.id == document_id, Document.provider_id == _firm_of(by))
    document = (await db.exec(wanted.with_for_update(), execution_options=FRESH)).first()
    if document is None:
        raise NotFound
    return document


def _refuse_days(order: RenewDocument) -> None:
    if order.valid_until is not None and order.valid_until < order.valid_from:
        raise Invalid(errors={"valid_until": "The last day cannot be before the first."})
    if not date(1990, 1, 1) <= order.valid_from <= date(2100, 1, 1):
        raise Invalid(errors={"valid_from": "Check the year of this day."})
    if order.valid_until is not None and order.valid_until > date(2100, 1, 1):
        raise Invalid(errors={"valid_until": "Check the year of this day."})


def _firm_of(by: Actor) -> UUID:
    if by.role not in PROVIDER_ROLES or by.organisation_id is None:
        raise Forbidden
    return by.organisation_id


def _owner(by: Actor) -> Actor:
    if by.role is not Role.PROVIDER_OWNER:
        raise Forbidden
    return by
