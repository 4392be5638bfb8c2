"""What pages know of the catalogue: frozen, with figures only when there are enough of them."""

from dataclasses import dataclass, field
from uuid import UUID

from setori.catalogue.rules import Unit, Way, shown_mean
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class Rating:
    """How many have rated, and the mean of 1–5 once five have (None: too early to say)."""

    count: int
    mean: float | None

    @classmethod
    def of(cls, count: int, total: int) -> "Rating":
        """From the kept count and sum."""
        return cls(count, shown_mean(count, total))


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A kind of service."""

    id: UUID
    code: str
    name: Texts
    description: Texts


@dataclass(frozen=True, slots=True)
class Card:
    """What one can choose: a coach within an offering, or an offering that names no coaches."""

    offering_id: UUID
    coach_id: UUID | None
    coach_name: str
    title: Texts
    summary: Texts
    first_week: Texts
    own_words: Texts
    specialities: list[str]
    provider_id: UUID
    provider_name: str
    provider_city: str
    is_sample: bool
    service_id: UUID
    service_name: Texts
    price_cents: int
    unit: Unit
    minutes: int
    languages: list[str]
    ways: list[Way]
    area_codes: list[str]
    """Where it can be chosen on the day asked for: delivered there, and approved by the procurer of the area."""
    rating: Rating
    source: str
    deliverer_id: UUID
    deliverer_name: str
    """Who delivers it: the provider itself, or a firm of its consortium."""

    @property
    def is_choosable(self) -> bool:
        """Whether it can be chosen anywhere."""
        return bool(self.area_codes)


@dataclass(frozen=True, slots=True)
class Facets:
    """How many cards each filter would show, the other filters staying as they are."""

    areas: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    ways: dict[str, int] = field(default_factory=dict)
    services: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cards, where the next one begins (None: this was the last), how many there are, and the facets."""

    cards: list[Card]
    next: str | None
    total: int
    facets: Facets


@dataclass(frozen=True, slots=True)
class CoachView:
    """A coach, with the rating earned within the offering that is looked at."""

    id: UUID
    provider_id: UUID
    name: str
    own_words: Texts
    languages: list[str]
    ways: list[Way]
    specialities: list[str]
    is_active: bool
    rating: Rating


@dataclass(frozen=True, slots=True)
class OfferingRow:
    """An offering in its provider's list."""

    id: UUID
    service_id: UUID
    service_name: Texts
    title: Texts
    price_cents: int
    unit: Unit
    is_published: bool
    coach_count: int
    rating: Rating
    delivered_by: str = ""
    """The firm that delivers, where it is another than the provider."""


@dataclass(frozen=True, slots=True)
class OfferingView:
    """An offering's page. `choosable_in` are the areas whose procurer approves the provider on the day asked for."""

    id: UUID
    provider_id: UUID
    provider_name: str
    provider_city: str
    is_sample: bool
    service_id: UUID
    service_name: Texts
    title: Texts
    summary: Texts
    first_week: Texts
    price_cents: int
    unit: Unit
    minutes: int
    languages: list[str]
    ways: list[Way]
    source: str
    is_published: bool
    area_codes: list[str]
    choosable_in: dict[str, str]
    """Area code → name of the procurer."""
    coaches: list[CoachView]
    rating: Rating
    deliverer_id: UUID
    deliverer_name: str
    """Who delivers it: the provider itself, or a firm of its consortium. Paid is the provider."""

    @property
    def is_choosable(self) -> bool:
        """Whether it can be chosen anywhere."""
        return self.is_published and bool(self.choosable_in)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a choice freezes: whose it is, for which service, price and minutes of a unit, and where it is delivered."""

    provider_id: UUID
    service_id: UUID
    price_cents: int
    minutes: int
    area_codes: frozenset[str]
    deliverer_id: UUID
