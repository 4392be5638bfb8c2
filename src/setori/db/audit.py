"""The audit trail: who did what to which thing and when, written in the same transaction as the thing itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db.base import instant


class AuditEntry(SQLModel, table=True):
    """One act. `detail` never carries personal data: ids, figures and states only."""

    __tablename__ = "audit_entry"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    at: datetime = instant()
    by_id: UUID | None = Field(default=None)
    procurer_id: UUID | None = Field(default=None, index=True)
    action: str = Field(max_length=80)
    subject_id: UUID = Field(index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)


def record(
    db: AsyncSession,
    action: str,
    subject_id: UUID,
    *,
    by_id: UUID | None,
    at: datetime,
    procurer_id: UUID | None = None,
    **detail: Any,
) -> None:
    """Leave a trace of an act in the open transaction."""
    db.add(
        AuditEntry(
            at=at, by_id=by_id, procurer_id=procurer_id, action=action, subject_id=subject_id, detail=detail
        )
    )
