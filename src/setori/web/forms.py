"""Forms: what somebody typed becomes a command, or every error at its field in a sentence, with nothing typed lost."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from setori.errors import Invalid
from setori.money import parse_euros
from setori.web.i18n import N_, gettext

Typed = Mapping[str, list[str]]
"""What was typed: each field's name with its values, in the order of the page."""

C = TypeVar("C", bound=BaseModel)

_FINNISH_DAY = re.compile(r"^\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\s*$")

_SENTENCES = {
    "missing": N_("Fill this in."),
    "string_too_short": N_("Write at least {min_length} characters."),
    "too_short": N_("Tick at least one."),
    "string_too_long": N_("Write at most {max_length} characters."),
    "int_parsing": N_("Write a whole number."),
    "int_type": N_("Write a whole number."),
    "int_from_float": N_("Write a whole number."),
    "float_parsing": N_("Write a number."),
    "euros": N_("Write an amount in euros, for example 85,00."),
    "greater_than": N_("Write a number greater than {gt}."),
    "greater_than_equal": N_("Write {ge} or more."),
    "less_than": N_("Write a number less than {lt}."),
    "less_than_equal": N_("Write {le} or less."),
    "date_parsing": N_("Write the day as day.month.year, for example 23.11.2026."),
    "date_from_datetime_parsing": N_("Write the day as day.month.year, for example 23.11.2026."),
    "date_type": N_("Write the day as day.month.year, for example 23.11.2026."),
    "uuid_parsing": N_("Choose one from the list."),
    "enum": N_("Choose one of these."),
    "literal_error": N_("Choose one of these."),
    "string_pattern_mismatch": N_("This is not in the form that is needed."),
    "bool_parsing": N_("Choose one of these."),
    "extra_forbidden": N_("This field is not known."),
}


@dataclass(frozen=True)
class Form(Generic[C]):
    """A form as it came: the command when all is well, and otherwise the errors by field."""

    typed: Typed = field(default_factory=dict)
    value: C | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: Any = "") -> str:
        """What stands in a field: what was typed, else what the page offers."""
        values = self.typed.get(name)
        return values[-1] if values else ("" if default is None else str(default))

    def all(self, name: str, default: list[str] | None = None) -> list[str]:
        """What is chosen in a field of several; once anything was sent, an empty choice is a choice."""
        if name in self.typed or self.typed:
            return list(self.typed.get(name, []))
        return list(default or [])

    def with_errors(self, refusal: Invalid) -> "Form[C]":
        """The same form with the errors that the domain found."""
        return Form(self.typed, None, {name: gettext(text) for name, text in refusal.errors.items()})


def parse(command: type[C], typed: Typed, **given: Any) -> Form[C]:
    """Read a command from a form. `given` are fields that the address or the page decides, not the reader.

    `price_euros` fills `price_cents`; `title.fi` fills the Finnish of `title`; an empty field is no value; a day may be
    written as Finns do. NUL characters, which no text holds, are left out. Errors are sentences in the reader's
    language.
    """
    typed = {name: [value.replace("\0", "") for value in values] for name, values in typed.items()}
    raw: dict[str, Any] = dict(given)
    errors: dict[str, str] = {}
    for name, info in command.model_fields.items():
        if name in given:
            continue
        nested = {
            key.split(".", 1)[1]: values[-1] for key, values in typed.items() if key.startswith(f"{name}.")
        }
        euros = name.removesuffix("_cents") + "_euros"
        if nested:
            raw[name] = nested
        elif name.endswith("_cents") and euros in typed:
            try:
                if typed[euros][-1].strip():
                    raw[name] = parse_euros(typed[euros][-1]).cents
            except ValueError:
                errors[euros] = gettext(_SENTENCES["euros"])
        elif name in typed:
            value: Any = list(typed[name]) if _is_list(info.annotation) else typed[name][-1]
            if isinstance(value, str):
                value = _as_iso(value)
            if value not in ("", [""]) or (info.is_required() and info.annotation is str):
                raw[name] = value
    try:
        value = command.model_validate(raw)
    except ValidationError as wrong:
        for error in wrong.errors():
            name = ".".join(str(part) for part in error["loc"]) or "form"
            shown = name.removesuffix("_cents") + "_euros" if name.endswith("_cents") else name
            if error["type"] == "missing" and name in _lists(command):
                error["type"] = "too_short"
            errors.setdefault(shown, _sentence(error))
        return Form(typed, None, errors)
    return Form(typed, None if errors else value, errors)


def _sentence(error: Any) -> str:
    context = error.get("ctx") or {}
    kind = (
        "missing"
        if error["type"] == "string_too_short" and not str(error["input"]).strip()
        else error["type"]
    )
    template = _SENTENCES.get(kind)
    if template is None:
        return gettext(error["msg"].removeprefix("Value error, "))
    return gettext(template).format(**context)


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) in (list, tuple, set, frozenset):
        return True
    return any(_is_list(part) for part in get_args(annotation) if part is not str)


def _lists(command: type[BaseModel]) -> set[str]:
    return {name for name, info in command.model_fields.items() if _is_list(info.annotation)}


def _as_iso(value: str) -> str:
    found = _FINNISH_DAY.match(value)
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else value
