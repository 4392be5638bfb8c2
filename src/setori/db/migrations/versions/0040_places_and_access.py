"""Where municipalities lie, and how one gets into the place of an offering."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Two columns for a spot on the map; and what a place has, nothing being said of those that are there."""
    op.add_column("municipality", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("municipality", sa.Column("longitude", sa.Float(), nullable=True))
    op.add_column("offering", sa.Column("access", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("offering", "access", server_default=None)


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
