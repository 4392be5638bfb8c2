"""Reads somebody else's register: every row is either understood or refused with its line, its column and the way out.

Nothing here touches the database or raises over what a file holds: whatever the bytes are, the answer is a Reading.
"""

import codecs
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from setori.importing.cells import Cells
from setori.importing.fields import Kind, OfferingRow, OutcomeRow, ProviderRow, Row, Standing
from setori.importing.mapping import Mapping
from setori.importing.outcome_rows import read_outcome
from setori.importing.problems import Problem, Weight
from setori.importing.reasons import say, together
from setori.importing.records import Fault, Record, count_lines, split

_FAULTS = {
    Fault.BARE_QUOTE: say(
        "A quote stands inside a field that is not in quotes. Put the whole field in quotes and double those inside it."
    ),
    Fault.STRAY_TEXT: say(
        "Text follows the closing quote of a field. Double the quotes that belong to the text."
    ),
    Fault.UNCLOSED: say(
        "The quote that opens this field is never closed, so the rest of the file could not be read. Close it."
    ),
}
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: its rows in order, what is wrong or strange, and every record by line as it stood."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    header: tuple[str, ...] = ()
    records: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What refuses a row, or the file."""
        return tuple(problem for problem in self.problems if problem.weight is Weight.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What was changed or looks strange in rows that were taken or refused."""
        return tuple(problem for problem in self.problems if problem.weight is Weight.WARNING)

    @property
    def refused(self) -> tuple[int, ...]:
        """The lines of the records that are refused, in order."""
        return tuple(sorted({problem.line for problem in self.errors if problem.line in self.records}))

    @property
    def unreadable(self) -> bool:
        """Whether the file as a whole cannot be used, so that even its good rows must wait."""
        return any(problem.line not in self.records for problem in self.errors)

    def refuse(self, problems: Collection[Problem]) -> "Reading":
        """The same without the rows that turned out to be refused later on."""
        lines = {problem.line for problem in problems}
        rows = tuple(row for row in self.rows if row.line not in lines)
        return replace(self, rows=rows, problems=(*self.problems, *problems))


def read(file: bytes, mapping: Mapping, *, known: Collection[str] | None = None) -> Reading:
    """Read a file by its mapping. `known` are the provider keys that offerings may name; None leaves that unchecked."""
    text, problem = _decode(file, mapping.file.encoding)
    if problem is not None:
        return Reading((), (problem,))
    records = split(text, mapping.file.delimiter)
    header = next(records, None)
    if header is None:
        return Reading(
            (), (_of_file("empty_file", say("The file is empty. Export it again with its header row.")),)
        )
    names = [name.strip() for name in header.fields]
    problems = _check_header(header, names, mapping)
    if problems:
        return Reading((), tuple(problems), tuple(names))
    return _Reader(mapping, names, known).read(records)


class _Reader:
    """Reads record after record, and remembers what only the whole file shows."""

    def __init__(self, mapping: Mapping, names: list[str], known: Collection[str] | None) -> None:
        self._mapping = mapping
        self._names = names
        self._known = known
        self._rows: list[Row] = []
        self._problems: list[Problem] = []
        self._keys: dict[str, Record] = {}
        self._looks: dict[tuple[str, ...], int] = {}

    def read(self, records: Iterable[Record]) -> Reading:
        """Read every record below the header."""
        kept: dict[int, tuple[str, ...]] = {}
        count = 0
        for record in records:
            count += 1
            self._problems += self._check_record(record) or self._read_record(record)
            if not any(fault is Fault.UNCLOSED for _, fault in record.faults):
                kept[record.line] = tuple(record.fields)
        if not count:
            self._problems.append(
                _of_file("no_rows", say("There are no rows below the header. Export the file again."))
            )
        return Reading(tuple(self._rows), tuple(self._problems), tuple(self._names), kept)

    def _check_record(self, record: Record) -> list[Problem]:
        """What is wrong with the form of a record, before its cells are looked at."""
        problems = [
            Problem(record.line, self._name_of(place), record.fields[place], _FAULTS[fault], fault.value)
            for place, fault in record.faults
        ]
        if not problems and len(record.fields) != len(self._names):
            reason = say(
                "The header has {wanted} fields and this row {found}. A quote or a delimiter may be missing or "
                "too many.",
                wanted=len(self._names),
                found=len(record.fields),
            )
            problems.append(Problem(record.line, "", record.fields[0], reason, "wrong_field_count"))
        for place, value in enumerate(record.fields):
            if "\0" in value and not problems:
                reason = say(
                    "The field holds a NUL character. Export the file again, or delete the character."
                )
                problems.append(Problem(record.line, self._name_of(place), value, reason, "nul"))
        return problems

    def _read_record(self, record: Record) -> list[Problem]:
        cells = Cells(record.line, dict(zip(self._names, record.fields, strict=True)), self._mapping)
        row = READ[self._mapping.kind](cells)
        if self._is_orphan(row):
            reason = say(
                "There is no such provider in the register. Import the providers first, or leave this out."
            )
            cells.refuse("provider", "orphan", reason)
        if self._has_run_out(row):
            reason = say(
                "It is said to be in force, and its days were over on {day}. Check it.",
                day=self._mapping.as_of,
            )
            cells.warn("approved_until", "approval_over", reason)
        if self._seen(cells, row.foreign_id, record):
            return cells.problems
        if isinstance(row, ProviderRow):
            self._compare(cells, "name", (row.name.casefold(), row.city.casefold(), row.postal_code))
        elif isinstance(row, OfferingRow):
            self._compare(
                cells, "title", (row.provider, row.title.casefold(), str(row.price_cents), row.summary)
            )
        if not cells.refused and not (isinstance(row, OutcomeRow) and not row.known):
            self._rows.append(row)
        return cells.problems

    def _seen(self, cells: Cells, key: str, record: Record) -> bool:
        """Whether the key stood on an earlier row. The same row again is passed over, another one is refused."""
        first = self._keys.setdefault(key, record) if key else record
        if first is record:
            return False
        if first.fields == record.fields:
            cells.warn(
                "foreign_id",
                "same_row_again",
                say("Line {line} is the very same row. It was passed over.", line=first.line),
            )
        else:
            reason = say("Line {line} has the same key and other figures. Keep one of them.", line=first.line)
            cells.refuse("foreign_id", "duplicate_key", reason)
        return True

    def _compare(self, cells: Cells, field: str, look: tuple[str, ...]) -> None:
        """Warn when another key looks exactly the same: often it is the same thing, entered twice."""
        first = self._looks.setdefault(look, cells.line)
        if first != cells.line and not cells.refused:
            cells.warn(
                field,
                "looks_twice",
                say("Line {line} looks the same under another key. Both were taken; check.", line=first),
            )

    def _is_orphan(self, row: Row) -> bool:
        if self._known is None or isinstance(row, ProviderRow):
            return False
        return row.provider != "" and row.provider not in self._known

    def _has_run_out(self, row: Row) -> bool:
        as_of = self._mapping.as_of
        if not isinstance(row, ProviderRow) or row.approved_until is None or as_of is None:
            return False
        return row.status is Standing.IN_FORCE and row.approved_until < as_of

    def _name_of(self, place: int) -> str:
        return self._names[place] if place < len(self._names) else f"number {place + 1}"


