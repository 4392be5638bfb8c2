"""Files for spreadsheets: separated as the reader's language expects, and harmless to open."""

import csv
import io
import re

from setori.web import i18n
from setori.web.pages import euros

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell beginning with one of these would be run by a spreadsheet instead of shown."""

LESS_THAN_NONE = re.compile(r"-\d+[.,]\d\d")
"""A sum below nothing is a number and no formula."""


def table(head: list[str], rows: list[list[str]]) -> bytes:
    """Rows as a file, as UTF-8 with the mark by which spreadsheets know it. What looks like a formula stays text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="," if i18n.language.get() == "en" else ";")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if cell.startswith(FORMULA) and not LESS_THAN_NONE.fullmatch(cell) else cell


def amount(cents: int) -> str:
    """A sum with the decimal mark of the reader's language, and nothing else in it."""
    plain = euros(cents).replace("\u00a0", "").replace("−", "-")
    return plain.replace(",", ".") if i18n.language.get() == "en" else plain
