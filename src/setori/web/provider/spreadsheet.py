"""A statement as a file for a spreadsheet: separated as the reader's language expects, and harmless to open."""

import csv
import io

from setori.readmodels.statements import StatementLine, StatementRow
from setori.web import i18n
from setori.web.i18n import N_, gettext
from setori.web.pages import euros, pick

COLUMNS = (
    N_("Statement"),
    N_("Employment area"),
    N_("Month"),
    N_("Session held"),
    N_("Confirmed"),
    N_("Service"),
    N_("Coach"),
    N_("Units"),
    N_("Price"),
    N_("Amount"),
    N_("Session"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell beginning with one of these would be run by a spreadsheet instead of shown."""


def of_statement(seen: StatementRow, lines: list[StatementLine]) -> bytes:
    """The sessions of a statement, one a row, as UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="," if i18n.language.get() == "en" else ";")
    writer.writerow([gettext(name) for name in COLUMNS])
    for line in lines:
        cells = [
            str(seen.number),
            seen.procurer_name,
            f"{seen.month:%Y-%m}",
            line.service_on.isoformat(),
            i18n.moment(line.confirmed_at),
            pick(line.service_name),
            line.coach_name or "",
            str(line.units),
            _amount(line.unit_price_cents),
            _amount(line.amount_cents),
            str(line.redemption_id),
        ]
        writer.writerow([harmless(cell) for cell in cells])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _amount(cents: int) -> str:
    """A sum with the decimal mark of the reader's language, and nothing else in it."""
    plain = euros(cents).replace("\u00a0", "")
    return plain.replace(",", ".") if i18n.language.get() == "en" else plain
