"""A mapping that cannot be used says why, and what to write instead."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setori.importing.mapping import MappingRefused, parse_mapping

MAPPINGS = Path(__file__).parents[2] / "seed" / "mappings"
PROVIDERS = (MAPPINGS / "nj_etpl_providers.toml").read_text(encoding="utf-8")
OFFERINGS = (MAPPINGS / "nj_etpl_offerings.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            PROVIDERS.replace("quoted_twice", "quoted_twise"),
            "quoted_twise is not known. Did you mean quoted_twice?",
        ),
        (PROVIDERS.replace('city = "city"', 'city = "town"'), "columns.city: providers have no field town"),
        (PROVIDERS.replace('name = "name"\n', ""), "no column is mapped to name"),
        (PROVIDERS.replace('state = "region"', 'state = "city"'), "two columns are mapped to city"),
        (PROVIDERS.replace('Suspend = "suspended"', 'Suspend = "halted"'), "halted is not a status"),
        (PROVIDERS.replace('"%m/%d/%Y",', '"%m/%d",'), "%m/%d does not write a whole day"),
        (PROVIDERS.replace('register = "us-nj-etpl"', ""), "the key register is missing"),
        (PROVIDERS.replace('yes = ["1"]', "yes = []"), "flags: say how yes and how no are written"),
        (OFFERINGS.replace('rate_from = "ECB', 'x = "ECB'), "price.x is not known"),
        (OFFERINGS.replace("units_per_euro = 1.1884", ""), "prices are in USD: say how many make one euro"),
        (OFFERINGS.replace('add = "video"', 'add = "telepathy"'), "ways: telepathy is not known"),
        (
            OFFERINGS.replace('"35" = "employment-skills"', '"35" = "magic"'),
            "give magic its name in fi, sv and en",
        ),
        ("kind = ", "not valid TOML"),
        ("[" * 5000, "not"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_the_way_out(text: str, sentence: str) -> None:
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(text)
    assert any(sentence in problem for problem in refused.value.problems), refused.value.problems


def test_every_reason_is_told_at_once() -> None:
    with pytest.raises(MappingRefused) as refused:
        parse_mapping(PROVIDERS.replace('city = "city"', 'city = "town"').replace('name = "name"\n', ""))
    assert len(refused.value.problems) == 2


@given(st.text(max_size=200))
def test_any_text_is_a_mapping_or_a_refusal(text: str) -> None:
    with pytest.raises(MappingRefused):
        parse_mapping(text)
