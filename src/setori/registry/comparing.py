"""What changed from one version of a rulebook to another, criterion by criterion: pure, and exact enough to replay."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from setori.registry.rules import CriterionKind
from setori.texts import LANGUAGES, Texts


class Change(StrEnum):
    """What became of a criterion."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Term:
    """A criterion as a version of a rulebook asks it, known from version to version by its code."""

    code: str
    kind: CriterionKind
    text: Texts
    mandatory: bool = True
    minimum: int | None = None
    maximum: int | None = None
    is_core: bool = False
    expires: bool = False
    grace_days: int = 0
    document_kind: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The term as it is kept in a column of JSON."""
        return asdict(self) | {"kind": self.kind.value}


def term_of(told: Mapping[str, Any]) -> Term:
    """A term from JSON, or from anything else that spells it by name."""
    known = {field.name: told[field.name] for field in fields(Term) if field.name in told}
    return Term(**(known | {"kind": CriterionKind(known["kind"])}))


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one criterion. `was` and `becomes` count its place from nought; None: it is not there."""

    code: str
    before: Term | None
    after: Term | None
    was: int | None
    becomes: int | None
    is_moved: bool = False

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that differ between the two versions."""
        if self.before is None or self.after is None:
            return ()
        return tuple(
            field.name
            for field in fields(Term)
            if getattr(self.before, field.name) != getattr(self.after, field.name)
        )

    @property
    def changes(self) -> tuple[Change, ...]:
        """In a word or two what became of it; empty when nothing did."""
        if self.before is None:
            return (Change.ADDED,)
        if self.after is None:
            return (Change.REMOVED,)
        found = []
        if self.changed:
            found.append(Change.CHANGED)
        if self.is_moved:
            found.append(Change.MOVED)
        return tuple(found)


def side_by_side(before: Sequence[Term], after: Sequence[Term]) -> list[Line]:
    """All criteria of both versions in the order of the newer; what was removed stands where it stood.

    A criterion has moved when it left the order that most of the others kept among themselves.
    """
    old = {term.code: (place, term) for place, term in enumerate(before)}
    new = {term.code: (place, term) for place, term in enumerate(after)}
    kept = [code for code in old if code in new]
    stayed = {kept[n] for n in _longest_rise([new[code][0] for code in kept])}
    waiting = [code for code in old if code not in new]
    lines: list[Line] = []
    for code, (becomes, term) in new.items():
        if code in stayed:
            while waiting and old[waiting[0]][0] < old[code][0]:
                lines.append(_removed(*old[waiting.pop(0)]))
        if code in old:
            was, former = old[code]
            lines.append(Line(code, former, term, was, becomes, code not in stayed))
        else:
            lines.append(Line(code, None, term, None, becomes))
    return [*lines, *(_removed(*old[code]) for code in waiting)]


def diff(before: Sequence[Term], after: Sequence[Term]) -> list[Line]:
    """Only what changed; empty when nothing did."""
    return [line for line in side_by_side(before, after) if line.changes]


def apply(lines: Iterable[Line], before: Sequence[Term]) -> list[Term]:
    """The newer version, made of the older one and what changed."""
    told = {line.code: line for line in lines}
    terms: list[Term] = []
    for term in before:
        line = told.get(term.code)
        if line is None:
            terms.append(term)
        elif line.after is not None and not line.is_moved:
            terms.append(line.after)
    coming = [(line.becomes, line.after) for line in told.values() if line.was is None or line.is_moved]
    for becomes, new_term in sorted(coming, key=lambda one: one[0] or 0):
        if becomes is not None and new_term is not None:
            terms.insert(becomes, new_term)
    return terms


def words_changed(before: str, after: str) -> list[tuple[Change, str]]:
    """A text word by word: what stayed, what was removed and what was added, in the order of reading."""
    old, new = before.split(), after.split()
    found: list[tuple[Change, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append((Change.SAME, " ".join(old[a:b])))
            continue
        if a < b:
            found.append((Change.REMOVED, " ".join(old[a:b])))
        if c < d:
            found.append((Change.ADDED, " ".join(new[c:d])))
    return found


def languages_changed(before: Texts, after: Texts) -> list[str]:
    """In which languages a text differs."""
    return [code for code in LANGUAGES if before.get(code, "") != after.get(code, "")]


def _removed(was: int, term: Term) -> Line:
    return Line(term.code, term, None, was, None)


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """The indexes of a longest rising subsequence."""
    tails: list[int] = []
    at: list[int] = []
    came_from: list[int | None] = []
    for n, number in enumerate(numbers):
        place = bisect_left(tails, number)
        if place == len(tails):
            tails.append(number)
            at.append(n)
        else:
            tails[place], at[place] = number, n
        came_from.append(at[place - 1] if place else None)
    rise: list[int] = []
    step = at[-1] if at else None
    while step is not None:
        rise.append(step)
        step = came_from[step]
    return rise[::-1]
