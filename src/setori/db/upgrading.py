"""Bringing a database's schema up to date, from nothing or from any earlier state."""

from alembic import command
from alembic.config import Config

from setori.db.revisions import MIGRATIONS


def upgrade(owner_url: str) -> None:
    """Run the migrations that a database has not seen, as its owner, all in one transaction."""
    command.upgrade(_configuration(owner_url), "head")


def refuse_differences(owner_url: str) -> None:
    """Raise Alembic's CommandError when the models describe other tables than the database has."""
    command.check(_configuration(owner_url))


def _configuration(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config
