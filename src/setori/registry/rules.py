"""May they: the states of rulebooks, applications and approvals, and what an application must hold to be sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from setori.errors import Conflict, Invalid
from setori.texts import Texts


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
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AppealOutcome(StrEnum):
    """What came of an appeal. Only a rejection is decided anew; only an approval's conditions can be changed."""

    STANDS = "stands"
    REOPENED = "reopened"
    AMENDED = "amended"
    NOT_EXAMINED = "not_examined"


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
    FIRM_CEASED = "firm_ceased"
    OTHER = "other"


MOVES: dict[ApplicationStatus, frozenset[ApplicationStatus]] = {
    ApplicationStatus.DRAFT: frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}),
    ApplicationStatus.SUBMITTED: frozenset(
        {
            ApplicationStatus.RETURNED,
            ApplicationStatus.APPROVED,
            ApplicationStatus.REJECTED,
            ApplicationStatus.WITHDRAWN,
        }
    ),
    ApplicationStatus.RETURNED: frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}),
    ApplicationStatus.APPROVED: frozenset(),
    ApplicationStatus.REJECTED: frozenset({ApplicationStatus.SUBMITTED}),
    ApplicationStatus.WITHDRAWN: frozenset(),
}
"""The database holds the same table. A rejection comes back to the desk when an appeal is accepted, and only then."""

WRITABLE = frozenset({ApplicationStatus.DRAFT, ApplicationStatus.RETURNED})
"""In these the provider writes; whoever reads it at the procurer's sees what was filed."""

APPEAL_DAYS = 14
"""So long one may ask for a decision to be corrected, from when one was told of it."""

TOLD_AFTER_DAYS = 3
"""A message is held to have reached its reader so many days after it was sent."""

TWO = 2
"""How many assessors there are where a rulebook asks for two."""


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


class NotAssessedYet(Conflict):
    """Where two are asked for, nobody decides before both have marked."""

    sentence = "The rulebook asks for two assessors. Both must mark the application before it is decided."


def appeal_until(decided_on: date) -> date:
    """The last day to ask for a decision to be corrected; a Saturday or a Sunday moves it to Monday."""
    last = decided_on + timedelta(days=TOLD_AFTER_DAYS + APPEAL_DAYS)
    return last + timedelta(days=max(0, 7 - last.weekday()) if last.weekday() >= 5 else 0)


def move(status: ApplicationStatus, to: ApplicationStatus) -> None:
    """Refuse a move that the table does not know. Raises NotYours."""
    if to not in MOVES[status]:
        raise NotYours(status=status.value)


def is_revealed(done: Sequence[bool], *, two: bool) -> bool:
    """Whether the assessors' marks may be seen by others than who made them: when all asked have done, two at least
    where the rulebook asks for two.
    """
    return all(done) and len(done) >= (TWO if two else 1)


def may_decide(done: Sequence[bool], *, two: bool) -> bool:
    """Whether enough people have assessed for a decision. Where two are not asked for, none need to."""
    return not two or is_revealed(done, two=True)


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


def document_problem(
    *,
    is_known: bool,
    is_withdrawn: bool,
    is_of_kind: bool,
    valid_until: date | None,
    must_end: bool,
    on: date | None,
) -> str | None:
    """What is wrong with a document as an answer, as a sentence, or None. Without a day nothing has ended yet."""
    if not is_known:
        return "Choose a document from your wallet, or upload it here."
    if is_withdrawn:
        return "This document has been withdrawn. Choose another, or upload it here."
    if not is_of_kind:
        return "The rulebook asks for another kind of document. Choose or upload that."
    if must_end and valid_until is None:
        return "The rulebook asks for a document with a last day. Upload it with its last day."
    if on is not None and valid_until is not None and valid_until < on:
        return "This document has ended. Upload the new one."
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


def asked_anew(asked: Iterable[Mapping[str, Any]], answered: Iterable[Mapping[str, Any]]) -> list[str]:
    """Codes of the mandatory criteria that another rulebook did not ask in the same words, kind and bounds.

    A document that had to have a last day there is asked no more where it need not have one.
    """
    known = {one["code"]: one for one in answered}
    return [one["code"] for one in asked if one["mandatory"] and not _covers(known.get(one["code"]), one)]


