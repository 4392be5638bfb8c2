"""Understands a row of a register's outcomes: how many completed, and which share of them had work so long after."""

from math import inf

from setori.importing.cells import Cells
from setori.importing.fields import AFTER_MONTHS, OutcomeRow
from setori.importing.reasons import say
from setori.quality import outcome


def read_outcome(cells: Cells) -> OutcomeRow:
    """What is known of a provider's programmes in a subject. A figure that is not available is never a number."""
    provider, subject = cells.text("provider"), cells.digits("service")
    service = cells.service("service")
    found = []
    for months in AFTER_MONTHS:
        completed = outcome.known_count(_number(cells, f"completed_{months}"))
        share = outcome.known_share(_number(cells, f"reached_{months}"))
        if completed and share is not None:
            found.append((months, completed, round(completed * share)))
        elif completed is None or share is None:
            _doubt(cells, f"completed_{months}", completed is None)
            _doubt(cells, f"reached_{months}", share is None)
    if not found and not cells.refused:
        cells.warn("provider", "nothing_known", say("No figure of this row is known. It was passed over."))
    cells.problems[:] = dict.fromkeys(cells.problems)  # the code was read twice
    return OutcomeRow(
        line=cells.line,
        foreign_id=f"{provider}/{subject}" if provider and subject else "",
        provider=provider,
        service=service,
        subject=subject,
        known=tuple(found),
    )


def _number(cells: Cells, field: str) -> float | None:
    value = cells.text(field)
    if not value:
        return None
    try:
        return float(value)
    except ValueError:
        return inf


def _doubt(cells: Cells, field: str, is_unknown: bool) -> None:
    """Say that something stands there which cannot be such a figure; what is empty needs no word."""
    before = len(cells.problems)
    value = cells.text(field)
    del cells.problems[before:]
    if is_unknown and value:
        cells.warn(
            field,
            "not_a_known_figure",
            say("A number of people, or a share from 0 to 1, is meant. It was left out."),
        )
