"""Firms that have ceased, approvals without delivery, asking to be opened again, reminders, a firm's own appeals."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

CODES = (
    *("asked_by_provider", "evidence_expired", "breach", "merger", "no_delivery", "insolvency"),
    *("firm_ceased", "other"),
)
CODED = (("approval", "closed_code"), ("pause", "code"), ("hearing", "code"))


def upgrade() -> None:
    """Lay the columns, and let the app use them."""
    known = ", ".join(f"'{code}'" for code in CODES)
    for table, column in CODED:
        name = f"{table}_{column}_known"
        op.execute(f"alter table {table} drop constraint {name}")
        op.execute(f"alter table {table} add constraint {name} check ({column} in ({known}))")
    op.add_column("rulebook", sa.Column("no_delivery_months", sa.Integer(), nullable=True))
    op.create_check_constraint(
        "rulebook_no_delivery_months_known", "rulebook", "no_delivery_months between 2 and 60"
    )
    op.add_column("approval", sa.Column("warned_on", sa.Date(), nullable=True))
    op.add_column("application", sa.Column("reminded_on", sa.Date(), nullable=True))
    told = sa.text("''")
    op.add_column("pause", sa.Column("plea", sa.String(length=2000), nullable=False, server_default=told))
    op.add_column("pause", sa.Column("plea_by", sa.Uuid(), nullable=True))
    op.add_column("pause", sa.Column("plea_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "pause", sa.Column("plea_reply", sa.String(length=2000), nullable=False, server_default=told)
    )
    op.create_foreign_key("fk_pause_plea_by_person", "pause", "person", ["plea_by"], ["id"])
    op.add_column(
        "appeal", sa.Column("by_provider", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    for table, column in (("pause", "plea"), ("pause", "plea_reply"), ("appeal", "by_provider")):
        op.alter_column(table, column, server_default=None)
    op.execute("grant update (no_delivery_months) on rulebook to setori_app")
    op.execute("grant update (warned_on) on approval to setori_app")
    op.execute("grant update (reminded_on) on application to setori_app")
    op.execute("grant update (plea, plea_by, plea_at, plea_reply) on pause to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
