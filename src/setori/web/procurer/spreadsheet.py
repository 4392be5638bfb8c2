"""Files for spreadsheets: separated as the reader's language expects, and harmless to open."""

import csv
import io

from setori.days import local_day
from setori.readmodels.statements import StatementLine, StatementRow
from setori.web import i18n
from setori.web.i18n import N_, gettext
from setori.web.pages import euros, pick

COLUMNS = (
    N_("Statement"),
    N_("Provider"),
    N_("Month"),
    N_("Session held"),
    N_("Confirmed"),
    N_("Coach"),
    N_("Service"),
    N_("Units"),
    N_("Price"),
    N_("Amount"),
    N_("Session"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell beginning with one of these would be run by a spreadsheet instead of shown."""


def of_statement(statement: StatementRow, lines: list[StatementLine]) -> bytes:
    """The sessions of a statement, one a row, as UTF-8 with the mark by which spreadsheets know it."""
    number, provider, month = str(statement.number), statement.provider_name, f"{statement.month:%Y-%m}"
    return table(
        [gettext(name) for name in COLUMNS],
        [
            [
                number,
                provider,
                month,
                line.service_on.isoformat(),
                local_day(line.confirmed_at).isoformat(),
                line.coach_name or "",
                pick(line.service_name),
                str(line.units),
                amount(line.unit_price_cents),
                amount(line.amount_cents),
                str(line.redemption_id),
            ]
            for line in lines
        ],
    )


def table(head: list[str], rows: list[list[str]]) -> bytes:
    """Rows as a file. Text that looks like a formula is kept as text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="," if i18n.language.get() == "en" else ";")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and does not run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def amount(cents: int) -> str:
    """A sum with the decimal mark of the reader's language, and nothing else in it."""
    plain = euros(cents).replace("\u00a0", "")
    return plain.replace(",", ".") if i18n.language.get() == "en" else plain
