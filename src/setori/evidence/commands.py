"""What may be asked of the evidence wallet."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from setori.evidence.rules import DocumentKind
from setori.people import Command, Empty, Line


class RenewDocument(Command):
    """Who gave a document and on which days it holds; without a last day it holds until further notice."""

    issuer: Line
    valid_from: date
    valid_until: Annotated[date | None, Empty] = None


class KeepDocument(RenewDocument):
    """A new document: of which kind it is, and in a few words which one."""

    kind: DocumentKind
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
