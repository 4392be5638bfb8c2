"""What people may ask of settlement."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator


class ClosePeriod(BaseModel):
    """Close a month: for one provider, or for all of them when none is named. The month is its first day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    month: date
    provider_id: UUID | None = None

    @field_validator("month", mode="before")
    @classmethod
    def first_day(cls, typed: object) -> object:
        """`2026-10` means the first of October."""
        return f"{typed}-01" if isinstance(typed, str) and len(typed) == 7 else typed

    @field_validator("month")
    @classmethod
    def is_first_day(cls, month: date) -> date:
        """A month is named by its first day."""
        if month.day != 1:
            raise ValueError("A month is named by its first day.")
        return month


class CallUnpaid(BaseModel):
    """Why a stopped payment is called unpaid: what the gateway has answered to a person, and to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    reason: str = Field(min_length=1, max_length=400)
