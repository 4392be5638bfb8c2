"""The catalogue: services, the offerings of providers, and the coaches who deliver them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
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
    is_active: bool = Field(default=True)


class Offering(SQLModel, table=True):
    """A service as one provider offers it, at a price per unit in cents. Imported ones keep their foreign key."""

    __table_args__ = (
        CheckConstraint("price_cents > 0 and price_cents < 100000000", name="offering_price_in_bounds"),
        CheckConstraint("review_count >= 0 and rating_sum >= review_count", name="offering_rating_adds_up"),
        UniqueConstraint("provider_id", "foreign_id"),
        Index("ix_offering_service_id", "service_id", postgresql_where=text("is_published")),
        Index(
            "ix_offering_search",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
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
    source: str = Field(default="", max_length=200)
    """Where an imported offering comes from, in words; empty for our own."""
    is_published: bool = Field(default=True)
    search_text: str = Field(default="")
    review_count: int = Field(default=0)
    rating_sum: int = Field(default=0)
    published_at: datetime = instant()


class OfferingArea(SQLModel, table=True):
    """An employment area where an offering is delivered."""

    __tablename__ = "offering_area"
    __table_args__ = (Index("ix_offering_area_area_code", "area_code", "offering_id"),)

    offering_id: UUID = Field(primary_key=True, foreign_key="offering.id")
    area_code: str = Field(primary_key=True, foreign_key="area.code")


class OfferingCoach(SQLModel, table=True):
    """A coach within an offering: the pair that a jobseeker chooses, with the ratings that this pair has earned."""

    __tablename__ = "offering_coach"
    __table_args__ = (Index("ix_offering_coach_coach_id", "coach_id"),)

    offering_id: UUID = Field(primary_key=True, foreign_key="offering.id")
    coach_id: UUID = Field(primary_key=True, foreign_key="coach.id")
    review_count: int = Field(default=0)
    rating_sum: int = Field(default=0)
