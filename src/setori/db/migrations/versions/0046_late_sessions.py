"""A session held before its client moved on can be recorded for two weeks after."""

from pathlib import Path

from alembic import op

revision = "0046"
down_revision = "0045"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Record it under the choice that stood on its day."""
    script = (SQL / "late_sessions.sql").read_text("utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
