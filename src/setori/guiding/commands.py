"""What may be asked: a client's consent with its parts and its last day, suggestions, and times booked for a client."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from setori.booking import Moment
from setori.guiding.rules import Scope
from setori.people import Command, Empty

Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class GiveConsent(Command):
    """What a client says yes to, and the last day of it."""

    scopes: list[Scope] = Field(min_length=1, max_length=4)
    until_on: date


class InviteManager(GiveConsent):
    """A client's own yes to somebody who was not proposed."""

    manager_id: UUID


class ProposeManager(GiveConsent):
    """A case worker's proposal: nothing begins before the client's yes."""

    manager_id: UUID


class Suggest(Command):
    """A coach, or an offering that names none, for a voucher of the client, with a few words."""

    voucher_id: UUID
    offering_id: UUID
    coach_id: Annotated[UUID | None, Empty] = None
    comment: Said = ""


class BookFor(Command):
    """A free time for a client's voucher."""

    voucher_id: UUID
    starts_at: Moment
