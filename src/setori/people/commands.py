"""What may be asked of people and organisations, and the kinds of words that every domain's commands are made of."""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError
from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus

from setori.people.rules import OrganisationKind
from setori.texts import LANGUAGES, Texts

_EMAIL = re.compile(r"^[^@\s<>(),;:\"\\]{1,64}@[^@\s<>(),;:\"\\]{1,180}\.[^@\s.<>(),;:\"\\]{2,63}$")


class Command(BaseModel):
    """Unknown fields are refused, and nothing is changed once it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def without_what_nobody_types(cls, given: Any) -> Any:
        """Control characters, and those that turn the direction of what comes after them: left out, wherever they are.

        PostgreSQL keeps no NUL, and a name with U+202E turns round the line that it stands in.
        """
        return _without_controls(given)


_KEPT = "\t\n\r"
_CONTROLS = {
    code: None
    for first, last in ((0x00, 0x1F), (0x7F, 0x9F), (0x202A, 0x202E), (0x2066, 0x2069))
    for code in range(first, last + 1)
    if chr(code) not in _KEPT
}


def _without_controls(given: Any) -> Any:
    if isinstance(given, str):
        return given.translate(_CONTROLS)
    if isinstance(given, dict):
        return {name: _without_controls(value) for name, value in given.items()}
    if isinstance(given, list):
        return [_without_controls(value) for value in given]
    return given


def _email(typed: str) -> str:
    bare = typed.strip().lower()
    if len(bare) > 254 or not _EMAIL.match(bare):
        raise PydanticCustomError("email", "Write an e-mail address, such as name@example.fi.")
    return bare


def _phone(typed: str) -> str:
    bare = re.sub(r"[\s().\-\u2010\u2011\u2013/]", "", typed)
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    elif bare.startswith("0"):
        bare = "+358" + bare[1:]
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", bare):
        raise PydanticCustomError("phone", "Write a phone number, such as 040 123 4567 or +358 40 123 4567.")
    return bare


def _business_id(typed: str) -> str:
    try:
        compact: str = ytunnus.validate(typed)
    except ValidationError as wrong:
        raise PydanticCustomError(
            "business_id",
            "This is not a Finnish Business ID. It has seven figures, a hyphen and a check figure.",
        ) from wrong
    return f"{compact[:7]}-{compact[7:]}"


def _iban(typed: str) -> str:
    try:
        compact: str = iban.validate(typed)
    except ValidationError as wrong:
        raise PydanticCustomError(
            "iban",
            "This is not an IBAN account number. Check the figures, for example FI21 1234 5600 0007 85.",
        ) from wrong
    return compact


def _texts(given: Texts) -> Texts:
    kept = {language: text.strip() for language, text in given.items() if text.strip()}
    if set(kept) - set(LANGUAGES):
        raise PydanticCustomError("language", "Texts can be given in Finnish, Swedish and English.")
    return kept


def _some_text(given: Texts) -> Texts:
    if not given:
        raise PydanticCustomError("missing", "Write this in at least one language.")
    return given


def _longest(most: int) -> AfterValidator:
    def check(given: Texts) -> Texts:
        if any(len(text) > most for text in given.values()):
            raise PydanticCustomError(
                "string_too_long", "Write at most {max_length} characters.", {"max_length": most}
            )
        return given

    return AfterValidator(check)


def _nothing(typed: object) -> object:
    return None if isinstance(typed, str) and not typed.strip() else typed


Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
"""A phone number, kept as `+358401234567`; one without a country's number is Finnish."""
BusinessId = Annotated[str, AfterValidator(_business_id)]
Iban = Annotated[str, AfterValidator(_iban)]
Language = Annotated[str, StringConstraints(pattern="^(fi|sv|en)$")]
Spoken = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")]
"""A language that somebody speaks, by its code in ISO 639: `so`, `ar`, `fse` …"""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
"""One line of words, such as a name."""
Name = Annotated[Texts, AfterValidator(_texts), AfterValidator(_some_text), _longest(200)]
"""A name in one to three languages."""
Sentence = Annotated[Texts, AfterValidator(_texts), AfterValidator(_some_text), _longest(1000)]
"""A sentence or two in one to three languages."""
Words = Annotated[Texts, AfterValidator(_texts), _longest(4000)]
"""A text in up to three languages; may be empty."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Empty = BeforeValidator(_nothing)
"""A field left empty in a form is no value."""


def _can_be_reached(email: str | None, seen: ValidationInfo) -> str | None:
    if email is None and "phone" in seen.data and seen.data["phone"] is None:
        raise PydanticCustomError("no_contact", "Give an e-mail address or a phone number.")
    return email


OwnEmail = Annotated[Email | None, Empty, AfterValidator(_can_be_reached)]
"""An e-mail address that only somebody with a phone number, a field before it, can be without."""


class AddPerson(Command):
    """Somebody with an e-mail address, or with a phone number when there is none."""

    name: Line
    phone: Annotated[Phone | None, Empty] = None
    email: OwnEmail = Field(default=None, validate_default=True)
    language: Language = "fi"


class AddOrganisation(Command):
    """A procurer, with its employment area, or a provider. Firms of foreign registers have an id there instead."""

    kind: OrganisationKind
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    business_id: Annotated[BusinessId | None, Empty] = None
    foreign_register: str | None = Field(default=None, max_length=40)
    foreign_id: str | None = Field(default=None, max_length=60)
    area_code: str | None = Field(default=None, max_length=4)
    is_sample: bool = False
