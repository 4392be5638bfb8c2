"""When a provider's bank account was changed: a new one waits a day before it is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column; the app may already write the table."""
    op.add_column("provider_profile", sa.Column("iban_changed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
