"""The register: provider profiles, rulebooks with their criteria, applications, decisions and approvals."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key, texts, words
from setori.evidence import DocumentKind
from setori.registry.rules import (
    AppealOutcome,
    ApplicationStatus,
    ApprovalStatus,
    CriterionKind,
    ReasonCode,
    RulebookStatus,
)
from setori.texts import Texts


class ProviderProfile(SQLModel, table=True):
    """What a provider tells of itself, one row for each organisation of kind provider."""

    __tablename__ = "provider_profile"

    provider_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    summary: Texts = texts()
    website: str = Field(default="", max_length=200)
    city: str = Field(default="", max_length=80)
    languages: list[str] = words()
    iban: str | None = Field(default=None, max_length=34)
    iban_changed_at: datetime | None = instant(nullable=True)
    updated_at: datetime = instant()


class Rulebook(SQLModel, table=True):
    """The terms on which a procurer approves providers for a service. A published version never changes."""

    __table_args__ = (
        UniqueConstraint("procurer_id", "service_id", "version"),
        Index(
            "one_published_rulebook",
            "procurer_id",
            "service_id",
            unique=True,
            postgresql_where=text("status = 'published'"),
        ),
        CheckConstraint("no_delivery_months between 2 and 60", name="rulebook_no_delivery_months_known"),
        CheckConstraint("subcontract_cap between 0 and 100", name="rulebook_subcontract_cap_in_bounds"),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    version: int
    status: RulebookStatus = choice(RulebookStatus, "rulebook", "status")
    title: Texts = texts()
    two_assessors: bool = Field(default=False)
    decision_days: int = Field(default=30)
    no_delivery_months: int | None = Field(default=None)
    allows_consortia: bool = Field(default=False)
    subcontract_cap: int = Field(default=0)
    core_version: int | None = Field(default=None, foreign_key="national_core.version")
    created_at: datetime = instant()
    published_at: datetime | None = instant(nullable=True)


class NationalCore(SQLModel, table=True):
    """What every procurer's rulebook asks, in one version: criteria as JSON. Nothing here changes."""

    __tablename__ = "national_core"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    criteria: list[dict[str, Any]] = Field(sa_type=JSONB, nullable=False)
    published_at: datetime = instant()


class Criterion(SQLModel, table=True):
    """One thing that a rulebook asks: of the national core, or of the procurer's own.

    A document that expires holds up an approval for `grace_days` after its last day. `document_kind`: which
    documents of a firm's wallet answer it; None: any.
    """

    __table_args__ = (UniqueConstraint("rulebook_id", "code"),)

    id: UUID = key()
    rulebook_id: UUID = Field(foreign_key="rulebook.id")
    code: str = Field(max_length=20)
    position: int
    kind: CriterionKind = choice(CriterionKind, "criterion", "kind")
    mandatory: bool = Field(default=True)
    minimum: int | None = Field(default=None)
    maximum: int | None = Field(default=None)
    is_core: bool = Field(default=False)
    expires: bool = Field(default=False)
    grace_days: int = Field(default=0)
    document_kind: DocumentKind | None = choice(DocumentKind, "criterion", "document_kind", nullable=True)
    text: Texts = texts()


class Application(SQLModel, table=True):
    """A provider's application to one rulebook. Its round counts how often it has come to the registrar's desk."""

    __table_args__ = (
        Index(
            "one_open_application",
            "provider_id",
            "rulebook_id",
            unique=True,
            postgresql_where=text("status in ('draft', 'submitted', 'returned')"),
        ),
        Index("ix_application_queue", "procurer_id", "status", "submitted_at"),
        UniqueConstraint("number"),
    )

    id: UUID = key()
    number: int | None = Field(default=None, sa_column=Column(Integer, Identity(start=1001), nullable=False))
    procurer_id: UUID = Field(foreign_key="organisation.id")
    provider_id: UUID = Field(foreign_key="organisation.id", index=True)
    rulebook_id: UUID = Field(foreign_key="rulebook.id")
    service_id: UUID = Field(foreign_key="service.id")
    status: ApplicationStatus = choice(ApplicationStatus, "application", "status")
    started_at: datetime = instant()
    submitted_at: datetime | None = instant(nullable=True)
    submitted_by: UUID | None = Field(default=None, foreign_key="person.id")
    round: int = Field(default=0)
    due_on: date | None = Field(default=None)
    withdrawn_at: datetime | None = instant(nullable=True)
    withdrawn_by: UUID | None = Field(default=None, foreign_key="person.id")
    reminded_on: date | None = Field(default=None)


