"""Reviews of sessions that were taken back give way to a later word of the same person."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Lay the column, the index and the triggers."""
    op.add_column("review", sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_review_person_id", "review", ["person_id", "offering_id", "coach_id"])
    script = (SQL / "reviews.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
