"""The feed of the register keeps each change with its coded reason and the approval as it was then."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Two columns, then the functions and triggers in the place of the former ones."""
    op.add_column("feed_entry", sa.Column("code", sa.String(length=40), nullable=True))
    op.add_column("feed_entry", sa.Column("state", postgresql.JSONB(), nullable=True))
    script = (SQL / "feed_states.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
