"""What a decision or an assessment must hold, criterion by criterion: the same before it is given and when it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from setori.registry.rules import ApplicationStatus, CriterionKind, ReasonMissing


class Verdict(Protocol):
    """Whether a criterion is met, and why not."""

    @property
    def met(self) -> bool: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion as it is judged: what is not mandatory and was left unanswered needs no mark."""

    code: str
    kind: CriterionKind
    mandatory: bool
    value: str

    @property
    def needs_mark(self) -> bool:
        """Whether there is anything to judge."""
        return self.mandatory or bool(self.value) or self.kind is CriterionKind.REGISTRY_CHECK


def unmarked(asked: Iterable[Judged], marked: Iterable[str]) -> list[str]:
    """The codes that need a mark and have none."""
    known = set(marked)
    return [one.code for one in asked if one.needs_mark and one.code not in known]


def decision_problems(
    asked: Iterable[Judged],
    verdicts: Mapping[str, Verdict],
    *,
    outcome: str,
    reason: str,
    conditions: str,
) -> dict[str, str]:
    """All that is wrong with a decision, as sentences: by the criterion's code, and by the field for the rest.

    `outcome` is empty while none has been chosen.
    """
    is_approval = outcome == ApplicationStatus.APPROVED
    known = {one.code: one for one in asked}
    errors = {code: "The rulebook does not ask this." for code in verdicts if code not in known}
    for code, one in known.items():
        verdict = verdicts.get(code)
        if verdict is None or verdict.met:
            continue
        if not verdict.reason:
            errors[code] = "Tell why this is not met."
        elif one.mandatory and is_approval:
            errors[code] = "This is mandatory: an application that does not meet it cannot be approved."
    if conditions and outcome == ApplicationStatus.REJECTED:
        errors["conditions"] = "Only an approval has conditions."
    if len(reason) < 3:
        errors["reason"] = ReasonMissing.sentence
    return errors
