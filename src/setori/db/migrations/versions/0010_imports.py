"""What importing in the browser needs."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Lay the tables."""


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
