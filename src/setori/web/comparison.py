"""Two versions of a rulebook side by side, in the reader's language, with the words that differ marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from setori import registry, texts
from setori.db import Database
from setori.errors import NotFound
from setori.people import Actor
from setori.registry import (
    Change,
    Line,
    RulebookRow,
    RulebookView,
    Term,
    languages_changed,
    side_by_side,
    words_changed,
)
from setori.web import i18n
from setori.web.i18n import N_, gettext, ngettext
from setori.web.names import name

Words = list[tuple[bool, str]]
"""A text in pieces: whether a piece differs from the other side, and its words."""


@dataclass(frozen=True, slots=True)
class Side:
    """A criterion on one side of the page, in a language: the reader's where there is such a text."""

    words: Words
    facts: list[str]
    language: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A criterion on both sides; a side is None where the version does not ask it."""

    code: str
    changes: tuple[Change, ...]
    before: Side | None
    after: Side | None
    was: int | None
    becomes: int | None
    other_languages: list[str]


def compare(before: Sequence[Term], after: Sequence[Term]) -> list[Pair]:
    """All criteria of both, in the order of the newer."""
    return [_pair(line) for line in side_by_side(before, after)]


async def beside(
    db: Database, rulebook_id: UUID, against: UUID | None, *, by: Actor | None = None
) -> dict[str, Any]:
    """What the page of two versions shows; without another one named, the version before. Raises NotFound."""
    newer = await registry.find_rulebook(db, rulebook_id, by=by)
    versions = await registry.list_versions(db, newer.procurer_id, newer.service_id, by=by)
    other = against or _before(versions, newer.version)
    older = await registry.find_rulebook(db, other, by=by) if other else None
    if older and (older.procurer_id, older.service_id) != (newer.procurer_id, newer.service_id):
        raise NotFound
    if older and older.version > newer.version:
        older, newer = newer, older
    pairs = compare(registry.terms_of(older), registry.terms_of(newer)) if older else None
    return {
        "book": newer,
        "older": older,
        "pairs": pairs,
        "versions": versions,
        "asked": rulebook_id,
        "conditions": _conditions_changed(older, newer),
    }


def _before(versions: Sequence[RulebookRow], version: int) -> UUID | None:
    return next((row.id for row in versions if row.version < version), None)


def facts_of(term: Term) -> list[str]:
    """What a criterion is besides its words, each in a phrase."""
    said = [name(term.kind), gettext(N_("mandatory")) if term.mandatory else gettext(N_("optional"))]
    if term.is_core:
        said.append(gettext(N_("national core")))
    if term.minimum is not None:
        said.append(gettext(N_("at least %(number)s")) % {"number": term.minimum})
    if term.maximum is not None:
        said.append(gettext(N_("at most %(number)s")) % {"number": term.maximum})
    if term.document_kind:
        said.append(name(term.document_kind))
    if term.expires:
        said.append(gettext(N_("with a last day of validity")))
    if term.grace_days:
        days = ngettext("%(num)s day of grace", "%(num)s days of grace", term.grace_days)
        said.append(days % {"num": term.grace_days})
    return said


def conditions_of(book: RulebookView) -> list[tuple[str, str]]:
    """What a rulebook says besides its criteria, each as a name and a value."""
    days = ngettext("%(num)s day", "%(num)s days", book.decision_days) % {"num": book.decision_days}
    months = gettext(N_("not used"))
    if book.no_delivery_months is not None:
        counted = ngettext("%(num)s month", "%(num)s months", book.no_delivery_months)
        months = counted % {"num": book.no_delivery_months}
    return [
        (gettext(N_("Decided within")), days),
        (gettext(N_("Assessors of each application")), "2" if book.two_assessors else "1"),
        (gettext(N_("Closed to new clients when no session is held in")), months),
        (gettext(N_("Consortia")), gettext(N_("allowed") if book.allows_consortia else N_("not allowed"))),
        (gettext(N_("Subcontractors' share at most")), f"{book.subcontract_cap} %"),
    ]


def _conditions_changed(older: RulebookView | None, newer: RulebookView) -> list[tuple[str, str, str]]:
    """Which of these differ between two versions: the name, the older value and the newer one."""
    if older is None:
        return []
    both = zip(conditions_of(older), conditions_of(newer), strict=True)
    return [(label, was, becomes) for (label, was), (_, becomes) in both if was != becomes]


def _pair(line: Line) -> Pair:
    before, after = line.before, line.after
    reader = i18n.language.get()
    old, old_language = texts.pick_with_language(before.text if before else None, reader)
    new, new_language = texts.pick_with_language(after.text if after else None, reader)
    others: list[str] = []
    if before and after:
        pieces = words_changed(old, new)
        left = [(change is Change.REMOVED, words) for change, words in pieces if change is not Change.ADDED]
        right = [(change is Change.ADDED, words) for change, words in pieces if change is not Change.REMOVED]
        if old == new:
            others = [code for code in languages_changed(before.text, after.text) if code != reader]
    else:
        left, right = [(False, old)], [(False, new)]
    return Pair(
        line.code,
        line.changes,
        Side(left, facts_of(before), old_language) if before else None,
        Side(right, facts_of(after), new_language) if after else None,
        None if line.was is None else line.was + 1,
        None if line.becomes is None else line.becomes + 1,
        others,
    )
