"""What may be asked of the register, as forms, JSON, CSV and seeds alike spell it."""

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from setori.evidence import DocumentKind
from setori.people import BusinessId, Command, Empty, Iban, Line, Name, Reason, Sentence, Spoken, Words
from setori.registry.rules import (
    AppealOutcome,
    ApplicationStatus,
    ApprovalStatus,
    ChangeStatus,
    CriterionKind,
    PartnerPart,
    PartnerTask,
    ReasonCode,
)


def _website(typed: str) -> str:
    bare = typed.strip()
    if bare and (
        not bare.startswith(("https://", "http://")) or any(c.isspace() or c in "<>\"'" for c in bare)
    ):
        raise PydanticCustomError(
            "website", "Write the whole address of the website, beginning with https://."
        )
    return bare


def _code(typed: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,20}", typed):
        raise PydanticCustomError("code", "Write a short code without spaces, for example N1.")
    return typed


def _nought(typed: object) -> object:
    return 0 if isinstance(typed, str) and not typed.strip() else typed


Website = Annotated[str, AfterValidator(_website), Field(max_length=200)]
City = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_code)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
LongName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class UpdateProfile(Command):
    """What a provider tells of itself."""

    summary: Words = {}
    website: Website = ""
    city: City = ""
    languages: list[Spoken] = []
    iban: Annotated[Iban | None, Empty] = None


class AddProvider(UpdateProfile):
    """A provider with its Business ID and profile."""

    name: LongName
    business_id: BusinessId
    is_sample: bool = False


class ImportProvider(Command):
    """A provider of a foreign register, by its id there."""

    foreign_register: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    foreign_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    name: LongName
    summary: Words = {}
    website: Website = ""
    city: City = ""
    languages: list[Spoken] = []


class DraftCriterion(Command):
    """One thing that a rulebook asks. Bounds are for numbers; expiry and days of grace for documents."""

    code: Code
    kind: CriterionKind
    text: Sentence
    mandatory: bool = True
    minimum: Annotated[int | None, Empty] = None
    maximum: Annotated[int | None, Empty] = None
    expires: bool = False
    grace_days: Annotated[int, Field(ge=0, le=365), BeforeValidator(_nought)] = 0
    document_kind: Annotated[DocumentKind | None, Empty] = None


class PublishCore(Command):
    """The next version of what every procurer's rulebook asks, in order."""

    criteria: list[DraftCriterion] = Field(min_length=1, max_length=100)


class DraftRulebook(Command):
    """The terms for a service: the procurer's own criteria in their order. The national core goes before them.

    An approval without a confirmed session in `no_delivery_months` is closed to new clients; None: that is not used.
    `subcontract_cap`: how many percent all subcontractors together may deliver, where consortia are allowed.
    """

    service_id: UUID
    title: Name
    criteria: list[DraftCriterion] = Field(default=[], max_length=200)
    two_assessors: bool = False
    decision_days: int = Field(default=30, ge=1, le=365)
    no_delivery_months: Annotated[int | None, Field(ge=2, le=60), Empty] = None
    allows_consortia: bool = False
    subcontract_cap: Annotated[int, Field(ge=0, le=100), BeforeValidator(_nought)] = 0


class AnswerCriteria(Command):
    """Answers by the criterion's code. An empty answer takes the former one away.

    `over` is what the writer had before one's eyes, where that is known: a colleague's later answer is not lost.
    """

    answers: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]]
    over: dict[str, LongText] = {}


class GiveVerdict(Command):
    """Whether a criterion is met, and why not. A reason belongs to what is not met, and goes when that does."""

    met: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""

    @model_validator(mode="before")
    @classmethod
    def _without_a_stale_reason(cls, given: Any) -> Any:
        return {**given, "reason": ""} if isinstance(given, dict) and given.get("met") is True else given


class DecideApplication(Command):
    """What is decided of an application, why, and criterion by criterion (by code; those not named are met)."""

    outcome: Literal[ApplicationStatus.APPROVED, ApplicationStatus.REJECTED]
    reason: LongText = ""
    conditions: LongText = ""
    verdicts: dict[str, GiveVerdict] = {}


class AssessApplication(Command):
    """One assessor's marks by the criterion's code; `is_done` gives them for good."""

    marks: dict[str, GiveVerdict] = {}
    is_done: bool = False


class AskForCompletion(Command):
    """What a provider is asked to mend, on the whole and criterion by criterion (by code), and until when."""

    message: Reason
    due_on: date
    to_mend: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]] = {}


class RecordAppeal(Command):
    """That a provider was not content with a decision: what it asks, and the day on which it came."""

    received_on: date
    demand: Reason


class FileAppeal(Command):
    """What a provider asks to be changed in a decision, and why, in its own words."""

    demand: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]


class ResolveAppeal(Command):
    """What came of an appeal, and why."""

    outcome: AppealOutcome
    reason: Reason


class SuspendApproval(Command):
    """Why an approval is suspended, or ended for good; the public register shows it.

    What is urgent does not wait for a hearing.
    """

    reason: Reason
    code: ReasonCode = ReasonCode.OTHER
    is_urgent: bool = False
    is_final: bool = False


class ReinstateApproval(Command):
    """Why a suspended approval comes back; the public register shows it."""

    reason: Reason


class PauseApproval(Command):
    """Why an approval is closed to new clients; the public register shows it."""

    reason: Reason
    code: ReasonCode = ReasonCode.OTHER


class PleadPause(Command):
    """Why a provider asks to be opened to new clients again."""

    plea: Reason


class RefusePlea(Command):
    """Why the approval stays closed to new clients."""

    reply: Reason


class OpenHearing(Command):
    """What a provider is told before its approval is suspended, and the last day to answer."""

    reason: Reason
    answer_by: date
    code: ReasonCode = ReasonCode.BREACH


class AnswerHearing(Command):
    """The provider's own words."""

    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]


class TellCapacity(Command):
    """How many new clients can begin now, and how many days they wait for the first session."""

    service_id: UUID
    procurer_id: UUID
    places: int = Field(ge=0, le=10_000)
    waiting_days: int = Field(ge=0, le=365)


class AdoptApproval(Command):
    """Why another procurer's approval is good enough here."""

    reason: Reason


class ApproveDirectly(Command):
    """An approval without an application here, such as one taken over from an older register.

    `ends_on` is the first day outside it; an approval that has ended says as what.
    """

    provider_id: UUID
    rulebook_id: UUID
    starts_on: date
    ends_on: date | None = None
    closed_as: Literal[ApprovalStatus.SUSPENDED, ApprovalStatus.ENDED] | None = None
    reason: Line


class PartnerTerms(Command):
    """As what a firm delivers, what it does, and how many percent it delivers at most (subcontractors only)."""

    part: PartnerPart
    task: PartnerTask
    share_percent: Annotated[int, Field(ge=0, le=100), BeforeValidator(_nought)] = 0
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class InvitePartner(PartnerTerms):
    """A registered provider, by its Business ID, is asked to deliver with us."""

    business_id: BusinessId


class AnswerInvitation(Command):
    """Whether one's own firm delivers with the lead firm as it was asked."""

    answer: Literal["yes", "no"]


class RemovePartner(Command):
    """Why a firm should no longer deliver with us."""

    reason: Reason


class DecideChange(Command):
    """What the registrar decides of a change of a consortium, and why."""

    outcome: Literal[ChangeStatus.APPROVED, ChangeStatus.REFUSED]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class LeaveConsortium(Command):
    """A firm's own notice: its last day, and why."""

    last_on: date
    reason: Reason
