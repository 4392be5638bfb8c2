"""What may be asked of the dialogue. Words are plain text: nothing is attached, and no address in them is a link."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from setori.dialogue.rules import RemarkKind, Shows, Verdict
from setori.people import Command, Email, Empty, Language, Line, Words

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
Code = Annotated[Annotated[str, Field(max_length=20)] | None, Empty]


class OpenDialogue(Command):
    """Until when a draft is open for comments, and when others see them."""

    closes_on: date
    shows: Shows
    intro: Words = {}


class Prolong(Command):
    """A later last day."""

    closes_on: date


class WriteRemark(Command):
    """A comment or a question about one criterion (by its code) or the whole."""

    kind: RemarkKind = RemarkKind.COMMENT
    code: Code = None
    text: Said
    remark_id: Annotated[UUID | None, Empty] = None
    """Made when the form is rendered: the same one twice is said once."""


class MendRemark(Command):
    """The words anew; `over` is what the writer had before one's eyes, so that another's later words are not lost."""

    text: Said
    over: Annotated[str, Field(max_length=4000)] = ""


class WriteFromOutside(WriteRemark):
    """The same from somebody without a way in, shown under this name once the e-mail address is verified."""

    name: Line
    organisation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    email: Email
    language: Language = "fi"


class ReplyToRemarks(Command):
    """One answer to one or several: a comment is accepted, partly or not; a question is answered."""

    remark_ids: list[UUID] = Field(min_length=1, max_length=500)
    verdict: Annotated[Verdict | None, Empty] = None
    text: Said


class Subscribe(Command):
    """Whom to tell of rulebooks in an area and of a service; left out, of all."""

    email: Email
    area_code: Annotated[Annotated[str, Field(max_length=4)] | None, Empty] = None
    service_id: Annotated[UUID | None, Empty] = None
    language: Language = "fi"
