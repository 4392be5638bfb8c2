"""Every message that a person may read has its Finnish and its Swedish."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from setori import errors
from setori.web import i18n, names

ROOT = Path(__file__).resolve().parents[2]
MARKS = {"_", "N_", "gettext", "ngettext", "say"}
REFUSALS = {"NotFound", "Forbidden", "Conflict", "Invalid", "GroundMissing"}
PLACE = re.compile(r"\{\w*\}|%\(\w+\)[sd]")


LANGUAGES = pytest.mark.parametrize("language", ["fi", "sv"])


@LANGUAGES
def test_every_message_has_its_words(language: str) -> None:
    known = {message for message, _ in translated(language)}
    wanted = {*in_templates(), *in_python()}
    assert wanted, "there are messages"
    assert sorted(f"{where}: {message}" for message, where in wanted if message not in known) == []


def test_what_is_said_in_finnish_is_said_in_swedish() -> None:
    """Also what no template or module marks by its words, such as a name put together from a state."""
    swedish = {message for message, _ in translated("sv")}
    assert sorted({message for message, _ in translated("fi")} - swedish) == []


@LANGUAGES
def test_a_translation_fills_in_nothing_that_its_message_does_not_have(language: str) -> None:
    """It may leave something out; a place that nobody fills would be an error before the reader's eyes."""
    wrong = [
        f"{message} → {words}"
        for message, words in translated(language)
        if any(
            not set(PLACE.findall(one)) <= {*PLACE.findall(message), "%(num)s", "%(num)d"} for one in words
        )
    ]
    assert wrong == []


def test_swedish_leaves_out_nothing_that_finnish_tells() -> None:
    finnish = {message: {*PLACE.findall(" ".join(words))} for message, words in translated("fi")}
    wrong = [
        f"{message} → {words}"
        for message, words in translated("sv")
        if not finnish.get(message, set()) <= {*PLACE.findall(" ".join(words))}
    ]
    assert wrong == []


@LANGUAGES
def test_no_message_is_translated_in_two_ways(language: str) -> None:
    seen: dict[str, tuple[str, ...]] = {}
    torn = [message for message, words in translated(language) if seen.setdefault(message, words) != words]
    assert torn == []


def translated(language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each message of a language's catalogs with its words, of which there are several when it counts."""
    found = []
    for path in sorted((ROOT / "web" / "locale" / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id and message.string and not message.fuzzy:
                    one = message.id if isinstance(message.id, str) else message.id[0]
                    words = (message.string,) if isinstance(message.string, str) else tuple(message.string)
                    found.append((one, words))
    return found


def in_templates() -> Iterator[tuple[str, str]]:
    options = {
        "extensions": "jinja2.ext.do",
        "trimmed": "true",
        "silent": "false",
        "newstyle_gettext": "true",
    }
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for line, _, message, _ in babel_extract(file, list(MARKS), [], options):
                first = message[0] if isinstance(message, tuple | list) else message
                if first:  # a message that is worked out, not written here, has none
                    yield first, f"{path.relative_to(ROOT)}:{line}"


def in_python() -> Iterator[tuple[str, str]]:
    """What is marked, what a refusal's class says, and what a refusal is raised with."""
    for path in sorted((ROOT / "src" / "setori").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for text in said_by(node):
                yield text.value, f"{path.relative_to(ROOT)}:{text.lineno}"  # type: ignore[misc]


def said_by(node: ast.AST) -> Iterator[ast.Constant]:
    candidates: list[ast.expr | None] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in MARKS:
            candidates += node.args[:1]
        if node.func.id in REFUSALS:
            candidates += node.args[:1]
            fields = [word.value for word in node.keywords if word.arg == "errors"]
            candidates += [value for field in fields if isinstance(field, ast.Dict) for value in field.values]
    if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) for base in node.bases):
        candidates += [
            line.value
            for line in node.body
            if isinstance(line, ast.Assign)
            and [getattr(target, "id", None) for target in line.targets] == ["sentence"]
        ]
    for one in candidates:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one


def test_the_refusals_of_the_ground_are_looked_at_too() -> None:
    assert errors.NotFound.sentence in {message for message, _ in in_python()}


@pytest.mark.parametrize(
    ("state", "label", "finnish", "swedish"),
    [
        ("used", "Used", ("Käytetty", "Käytetty"), ("Använd", "Använt")),
        ("approved", "Approved on", ("Hyväksytty", "Hyväksytty"), ("Godkänd", "Godkänt")),
        ("refused", "Row refused", ("Kiistetty", "Rivi hylätty"), ("Bestriden", "Raden avvisad")),
    ],
)
def test_a_state_and_a_label_that_share_a_word_in_english_need_not_in_other_languages(
    state: str, label: str, finnish: tuple[str, str], swedish: tuple[str, str]
) -> None:
    """A voucher is used up and money is used; an application is approved, and so is a statement on a day."""
    for language, words in (("fi", finnish), ("sv", swedish)):
        before = i18n.language.set(language)
        assert (names.name(state), i18n.gettext(label)) == words
        i18n.language.reset(before)