def _covers(theirs: Mapping[str, Any] | None, ours: Mapping[str, Any]) -> bool:
    if theirs is None or (ours.get("expires") and not theirs.get("expires")):
        return False
    return {**theirs, "expires": None} == {**ours, "expires": None}


class PartnerPart(StrEnum):
    """As what a firm delivers under a lead firm's approval: beside it, or for it."""

    MEMBER = "member"
    SUBCONTRACTOR = "subcontractor"


class PartnerTask(StrEnum):
    """What a firm of a consortium does."""

    COACHING = "delivers_coaching"
    TRAINING = "delivers_training"
    LANGUAGES = "brings_languages"
    ADMINISTRATION = "administration"


class ChangeKind(StrEnum):
    """What a lead firm applies for."""

    JOIN = "join"
    ALTER = "alter"
    LEAVE = "leave"


class ChangeStatus(StrEnum):
    """Where a change of a consortium is: with the firm it is about, with the registrar, or closed."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    REFUSED = "refused"


CHANGE_MOVES: dict[ChangeStatus, frozenset[ChangeStatus]] = {
    ChangeStatus.INVITED: frozenset({ChangeStatus.ACCEPTED, ChangeStatus.DECLINED, ChangeStatus.WITHDRAWN}),
    ChangeStatus.ACCEPTED: frozenset(
        {ChangeStatus.APPROVED, ChangeStatus.REFUSED, ChangeStatus.DECLINED, ChangeStatus.WITHDRAWN}
    ),
    ChangeStatus.DECLINED: frozenset(),
    ChangeStatus.WITHDRAWN: frozenset(),
    ChangeStatus.APPROVED: frozenset(),
    ChangeStatus.REFUSED: frozenset(),
}
"""The database holds the same table. A firm may take its yes back until the registrar has decided."""


class ChangeClosed(Conflict):
    """Somebody was faster."""

    sentence = "This has been answered, taken back or decided in the meantime."


class NoConsortia(Conflict):
    """The rulebook says so."""

    sentence = "The rulebook does not allow consortia: the approved firm delivers by itself."


class CapPassed(Conflict):
    """The shares of all subcontractors together keep within the rulebook's cap, on every day."""

    sentence = "The subcontractors would deliver {sum} % together, and the rulebook allows at most {cap} %."


class NoFinnish(Conflict):
    """Finnish is what applicants read by law: without it one goes on knowingly only."""

    sentence = "Not all of this rulebook is in Finnish. Write the Finnish, or say that you go on without it."


def missing_finnish(title: Texts, criteria: Iterable[tuple[str, Texts]]) -> list[str]:
    """What has no Finnish: "title", and the codes of criteria."""
    told = [("title", title), *criteria]
    return [what for what, words in told if not words.get("fi", "").strip()]


Held = tuple[int, date, date | None]
"""A subcontractor's share in percent, its first day, and the first day after it."""


def move_change(status: ChangeStatus, to: ChangeStatus) -> None:
    """Refuse a move that the table does not know. Raises ChangeClosed."""
    if to not in CHANGE_MOVES[status]:
        raise ChangeClosed


def refuse_part(part: PartnerPart, share: int, *, allows: bool, cap: int) -> None:
    """Refuse what no composition under this rulebook can hold. Raises NoConsortia, CapPassed."""
    if not allows:
        raise NoConsortia
    if part is PartnerPart.SUBCONTRACTOR and share > cap:
        raise CapPassed(sum=share, cap=cap)


def greatest_share(held: Iterable[Held], *, since: date) -> int:
    """The greatest sum of shares on any day from `since` on. A sum grows on first days only, so these are looked at."""
    known = list(held)
    days = {since, *(starts_on for _, starts_on, _ in known if starts_on > since)}
    return max(
        sum(share for share, starts_on, until in known if starts_on <= day and (until is None or day < until))
        for day in days
    )


def first_fitting_day(held: Iterable[Held], share: int, days: Sequence[date], *, cap: int) -> date:
    """The first of these days on which a subcontractor can begin within the cap. Raises CapPassed."""
    known = list(held)
    for day in days:
        if greatest_share(known, since=day) + share <= cap:
            return day
    raise CapPassed(sum=greatest_share(known, since=days[-1]) + share, cap=cap)
