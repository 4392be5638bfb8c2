"""What may be asked of those who let firms and people in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from setori.people import BusinessId, Command, Email, Empty, Language, Line, Role

LongName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


def _so(said: bool) -> bool:
    if not said:
        raise PydanticCustomError(
            "not_said", "Tick this if it is so. Only who may act for the firm registers it."
        )
    return said


class AskToRegister(Command):
    """Somebody of a firm that is not here yet, who wants a letter to begin with."""

    name: Line
    email: Email
    language: Language = "fi"


class InviteFirm(AskToRegister):
    """Somebody of a firm whom a procurer asks to come: with a firm of theirs, or to one that came by an import."""

    firm_name: LongName
    provider_id: Annotated[UUID | None, Empty] = None
    rulebook_id: Annotated[UUID | None, Empty] = None


class InviteMember(AskToRegister):
    """A colleague whom an owner asks to act for the firm."""

    role: Literal[Role.COACH, Role.PROVIDER_OWNER]


class RegisterFirm(Command):
    """A firm by its Business ID, and the person who begins to act for it."""

    business_id: BusinessId
    name: LongName
    own_name: Line
    may_act: Annotated[bool, AfterValidator(_so)] = Field(default=False, validate_default=True)
