"""What pages know of the catalogue: frozen."""

from dataclasses import dataclass, field
from uuid import UUID

from setori.catalogue.queries.figures import Figure
from setori.catalogue.rules import Help, Unit, Way
from setori.texts import Texts


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
    helps: list[Help]
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
    experience: Figure
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
    specialities: dict[str, int] = field(default_factory=dict)
    access: dict[str, int] = field(default_factory=dict)
    within: dict[int, int] = field(default_factory=dict)
    km: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A row on a page: the pair, in which generation it was read, and in turns how its place came about."""

    offering_id: UUID
    coach_id: UUID | None
    born: int
    score: float
    sd: float
    z: float | None = None
    draw: float | None = None
    km: float | None = None
    earliest: float | None = None
    """When the first free time begins, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cards, where the next one begins (None: this was the last), how many there are, and the facets.

    `shown` says of each card how it came to its place; `without`, when nobody fits, how many there would be without
    each of the filters.
    """

    cards: list[Card]
    next: str | None
    total: int
    facets: Facets
    shown: list[Shown] = field(default_factory=list)
    without: dict[str, int] = field(default_factory=dict)
    generation: int | None = None
    """Of which generation of the index: of one, the same question has the same answer. None: there is no index."""


@dataclass(frozen=True, slots=True)
class CoachView:
    """A coach, with what was said within the offering that is looked at."""

    id: UUID
    provider_id: UUID
    name: str
    own_words: Texts
    languages: list[str]
    ways: list[Way]
    specialities: list[str]
    helps: list[Help]
    is_active: bool
    experience: Figure | None = None
    """Within the offering that is looked at; None where no offering is."""


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
    experience: Figure
    """What was said of the provider in this service."""
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
    experience: Figure
    """Of the provider in this service; of the offering itself when it names no coaches."""
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
