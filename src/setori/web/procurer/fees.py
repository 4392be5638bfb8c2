"""Outcome fees in the form of a programme's terms: a row for each kind, a pair of fields for each step."""

from collections.abc import Mapping
from typing import Any, TypeVar

from setori.money import parse_euros
from setori.vouchers import DURABILITY, LONGEST_DAYS, GiveTerms, OutcomeKind
from setori.web import forms
from setori.web.forms import Form, Typed
from setori.web.i18n import N_, gettext

GRID = tuple((kind.value, months) for kind in OutcomeKind for months in DURABILITY)

T = TypeVar("T", bound=GiveTerms)


def parse_terms(command: type[T], typed: Typed, **given: Any) -> Form[T]:
    """Read terms with their outcome fees from a form: `fee_job_3_euros`, `fee_job_3_days` and so on."""
    fees, errors = _read(typed)
    form = forms.parse(command, typed, outcome_fees=fees, **given)
    return Form(typed, None, form.errors | errors) if errors else form


def _read(typed: Mapping[str, list[str]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    fees, errors = [], {}
    for kind, months in GRID:
        name = f"fee_{kind}_{months}"
        euros, days = (typed.get(f"{name}_{what}", [""])[-1].strip() for what in ("euros", "days"))
        if not euros:
            continue
        try:
            cents = parse_euros(euros).cents
            if not 0 < cents <= 100_000_00:
                raise ValueError
        except ValueError:
            errors[f"{name}_euros"] = gettext(N_("Write an amount in euros, for example 85,00."))
            continue
        if not (days.isascii() and days.isdigit() and 1 <= int(days) <= LONGEST_DAYS):
            errors[f"{name}_days"] = gettext(
                N_("Write for how many days it can be claimed, from 1 to 1,100.")
            )
            continue
        fees.append({"kind": kind, "months": months, "fee_cents": cents, "claim_days": int(days)})
    return fees, errors