class Answer(SQLModel, table=True):
    """An answer to one criterion of an application, kept as typed; a document by the id of its version in the wallet.

    `source_id` is the earlier application that an answer was copied from; typing over it takes that away.
    """

    application_id: UUID = Field(primary_key=True, foreign_key="application.id")
    criterion_id: UUID = Field(primary_key=True, foreign_key="criterion.id")
    value: str = Field(max_length=4000)
    answered_at: datetime = instant()
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    source_id: UUID | None = Field(default=None, foreign_key="application.id")


class Filing(SQLModel, table=True):
    """What was sent in one round, for ever as it was: answers by the criterion's code. Nothing here changes."""

    application_id: UUID = Field(primary_key=True, foreign_key="application.id")
    round: int = Field(primary_key=True)
    answers: dict[str, str] = Field(sa_type=JSONB, nullable=False)
    filed_at: datetime = instant()
    filed_by: UUID = Field(foreign_key="person.id")


class FiledDocument(SQLModel, table=True):
    """That a version of a document was sent with an application in one round. Nothing here changes."""

    __tablename__ = "filed_document"
    __table_args__ = (
        ForeignKeyConstraint(["application_id", "round"], ["filing.application_id", "filing.round"]),
    )

    application_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    criterion_id: UUID = Field(primary_key=True, foreign_key="criterion.id")
    version_id: UUID = Field(foreign_key="evidence_version.id", index=True)


class CompletionRequest(SQLModel, table=True):
    """That an application was returned for completion: what to mend, by the criterion's code, and until when."""

    __tablename__ = "completion_request"

    application_id: UUID = Field(primary_key=True, foreign_key="application.id")
    round: int = Field(primary_key=True)
    message: str = Field(max_length=4000)
    to_mend: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    due_on: date
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = instant()


class Assessment(SQLModel, table=True):
    """That somebody was asked to mark an application in one round. Done, it no longer changes."""

    __table_args__ = (Index("ix_assessment_assessor_id", "assessor_id"),)

    application_id: UUID = Field(primary_key=True, foreign_key="application.id")
    round: int = Field(primary_key=True)
    assessor_id: UUID = Field(primary_key=True, foreign_key="person.id")
    assigned_by: UUID = Field(foreign_key="person.id")
    assigned_at: datetime = instant()
    done_at: datetime | None = instant(nullable=True)


