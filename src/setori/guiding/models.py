"""Who walks beside whom: consents, what was suggested, who sits in at which meeting, and the trace of every look."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.guiding.rules import ConsentStatus, Deed, Scope


class Consent(SQLModel, table=True):
    """A client's yes to one service manager of one procurer, in parts, until a day. A proposal has no yes yet.

    One at a time between two people: the database lets neither open ones nor their times overlap.
    """

    __table_args__ = (
        CheckConstraint("client_id <> manager_id", name="consent_of_two_people"),
        CheckConstraint("may_see or may_shortlist or may_book or may_attend", name="consent_to_something"),
        CheckConstraint(
            "(status in ('in_force', 'ended')) = (given_at is not null)",
            name="consent_given_before_it_is_used",
        ),
        CheckConstraint(
            "(status in ('proposed', 'in_force')) = (closed_at is null)", name="consent_closed_with_its_state"
        ),
        CheckConstraint("closed_at >= given_at and given_at >= proposed_at", name="consent_times_in_order"),
        Index(
            "one_open_consent",
            "client_id",
            "manager_id",
            unique=True,
            postgresql_where=text("status in ('proposed', 'in_force')"),
        ),
        Index("ix_consent_client_id", "client_id", "id"),
        Index("ix_consent_manager_id", "manager_id", "status", "id"),
        Index("ix_consent_open", "until_on", postgresql_where=text("status in ('proposed', 'in_force')")),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    client_id: UUID = Field(foreign_key="person.id")
    manager_id: UUID = Field(foreign_key="person.id")
    status: ConsentStatus = choice(ConsentStatus, "consent", "status")
    may_see: bool
    may_shortlist: bool
    may_book: bool
    may_attend: bool
    until_on: date
    proposed_by: UUID = Field(foreign_key="person.id")
    proposed_at: datetime = instant()
    given_at: datetime | None = instant(nullable=True)
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = instant(nullable=True)

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the client allows."""
        return frozenset(scope for scope in Scope if getattr(self, f"may_{scope.value}"))


class Suggestion(SQLModel, table=True):
    """A coach or an offering that a service manager puts on the client's shortlist; only the client chooses."""

    __table_args__ = (
        ForeignKeyConstraint(["voucher_id"], ["voucher.id"]),
        Index(
            "one_live_suggestion",
            "consent_id",
            "voucher_id",
            "offering_id",
            "coach_id",
            unique=True,
            postgresql_where=text("withdrawn_at is null"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_suggestion_voucher_id", "voucher_id"),
    )

    id: UUID = key()
    consent_id: UUID = Field(foreign_key="consent.id")
    voucher_id: UUID
    offering_id: UUID = Field(foreign_key="offering.id")
    coach_id: UUID | None = Field(default=None, foreign_key="coach.id")
    comment: str = Field(default="", max_length=500)
    made_at: datetime = instant()
    withdrawn_at: datetime | None = instant(nullable=True)


class SittingIn(SQLModel, table=True):
    """That a service manager sits in at a meeting; the client and the coach see it while the consent is in force."""

    __tablename__ = "sitting_in"
    __table_args__ = (Index("ix_sitting_in_consent_id", "consent_id"),)

    booking_id: UUID = Field(foreign_key="booking.id", primary_key=True)
    consent_id: UUID = Field(foreign_key="consent.id", primary_key=True)
    since_at: datetime = instant()


class Trace(SQLModel, table=True):
    """A look or an act of a service manager, for the client to read. A look carries the quarter of an hour it fell in,
    and the database keeps one of a kind in each."""

    __tablename__ = "guiding_trace"
    __table_args__ = (
        CheckConstraint(
            "(look_at is not null) = (what like 'looked%')", name="guiding_trace_looks_are_counted"
        ),
        Index(
            "one_look_a_quarter",
            "consent_id",
            "what",
            "about_id",
            "look_at",
            unique=True,
            postgresql_where=text("look_at is not null"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_guiding_trace_consent_id", "consent_id", "id"),
    )

    id: UUID = key()
    consent_id: UUID = Field(foreign_key="consent.id")
    what: Deed = choice(Deed, "guiding_trace", "what")
    about_id: UUID | None = Field(default=None)
    at: datetime = instant()
    look_at: datetime | None = instant(nullable=True)
