"""What may be asked of the register, as forms, JSON, CSV and seeds alike spell it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from setori.people import BusinessId, Command, Empty, Iban, Line, Name, Reason, Spoken, Words
from setori.registry.rules import ApplicationStatus, ApprovalStatus, CriterionKind


def _website(typed: str) -> str:
    bare = typed.strip()
    if bare and (
        not bare.startswith(("https://", "http://")) or any(c.isspace() or c in "<>\"'" for c in bare)
    ):
        raise PydanticCustomError(
            "website", "Write the whole address of the website, beginning with https://."
        )
    return bare


def _nought(typed: object) -> object:
    return 0 if isinstance(typed, str) and not typed.strip() else typed


Website = Annotated[str, AfterValidator(_website), Field(max_length=200)]
City = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[A-Za-z0-9_.-]{1,20}$")]
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
    text: Name
    mandatory: bool = True
    minimum: Annotated[int | None, Empty] = None
    maximum: Annotated[int | None, Empty] = None
    expires: bool = False
    grace_days: Annotated[int, Field(ge=0, le=365), BeforeValidator(_nought)] = 0


class PublishCore(Command):
    """The next version of what every procurer's rulebook asks, in order."""

    criteria: list[DraftCriterion] = Field(min_length=1, max_length=100)


class DraftRulebook(Command):
    """The terms for a service: the procurer's own criteria in their order. The national core goes before them."""

    service_id: UUID
    title: Name
    criteria: list[DraftCriterion] = Field(default=[], max_length=200)


class AnswerCriteria(Command):
    """Answers by the criterion's code. An empty answer takes the former one away."""

    answers: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]]


class GiveVerdict(Command):
    """Whether a criterion is met, and why not."""

    met: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class DecideApplication(Command):
    """What is decided of an application, why, and criterion by criterion (by code; those not named are met)."""

    outcome: Literal[ApplicationStatus.APPROVED, ApplicationStatus.REJECTED]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    verdicts: dict[str, GiveVerdict] = {}


class SuspendApproval(Command):
    """Why an approval is suspended; the public register shows it."""

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
