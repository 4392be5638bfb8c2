"""What people may ask of personal budgets, as forms and seeds alike spell it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from setori.people import Command, Empty, Language, Line, OwnEmail, Phone, Reason

LARGEST = 1_000_000_00
"""The most that one person's budget can be, in cents."""

Limit = Annotated[int, Field(gt=0, le=LARGEST)]


class GiveEnvelope(Command):
    """Money for one person, from a programme's budget until a day, and how much of it each service may take.

    Somebody who has a voucher of the procurer's already is known by it; anybody else by name and address.
    """

    programme_id: UUID
    voucher_id: Annotated[UUID | None, Empty] = None
    name: Line
    phone: Annotated[Phone | None, Empty] = None
    email: OwnEmail = Field(default=None, validate_default=True)
    language: Language = "fi"
    amount_cents: Limit
    expires_on: date
    limits: dict[UUID, Limit] = Field(min_length=1)
    reason: Reason


class ChangeEnvelope(Command):
    """Another amount, last day or limits from now on, and why."""

    amount_cents: Limit
    expires_on: date
    limits: dict[UUID, Limit] = Field(min_length=1)
    reason: Reason


class EndEnvelope(Command):
    """Why a budget ends before its last day."""

    reason: Reason


class DrawVoucher(Command):
    """A voucher out of the envelope: of which programme, and how many sessions or how much money."""

    programme_id: UUID
    units: Annotated[int | None, Empty] = Field(default=None, ge=1, le=100)
    value_cents: Annotated[int | None, Empty] = Field(default=None, gt=0, le=100_000_00)


class TakeOffering(Command):
    """The person's own choice out of the envelope: an offering, the coach in it, and how many sessions."""

    offering_id: UUID
    coach_id: Annotated[UUID | None, Empty] = None
    sessions: int = Field(ge=1, le=100)
    voucher_id: Annotated[UUID | None, Empty] = None
    """Made when the form is rendered: the same one twice is one voucher."""
