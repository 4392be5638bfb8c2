"""Vouchers for many people by a file; people with a phone number only; how somebody stood when a voucher was issued."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

SQL = Path(__file__).parent.parent / "sql"
BATCH = ("checking", "unusable", "checked", "issuing", "stopped", "issued", "cancelling", "cancelled")
ROW = ("good", "warned", "refused", "issued", "left_out")
STRATUM = {
    "support_need": ("low", "medium", "high"),
    "unemployed": ("under_6_months", "from_6_to_24_months", "over_24_months"),
    "age_band": ("under_20", "from_20_to_24", "from_25_to_29", "from_30"),
}


def known(table: str, column: str, values: tuple[str, ...], *, nullable: bool = False) -> sa.Column[str]:
    """A word of a list with a check of its own."""
    name = f"{table}_{column}_known"
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, kind, nullable=nullable)


def link(table: str, column: str, other: str, key: str = "id") -> sa.ForeignKeyConstraint:
    """A reference to another table's key."""
    return sa.ForeignKeyConstraint([column], [f"{other}.{key}"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    """Lay the columns and tables, then the hand-written SQL."""
    moment, json = sa.DateTime(timezone=True), postgresql.JSONB(astext_type=sa.Text())
    op.alter_column("person", "email", nullable=True)
    op.add_column("person", sa.Column("phone", sa.String(length=16), nullable=True))
    op.create_check_constraint("person_can_be_reached", "person", "email is not null or phone is not null")
    op.create_index("ix_person_phone", "person", ["phone"], postgresql_where=sa.text("phone is not null"))
    for column, values in STRATUM.items():
        op.add_column("voucher", sa.Column(column, sa.String(length=40), nullable=True))
        words = ", ".join(f"'{value}'" for value in values)
        op.create_check_constraint(f"voucher_{column}_known", "voucher", f"{column} in ({words})")
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        known("batch", "status", BATCH),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("header", json, nullable=False),
        sa.Column("unused_columns", json, nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("failure_at", sa.String(length=120), nullable=False),
        sa.Column("gives_seconds", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("touched_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        link("batch", "procurer_id", "organisation"),
        sa.ForeignKeyConstraint(
            ["procurer_id", "programme_id"],
            ["programme.procurer_id", "programme.id"],
            name="fk_batch_procurer_id_programme_id_programme",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "terms_id"],
            ["terms.programme_id", "terms.id"],
            name="fk_batch_programme_id_terms_id_terms",
        ),
        *(link("batch", column, "person") for column in ("made_by", "started_by", "ended_by")),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )
    op.create_index("ix_batch_procurer_id", "batch", ["procurer_id", "id"])
    op.create_index(
        "ix_batch_under_way",
        "batch",
        ["touched_at"],
        postgresql_where=sa.text("status in ('checking', 'issuing', 'cancelling')"),
    )
    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        known("batch_row", "status", ROW),
        sa.Column("cells", json, nullable=False),
        sa.Column("problems", json, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        *(known("batch_row", column, values, nullable=True) for column, values in STRATUM.items()),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status = 'refused' or name <> ''", name="batch_row_good_has_name"),
        link("batch_row", "batch_id", "batch"),
        link("batch_row", "municipality_code", "municipality", "code"),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_row"),
        sa.UniqueConstraint("voucher_id", name="uq_batch_row_voucher_id"),
    )
    op.create_index("ix_batch_row_status", "batch_row", ["batch_id", "status", "number"])
    script = (SQL / "batches.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
