"""README says what is so: every word of a state stands in its glossary, every file that it names is there."""

import re
from enum import StrEnum
from pathlib import Path

from setori.booking import rules as booking
from setori.evidence import rules as evidence
from setori.guiding import rules as guiding
from setori.joining import rules as joining
from setori.ledger import rules as ledger
from setori.outcomes import rules as outcomes
from setori.people import rules as people
from setori.registry import rules as registry
from setori.settings import Settings
from setori.settlement import rules as settlement
from setori.vouchers import rules as vouchers

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
STATES = [
    kind
    for module in (
        booking,
        evidence,
        guiding,
        joining,
        ledger,
        outcomes,
        people,
        registry,
        settlement,
        vouchers,
    )
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
    if kind.__name__.endswith("Status")
    or kind.__name__ in ("Role", "AccountKind", "Phase", "CriterionKind", "InvitationState")
]


def test_the_glossary_knows_every_state() -> None:
    assert len(STATES) >= 9
    glossary = README.split("## Glossary")[1].split("\n## ")[0]
    spelled = glossary.replace("_", " ")
    missing = [
        f"{kind.__name__}.{state.value}"
        for kind in STATES
        for state in kind
        if not re.search(rf"\b{state.value.replace('_', ' ')}\b", spelled)
    ]
    assert missing == []


def test_every_file_that_it_names_is_there() -> None:
    linked = re.findall(r"\]\(([\w./-]+)\)", README)
    named = re.findall(r"`((?:src|web|seed|tests|bench|bin)/[\w./-]*)`", README)
    assert [name for name in linked + named if not (ROOT / name).exists()] == []


def test_every_setting_that_it_names_exists() -> None:
    known = {f"SETORI_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"SETORI_[A-Z_]*[A-Z]", README)) <= known
