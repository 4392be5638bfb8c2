"""The evidence wallet: documents, their versions and files, who looked at them, and which reminders went out."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.evidence.rules import DocumentKind


class Document(SQLModel, table=True):
    """A document of a firm, such as its liability insurance. What it says stands in its versions."""

    __tablename__ = "evidence_document"
    __table_args__ = (
        Index("ix_evidence_document_provider_id", "provider_id", "id"),
        CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by is null)", name="evidence_document_withdrawn_whole"
        ),
    )

    id: UUID = key()
    provider_id: UUID = Field(foreign_key="organisation.id")
    kind: DocumentKind = choice(DocumentKind, "evidence_document", "kind")
    label: str = Field(default="", max_length=80)
    created_at: datetime = instant()
    withdrawn_at: datetime | None = instant(nullable=True)
    withdrawn_by: UUID | None = Field(default=None, foreign_key="person.id")


class Version(SQLModel, table=True):
    """One version of a document: who gave it, on which days it holds, and its file. Nothing here changes."""

    __tablename__ = "evidence_version"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        CheckConstraint("number > 0", name="evidence_version_number_positive"),
        CheckConstraint(
            "valid_until is null or valid_until >= valid_from", name="evidence_version_days_in_order"
        ),
        CheckConstraint("size between 1 and 10485760", name="evidence_version_size_in_bounds"),
        CheckConstraint(
            "media_type in ('application/pdf', 'image/jpeg', 'image/png')",
            name="evidence_version_media_type_known",
        ),
        Index("ix_evidence_version_valid_until", "valid_until"),
    )

    id: UUID = key()
    document_id: UUID = Field(foreign_key="evidence_document.id")
    number: int
    issuer: str = Field(max_length=120)
    valid_from: date
    valid_until: date | None = Field(default=None)
    file_name: str = Field(max_length=100)
    media_type: str = Field(max_length=40)
    size: int
    sha256: str = Field(max_length=64)
    kept_by: UUID = Field(foreign_key="person.id")
    kept_at: datetime = instant()


class File(SQLModel, table=True):
    """The bytes of a version, apart from everything that lists read. Nothing here changes."""

    __tablename__ = "evidence_file"

    version_id: UUID = Field(primary_key=True, foreign_key="evidence_version.id")
    content: bytes = Field(sa_type=LargeBinary, nullable=False)


class Look(SQLModel, table=True):
    """That somebody of a procurer opened a file. The firm sees it."""

    __tablename__ = "evidence_look"

    id: UUID = key()
    version_id: UUID = Field(foreign_key="evidence_version.id", index=True)
    procurer_id: UUID = Field(foreign_key="organisation.id")
    person_id: UUID = Field(foreign_key="person.id")
    looked_at: datetime = instant()


class Reminder(SQLModel, table=True):
    """That owners were told so many days before the last day of a version; each once."""

    __tablename__ = "evidence_reminder"

    version_id: UUID = Field(primary_key=True, foreign_key="evidence_version.id")
    days: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    told_at: datetime = instant()
