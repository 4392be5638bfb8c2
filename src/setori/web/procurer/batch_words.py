"""What is said of a list of people: each kind of problem in words with its way out, and the list as files."""

from typing import Any

from setori.readmodels.batches import BatchPage, BatchRowSeen
from setori.vouchers import COLUMNS, HEADS
from setori.web import i18n
from setori.web.i18n import N_, gettext
from setori.web.spreadsheets import table

PROBLEMS: dict[str, str] = {
    "field_count": N_(
        "The row has another number of cells than the header. Check its separators and quotes."
    ),
    "no_name": N_("There is no name. Write the person's name."),
    "long_name": N_("The name is too long. Write at most 120 characters."),
    "no_contact": N_("There is neither an e-mail address nor a phone number. Give one of them."),
    "bad_email": N_("This is not an e-mail address. Write it as name@example.fi."),
    "bad_phone": N_("This is not a phone number. Write it as 040 123 4567 or +358 40 123 4567."),
    "bad_municipality": N_("There is no such municipality. Write its name or its number of three figures."),
    "other_area": N_("This municipality is not in your employment area. Correct it, or leave the row out."),
    "not_in_terms": N_(
        "The programme is not for this municipality. Choose another programme, or leave the row out."
    ),
    "no_municipality": N_("The programme is for some municipalities only. Write the person's municipality."),
    "bad_language": N_("This is not a language of letters. Write fi, sv or en."),
    "bad_support_need": N_("This is not a need for support. Write low, medium or high."),
    "bad_unemployed": N_("This is not a time out of work. Write the months, such as 8, or 6–24."),
    "bad_age": N_("This is not an age. Write the years, such as 22, or 20–24."),
    "bad_sessions": N_("This is not a number of sessions. Write a whole number of 1 to 100."),
    "bad_value": N_("This is not a sum. Write euros, such as 800 or 800,00."),
    "too_much": N_("One person can be given at most twice what the programme's terms give."),
    "small_value": N_("The value does not pay for one session at the highest price. Write more."),
    "holds_money": N_(
        "This programme's vouchers hold money. Leave this empty, and use the column for the value."
    ),
    "holds_sessions": N_(
        "This programme's vouchers hold sessions. Leave this empty, and use the column for the sessions."
    ),
    "twice": N_(
        "The same person is on row %(more)s already. Leave one of the rows out, or give two vouchers."
    ),
    "has_voucher": N_("This person has a voucher of this programme already, which can still be used."),
}
FAILURES: dict[str, str] = {
    "not_utf8": N_(
        "The file is not UTF-8: row %(at)s cannot be read. In Excel, save it as “CSV UTF-8”, and hand it in again."
    ),
    "not_csv": N_("This is not a CSV file. In Excel, save the sheet as “CSV UTF-8”, and hand that in."),
    "bad_quotes": N_(
        "A quotation mark on row %(at)s is not closed, or stands alone. Correct it, and hand the file in again."
    ),
    "too_many_rows": N_("The file has more than %(at)s rows. Divide it into several."),
    "empty_file": N_("The file is empty."),
    "no_rows": N_("There are no rows below the header."),
    "no_name_column": N_(
        "There is no column for the name in the header. The first row names the columns; see the template."
    ),
    "no_contact_column": N_(
        "There is no column for an e-mail address or a phone number in the header. See the template."
    ),
    "column_twice": N_("Two columns of the header mean the same: “%(at)s” and another. Keep one of them."),
    "no_money": N_("The budget is not enough for the next voucher. When more is granted, go on here."),
    "programme_closed": N_("The programme was closed in the meantime. When it is open again, go on here."),
}


def problem(kept: dict[str, Any]) -> str:
    """What is wrong or strange, and the way out, in the reader's language."""
    return gettext(PROBLEMS[kept["kind"]]).replace("%(more)s", str(kept["more"]))


def failure(batch: BatchPage) -> str:
    """Why the file as a whole cannot be used, or why issuing has stopped; empty when neither."""
    words = FAILURES.get(batch.failure)
    return gettext(words).replace("%(at)s", batch.failure_at) if words else ""


def column(name: str) -> str:
    """A column as the template calls it in the reader's language."""
    return HEADS[i18n.language.get()][COLUMNS.index(name)] if name in COLUMNS else ""


SAMPLE = {
    "fi": (("Malli Mallinen", "malli@example.fi", "", "", "fi", "suuri", "8", "22", "", ""),),
    "sv": (("Modell Modellsson", "modell@example.fi", "", "", "sv", "stort", "8", "22", "", ""),),
    "en": (("Sample Person", "sample@example.fi", "", "", "en", "high", "8", "22", "", ""),),
}


def template_file() -> bytes:
    """The file to begin with: its header in the reader's language, and a sample row to be written over."""
    lang = i18n.language.get()
    return table(list(HEADS[lang]), [list(row) for row in SAMPLE[lang]])


def refused_file(batch: BatchPage, rows: list[BatchRowSeen]) -> bytes:
    """Rows for which no voucher was issued, as they stood, with the reasons; to be corrected and handed in again."""
    head = [gettext(N_("Row")), gettext(N_("Why"))]
    return table(
        [*head, *batch.header],
        [[str(row.number), " ".join(problem(kept) for kept in row.problems), *row.cells] for row in rows],
    )
