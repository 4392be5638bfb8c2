"""Lists that are too long for one page: each page names the row after which the next one begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and after which one to go on (None: this was the last page)."""

    items: list[T]
    next: UUID | None = None


def page_of(rows: Sequence[T], ids: Sequence[UUID], limit: int) -> Page[T]:
    """A page of at most `limit` rows out of one row more, which only tells that the list goes on."""
    return Page(list(rows[:limit]), ids[limit - 1] if len(rows) > limit else None)
