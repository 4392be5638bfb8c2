"""May they: the states of rulebooks, applications and approvals, and what an application must hold to be sent."""

from datetime import date
from enum import StrEnum

from setori.errors import Conflict, Invalid


class RulebookStatus(StrEnum):
    """A rulebook is written, mostly put up for comments, published, and one day superseded by its next version."""

    DRAFT = "draft"
    CONSULTATION = "consultation"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


FINAL = frozenset({RulebookStatus.PUBLISHED, RulebookStatus.SUPERSEDED})
"""From publication on a rulebook is for everybody's eyes and never changes."""


class CriterionKind(StrEnum):
    """How a criterion is answered."""

    DECLARATION = "declaration"
    DOCUMENT = "document"
    NUMBER = "number"
    REGISTRY_CHECK = "registry_check"
    TEXT = "text"


class ApplicationStatus(StrEnum):
    """Where an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ApprovalStatus(StrEnum):
    """What an approval means on a day; derived from its days, never stored."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"


class ReasonCode(StrEnum):
    """Why an approval is suspended, ended, or closed to new clients."""

    ASKED_BY_PROVIDER = "asked_by_provider"
    EVIDENCE_EXPIRED = "evidence_expired"
    BREACH = "breach"
    MERGER = "merger"
    NO_DELIVERY = "no_delivery"
    INSOLVENCY = "insolvency"
    OTHER = "other"


MOVES: dict[ApplicationStatus, frozenset[ApplicationStatus]] = {
    ApplicationStatus.DRAFT: frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}),
    ApplicationStatus.SUBMITTED: frozenset(
        {ApplicationStatus.APPROVED, ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN}
    ),
    ApplicationStatus.APPROVED: frozenset(),
    ApplicationStatus.REJECTED: frozenset(),
    ApplicationStatus.WITHDRAWN: frozenset(),
}


class NotYours(Conflict):
    """The application has moved on."""

    sentence = "This application is {status} and can no longer be changed in this way."


class NotComplete(Invalid):
    """Something mandatory is missing."""

    sentence = "Some answers are missing. Fill them in and send the application again."


class AlreadyApproved(Conflict):
    """Approvals of one provider for one service do not overlap."""

    sentence = "This provider is already approved for the service on these days."


class ReasonMissing(Invalid):
    """A decision tells why."""

    sentence = "Give a reason for the decision: the provider has a right to know it."


def move(status: ApplicationStatus, to: ApplicationStatus) -> None:
    """Refuse a move that the table does not know. Raises NotYours."""
    if to not in MOVES[status]:
        raise NotYours(status=status.value)


def answer_problem(kind: CriterionKind, value: str, minimum: int | None, maximum: int | None) -> str | None:
    """What is wrong with an answer, as a sentence, or None. Declarations are `yes`; numbers are whole and in bounds."""
    if kind is CriterionKind.DECLARATION and value not in ("yes", "no"):
        return "Answer yes or no."
    if kind is CriterionKind.NUMBER:
        if not value.strip().isdecimal():
            return "Write a whole number."
        number = int(value)
        if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
            return "The number is outside the bounds of the rulebook."
    if len(value) > 4000:
        return "Write at most 4,000 characters."
    return None


def missing(mandatory: dict[str, CriterionKind], answers: dict[str, str]) -> dict[str, str]:
    """Which mandatory criteria have no sufficient answer: code → sentence. A mandatory declaration must be `yes`."""
    lacking: dict[str, str] = {}
    for code, kind in mandatory.items():
        value = answers.get(code, "").strip()
        if not value:
            lacking[code] = "Answer this: it is mandatory."
        elif kind is CriterionKind.DECLARATION and value != "yes":
            lacking[code] = "The rulebook asks for a yes here. Without it the application cannot be sent."
    return lacking


def approval_status(
    starts_on: date, ends_on: date | None, closed_as: str | None, *, on: date
) -> ApprovalStatus:
    """What an approval means on a day; `ends_on` is the first day outside it, `closed_as` why it was cut short."""
    if on >= starts_on and (ends_on is None or on < ends_on):
        return ApprovalStatus.IN_FORCE
    if closed_as == ApprovalStatus.SUSPENDED.value:
        return ApprovalStatus.SUSPENDED
    return ApprovalStatus.ENDED
