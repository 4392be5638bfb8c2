"""What coaches say that they help with, and what the guided choice found for somebody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Add the coaches' strengths, and a place for the newest finding of each person."""
    op.add_column("coach", sa.Column("helps", JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.alter_column("coach", "helps", server_default=None)
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("wishes", JSONB(), nullable=False),
        sa.Column("picks", JSONB(), nullable=False),
        sa.Column("found_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_array_length(picks) between 1 and 3", name="finding_three_at_most"),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        sa.UniqueConstraint("person_id", name="uq_finding_person_id"),
    )
    op.execute("grant select, insert on finding to setori_app")
    op.execute("grant update (wishes, picks, found_by, found_at) on finding to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
