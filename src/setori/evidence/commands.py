"""What may be asked of the evidence wallet."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError
from stdnum.fi import hetu

from setori.evidence.rules import DocumentKind
from setori.people import Command, Empty, Line

_LIKE_A_HETU = re.compile(
    r"(?<!\d)(\d{6})\s?([-+A-FU-Y\u2010-\u2015\u2212])\s?(\d{3}[0-9A-Y])(?![0-9A-Z])", re.I
)


def _without_identity_code(typed: str) -> str:
    for born, sign, rest in _LIKE_A_HETU.findall(typed):
        plain = sign.upper() if sign.isascii() else "-"
        if hetu.is_valid(f"{born}{plain}{rest}".upper(), allow_temporary=True):
            raise PydanticCustomError(
                "identity_code",
                "This contains a personal identity code. Leave it out: a name or a number of the document will do.",
            )
    return typed


Label = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80), AfterValidator(_without_identity_code)
]


class RenewDocument(Command):
    """Who gave a document and on which days it holds; without a last day it holds until further notice."""

    issuer: Line
    valid_from: date
    valid_until: Annotated[date | None, Empty] = None


class KeepDocument(RenewDocument):
    """A new document: of which kind it is, and in a few words which one."""

    kind: DocumentKind
    label: Label = ""
