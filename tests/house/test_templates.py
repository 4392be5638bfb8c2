"""Every template compiles, with the names that the application gives them."""

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
