"""Imports handed in over the browser, and what each of them made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.intake.rules import Made, RunStatus


class ImportRun(SQLModel, table=True):
    """A register that a procurer handed in: the file as it came, what was found, and what became of it."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_procurer_id", "procurer_id", "id"),)

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    status: RunStatus = choice(RunStatus, "import_run", "status")
    kind: str = Field(max_length=20)
    title: str = Field(max_length=200)
    register_code: str = Field(max_length=40, index=True)
    file_name: str = Field(max_length=120)
    mapping: str
    file: bytes = Field(sa_type=LargeBinary, nullable=False)
    skip_bad_rows: bool = Field(default=False)
    rows_read: int = Field(default=0)
    rows_good: int = Field(default=0)
    rows_refused: int = Field(default=0)
    rows_done: int = Field(default=0)
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    failure: str = Field(default="", max_length=2000)
    handed_in_by: UUID = Field(foreign_key="person.id")
    handed_in_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)


class ImportedThing(SQLModel, table=True):
    """Something that was not here before an import: what undoing it takes away."""

    __tablename__ = "imported_thing"

    run_id: UUID = Field(primary_key=True, foreign_key="import_run.id")
    subject_id: UUID = Field(primary_key=True)
    what: Made = choice(Made, "imported_thing", "what")
