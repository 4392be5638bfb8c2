"""Changes of what can be chosen are noted, so that the index in each worker reads again what has changed."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

SQL = Path(__file__).parent.parent / "sql"

OF_PROVIDER = "select provider_id from changed"
OF_OFFERING = "select o.provider_id from changed join offering o on o.id = changed.offering_id"
OF_APPROVAL = "select a.provider_id from changed join approval a on a.id = changed.approval_id"
OF_COACH = "select c.provider_id from changed join coach c on c.id = changed.coach_id"

# Table, whose change it is (no statement: everybody's), whether the words change by which something is found.
NOTED = (
    ("offering", OF_PROVIDER, True),
    ("offering_area", OF_OFFERING, False),
    ("offering_coach", OF_OFFERING, True),
    ("coach", OF_PROVIDER, True),
    ("provider_profile", OF_PROVIDER, True),
    ("approval", OF_PROVIDER, False),
    ("pause", OF_APPROVAL, False),
    ("partner", OF_APPROVAL, False),
    ("experience", OF_PROVIDER, False),
    ("experience_prior", "", False),
    ("service", "", True),
    ("area", "", False),
    ("municipality", "", True),
    ("weekly_hours", OF_COACH, False),
    ("special_day", OF_COACH, False),
)


def upgrade() -> None:
    """Lay the table and put a trigger on everything that the catalogue shows."""
    op.create_table(
        "catalogue_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=True),
        sa.Column("with_words", sa.Boolean(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_change")),
    )
    op.create_index("ix_catalogue_change_xid", "catalogue_change", ["xid"])
    op.create_index("ix_catalogue_change_noted_at", "catalogue_change", ["noted_at"])
    script = (SQL / "catalogue_index.sql").read_text(encoding="utf-8")
    for table, firms, with_words in NOTED:
        for event, rows in (("insert", "new"), ("update", "new"), ("delete", "old")):
            script += (
                f"create trigger {table}_{event}_is_noted after {event} on {table}"
                f" referencing {rows} table as changed for each statement"
                f" execute function note_catalogue_change('{firms}', '{with_words}');\n"
            )
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
