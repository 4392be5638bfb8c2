"""The migrations as files: which one is the newest, told without loading the tool that runs them."""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def newest_revision() -> str:
    """The revision that an up-to-date database is at: files in versions/ begin with their revision, in order."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
