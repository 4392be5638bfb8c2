"""Outcomes of foreign registers: kept by provider and service, noted by the import that took them in, and undone."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Lay the table, and let an import make outcomes."""
    op.create_table(
        "register_figure",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("register_code", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("subjects", "completed", "reached")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("overall", "k", "rate", "low", "high")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name="fk_register_figure_provider_id_organisation"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_register_figure_service_id_service"),
        sa.CheckConstraint(
            "reached between 0 and completed and completed > 0", name="register_figure_counts"
        ),
        sa.CheckConstraint(
            "low between 0 and rate and high between rate and 1", name="register_figure_in_bounds"
        ),
        sa.PrimaryKeyConstraint("provider_id", "service_id", "months", name="pk_register_figure"),
    )
    op.create_index("ix_register_figure_register_code", "register_figure", ["register_code"])
    op.drop_constraint("imported_thing_what_known", "imported_thing")
    op.create_check_constraint(
        "imported_thing_what_known",
        "imported_thing",
        "what in ('provider', 'approval', 'offering', 'outcome')",
    )
    script = (SQL / "register_figures.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
