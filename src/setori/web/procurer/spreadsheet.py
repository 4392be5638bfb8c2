"""A statement as a file for a spreadsheet."""

from setori.days import local_day
from setori.readmodels.statements import StatementLine, StatementRow
from setori.web.i18n import N_, gettext
from setori.web.pages import pick
from setori.web.spreadsheets import amount, table

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
