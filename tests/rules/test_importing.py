"""Reading a register: rows of a real one chosen for their defects, and files broken by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.importing.fields import OfferingRow, ProviderRow, Standing
from setori.importing.mapping import Mapping, parse_mapping
from setori.importing.problems import Problem, count_kinds
from setori.importing.reading import Reading, read
from setori.importing.refused import safe_cell, write_refused

DATA = Path(__file__).parents[1] / "data"
MAPPINGS = Path(__file__).parents[2] / "seed" / "mappings"
PROVIDERS = parse_mapping((MAPPINGS / "nj_etpl_providers.toml").read_text(encoding="utf-8"))
OFFERINGS = parse_mapping((MAPPINGS / "nj_etpl_offerings.toml").read_text(encoding="utf-8"))
SMALL = parse_mapping(
    """
    kind = "offerings"
    title = "A register made up for these tests"
    register = "small"
    source = "Made up"
    language = "en"
    areas = ["1"]
    columns.id = "foreign_id"
    columns.firm = "provider"
    columns.title = "title"
    columns.text = "summary"
    columns.status = "status"
    columns.code = "service"
    columns.price = "price"
    columns.hours = "hours"
    columns.tongues = "languages"
    values.status = {ok = "in_force"}
    values.languages = {Finnish = "fi"}
    always.ways = ["in_person"]
    always.languages = ["en"]
    separators.languages = ";"
    services = {"1" = "coaching", "12" = "training"}
    service_names.coaching = {fi = "Valmennus", sv = "Coachning", en = "Coaching"}
    service_names.training = {fi = "Koulutus", sv = "Utbildning", en = "Training"}
    missing.everywhere = ["n/a"]
    price = {parts = ["fee", "books"]}
    """
)
HEADER = "id,firm,title,text,status,code,price,hours,tongues,fee,books\n"


def written_in(encoding: str) -> Mapping:
    return SMALL.model_copy(update={"file": SMALL.file.model_copy(update={"encoding": encoding})})


PLAIN = {"id": "1", "firm": "7", "title": "Coaching", "text": "", "status": "ok", "code": "1", "price": "500"}
REST = {"hours": "10", "tongues": "", "fee": "500", "books": "0"}


def row(**changes: str) -> str:
    return ",".join({**PLAIN, **REST, **changes}.values()) + "\n"


def read_small(text: str, mapping: Mapping = SMALL) -> Reading:
    return read(text.encode(), mapping, known={"7"})


def only(reading: Reading) -> Problem:
    (problem,) = reading.problems
    return problem


def providers() -> Reading:
    return read((DATA / "nj_etpl_providers.csv").read_bytes(), PROVIDERS)


def offerings() -> Reading:
    known = {found.foreign_id for found in providers().rows}
    return read((DATA / "nj_etpl_programs.csv").read_bytes(), OFFERINGS, known=known)


def test_providers_of_a_real_register_are_read() -> None:
    reading = providers()
    assert (len(reading.records), len(reading.rows), reading.errors) == (18, 18, ())
    found = {found.foreign_id: found for found in reading.rows if isinstance(found, ProviderRow)}
    assert found["8813"].name == 'Platys Group "Level Up" Training Center - TP'
    assert found["709"].name == "Rutgers University, NJAES, Office of Continuing Professional Education"
    assert (found["528"].status, found["9180"].status) == (Standing.SUSPENDED, Standing.IN_FORCE)
    assert found["8333"].status is Standing.PENDING
    assert found["8039"].languages == ("en", "zh", "pt", "es")
    assert found["9180"].approved_until == date(2021, 8, 31)
    assert (found["68"].registered_on, found["3809"].registered_on) == (None, date(2002, 6, 25))
    assert (found["3808"].website, found["8333"].website) == ("https://www.acpusa.org", "")
    assert found["8351"].city == ""
    assert found["68"].postal_code == "08012"


def test_what_is_strange_about_real_providers_is_told_with_its_line() -> None:
    told = {(problem.line, problem.kind) for problem in providers().warnings}
    assert {(3, "looks_twice"), (4, "not_an_address"), (5, "not_an_address"), (7, "not_a_place")} <= told
    assert (6, "approval_over") in told  # said to be approved, until a day that was over


def test_offerings_of_a_real_register_are_read_or_refused_by_line() -> None:
    reading = offerings()
    assert len(reading.records) == 18
    assert {(problem.line, problem.kind) for problem in reading.errors} == {
        (2, "no_price"),
        (2, "no_hours"),
        (5, "orphan"),
        (17, "orphan"),
        (17, "absurd_price"),
        (20, "absurd_price"),
    }
    assert reading.refused == (2, 5, 17, 20)
    assert len(reading.rows) == 14
    found = {found.foreign_id: found for found in reading.rows if isinstance(found, OfferingRow)}
    assert found["23681"].price_cents == 1342_14  # 1595 dollars at 1.1884 for a euro
    assert found["23681"].stated_price == Decimal(1595)
    assert found["23681"].summary == 'Pharmacy Technician:\n* 144 clock hours, in "classes"'
    assert found["49506"].title == "Welding Technology/Soldering, IPC-A-610/J-STD-001"
    assert (found["45336"].service, found["41034"].service) == ("vocational-training", "employment-skills")
    assert (found["23681"].ways, found["38362"].ways) == (("in_person", "video"), ("in_person",))
    assert found["38362"].minutes == 156 * 60
    assert {"zeros_restored": 3, "sum_differs": 2}.items() <= dict(count_kinds(reading.warnings)).items()


def test_a_price_of_forty_two_million_is_refused_and_its_parts_are_named() -> None:
    problem = only(read_small(HEADER + row() + row(id="2", price="41984198", fee="4198", books="0")))
    assert (problem.line, problem.column, problem.kind) == (3, "price", "absurd_price")
    assert "Its parts add up to 4,198." in problem.reason


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"price": "n/a"}, "no_price"),
        ({"price": "cheap"}, "not_a_figure"),
        ({"price": "-5"}, "absurd_price"),
        ({"price": "1e9"}, "not_a_figure"),
        ({"price": "0.30"}, "absurd_price"),
        ({"hours": "n/a"}, "no_hours"),
        ({"hours": "many"}, "not_hours"),
        ({"firm": "8"}, "orphan"),
        ({"status": "maybe"}, "unknown_status"),
        ({"code": "9"}, "unknown_service"),
        ({"title": ""}, "no_title"),
        ({"title": "x" * 121}, "too_long"),
        ({"id": ""}, "no_foreign_id"),
        ({"text": "a\0b"}, "nul"),
        ({"text": 'say "hi"'}, "bare_quote"),
        ({"text": '"say" hi'}, "stray_text"),
        ({"text": "a,b"}, "wrong_field_count"),
        ({"text": '"never closed'}, "unclosed_quote"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_line_column_and_a_sentence(
    changes: dict[str, str], kind: str
) -> None:
    first = row(id="0", text='"two\r\nlines,\nthree"')
    reading = read_small(HEADER + first + row(**changes))
    (problem,) = reading.errors
    assert (problem.line, problem.kind) == (5, kind)
    assert problem.reason.endswith(".")
    assert problem.column or kind == "wrong_field_count"
    assert [found.foreign_id for found in reading.rows] == ["0"]


def test_what_can_be_put_right_is_put_right_and_told() -> None:
    text = row(price='"1,200.505"', fee="1200", tongues="Finnish; Klingon;sv", text='"Caf\u00c3\u00a9"')
    reading = read_small(HEADER + text)
    (found,) = reading.rows
    assert isinstance(found, OfferingRow)
    assert (found.price_cents, found.languages) == (1200_51, ("en", "fi", "sv"))
    assert {problem.kind for problem in reading.warnings} == {"unknown_word", "garbled"}


def test_the_longest_prefix_of_a_code_decides_the_service() -> None:
    reading = read_small(HEADER + row(code="129") + row(id="2", code="119"))
    assert [found.service for found in reading.rows if isinstance(found, OfferingRow)] == [
        "training",
        "coaching",
    ]


def test_the_same_key_twice_is_passed_over_when_nothing_differs_and_refused_otherwise() -> None:
    reading = read_small(HEADER + row() + row() + row(price="600", fee="600"))
    assert [(problem.line, problem.kind) for problem in reading.problems] == [
        (3, "same_row_again"),
        (4, "duplicate_key"),
    ]
    assert len(reading.rows) == 1


@pytest.mark.parametrize(
    ("file", "kind", "words"),
    [
        (b"", "empty_file", "Export it again"),
        (HEADER.encode(), "no_rows", "no rows below the header"),
        (
            HEADER.replace("price", "cost").encode(),
            "missing_column",
            "The column price of the mapping is not in",
        ),
        (HEADER.replace(",", ";").encode(), "missing_column", "set file.delimiter"),
        (HEADER.replace("books", "price").encode(), "column_twice", "stands 2 times"),
        (HEADER.encode() + row(text="Mänty").encode("latin-1"), "wrong_encoding", "often windows-1252"),
        ((HEADER + row()).encode("utf-16"), "wrong_encoding", "written in UTF-16"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(file: bytes, kind: str, words: str) -> None:
    reading = read(file, SMALL)
    assert reading.unreadable
    assert kind in {problem.kind for problem in reading.errors}
    assert any(words in problem.reason for problem in reading.errors)


def test_bytes_that_are_not_utf8_are_found_on_their_line() -> None:
    reading = read((HEADER + row() + row(text="M")).encode() + b"\xe4", SMALL)
    assert only(reading).line == 4


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert len(read(b"\xef\xbb\xbf" + (HEADER + row()).encode(), SMALL).rows) == 1


def test_a_file_in_the_encoding_of_its_mapping_is_read() -> None:
    for encoding in ("utf-16", "windows-1252"):
        (found,) = read((HEADER + row(title="Työ")).encode(encoding), written_in(encoding)).rows
        assert isinstance(found, OfferingRow)
        assert found.title == "Työ"


def test_refused_rows_are_written_with_their_reasons_and_no_formula() -> None:
    reading = read_small(HEADER + row(title='=HYPERLINK("x")'.replace('"', ""), price="free"))
    written = write_refused(reading)
    assert written.startswith("line,reasons,id,firm,title")
    assert '2,"price: Write the price as a figure' in written
    assert ",'=HYPERLINK(x)," in written


@pytest.mark.parametrize(
    ("cell", "safe"), [("=1+1", "'=1+1"), (" @x", "' @x"), ("-5", "-5"), ("-5+2", "'-5+2"), ("a=b", "a=b")]
)
def test_a_cell_that_looks_like_a_formula_is_defused(cell: str, safe: str) -> None:
    assert safe_cell(cell) == safe


@given(st.binary(max_size=300))
def test_reading_never_raises_whatever_the_bytes(file: bytes) -> None:
    for mapping in (PROVIDERS, SMALL, *(written_in(encoding) for encoding in ("utf-16", "windows-1252"))):
        read(file, mapping)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8") | st.sampled_from('",\n\r='), max_size=12),
        min_size=11,
        max_size=33,
    )
)
def test_reading_never_raises_below_a_good_header(cells: list[str]) -> None:
    for delimiter in (",", "\n"):
        reading = read((HEADER + delimiter.join(cells)).encode(), SMALL)
        lines = [problem.line for problem in reading.problems]
        assert lines == sorted(lines)
        write_refused(reading)


@given(st.sampled_from(list(SMALL.columns)), st.text(st.characters(codec="utf-8"), max_size=40))
def test_reading_never_raises_over_one_odd_cell(column: str, cell: str) -> None:
    written = '"' + cell.replace('"', '""') + '"'
    changes = {column: written}
    reading = read_small(HEADER + row(**changes))
    assert len(reading.records) == 1
    assert bool(reading.rows) != bool(reading.errors)
