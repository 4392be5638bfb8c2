"""Consortia: which firms deliver under a lead firm's approval, on which days, and how that came to be."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key
from setori.registry.rules import ChangeKind, ChangeStatus, PartnerPart, PartnerTask


class PartnerChange(SQLModel, table=True):
    """What a lead firm applies for: that a firm joins, delivers otherwise, or leaves.

    It belongs to an application (then it is decided with it) or to an approval (then by itself). Nobody joins and
    nobody's share is changed before an owner of that firm has said yes: `answered_by`.
    """

    __tablename__ = "partner_change"
    __table_args__ = (
        CheckConstraint(
            "(application_id is null) <> (approval_id is null)", name="partner_change_belongs_to_one"
        ),
        CheckConstraint("firm_id <> lead_id", name="partner_change_has_two_firms"),
        CheckConstraint(
            "(part = 'member' and share_percent = 0) or (part = 'subcontractor' and share_percent between 1 and 100)",
            name="partner_change_share_in_bounds",
        ),
        CheckConstraint(
            "kind = 'leave' or status in ('invited', 'declined', 'withdrawn') or answered_by is not null",
            name="partner_change_has_the_firms_yes",
        ),
        CheckConstraint("kind = 'join' or partner_id is not null", name="partner_change_of_a_partner"),
        CheckConstraint(
            "(status in ('invited', 'accepted')) = (closed_at is null)", name="partner_change_closed_once"
        ),
        Index(
            "one_open_change_of_application",
            "application_id",
            "firm_id",
            unique=True,
            postgresql_where=text("status in ('invited', 'accepted')"),
        ),
        Index(
            "one_open_change_of_approval",
            "approval_id",
            "firm_id",
            unique=True,
            postgresql_where=text("status in ('invited', 'accepted')"),
        ),
        Index("ix_partner_change_procurer_id", "procurer_id", "status"),
        Index("ix_partner_change_lead_id", "lead_id"),
        Index("ix_partner_change_firm_id", "firm_id"),
    )

    id: UUID = key()
    kind: ChangeKind = choice(ChangeKind, "partner_change", "kind")
    status: ChangeStatus = choice(ChangeStatus, "partner_change", "status")
    application_id: UUID | None = Field(default=None, foreign_key="application.id")
    approval_id: UUID | None = Field(default=None, foreign_key="approval.id")
    partner_id: UUID | None = Field(default=None, foreign_key="partner.id")
    procurer_id: UUID = Field(foreign_key="organisation.id")
    lead_id: UUID = Field(foreign_key="organisation.id")
    firm_id: UUID = Field(foreign_key="organisation.id")
    part: PartnerPart = choice(PartnerPart, "partner_change", "part")
    task: PartnerTask = choice(PartnerTask, "partner_change", "task")
    share_percent: int = Field(default=0)
    reason: str = Field(default="", max_length=2000)
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = instant()
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(nullable=True)
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = instant(nullable=True)
    closed_reason: str = Field(default="", max_length=2000)


class Partner(SQLModel, table=True):
    """That a firm delivers under a lead firm's approval on the days of `during`. Only its last day is ever written.

    Days of one firm under one approval never overlap, and the subcontractors' shares keep within the rulebook's cap
    on every day (the database sees to both). `change_id` is None for what was known before changes were applied for.
    """

    __table_args__ = (
        CheckConstraint(
            "(part = 'member' and share_percent = 0) or (part = 'subcontractor' and share_percent between 1 and 100)",
            name="partner_share_in_bounds",
        ),
        Index("ix_partner_firm_id", "firm_id"),
    )

    id: UUID = key()
    approval_id: UUID = Field(foreign_key="approval.id", index=True)
    firm_id: UUID = Field(foreign_key="organisation.id")
    part: PartnerPart = choice(PartnerPart, "partner", "part")
    task: PartnerTask = choice(PartnerTask, "partner", "task")
    share_percent: int = Field(default=0)
    during: Any = Field(sa_type=DATERANGE, nullable=False)
    change_id: UUID | None = Field(default=None)
    left_on: date | None = Field(default=None)
    """The last day, where the firm itself gave notice."""
    left_reason: str = Field(default="", max_length=2000)
    left_by: UUID | None = Field(default=None, foreign_key="person.id")
