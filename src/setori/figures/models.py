"""The figures that are kept: outcomes counted at night, those of foreign registers, and what each month published."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import instant, key


class OutcomeFigure(SQLModel, table=True):
    """What came of a provider's clients in a service, so many months after their last session; counted anew each night.

    `strata` lists them by how they stood at issue: need, unemployed, age, finished, reached, and the usual rate.
    """

    __tablename__ = "outcome_figure"
    __table_args__ = (
        CheckConstraint("months in (3, 6, 12)", name="outcome_figure_months_known"),
        CheckConstraint("observed between 0 and finished and finished > 0", name="outcome_figure_counts"),
        CheckConstraint(
            "low between 0 and rate and high between rate and 1", name="outcome_figure_in_bounds"
        ),
        Index("ix_outcome_figure_service_id", "service_id"),
    )

    provider_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    service_id: UUID = Field(foreign_key="service.id", primary_key=True)
    months: int = Field(primary_key=True)
    finished: int
    observed: int
    expected: float
    variance: float
    overall: float
    k: float
    rate: float
    low: float
    high: float
    strata: list[list[Any]] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    counted_on: date


class RegisterOutcome(SQLModel, table=True):
    """What a foreign register says came of a provider's programmes in one subject, so many months later."""

    __tablename__ = "register_outcome"
    __table_args__ = (
        UniqueConstraint("provider_id", "subject", "months"),
        CheckConstraint("months > 0", name="register_outcome_months_positive"),
        CheckConstraint("reached between 0 and completed and completed > 0", name="register_outcome_counts"),
        Index("ix_register_outcome_register_code", "register_code"),
    )

    id: UUID = key()
    register_code: str = Field(max_length=40)
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    subject: str = Field(max_length=60)
    months: int
    completed: int
    reached: int
    source: str = Field(max_length=200)
    taken_in_at: datetime = instant()


class FigureMonth(SQLModel, table=True):
    """That the figures of a month were published, and as they stood on which day."""

    __tablename__ = "figure_month"

    month: date = Field(primary_key=True)
    counted_on: date
    written_at: datetime = instant()


class PublishedFigure(SQLModel, table=True):
    """What was published of a provider in a service in a month; never changed.

    `experience` and `outcome` are None as long as too little can be told, and as they were told before while too little
    has changed: each says on which day it was counted.
    """

    __tablename__ = "published_figure"
    __table_args__ = (Index("ix_published_figure_provider_id", "provider_id", "service_id", "month"),)

    month: date = Field(primary_key=True, foreign_key="figure_month.month")
    provider_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    service_id: UUID = Field(primary_key=True, foreign_key="service.id")
    experience: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    outcome: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))


class RegisterFigure(SQLModel, table=True):
    """The outcome of a provider in a service by a foreign register: all its subjects, pulled to the register's rate."""

    __tablename__ = "register_figure"
    __table_args__ = (
        CheckConstraint("reached between 0 and completed and completed > 0", name="register_figure_counts"),
        CheckConstraint(
            "low between 0 and rate and high between rate and 1", name="register_figure_in_bounds"
        ),
        Index("ix_register_figure_register_code", "register_code"),
    )

    provider_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    service_id: UUID = Field(foreign_key="service.id", primary_key=True)
    months: int = Field(primary_key=True)
    register_code: str = Field(max_length=40)
    source: str = Field(max_length=200)
    subjects: int
    completed: int
    reached: int
    overall: float
    k: float
    rate: float
    low: float
    high: float
