"""What the JSON face says: each answer's fields, in cents, days (ISO 8601) and instants in UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from setori.texts import Texts
from setori.vouchers import RedemptionStatus


@dataclass(frozen=True, slots=True)
class Offered:
    """A coach within an offering. `experience` (1–5, with its interval) is null below five people: too early to say.

    The deliverer is the provider itself or a firm of its consortium; the provider is paid.
    """

    offering_id: UUID
    coach_id: UUID | None
    coach_name: str
    title: Texts
    provider_id: UUID
    provider_name: str
    service_id: UUID
    price_cents: int
    unit: str
    minutes: int
    languages: list[str]
    ways: list[str]
    area_codes: list[str]
    respondents: int
    experience: float | None
    experience_low: float | None
    experience_high: float | None
    deliverer_id: UUID
    deliverer_name: str


@dataclass(frozen=True, slots=True)
class Offerings:
    """A page of what can be chosen today; `next` is the `after` of the next page."""

    items: list[Offered]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval: by whom, for what, under which rulebook, on which days (`ends_on` is the first day outside)."""

    procurer_id: UUID
    procurer_name: str
    service_id: UUID
    rulebook_id: UUID
    status: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Registered:
    """A provider in the register."""

    id: UUID
    name: str
    business_id: str | None
    city: str
    is_sample: bool
    approvals: list[Approved]


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register."""

    items: list[Registered]
    next: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider with what it tells of itself."""

    id: UUID
    name: str
    business_id: str | None
    city: str
    website: str
    summary: Texts
    languages: list[str]
    is_sample: bool
    approvals: list[Approved]


@dataclass(frozen=True, slots=True)
class IssuedVoucher:
    """A voucher that was just issued. The code and the claim link are told this once."""

    id: UUID
    person_id: UUID
    code: str
    claim_path: str
    units: int
    value_cents: int
    expires_on: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice that is now current for a voucher."""

    id: UUID
    voucher_id: UUID
    offering_id: UUID
    coach_id: UUID | None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The receipt of a session: what was recorded, its state, and the units that are left after what was just done.

    A replay tells the first receipt again as it was: `held`, and the units that were left then.
    """

    id: UUID
    voucher_id: UUID
    status: RedemptionStatus
    units: int
    unit_price_cents: int
    amount_cents: int
    service_day: date
    recorded_at: datetime
    units_left: int


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement: a provider's month with a procurer, and where its payment is."""

    id: UUID
    number: int
    month: date
    procurer_id: UUID
    provider_id: UUID
    status: str
    payment_status: str | None
    sessions: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class Statements:
    """A page of statements, the newest first."""

    items: list[Stated]
    next: str | None
