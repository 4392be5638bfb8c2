"""A statement as a file for a spreadsheet."""

from setori.days import local_day
from setori.readmodels.statements import FeeLine, OffsetLine, StatementLine, StatementRow
from setori.web import i18n
from setori.web.i18n import N_, gettext
from setori.web.names import name as named
from setori.web.pages import pick
from setori.web.spreadsheets import amount, table

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

OUTCOME, KEPT = N_("Outcome"), N_("Kept for fees taken back")


def of_statement(
    seen: StatementRow, lines: list[StatementLine], fees: list[FeeLine], offsets: list[OffsetLine]
) -> bytes:
    """The sessions of a statement, one a row, as UTF-8 with the mark by which spreadsheets know it.

    Then come its outcome fees, and less than no cents for each that was taken back after an earlier statement.
    """
    return table(
        [gettext(name) for name in COLUMNS],
        [
            [
                str(seen.number),
                seen.procurer_name,
                f"{seen.month:%Y-%m}",
                line.service_on.isoformat(),
                i18n.moment(line.confirmed_at),
                pick(line.service_name),
                line.coach_name or "",
                str(line.units),
                amount(line.unit_price_cents),
                amount(line.amount_cents),
                str(line.redemption_id),
            ]
            for line in lines
        ]
        + [
            [
                *(str(seen.number), seen.procurer_name, f"{seen.month:%Y-%m}", "", line.paid_on.isoformat()),
                *(f"{gettext(OUTCOME)}: {named(line.kind)}", "", str(line.months), ""),
                *(amount(line.amount_cents), str(line.claim_id)),
            ]
            for line in fees
        ]
        + [
            [
                *(str(seen.number), seen.procurer_name, f"{seen.month:%Y-%m}", ""),
                local_day(line.undone_at).isoformat(),
                *(f"{gettext(KEPT)}: {line.reason}", "", str(line.months), ""),
                *(amount(-line.amount_cents), str(line.claim_id)),
            ]
            for line in offsets
        ],
    )
