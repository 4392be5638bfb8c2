"""Registrars may throw away drafts of rulebooks that nobody outside has seen."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Let the app delete drafts; what has been up for comments is held by its dialogue, what is published by a guard."""
    op.execute("grant delete on rulebook to setori_app")
