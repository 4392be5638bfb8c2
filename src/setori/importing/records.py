"""Takes a CSV file apart into its records, and always knows on which line of the file a record begins.

Written by RFC 4180: fields between delimiters, quoted when they hold delimiters, quotes (doubled) or line breaks. The
standard library's reader guesses where this one must tell: it joins what follows a closing quote, and swallows the rest
of a file after a quote that is never closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong with the quoting of a field."""

    BARE_QUOTE = "bare_quote"
    STRAY_TEXT = "stray_text"
    UNCLOSED = "unclosed_quote"


@dataclass(slots=True)
class Record:
    """The fields of one record, the line it begins on, and what is wrong with its quoting (by the field's place)."""

    line: int
    fields: list[str] = field(default_factory=list)
    faults: list[tuple[int, Fault]] = field(default_factory=list)


def split(text: str, delimiter: str = ",") -> Iterator[Record]:
    """The records of a text, empty lines left out. A line ends with CR LF, LF or a lone CR, as editors count.

    Reading stops at a quote that is never closed: what follows belongs to nobody knows which field.
    """
    stop = re.compile(f"[{re.escape(delimiter)}\r\n]")
    place, line = 0, 1
    while place < len(text):
        record = Record(line)
        end = _read_record(text, place, delimiter, stop, record)
        line += count_lines(text, place, end)
        empty = end - place <= 2 and not text[place:end].strip("\r\n")
        place = end
        if not empty:
            yield record


def count_lines(text: str, start: int, end: int) -> int:
    """How many lines end within a stretch of text; CR LF is one end."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _read_record(text: str, place: int, delimiter: str, stop: re.Pattern[str], record: Record) -> int:
    """Fill a record and return the place after its line end."""
    while True:
        if text.startswith('"', place):
            value, place, fault = _read_quoted(text, place, stop)
        else:
            value, place = _read_until(text, place, stop)
            fault = Fault.BARE_QUOTE if '"' in value else None
        if fault is not None:
            record.faults.append((len(record.fields), fault))
        record.fields.append(value)
        if not text.startswith(delimiter, place):
            return place + (2 if text.startswith("\r\n", place) else 1)
        place += 1


def _read_until(text: str, place: int, stop: re.Pattern[str]) -> tuple[str, int]:
    found = stop.search(text, place)
    end = found.start() if found else len(text)
    return text[place:end], end


def _read_quoted(text: str, place: int, stop: re.Pattern[str]) -> tuple[str, int, Fault | None]:
    """Read from an opening quote to its closing one; spaces may follow before the delimiter."""
    begin = place + 1
    end = text.find('"', begin)
    while end >= 0 and text.startswith('""', end):
        end = text.find('"', end + 2)
    if end < 0:
        return text[begin:].replace('""', '"'), len(text), Fault.UNCLOSED
    value = text[begin:end].replace('""', '"')
    rest, after = _read_until(text, end + 1, stop)
    if rest.strip():
        return value + rest, after, Fault.STRAY_TEXT
    return value, after, None
