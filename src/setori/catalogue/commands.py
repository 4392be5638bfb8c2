"""What may be asked of the catalogue, as forms, JSON, CSV and seeds alike spell it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from setori.catalogue.rules import Access, Help, Order, Unit, Way
from setori.people import Command, Empty, Line, Name, Spoken, Words

MOST_CENTS = 100_000_00
"""No session and no course costs more than 100,000 euros; what does is a slip of the hand."""

Cursor = Annotated[str, StringConstraints(max_length=2000)]
AreaCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[0-9]{1,4}$")]
Speciality = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
WITHIN_DAYS = (3, 7, 14, 28)
KILOMETRES = (10, 25, 50, 100)
Topic = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=80)]


def _number(told: object) -> object:
    """A number as an address has it."""
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() else told


class AddService(Command):
    """A kind of service that is bought with vouchers, the same for the whole country."""

    code: Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,40}$")]
    name: Name
    description: Words = {}


class AddCoach(Command):
    """A person who coaches for a provider. `person_id` joins the one who signs in."""

    provider_id: UUID
    name: Line
    person_id: UUID | None = None
    own_words: Words = {}
    languages: list[Spoken] = Field(default=["fi"], min_length=1)
    ways: list[Way] = Field(default=[Way.IN_PERSON], min_length=1)
    specialities: list[Speciality] = Field(default=[], max_length=20)
    helps: list[Help] = Field(default=[], max_length=2)


class PublishOffering(Command):
    """A service as a provider offers it: what it is, what a unit costs in cents, where, how and by whom.

    `deliverer_id` is the firm that delivers: one's own when left out, or one of one's own consortium.
    """

    service_id: UUID
    deliverer_id: Annotated[UUID | None, Empty] = None
    title: Name
    summary: Words = {}
    first_week: Words = {}
    price_cents: int = Field(gt=0, le=MOST_CENTS)
    unit: Unit = Unit.SESSION
    minutes: int = Field(default=60, ge=10, le=60_000)
    languages: list[Spoken] = Field(min_length=1)
    ways: list[Way] = Field(min_length=1)
    access: list[Access] = []
    area_codes: list[AreaCode] = Field(min_length=1)
    coach_ids: list[UUID] = Field(default=[], max_length=100)


class ImportOffering(Command):
    """An offering of a foreign register, by its id there; `source` says in words where it comes from."""

    provider_id: UUID
    foreign_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    service_id: UUID
    title: Name
    summary: Words = {}
    price_cents: int = Field(gt=0, le=MOST_CENTS)
    unit: Unit = Unit.COURSE
    minutes: int = Field(default=60, ge=10, le=600_000)
    languages: list[Spoken] = Field(default=["en"], min_length=1)
    ways: list[Way] = Field(default=[Way.IN_PERSON], min_length=1)
    area_codes: list[AreaCode] = Field(min_length=1)
    is_published: bool = True


class Search(Command):
    """What somebody looks for. Everything may be left out; `after` is where the last page ended."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    area: Annotated[AreaCode | None, Empty] = None
    language: Annotated[Spoken | None, Empty] = None
    way: Annotated[Way | None, Empty] = None
    service: Annotated[UUID | None, Empty] = None
    speciality: Annotated[Topic | None, Empty] = None
    access: list[Access] = []
    within: Annotated[Literal[3, 7, 14, 28] | None, BeforeValidator(_number), Empty] = None
    """The first free time is at most so many days away."""
    most_cents: int | None = Field(default=None, gt=0, le=MOST_CENTS)
    near: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    """A postal code or a municipality, from which distances are measured."""
    km: Annotated[Literal[10, 25, 50, 100] | None, BeforeValidator(_number), Empty] = None
    order: Order = Order.TURNS
    after: Annotated[Cursor | None, Empty] = None
    limit: int = Field(default=24, ge=1, le=100)
