"""The shape of the source: small modules, each opening with a sentence, and none of what no file may hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]  # fmt: skip
PYTHON = [path for path in KEPT if path.suffix == ".py"]
TEMPLATES = [path for path in KEPT if path.is_relative_to(ROOT / "web" / "templates")]


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    ours = [path for path in PYTHON if "versions" not in path.parts]  # a migration is a record, not a module
    long = {short(path): n for path in ours if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_every_module_of_ours_opens_with_a_sentence() -> None:
    silent = [
        short(path)
        for path in PYTHON
        if path.is_relative_to(ROOT / "src") and "versions" not in path.parts
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_file_postpones_its_annotations() -> None:
    """It breaks the relationships of SQLModel and the handlers of Litestar."""
    line = "from __future__ " + "import annotations"
    assert [short(path) for path in PYTHON if line in path.read_text()] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(TODO|FIXME|XXX)\b",
        r"@pytest\.mark\.(skip|skipif|xfail)|pytest\.(skip|xfail)\(|importorskip",
        r"(?<![\w.])/(root|home|work|Users)/\w",
        r"--(extra-)?index-url|--find-links|\"resolved\":",
    ],
    ids=[
        "nothing is left for later",
        "no test is skipped",
        "no path of one machine",
        "no address of a registry",
    ],
)
def test_no_file_holds(pattern: str) -> None:
    here = Path(__file__)
    text = [path for path in KEPT if path != here and path.suffix not in (".png", ".csv", ".ico", ".woff2")]
    found = [
        f"{short(path)}:{number}: {line.strip()[:80]}"
        for path in text
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def test_every_form_that_posts_carries_the_token_against_forgery() -> None:
    without = [
        f"{short(path)}: {form[:80]}"
        for path in TEMPLATES
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.S | re.I)
        if re.search(r"""method=["']?post""", form, re.I) and "csrf" not in form
    ]
    assert without == []


def test_no_template_carries_a_style_or_a_handler_inline() -> None:
    """The content security policy would refuse it in silence. Linked data is no script: it is never run."""
    data = re.compile(r"<script type=\"application/ld\+json\">\{\{ \w+ \| tojson \}\}</script>")
    pattern = re.compile(r"<style\b|\sstyle=|\son[a-z]+=[\"']|<script(?![^>]*\bsrc=)", re.I)
    found = [
        f"{short(path)}:{number}: {line.strip()[:80]}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(data.sub("", line))
    ]
    assert found == []
