"""The life of a voucher: why a provider was changed, what goes along, longer validity, and letters before the end."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

REASONS = (
    "not_said",
    "person",
    "times",
    "distance",
    "language",
    "method",
    "provider_cannot",
    "something_else",
)


def upgrade() -> None:
    """Lay the columns and the table, and let the app use them."""
    op.add_column(
        "choice",
        sa.Column(
            "left_because",
            sa.Enum(
                *REASONS,
                name="choice_left_because_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column(
        "choice", sa.Column("left_words", sa.String(length=1000), nullable=False, server_default="")
    )
    op.add_column(
        "choice", sa.Column("shares_notes", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "ending_notice",
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name="fk_ending_notice_voucher_id_voucher"),
        sa.PrimaryKeyConstraint("voucher_id", "expires_on", "days", name="pk_ending_notice"),
    )
    op.execute("grant update (left_because, left_words) on choice to setori_app")
    op.execute("grant update (expires_on) on voucher to setori_app")
    op.execute("grant select, insert on ending_notice to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
