"""Marks by criterion, as forms carry them: `met-CODE` is yes or no, `why-CODE` the reason."""

from typing import Any, TypeVar

from pydantic import BaseModel

from setori import registry
from setori.registry import ApplicationView, Judged
from setori.web.forms import Form, Typed

C = TypeVar("C", bound=BaseModel)
PLAIN = ("outcome", "reason", "conditions", "due_on", "message", "form")


def read_marks(seen: ApplicationView, typed: Typed) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The marks that were typed, by code, and the codes that were passed over though they need a mark."""
    marks: dict[str, dict[str, Any]] = {}
    for criterion in seen.criteria:
        code = criterion.asked.code
        met = typed.get(f"met-{code}", [""])[-1]
        if met in ("yes", "no"):
            why = typed.get(f"why-{code}", [""])[-1].strip()
            marks[code] = {"met": met == "yes", "reason": why}
    return marks, registry.unmarked(judged(seen), marks)


def judged(seen: ApplicationView) -> list[Judged]:
    """What is judged, in the order of the page."""
    return [Judged(one.asked.code, one.asked.kind, one.asked.mandatory, one.value) for one in seen.criteria]


def at_its_field(form: Form[C]) -> Form[C]:
    """The same errors under the names of the fields where they can be mended, each with its criterion's code."""
    errors = {}
    for name, error in form.errors.items():
        if name in PLAIN:
            errors[name] = error
        else:
            code = name.removeprefix("verdicts.").removeprefix("marks.")
            code = code.removesuffix(".reason").removesuffix(".met")
            unmarked = f"met-{code}" not in form.typed
            errors[f"met-{code}" if unmarked else f"why-{code}"] = f"{code}: {error}"
    return Form(form.typed, form.value, errors)
