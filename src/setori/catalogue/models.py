"""The catalogue: services, the offerings of providers, and the coaches who deliver them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from setori.catalogue.rules import Unit
from setori.db import choice, instant, key, texts, words
from setori.texts import Texts


class Service(SQLModel, table=True):
    """A kind of service that procurers buy with vouchers, the same for the whole country."""

    __table_args__ = (UniqueConstraint("code"),)

    id: UUID = key()
    code: str = Field(max_length=40)
    name: Texts = texts()
    description: Texts = texts()


class Coach(SQLModel, table=True):
    """A person who coaches, as the catalogue shows one. `person_id` joins the one who signs in."""

    __table_args__ = (Index("ix_coach_provider_id", "provider_id"),)

    id: UUID = key()
    provider_id: UUID = Field(foreign_key="organisation.id")
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    name: str = Field(max_length=120)
    own_words: Texts = texts()
    languages: list[str] = words()
    ways: list[str] = words()
    specialities: list[str] = words()
    helps: list[str] = words()
    is_active: bool = Field(default=True)


class Offering(SQLModel, table=True):
    """A service as one provider offers it, at a price per unit in cents. Imported ones keep their foreign key."""

    __table_args__ = (
        CheckConstraint("price_cents > 0 and price_cents < 100000000", name="offering_price_in_bounds"),
        UniqueConstraint("provider_id", "foreign_id"),
        Index("ix_offering_service_id", "service_id", postgresql_where=text("is_published")),
        Index("ix_offering_languages", "languages", postgresql_using="gin"),
        Index("ix_offering_ways", "ways", postgresql_using="gin"),
    )

    id: UUID = key()
    provider_id: UUID = Field(foreign_key="organisation.id", index=True)
    deliverer_id: UUID = Field(foreign_key="organisation.id", index=True)
    """Who delivers it: the provider itself, or a firm of its consortium. Paid is the provider."""
    service_id: UUID = Field(foreign_key="service.id")
    foreign_id: str | None = Field(default=None, max_length=60)
    title: Texts = texts()
    summary: Texts = texts()
    first_week: Texts = texts()
    price_cents: int = Field(sa_type=BigInteger)
    unit: Unit = choice(Unit, "offering", "unit")
    minutes: int = Field(default=60)
    languages: list[str] = words()
    ways: list[str] = words()
    access: list[str] = words()
    source: str = Field(default="", max_length=200)
    """Where an imported offering comes from, in words; empty for our own."""
    is_published: bool = Field(default=True)
    published_at: datetime = instant()


class OfferingArea(SQLModel, table=True):
    """An employment area where an offering is delivered."""

    __tablename__ = "offering_area"
    __table_args__ = (Index("ix_offering_area_area_code", "area_code", "offering_id"),)

    offering_id: UUID = Field(primary_key=True, foreign_key="offering.id")
    area_code: str = Field(primary_key=True, foreign_key="area.code")


class OfferingCoach(SQLModel, table=True):
    """A coach within an offering: the pair that a jobseeker chooses."""

    __tablename__ = "offering_coach"
    __table_args__ = (Index("ix_offering_coach_coach_id", "coach_id"),)

    offering_id: UUID = Field(primary_key=True, foreign_key="offering.id")
    coach_id: UUID = Field(primary_key=True, foreign_key="coach.id")


class ExperiencePrior(SQLModel, table=True):
    """What is expected of somebody new in a service before anybody speaks of them: see `quality.experience.Prior`."""

    __tablename__ = "experience_prior"

    service_id: UUID = Field(primary_key=True, foreign_key="service.id")
    mean: float = Field(sa_type=Float)
    k: float = Field(sa_type=Float)
    variance: float = Field(sa_type=Float)
    providers: int
    respondents: int
    counted_on: date


class Experience(SQLModel, table=True):
    """What clients said, counted: of a provider in a service, or of a pair (an offering with a coach in it).

    Kept by whatever changes an answer and by a nightly job, for answers fade; never added up for a page. `weight` is
    the faded number of people, `distribution` counts people by whole points from 1 to 5, `invited` and `answered` how
    many were asked and how many of them said something. See `quality.experience.Experience`.
    """

    __table_args__ = (
        UniqueConstraint(
            "provider_id",
            "service_id",
            "offering_id",
            "coach_id",
            name="experience_of_one",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("offering_id is not null or coach_id is null", name="experience_coach_in_offering"),
        CheckConstraint(
            "respondents >= 0 and 0 <= answered and answered <= invited", name="experience_counts"
        ),
        CheckConstraint("shrunk between 1 and 5 and sd > 0", name="experience_on_scale"),
        Index("ix_experience_offering_id", "offering_id", "coach_id"),
        Index("ix_experience_service_id", "service_id", "counted_on"),
    )

    id: UUID = key()
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    offering_id: UUID | None = Field(default=None, foreign_key="offering.id")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    respondents: int
    weight: float = Field(sa_type=Float)
    mean: float | None = Field(default=None, sa_type=Float)
    shrunk: float = Field(sa_type=Float)
    sd: float = Field(sa_type=Float)
    prior_mean: float = Field(sa_type=Float)
    prior_k: float = Field(sa_type=Float)
    prior_variance: float = Field(sa_type=Float)
    distribution: list[int] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    invited: int = Field(default=0)
    answered: int = Field(default=0)
    counted_on: date


class SearchEntry(SQLModel, table=True):
    """The words by which a pair is found: a coach in an offering, or an offering that names none. Kept by triggers."""

    __tablename__ = "search_entry"
    __table_args__ = (
        UniqueConstraint(
            "offering_id", "coach_id", name="search_entry_of_a_pair", postgresql_nulls_not_distinct=True
        ),
        Index("ix_search_entry_coach_id", "coach_id"),
        Index("ix_search_entry_words", "words", postgresql_using="gin"),
        Index(
            "ix_search_entry_plain",
            "plain",
            postgresql_using="gin",
            postgresql_ops={"plain": "gin_trgm_ops"},
        ),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    offering_id: UUID = Field(foreign_key="offering.id", ondelete="CASCADE")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id", ondelete="CASCADE")
    words: Any = Field(sa_type=TSVECTOR, nullable=False)
    plain: str


class CatalogueChange(SQLModel, table=True):
    """Something changed in what can be chosen: noted by triggers, read by the index of each worker, gone after days.

    `xid` is the transaction that changed it, `firm_id` the provider to read again (None: everybody), and `with_words`
    whether it may now be found by other words.
    """

    __tablename__ = "catalogue_change"
    __table_args__ = (
        Index("ix_catalogue_change_xid", "xid"),
        Index("ix_catalogue_change_noted_at", "noted_at"),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    xid: int = Field(sa_type=BigInteger)
    firm_id: UUID | None = Field(default=None)
    with_words: bool
    noted_at: datetime = instant()
