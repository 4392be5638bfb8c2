"""Every template compiles, with the names that the application gives them."""

import re
from pathlib import Path

from setori.app import create_app
from tests.conftest import RealDatabase, settings_for

TEMPLATES = Path(__file__).resolve().parents[2] / "web" / "templates"


async def test_every_template_compiles(fresh_database: RealDatabase) -> None:
    app = create_app(settings_for(fresh_database))
    assert app.template_engine is not None
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")]
    assert names, "there are templates"
    for name in sorted(names):
        app.template_engine.get_template(name)


async def test_a_text_that_may_be_in_another_language_stands_in_no_attribute_and_no_option() -> None:
    """`pick` may put an element around the words; where none can stand, `plain` takes it off again."""
    said = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
    wrong = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        source = path.read_text()
        bare = said.sub(lambda found: "\0" * len(found[0]), source)
        for found in said.finditer(source):
            before = bare[: found.start()]
            is_inside = before.rfind("<") > before.rfind(">")
            is_choice = before.rfind("<option") > before.rfind("</option")
            unplain = re.search(r"\|\s*pick\b(?!\s*\|\s*plain)", found[0])
            if unplain and (is_inside or is_choice or re.search(r"\|\s*pick\s*\|\s*truncate", found[0])):
                wrong.append(f"{path.relative_to(TEMPLATES)}: {found[0]}")
    assert not wrong
