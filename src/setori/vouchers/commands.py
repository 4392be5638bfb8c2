"""What people may ask of vouchers, as forms, JSON and seeds alike spell it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from setori.people import Command, Email, Language, Line, Name

LONGEST_DAYS = 1100
"""Three years: for how long a voucher can be valid at most."""


def _not_a_boolean(given: object) -> object:
    """`true` is not one session."""
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "Write a whole number.")
    return given


class StartProgramme(Command):
    """A programme: how many sessions a voucher holds, at most what price for one, and for how many days."""

    service_id: UUID
    name: Name
    units: int = Field(ge=1, le=100)
    price_cap_cents: int = Field(gt=0, le=10_000_00)
    validity_days: int = Field(ge=1, le=LONGEST_DAYS)
    budget_cents: int = Field(default=0, ge=0, le=100_000_000_00)


class GrantBudget(Command):
    """More money for a programme, with the reason that the books keep."""

    amount_cents: int = Field(gt=0, le=100_000_000_00)


class IssueVoucher(Command):
    """A voucher for one person. Sessions and days come from the programme unless said otherwise."""

    programme_id: UUID
    name: Line
    email: Email
    language: Language = "fi"
    units: int | None = Field(default=None, ge=1, le=100)
    expires_on: date | None = None


class ChooseOffering(Command):
    """Whom the jobseeker chooses: an offering, and the coach in it when it has coaches."""

    offering_id: UUID
    coach_id: UUID | None = None


class RedeemVoucher(Command):
    """A session that was held: the voucher's code as typed or scanned, how many units, on which day."""

    voucher_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    units: Annotated[int, BeforeValidator(_not_a_boolean)] = Field(default=1, ge=1, le=100)
    service_day: date
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class GiveReason(Command):
    """Why a session is refused or taken back."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
