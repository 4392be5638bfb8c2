"""Built files carry their content's hash, and name each other by it."""

from pathlib import Path

import pytest

from setori.web import assets


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ours = tmp_path / "ours"
    (ours / "css").mkdir(parents=True)
    (ours / "css" / "1-tokens.css").write_text('@font-face { src: url("figtree.woff2"); }')
    (ours / "css" / "2-base.css").write_text("a { color: blue; }")
    (ours / "app.js").write_text('import { scan } from "./scan.js";')
    (ours / "scan.js").write_text("export const scan = 1;")
    monkeypatch.setattr(assets, "OURS", ours)
    monkeypatch.setattr(assets, "STATIC", tmp_path / "static")
    monkeypatch.setattr(assets, "MANIFEST", tmp_path / "static" / "manifest.json")
    return ours


def test_a_change_in_one_file_changes_the_name_of_every_file_that_names_it(sources: Path) -> None:
    before = assets.build()
    (sources / "scan.js").write_text("export const scan = 2;")
    after = assets.build()
    assert before.url("app.js") != after.url("app.js")
    assert before.url("setori.css") == after.url("setori.css")
    assert after.url("scan.js") in (after.directory / after.names["app.js"]).read_text()
    assert assets.load() == after


def test_the_styles_are_joined_in_the_order_of_their_names_and_find_the_font(sources: Path) -> None:
    built = assets.build()
    style = (built.directory / built.names["setori.css"]).read_text()
    assert style.index(built.url("figtree.woff2")) < style.index("color: blue")


def test_a_server_that_runs_keeps_its_files_when_others_are_built(sources: Path) -> None:
    before = assets.build()
    (sources / "scan.js").write_text("export const scan = 2;")
    assets.build()
    assert all((before.directory / name).exists() for name in before.names.values())


def test_files_that_name_each_other_in_a_circle_are_refused(sources: Path) -> None:
    (sources / "one.js").write_text('import "./two.js"')
    (sources / "two.js").write_text('import "./one.js"')
    with pytest.raises(ValueError, match="names it back"):
        assets.build()
