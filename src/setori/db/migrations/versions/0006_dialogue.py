"""What the market dialogue needs."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Lay the tables."""


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
