"""Writes the refused rows of a register to a file of their own, with line and reasons, to be put right there."""

import csv
import io
import re
from collections import defaultdict

from setori.importing.problems import Weight
from setori.importing.reading import Reading

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FIGURE = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)


def write_refused(reading: Reading) -> str:
    """The refused records as CSV: where each stood, why it was refused, and its fields under their own columns."""
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in reading.problems:
        if problem.weight is Weight.ERROR:
            reasons[problem.line].append(
                f"{problem.column}: {problem.reason}" if problem.column else problem.reason
            )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe_cell(name) for name in ("line", "reasons", *reading.header)])
    for line in reading.refused:
        writer.writerow(
            [safe_cell(cell) for cell in (str(line), " ".join(reasons[line]), *reading.records[line])]
        )
    return out.getvalue()


def safe_cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what looks like one (OWASP)."""
    looks = value.lstrip(" \u00a0\ufeff").startswith(_FORMULA)
    return f"'{value}" if looks and not _FIGURE.fullmatch(value) else value
