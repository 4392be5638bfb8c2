"""What may be asked of the intake."""

from typing import Annotated

from pydantic import Field, StringConstraints

from setori.people import Command


class HandIn(Command):
    """A file, how it is to be understood, and whether its good rows are wanted when others are refused."""

    kind: Annotated[str, StringConstraints(pattern="^(providers|offerings|outcomes)$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    register_code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    file_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    mapping: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    file: bytes = Field(min_length=1)
    skip_bad_rows: bool = False