def _provider(cells: Cells) -> ProviderRow:
    return ProviderRow(
        line=cells.line,
        foreign_id=cells.text("foreign_id"),
        name=cells.text("name"),
        status=cells.standing("status"),
        city=cells.text("city"),
        region=cells.text("region"),
        postal_code=cells.digits("postal_code"),
        website=cells.address("website"),
        languages=cells.codes("languages"),
        approved_until=cells.day("approved_until"),
        registered_on=cells.day("registered_on"),
        stated=cells.stated("status"),
        reason=cells.text("reason"),
    )


def _offering(cells: Cells) -> OfferingRow:
    stated, cents = cells.price("price")
    return OfferingRow(
        line=cells.line,
        foreign_id=cells.text("foreign_id"),
        provider=cells.text("provider"),
        title=cells.text("title"),
        summary=cells.text("summary"),
        status=cells.standing("status"),
        service=cells.service("service"),
        price_cents=cents,
        stated_price=stated,
        minutes=cells.minutes("hours"),
        languages=cells.codes("languages"),
        ways=cells.codes("ways"),
    )


READ: dict[Kind, Callable[[Cells], Row]] = {
    Kind.PROVIDERS: _provider,
    Kind.OFFERINGS: _offering,
    Kind.OUTCOMES: read_outcome,
}


def _decode(file: bytes, encoding: str) -> tuple[str, Problem | None]:
    """The text of a file without its byte order mark, or what keeps it from being read."""
    for mark, name in _BOMS:
        if file.startswith(mark) and encoding != name:
            reason = say(
                "The file is written in UTF-16. Save it as UTF-8, or set file.encoding to {name}.", name=name
            )
            return "", _of_file("wrong_encoding", reason)
    try:
        text = file.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as wrong:
        before = file[: wrong.start].decode(encoding, errors="replace")
        line = count_lines(before, 0, len(before)) + 1
        stretch = file[wrong.start : wrong.start + 1].hex().upper() or "end"
        reason = say(
            "Byte {place} (0x{stretch}) is not {encoding}. Save the file as UTF-8, or set file.encoding to what it was "
            "saved as, often windows-1252.",
            place=wrong.start + 1,
            stretch=stretch,
            encoding=encoding,
        )
        return "", Problem(line, "", "", reason, "wrong_encoding")
    return text.removeprefix("\ufeff"), None


def _check_header(header: Record, names: list[str], mapping: Mapping) -> list[Problem]:
    """What keeps a header from being used: columns that are missing or stand twice, or its quoting."""
    problems = [
        Problem(header.line, f"number {place + 1}", header.fields[place], _FAULTS[fault], fault.value)
        for place, fault in header.faults
    ]
    for column in mapping.columns_read:
        if names.count(column) > 1:
            reason = say(
                "The column {column} stands {times} times in the header. Keep one of them.",
                column=column,
                times=names.count(column),
            )
            problems.append(Problem(header.line, column, "", reason, "column_twice"))
        elif column not in names:
            near = get_close_matches(column, names, n=1)
            hint = say("Is it {near} now?", near=near[0]) if near else ""
            other = next(
                (sign for sign in ";,\t|" if sign != mapping.file.delimiter and sign in names[0]), ""
            )
            if len(names) == 1 and other:
                hint = say(
                    "The file seems to be delimited by {other}: set file.delimiter.", other=repr(other)
                )
            reason = together(
                say("The column {column} of the mapping is not in the header.", column=column),
                hint,
                say("Correct the mapping or the file."),
            )
            problems.append(Problem(header.line, column, "", reason, "missing_column"))
    return problems


def _of_file(kind: str, reason: str) -> Problem:
    return Problem(0, "", "", reason, kind)
