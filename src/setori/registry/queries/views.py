"""What pages and documents know of the register: frozen, and without anything that is not theirs to see."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from setori.days import local_day
from setori.evidence import DocumentKind, VersionView
from setori.registry.comparing import Term
from setori.registry.rules import (
    ApplicationStatus,
    ApprovalStatus,
    CriterionKind,
    RulebookStatus,
    appeal_until,
)
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class CriterionView:
    """A criterion as a rulebook asks it."""

    code: str
    position: int
    kind: CriterionKind
    mandatory: bool
    minimum: int | None
    maximum: int | None
    text: Texts
    is_core: bool = False
    expires: bool = False
    grace_days: int = 0
    document_kind: DocumentKind | None = None


@dataclass(frozen=True, slots=True)
class RulebookRow:
    """A rulebook in a list. `application_id` is the asking provider's newest application to it, if there is one."""

    id: UUID
    procurer_id: UUID
    procurer_name: str
    service_id: UUID
    version: int
    status: RulebookStatus
    title: Texts
    published_at: datetime | None
    application_id: UUID | None = None
    application_status: ApplicationStatus | None = None


@dataclass(frozen=True, slots=True)
class RulebookView:
    """A rulebook with everything it asks."""

    id: UUID
    procurer_id: UUID
    procurer_name: str
    service_id: UUID
    version: int
    status: RulebookStatus
    title: Texts
    published_at: datetime | None
    criteria: list[CriterionView]
    core_version: int | None = None
    two_assessors: bool = False
    decision_days: int = 30
    no_delivery_months: int | None = None
    allows_consortia: bool = False
    subcontract_cap: int = 0

    @property
    def print(self) -> str:
        """What tells that the draft is still as somebody saw it."""
        rules = (self.two_assessors, self.decision_days, self.no_delivery_months)
        together = (self.allows_consortia, self.subcontract_cap)
        asked = [sorted(asdict(one).items()) for one in self.criteria if not one.is_core]
        told = repr((sorted(self.title.items()), rules, together, asked))
        return hashlib.sha256(told.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class CoreView:
    """A version of the national core."""

    version: int
    published_at: datetime
    criteria: list[Term]


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application in a list or in the registrar's queue."""

    id: UUID
    number: int
    status: ApplicationStatus
    procurer_id: UUID
    procurer_name: str
    provider_id: UUID
    provider_name: str
    service_id: UUID
    rulebook_id: UUID
    rulebook_title: Texts
    rulebook_version: int
    started_at: datetime
    submitted_at: datetime | None
    round: int
    due_on: date | None
    """By when it is decided or, when it was returned, completed."""


@dataclass(frozen=True, slots=True)
class FormerAnswer:
    """What was answered in the filing before the last, where that was another answer.

    `was_asked` is whether the registrar had asked for the change; None where criteria were not named at all.
    """

    round: int
    value: str
    document: VersionView | None
    was_asked: bool | None


@dataclass(frozen=True, slots=True)
class AnsweredCriterion:
    """A criterion with its answer as typed, what is wrong with it, and the verdict once there is one.

    `to_mend` is what the registrar asked of it when the application was returned; `source` the number of the earlier
    application that the answer was copied from.
    """

    asked: CriterionView
    value: str
    problem: str | None
    met: bool | None
    verdict_reason: str
    to_mend: str = ""
    source: int | None = None
    answered_by: str = ""
    answered_at: datetime | None = None
    document: VersionView | None = None
    """The version that answers it, where a document is asked for."""
    former: FormerAnswer | None = None
    """For the registrar: what the last filing has changed."""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided, by whom and why."""

    outcome: ApplicationStatus
    reason: str
    decided_by: str
    decided_at: datetime
    conditions: str = ""
    round: int = 1

    @property
    def appeal_until(self) -> date:
        """The last day to ask for it to be corrected."""
        return appeal_until(local_day(self.decided_at))


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """An approval as the public register shows it; `ends_on` is the first day outside it."""

    id: UUID
    procurer_id: UUID
    procurer_name: str
    area_code: str | None
    service_id: UUID
    rulebook_id: UUID
    starts_on: date
    ends_on: date | None
    status: ApprovalStatus
    reason: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A provider in the public register, with the latest approval for each procurer and service."""

    provider_id: UUID
    name: str
    business_id: str | None
    city: str
    is_sample: bool
    approvals: list[ApprovalView]


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider's public page. `approvals` is the whole history, the newest first."""

    id: UUID
    name: str
    business_id: str | None
    foreign_register: str | None
    is_sample: bool
    summary: Texts
    website: str
    city: str
    languages: list[str]
    approvals: list[ApprovalView]


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A provider's own profile, with what only its own people see."""

    provider_id: UUID
    name: str
    business_id: str | None
    summary: Texts
    website: str
    city: str
    languages: list[str]
    iban: str | None
    updated_at: datetime
