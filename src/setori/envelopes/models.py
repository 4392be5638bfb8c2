"""Envelopes: money set aside for one person, and how much of it each service may take."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from setori.db import instant, key


class Envelope(SQLModel, table=True):
    """A personal budget: a person's money for several vouchers, from a programme's budget, until a day.

    Its account in the ledger has it as owner. Over, what is left has gone back to the programme's budget, and so does
    whatever its vouchers still give back.
    """

    __table_args__ = (
        ForeignKeyConstraint(["procurer_id", "programme_id"], ["programme.procurer_id", "programme.id"]),
        UniqueConstraint("procurer_id", "id"),
        CheckConstraint("expires_on >= starts_on", name="envelope_days_in_order"),
        Index("ix_envelope_due", "expires_on", postgresql_where=text("ended_at is null")),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    programme_id: UUID
    person_id: UUID = Field(foreign_key="person.id", index=True)
    starts_on: date
    expires_on: date
    reason: str = Field(max_length=500)
    given_by: UUID = Field(foreign_key="person.id")
    given_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    end_reason: str = Field(default="", max_length=500)


class EnvelopeLimit(SQLModel, table=True):
    """How much vouchers of one service may take from an envelope, in cents; a service without a limit takes nothing."""

    __tablename__ = "envelope_limit"
    __table_args__ = (CheckConstraint("limit_cents > 0", name="envelope_limit_positive"),)

    envelope_id: UUID = Field(foreign_key="envelope.id", primary_key=True)
    service_id: UUID = Field(foreign_key="service.id", primary_key=True)
    limit_cents: int = Field(sa_type=BigInteger)
