"""A programme's terms in versions: by sessions or by value, silence, notice, switching; frozen into each voucher."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Lay the table, give each programme its first version and each voucher that version."""
    op.create_table(
        "terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "gives",
            sa.Enum(
                "units",
                "value",
                name="terms_gives_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("value_cents", sa.BigInteger(), nullable=True),
        sa.Column("price_cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("validity_days", sa.Integer(), nullable=False),
        sa.Column("target_group", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("municipality_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("silent_days", sa.Integer(), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("late_cancel_uses", sa.Boolean(), nullable=False),
        sa.Column("no_show_uses", sa.Boolean(), nullable=False),
        sa.Column("switches", sa.Integer(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name="terms_number_positive"),
        sa.CheckConstraint(
            "(gives = 'units') = (units is not null) and (gives = 'value') = (value_cents is not null)",
            name="terms_units_or_value",
        ),
        sa.CheckConstraint("units between 1 and 100", name="terms_units_in_bounds"),
        sa.CheckConstraint("value_cents >= price_cap_cents", name="terms_value_pays_one_session"),
        sa.CheckConstraint("price_cap_cents > 0", name="terms_price_cap_positive"),
        sa.CheckConstraint("validity_days between 1 and 1100", name="terms_validity_in_bounds"),
        sa.CheckConstraint("silent_days between 0 and 60", name="terms_silent_days_in_bounds"),
        sa.CheckConstraint("notice_hours between 0 and 168", name="terms_notice_in_bounds"),
        sa.CheckConstraint("switches >= 0", name="terms_switches_in_bounds"),
        sa.ForeignKeyConstraint(
            ["procurer_id", "programme_id"],
            ["programme.procurer_id", "programme.id"],
            name="fk_terms_procurer_id_programme_id_programme",
        ),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name="fk_terms_written_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_terms"),
        sa.UniqueConstraint("programme_id", "number", name="uq_terms_programme_id_number"),
        sa.UniqueConstraint("programme_id", "id", name="uq_terms_programme_id_id"),
    )
    op.add_column("voucher", sa.Column("terms_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_voucher_programme_id_terms_id_terms",
        "voucher",
        "terms",
        ["programme_id", "terms_id"],
        ["programme_id", "id"],
    )
    op.create_index("ix_voucher_programme_id", "voucher", ["programme_id"])
    script = (SQL / "terms.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
