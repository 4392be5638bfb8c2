"""What may be asked of figures."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from setori.people import Command

Known = tuple[
    Annotated[int, Field(gt=0, le=600)],
    Annotated[int, Field(gt=0, le=10_000_000)],
    Annotated[int, Field(ge=0, le=10_000_000)],
]
"""After how many months, how many had completed by then, and how many of them had reached it."""


class TakeInOutcome(Command):
    """What a foreign register says came of a provider's programmes in a subject."""

    register_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    provider_id: UUID
    service_id: UUID
    subject: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    known: tuple[Known, ...]
