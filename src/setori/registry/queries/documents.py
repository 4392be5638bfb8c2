"""Documents as answers: the version that an answer names, what is wrong with it, and what the wallet answers itself."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from setori import evidence
from setori.evidence import DocumentKind, DocumentStatus, DocumentView, VersionView
from setori.registry.models import Criterion
from setori.registry.rules import CriterionKind, answer_problem, document_problem

Versions = Mapping[UUID, VersionView]


def version_named(value: str) -> UUID | None:
    """The version that an answer names; None when it names none."""
    try:
        return UUID(value.strip())
    except ValueError:
        return None


async def documents_named(
    db: AsyncSession, answers: Iterable[tuple[CriterionKind, str]], *, provider_id: UUID
) -> dict[UUID, VersionView]:
    """The versions of a firm's documents that these answers name, by id; none of anybody else's."""
    named = [version_named(value) for kind, value in answers if kind is CriterionKind.DOCUMENT]
    return await evidence.list_versions(db, [id for id in named if id], provider_id=provider_id)


def document_of(criterion: Criterion, value: str, known: Versions) -> VersionView | None:
    """The version that answers a criterion, if it asks for a document and the answer names one of the firm's."""
    if criterion.kind is not CriterionKind.DOCUMENT:
        return None
    id = version_named(value)
    return known.get(id) if id else None


def problem_of(criterion: Criterion, value: str, known: Versions, *, on: date | None = None) -> str | None:
    """What is wrong with an answer, as a sentence, or None. Without a day no document has ended."""
    if criterion.kind is not CriterionKind.DOCUMENT:
        return answer_problem(criterion.kind, value, criterion.minimum, criterion.maximum)
    found = document_of(criterion, value, known)
    return document_problem(
        is_known=found is not None,
        is_withdrawn=found is not None and found.is_withdrawn,
        is_of_kind=found is None or criterion.document_kind in (None, found.kind),
        valid_until=found.valid_until if found else None,
        must_end=criterion.expires,
        on=on,
    )


class Shelf:
    """What a firm's wallet holds, to answer from: each question is answered by what would be accepted of it."""

    def __init__(self, documents: list[DocumentView], on: date) -> None:
        good = (DocumentStatus.VALID, DocumentStatus.ENDS_SOON)
        self.on = on
        self.documents = [one for one in documents if one.status in good]
        self.by_version = {version.id: one for one in self.documents for version in one.versions}

    def of_kind(self, criterion: Criterion) -> UUID | None:
        """The newest version of the document of the asked kind that holds longest."""
        kind: DocumentKind | None = criterion.document_kind
        fitting = [one for one in self.documents if kind is not None and one.kind is kind]
        return self._first_good(criterion, fitting)

    def renewed(self, criterion: Criterion, value: str) -> UUID | None:
        """The newest version of the document that was filed before."""
        before = version_named(value)
        known = self.by_version.get(before) if before else None
        return self._first_good(criterion, [known] if known else [])

    def _first_good(self, criterion: Criterion, documents: list[DocumentView]) -> UUID | None:
        for one in documents:
            newest = one.newest
            if problem_of(criterion, str(newest.id), {newest.id: newest}, on=self.on) is None:
                return newest.id
        return None


async def shelf_of(db: AsyncSession, provider_id: UUID, *, on: date) -> Shelf:
    """A firm's wallet on a day."""
    return Shelf(await evidence.list_usable(db, provider_id, on=on), on)
