"""Reads a case worker's list: a header in one of three languages, and a row for each person. Whatever the bytes are.

Nothing here touches the database or raises over what a file holds: the answer is a Sheet, or what keeps it from being.
"""

import csv
import io
import re
from dataclasses import dataclass, field

MOST_ROWS = 20_000
COLUMNS = (
    "name",
    "email",
    "phone",
    "municipality",
    "language",
    "support_need",
    "unemployed",
    "age",
    "sessions",
    "value",
)
HEADS: dict[str, tuple[str, ...]] = {
    "fi": (
        *("nimi", "sähköposti", "puhelin", "kunta", "kieli", "tuen tarve", "työttömänä", "ikä"),
        *("tapaamiset", "arvo"),
    ),
    "sv": (
        *("namn", "e-post", "telefon", "kommun", "språk", "stödbehov", "arbetslös", "ålder"),
        *("träffar", "värde"),
    ),
    "en": (
        *("name", "e-mail", "phone", "municipality", "language", "support need", "unemployed", "age"),
        *("sessions", "value"),
    ),
}
"""What each column is called in the template, by language."""
_MORE = {
    "name": "full name, jobseeker, työnhakija, asiakas, etu- ja sukunimi, arbetssökande",
    "email": "email, e-mail address, sähköpostiosoite, s-posti, e-postadress, epost, mail",
    "phone": "telephone, mobile, puhelinnumero, puh, matkapuhelin, telefonnummer, mobil, tel",
    "municipality": "kotikunta, asuinkunta, hemkommun, kuntanumero, kommunkod, municipality code, home municipality",
    "language": "asiointikieli, lang, kontaktspråk",
    "support_need": "tuentarve, palvelutarve, need, servicebehov, need for support",
    "unemployed": "työttömyyden kesto, työttömänä kk, arbetslöshet, unemployment, months unemployed, arbetslös mån",
    "age": "ikäryhmä, åldersgrupp, age band",
    "sessions": "tapaamisia, tapaamiskerrat, kerrat, kertoja, units, antal träffar, gånger",
    "value": "arvo euroina, euroa, euros, euro, eur, värde i euro, value in euros",
}


def _plain(head: str) -> str:
    return re.sub(r"[\W_]+", "", head).casefold()


_KNOWN = {
    _plain(head): column
    for place, column in enumerate(COLUMNS)
    for head in (column, *(heads[place] for heads in HEADS.values()), *_MORE[column].split(","))
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, its cells as they stood, and what is read from them by column."""

    number: int
    cells: tuple[str, ...]
    told: dict[str, str]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """What came of a file: rows, columns that are not used; or what is wrong with it as a whole, and where."""

    lines: tuple[Line, ...] = ()
    header: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    failure: str = ""
    failure_at: str = ""
    columns: frozenset[str] = field(default_factory=frozenset)


def read(file: bytes) -> Sheet:
    """Read a file: UTF-8 with or without its mark, separated by commas, semicolons or tabs."""
    if file.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Sheet(failure="not_utf8", failure_at="1")
    if file.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Sheet(failure="not_csv")
    try:
        words = file.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        return Sheet(failure="not_utf8", failure_at=str(file.count(b"\n", 0, wrong.start) + 1))
    if "\0" in words:
        return Sheet(failure="not_csv")
    first = next((line for line in words.splitlines() if line.strip()), "")
    sign = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=sign, strict=True)
    found: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begins, cells))
            begins = reader.line_num + 1
            if len(found) > MOST_ROWS + 1:
                return Sheet(failure="too_many_rows", failure_at=str(MOST_ROWS))
    except csv.Error:
        return Sheet(failure="bad_quotes", failure_at=str(begins))
    if not found:
        return Sheet(failure="empty_file")
    return _read_rows(found)


def _read_rows(found: list[tuple[int, list[str]]]) -> Sheet:
    header = tuple(cell.strip()[:120] for cell in found[0][1])
    columns = [_KNOWN.get(_plain(head)) for head in header]
    known = [column for column in columns if column]
    twice = next((column for column in known if known.count(column) > 1), None)
    if twice:
        return Sheet(header=header, failure="column_twice", failure_at=header[columns.index(twice)])
    if "name" not in known:
        return Sheet(header=header, failure="no_name_column")
    if "email" not in known and "phone" not in known:
        return Sheet(header=header, failure="no_contact_column")
    lines = []
    for number, cells in found[1:]:
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()  # a spreadsheet leaves separators at the end
        told = {
            column: _clean(cell) for column, cell in zip(columns, cells, strict=False) if column is not None
        }
        cut = tuple(cell[:200] for cell in cells[:60])
        lines.append(Line(number, cut, told, len(cells) <= len(header) and "name" in told))
    if not lines:
        return Sheet(header=header, failure="no_rows")
    unused = tuple(
        head for head, column in zip(header, columns, strict=True) if column is None and head.strip()
    )
    return Sheet(tuple(lines), header, unused, columns=frozenset(known))


def _clean(cell: str) -> str:
    """A cell as it was meant: the apostrophe by which spreadsheets keep a number as text goes."""
    bare = " ".join(cell.split())
    return bare[1:] if bare[:2] in ("'+", "'0", "'=", "'-") else bare
