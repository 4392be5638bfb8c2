"""What Setori takes in from a register: the fields of a provider and of an offering, and the rows they become."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a file lists."""

    PROVIDERS = "providers"
    OFFERINGS = "offerings"
    OUTCOMES = "outcomes"


class Standing(StrEnum):
    """What the other register says of a provider or an offering."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    PENDING = "pending"


class Shape(StrEnum):
    """How the text of a cell is understood."""

    KEY = "key"
    LINE = "line"
    TEXT = "text"
    PLACE = "place"
    DIGITS = "digits"
    ADDRESS = "address"
    DAY = "day"
    STANDING = "standing"
    CODES = "codes"
    SERVICE = "service"
    PRICE = "price"
    HOURS = "hours"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is understood, whether a row is nothing without it, and how long it may be.

    A vital field may be empty, but what stands in it must be understood: an end day passed over would be no end.
    """

    shape: Shape
    required: bool = False
    longest: int = 200
    vital: bool = False


AFTER_MONTHS = (6, 12, 24)
"""After how many months a register may tell what became of those who completed."""

FIELDS: dict[Kind, dict[str, Field]] = {
    Kind.PROVIDERS: {
        "foreign_id": Field(Shape.KEY, required=True, longest=60),
        "name": Field(Shape.LINE, required=True),
        "status": Field(Shape.STANDING, required=True),
        "reason": Field(Shape.LINE, longest=300),
        "city": Field(Shape.PLACE, longest=76),
        "region": Field(Shape.LINE, longest=40),
        "postal_code": Field(Shape.DIGITS, longest=12),
        "website": Field(Shape.ADDRESS),
        "languages": Field(Shape.CODES),
        "approved_until": Field(Shape.DAY, vital=True),
        "registered_on": Field(Shape.DAY),
    },
    Kind.OFFERINGS: {
        "foreign_id": Field(Shape.KEY, required=True, longest=60),
        "provider": Field(Shape.KEY, required=True, longest=60),
        "title": Field(Shape.LINE, required=True, longest=120),
        "summary": Field(Shape.TEXT, longest=4000),
        "status": Field(Shape.STANDING, required=True),
        "service": Field(Shape.SERVICE, required=True),
        "price": Field(Shape.PRICE, required=True),
        "hours": Field(Shape.HOURS, required=True),
        "languages": Field(Shape.CODES, required=True),
        "ways": Field(Shape.CODES, required=True),
    },
    Kind.OUTCOMES: {
        "provider": Field(Shape.KEY, required=True, longest=60),
        "service": Field(Shape.SERVICE, required=True, longest=60),
        **{
            f"{what}_{months}": Field(Shape.NUMBER, longest=40)
            for what in ("completed", "reached")
            for months in AFTER_MONTHS
        },
    },
}

CODES: dict[str, frozenset[str] | None] = {
    "languages": None,
    "ways": frozenset({"in_person", "video", "phone", "chat"}),
}
"""The fields that hold several codes, and which codes there are (None: any language code of two letters)."""


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as a register tells of it; `line` is where it stands in the file."""

    line: int
    foreign_id: str
    name: str
    status: Standing
    city: str
    region: str
    postal_code: str
    website: str
    languages: tuple[str, ...]
    approved_until: date | None
    registered_on: date | None
    stated: str = ""
    """The register's own word for the status."""
    reason: str = ""
    """Why it is so, in the register's own words."""


@dataclass(frozen=True, slots=True)
class OfferingRow:
    """An offering as a register tells of it, with its price in cents of euro and as it stood in the file."""

    line: int
    foreign_id: str
    provider: str
    title: str
    summary: str
    status: Standing
    service: str
    price_cents: int
    stated_price: Decimal
    minutes: int
    languages: tuple[str, ...]
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What a register says came of a provider's programmes in a subject.

    `known` lists after how many months, how many had completed by then, and how many of them had reached it.
    """

    line: int
    foreign_id: str
    provider: str
    service: str
    subject: str
    known: tuple[tuple[int, int, int], ...]


Row = ProviderRow | OfferingRow | OutcomeRow
