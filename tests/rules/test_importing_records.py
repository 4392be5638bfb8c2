"""Taking a CSV file apart: line numbers are those that an editor shows, whatever is inside the fields."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.importing.records import Fault, split

CELL = st.tuples(st.text(alphabet=st.sampled_from('ab ,;"\n\r\té'), max_size=8), st.booleans())
ROWS = st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=8)


@given(rows=ROWS, end=st.sampled_from(["\r\n", "\n", "\r"]))
def test_what_was_written_is_read_back_with_the_line_on_which_each_record_begins(
    rows: list[list[tuple[str, bool]]], end: str
) -> None:
    text, lines = "", []
    for row in rows:
        lines.append(len(io.StringIO(text + "x", newline=None).readlines()))
        text += ",".join(written(cell, quoted) for cell, quoted in row) + end
    records = list(split(text))
    assert [record.fields for record in records] == [[cell for cell, _ in row] for row in rows]
    assert [record.line for record in records] == lines
    assert not any(record.faults for record in records)


def written(cell: str, quoted: bool) -> str:
    needed = any(sign in cell for sign in ',"\n\r')
    return '"' + cell.replace('"', '""') + '"' if quoted or needed else cell


@given(text=st.text(alphabet=st.sampled_from('a,"\n\r;'), max_size=60))
def test_any_text_is_split_without_losing_its_place(text: str) -> None:
    records = list(split(text))
    lines = [record.line for record in records]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= len(io.StringIO(text, newline=None).readlines()) for line in lines)


@pytest.mark.parametrize(
    ("text", "fields", "fault"),
    [
        ('5" pipe,x\n', ['5" pipe', "x"], (0, Fault.BARE_QUOTE)),
        ('"Acme" Ltd,x\n', ["Acme Ltd", "x"], (0, Fault.STRAY_TEXT)),
        ('a,"never closed\nb,c\n', ["a", "never closed\nb,c\n"], (1, Fault.UNCLOSED)),
    ],
)
def test_bad_quoting_is_named_where_it_is(text: str, fields: list[str], fault: tuple[int, Fault]) -> None:
    (record,) = split(text)
    assert record.fields == fields
    assert record.faults == [fault]


def test_reading_goes_on_below_a_record_with_text_after_its_quote() -> None:
    records = list(split('h,i\n"a"b,c\n\nd,e'))
    assert [(record.line, record.fields) for record in records] == [
        (1, ["h", "i"]),
        (2, ["ab", "c"]),
        (4, ["d", "e"]),
    ]
