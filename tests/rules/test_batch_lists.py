"""Reading a list of people: whatever the bytes are, and whatever stands in a cell, each row gets its verdict."""

import csv
import io
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.vouchers import COLUMNS, HEADS, AgeBand, Gives, Terms, Unemployed
from setori.vouchers.operations.batching.judging import Ground, judge
from setori.vouchers.operations.batching.reading import read
from setori.web.procurer.batch_words import FAILURES, PROBLEMS
from tests.domains.builders import NOON

TERMS = {
    gives: Terms(
        procurer_id=UUID(int=1),
        programme_id=UUID(int=2),
        number=1,
        gives=gives,
        units=10 if gives is Gives.UNITS else None,
        value_cents=1_000_00 if gives is Gives.VALUE else None,
        price_cap_cents=100_00,
        validity_days=90,
        written_at=NOON,
    )
    for gives in Gives
}
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
TOLD = st.one_of(
    CELL,
    st.sampled_from(
        [
            "aino@example.fi",
            "040 123 4567",
            "Tampere",
            "837",
            "fi",
            "low",
            "yli 24",
            "6-24",
            "22",
            "5",
            "800,00",
        ]
    ),
)


def ground(gives: Gives) -> Ground:
    return Ground(TERMS[gives], {"tampere": "837", "837": "837", "turku": "853"}, frozenset({"837"}))


@given(st.binary(max_size=400), st.sampled_from(list(Gives)))
def test_no_bytes_are_too_strange(file: bytes, gives: Gives) -> None:
    sheet = read(file)
    assert not sheet.failure or sheet.failure in FAILURES
    assert len(judge(sheet, ground(gives))) == len(sheet.lines)


@given(
    st.lists(st.lists(TOLD, min_size=10, max_size=10), min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
    st.sampled_from(list(HEADS)),
    st.sampled_from(list(Gives)),
)
def test_every_row_has_one_verdict_in_words(
    rows: list[list[str]], sign: str, marked: bool, language: str, gives: Gives
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=sign).writerows([HEADS[language], *rows])
    sheet = read((b"\xef\xbb\xbf" if marked else b"") + file.getvalue().encode())
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    if not kept:
        assert sheet.failure == "no_rows"
        return
    assert not sheet.failure
    asked = judge(sheet, ground(gives))
    assert len(asked) == len(kept)
    for row in asked:
        assert all(one.kind in PROBLEMS and one.column in (*COLUMNS, "") for one in row.problems)
        if not row.is_refused:
            assert row.name
            assert row.email or row.phone
            assert row.value_cents >= 100_00, "it pays for one session"


@pytest.mark.parametrize(
    ("typed", "band"),
    [
        *(("0", Unemployed.UNDER_6), ("5 kk", Unemployed.UNDER_6), ("<6", Unemployed.UNDER_6)),
        *(("alle 6", Unemployed.UNDER_6), ("6", Unemployed.FROM_6_TO_24), ("6–24", Unemployed.FROM_6_TO_24)),
        *(("24", Unemployed.FROM_6_TO_24), ("25", Unemployed.OVER_24), ("yli 24", Unemployed.OVER_24)),
        *((">24 mån", Unemployed.OVER_24), ("kauan", None), ("3-9", None)),
    ],
)
def test_time_out_of_work_is_understood_as_people_write_it(typed: str, band: Unemployed | None) -> None:
    (row,) = judge(read(f"nimi,puhelin,arbetslös\nAino,0401234567,{typed}\n".encode()), ground(Gives.UNITS))
    assert (row.unemployed, row.is_refused) == (band, band is None)


@pytest.mark.parametrize(
    ("typed", "band"),
    [
        *(("19", AgeBand.UNDER_20), ("under 20", AgeBand.UNDER_20), ("20", AgeBand.FROM_20_TO_24)),
        *(("20-24 v", AgeBand.FROM_20_TO_24), ("29 år", AgeBand.FROM_25_TO_29), ("30", AgeBand.FROM_30)),
        *(("yli 29", AgeBand.FROM_30), ("18-30", None), ("5", None), ("nuori", None)),
    ],
)
def test_ages_are_understood_as_people_write_them(typed: str, band: AgeBand | None) -> None:
    (row,) = judge(read(f"nimi,puhelin,ikä\nAino,0401234567,{typed}\n".encode()), ground(Gives.UNITS))
    assert (row.age_band, row.is_refused) == (band, band is None)
