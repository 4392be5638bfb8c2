"""The evidence wallet: documents with their versions and files, who looked, reminders, and what was filed with what."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Lay the tables and what watches over them."""
    script = (SQL / "evidence.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