class Mark(SQLModel, table=True):
    """Whether one assessor finds one criterion met. For that assessor's eyes until all have done."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "round", "assessor_id"],
            ["assessment.application_id", "assessment.round", "assessment.assessor_id"],
        ),
    )

    application_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    assessor_id: UUID = Field(primary_key=True)
    criterion_id: UUID = Field(primary_key=True, foreign_key="criterion.id")
    met: bool
    reason: str = Field(default="", max_length=2000)
    marked_at: datetime = instant()


class Decision(SQLModel, table=True):
    """What the procurer decided of an application in one round, and why. Made once, and never changed."""

    application_id: UUID = Field(primary_key=True, foreign_key="application.id")
    round: int = Field(primary_key=True)
    outcome: ApplicationStatus = choice(ApplicationStatus, "decision", "outcome")
    reason: str = Field(max_length=4000)
    conditions: str = Field(default="", max_length=4000)
    decided_by: UUID = Field(foreign_key="person.id")
    decided_at: datetime = instant()


class CriterionVerdict(SQLModel, table=True):
    """Whether one criterion was met, and why not when it was not."""

    __tablename__ = "criterion_verdict"
    __table_args__ = (CheckConstraint("met or reason <> ''", name="criterion_verdict_unmet_has_reason"),)

    application_id: UUID = Field(primary_key=True, foreign_key="application.id")
    round: int = Field(primary_key=True)
    criterion_id: UUID = Field(primary_key=True, foreign_key="criterion.id")
    met: bool
    reason: str = Field(default="", max_length=2000)


class Appeal(SQLModel, table=True):
    """That a provider was not content with a decision, and what came of it."""

    __table_args__ = (
        ForeignKeyConstraint(["application_id", "round"], ["decision.application_id", "decision.round"]),
        Index("one_open_appeal", "application_id", unique=True, postgresql_where=text("outcome is null")),
    )

    id: UUID = key()
    application_id: UUID
    round: int
    received_on: date
    demand: str = Field(max_length=4000)
    by_provider: bool = Field(default=False)
    recorded_by: UUID = Field(foreign_key="person.id")
    recorded_at: datetime = instant()
    outcome: AppealOutcome | None = choice(AppealOutcome, "appeal", "outcome", nullable=True)
    outcome_reason: str = Field(default="", max_length=4000)
    resolved_by: UUID | None = Field(default=None, foreign_key="person.id")
    resolved_at: datetime | None = instant(nullable=True)


class Approval(SQLModel, table=True):
    """That a provider may deliver a service for a procurer, on the days of `valid_during`, under one rulebook version.

    Suspension cuts the days and says so in `closed_as`; coming back is a new approval. The days of one provider for one
    service never overlap, and a day on which a session was redeemed cannot be cut off (temporal keys in the database).
    """

    __table_args__ = (
        Index("ix_approval_service_id", "service_id", "procurer_id"),
        Index("ix_approval_provider_id", "provider_id"),
    )

    id: UUID = key()
    procurer_id: UUID = Field(foreign_key="organisation.id")
    provider_id: UUID = Field(foreign_key="organisation.id")
    service_id: UUID = Field(foreign_key="service.id")
    rulebook_id: UUID = Field(foreign_key="rulebook.id")
    application_id: UUID | None = Field(default=None, foreign_key="application.id")
    valid_during: Any = Field(sa_type=DATERANGE, nullable=False)
    closed_as: ApprovalStatus | None = choice(ApprovalStatus, "approval", "closed_as", nullable=True)
    closed_reason: str = Field(default="", max_length=2000)
    closed_code: ReasonCode | None = choice(ReasonCode, "approval", "closed_code", nullable=True)
    adopted_from: UUID | None = Field(default=None, foreign_key="approval.id")
    warned_on: date | None = Field(default=None)
    created_at: datetime = instant()


class Pause(SQLModel, table=True):
    """Days on which an approval is closed to new clients and stands for those it has; `until_on` is the day after.

    `begun_by` is None where the house did it. The provider may plead to be opened again, and is replied to.
    """

    __table_args__ = (
        Index(
            "one_open_pause",
            "approval_id",
            "code",
            unique=True,
            postgresql_where=text("until_on is null"),
        ),
        CheckConstraint("until_on is null or until_on >= from_on", name="pause_days_in_order"),
    )

    id: UUID = key()
    approval_id: UUID = Field(foreign_key="approval.id", index=True)
    code: ReasonCode = choice(ReasonCode, "pause", "code")
    reason: str = Field(default="", max_length=2000)
    from_on: date
    until_on: date | None = Field(default=None)
    begun_by: UUID | None = Field(default=None, foreign_key="person.id")
    begun_at: datetime = instant()
    plea: str = Field(default="", max_length=2000)
    plea_by: UUID | None = Field(default=None, foreign_key="person.id")
    plea_at: datetime | None = instant(nullable=True)
    plea_reply: str = Field(default="", max_length=2000)


class Hearing(SQLModel, table=True):
    """A provider is heard before its approval is suspended: what it is told, by when it may answer, what it says."""

    __table_args__ = (
        Index("one_open_hearing", "approval_id", unique=True, postgresql_where=text("closed_at is null")),
    )

    id: UUID = key()
    approval_id: UUID = Field(foreign_key="approval.id", index=True)
    code: ReasonCode = choice(ReasonCode, "hearing", "code")
    reason: str = Field(max_length=2000)
    answer_by: date
    opened_by: UUID = Field(foreign_key="person.id")
    opened_at: datetime = instant()
    answer: str = Field(default="", max_length=4000)
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    led_to_suspension: bool | None = Field(default=None)


class Capacity(SQLModel, table=True):
    """How many new clients a provider can take in an area for a service, and how long they wait, as it says itself."""

    provider_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    service_id: UUID = Field(primary_key=True, foreign_key="service.id")
    procurer_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    places: int
    waiting_days: int
    told_by: UUID = Field(foreign_key="person.id")
    told_at: datetime = instant()
