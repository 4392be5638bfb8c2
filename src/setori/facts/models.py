"""What the public registers have said of firms, when they were asked, and what the registrars must look at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.facts.rules import FactAnswer, FactKind


class BusinessFact(SQLModel, table=True):
    """One answer, from when it was first told until the last time it was told again. A new answer is a new row."""

    __tablename__ = "business_fact"
    __table_args__ = (
        Index("one_current_fact", "provider_id", "kind", unique=True, postgresql_where=text("is_current")),
        Index("ix_business_fact_provider_id", "provider_id", "told_at"),
        CheckConstraint("confirmed_at >= told_at", name="business_fact_confirmed_after_told"),
    )

    id: UUID = key()
    provider_id: UUID = Field(foreign_key="organisation.id")
    kind: FactKind = choice(FactKind, "business_fact", "kind")
    answer: FactAnswer = choice(FactAnswer, "business_fact", "answer")
    source: str = Field(max_length=120)
    told_at: datetime = instant()
    confirmed_at: datetime = instant()
    is_current: bool = Field(default=True)


class FactAsking(SQLModel, table=True):
    """When an office was last asked of a firm, whether it answered, and when to ask again."""

    __tablename__ = "fact_asking"
    __table_args__ = (
        Index("ix_fact_asking_next_at", "next_at"),
        CheckConstraint("office in ('company', 'obligations')", name="fact_asking_office_known"),
        CheckConstraint("(failures > 0) = (failing_since is not null)", name="fact_asking_fails_since"),
    )

    provider_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    office: str = Field(primary_key=True, max_length=20)
    asked_at: datetime = instant()
    next_at: datetime = instant()
    failures: int = Field(default=0)
    failing_since: datetime | None = instant(nullable=True)
    failure: str = Field(default="", max_length=200)


class FactNotice(SQLModel, table=True):
    """A task for a procurer's registrar: a register says something bad of a firm that is approved there."""

    __tablename__ = "fact_notice"
    __table_args__ = (
        UniqueConstraint("procurer_id", "fact_id"),
        Index("ix_fact_notice_procurer_id", "procurer_id", "id"),
        CheckConstraint("(looked_at is null) = (looked_by is null)", name="fact_notice_looked_whole"),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    fact_id: UUID = Field(foreign_key="business_fact.id", index=True)
    noticed_at: datetime = instant()
    looked_at: datetime | None = instant(nullable=True)
    looked_by: UUID | None = Field(default=None, foreign_key="person.id")
    note: str = Field(default="", max_length=2000)
    over_at: datetime | None = instant(nullable=True)
    """When the register took it back."""
