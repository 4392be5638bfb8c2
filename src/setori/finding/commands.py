"""The five answers, each of which may be left out."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from setori.catalogue import Help, Way
from setori.people import Command, Empty, Spoken


def _number(told: object) -> object:
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() else told


class Wishes(Command):
    """What somebody wants to get done, how to meet, in which language, how far away, and what helps (two at most)."""

    service: Annotated[UUID | None, Empty] = None
    way: Annotated[Way | None, Empty] = None
    language: Annotated[Spoken | None, Empty] = None
    area: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[0-9]{1,4}$")] | None, Empty
    ] = None
    near: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    km: Annotated[Literal[10, 25, 50, 100] | None, BeforeValidator(_number), Empty] = None
    helps: list[Help] = Field(default=[], max_length=2)
