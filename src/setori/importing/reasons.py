"""Why a row or a mapping is refused: an English sentence that remembers its places, so that a page can translate it."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Part(NamedTuple):
    """A sentence with `{name}` places and what fills them; what stands before and behind it is no language's."""

    template: str
    filled: dict[str, str]
    before: str = ""
    behind: str = ""


class Reason(str):
    """One or more sentences in English, and their parts."""

    parts: tuple[Part, ...] = ()


def say(template: str, **params: object) -> Reason:
    """A sentence with its places filled."""
    filled = {name: str(value) for name, value in params.items()}
    reason = Reason(template.format(**filled))
    reason.parts = (Part(template, filled),)
    return reason


def together(*reasons: str) -> Reason:
    """Sentences one after another; empty ones are left out."""
    told = [one for one in reasons if one]
    reason = Reason(" ".join(told))
    reason.parts = tuple(part for one in told for part in _parts_of(one))
    return reason


def placed(where: str, reason: Reason) -> Reason:
    """A sentence without its full stop, with the place that it is about before it and the stop behind."""
    before = f"{where}: " if where else ""
    whole = Reason(f"{before}{reason}.")
    whole.parts = tuple(part._replace(before=before, behind=".") for part in _parts_of(reason))
    return whole


def as_json(reason: str) -> list[list[Any]]:
    """The parts, to be kept beside the English words."""
    return [list(part) for part in _parts_of(reason)]


def _parts_of(reason: str) -> Sequence[Part]:
    """The sentences of a reason; a plain string is one that has no places."""
    if isinstance(reason, Reason) and reason.parts:
        return reason.parts
    return (Part(reason.replace("{", "{{").replace("}", "}}"), {}),)
