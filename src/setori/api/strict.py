"""Commands out of JSON: each value of the kind that its field is, where a form has only words.

JSON tells a number from a word, so `"1"` and `1.0` are no whole number here, and `0` and a time stamp no day. Forms
make the same commands of what was typed, and stay lenient.
"""

import re
from datetime import date, time
from typing import Any, get_args

from litestar.config.app import AppConfig
from litestar.plugins.pydantic import PydanticInitPlugin
from litestar.utils import is_class_and_subclass
from pydantic import ValidationError

from setori.errors import Invalid
from setori.people import Command

SENTENCE = "Some fields are missing, unknown or not as they should be."

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)


class StrictCommands(PydanticInitPlugin):
    """The framework's reading of models, which is that of forms, but for the commands of the JSON face."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Come before what reads every other model."""
        app_config = super().on_app_init(app_config)
        app_config.type_decoders = [(_is_command, read), *(app_config.type_decoders or [])]
        return app_config


def read(command: type[Command], given: Any) -> Command:
    """The command in a decoded JSON body. Raises Invalid, which names each field that is not as it should be."""
    errors = _of_another_kind(command, given) if isinstance(given, dict) else {}
    try:
        made = command.model_validate(given)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            errors.setdefault(".".join(str(part) for part in error["loc"]) or "body", error["msg"])
    if errors:
        raise Invalid(SENTENCE, errors)
    return made


def _of_another_kind(command: type[Command], given: dict[str, Any]) -> dict[str, str]:
    told = ((name, _kinds(field.annotation), given.get(name)) for name, field in command.model_fields.items())
    return {
        name: says
        for name, kinds, value in told
        if value is not None and (says := _what_is_wrong(kinds, value))
    }


def _what_is_wrong(kinds: set[Any], value: Any) -> str:
    if bool in kinds and not isinstance(value, bool):
        return "Write true or false."
    if int in kinds and type(value) is not int:
        return "Write a whole number, without quotation marks and without decimals."
    if date in kinds and not (isinstance(value, str) and _DAY.fullmatch(value)):
        return "Write the day as YYYY-MM-DD, for example 2026-11-23."
    if time in kinds and not (isinstance(value, str) and _TIME.fullmatch(value)):
        return "Write the time as HH:MM, for example 09:30."
    return ""


def _kinds(annotation: Any) -> set[Any]:
    parts = get_args(annotation)
    return set().union(*map(_kinds, parts)) if parts else {annotation}


def _is_command(wanted: Any) -> bool:
    return is_class_and_subclass(wanted, Command)
