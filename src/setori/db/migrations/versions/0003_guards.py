"""What the database guards by itself: temporal keys, the books, states, the app's rights"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Run the hand-written SQL as it stands."""
    connection = op.get_bind()
    for name in ("guards", "redeeming", "checks"):
        run_script(connection, (SQL / f"{name}.sql").read_text(encoding="utf-8"))


def run_script(connection: sa.Connection, script: str) -> None:
    """Send a script of several statements in one go; asyncpg does that on its simple protocol."""
    connection.connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
