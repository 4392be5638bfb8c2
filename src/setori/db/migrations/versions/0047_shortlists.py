"""Whom somebody wants to remember while choosing: the shortlist of a jobseeker."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Lay the lists. Nothing hangs on an entry: it goes when its owner takes it off."""
    op.create_table(
        "shortlist_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("offering_id", sa.Uuid(), sa.ForeignKey("offering.id", ondelete="CASCADE"), nullable=False),
        sa.Column("coach_id", sa.Uuid(), sa.ForeignKey("coach.id", ondelete="CASCADE"), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shortlist_entry"),
        sa.UniqueConstraint(
            "person_id",
            "offering_id",
            "coach_id",
            name="shortlist_entry_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_shortlist_entry_offering_id", "shortlist_entry", ["offering_id"])
    op.create_index("ix_shortlist_entry_coach_id", "shortlist_entry", ["coach_id"])
    op.execute("grant select, insert, delete on shortlist_entry to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
