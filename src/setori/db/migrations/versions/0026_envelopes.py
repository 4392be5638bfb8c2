"""Personal budgets: envelopes with limits per service, vouchers that come out of them, and their postings."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

SQL = Path(__file__).parent.parent / "sql"
ACCOUNTS = (
    *(
        "appropriation",
        "budget",
        "envelope",
        "voucher",
        "outcome",
        "provider_accrued",
        "payout",
        "bank_clearing",
    ),
    *("bank", "receivable", "suspense"),
)
POSTINGS = (
    *("appropriate", "deappropriate", "allot", "hand_back", "draw", "restore", "issue", "return", "redeem"),
    *("reverse", "settle", "unsettle", "pay", "match", "reserve_outcome", "outcome_fee", "return_outcome"),
    *("reverse_outcome", "clawback", "offset"),
)


def known(table: str, column: str, values: tuple[str, ...]) -> None:
    """Let a column hold more words than before."""
    name = f"{table}_{column}_known"
    op.execute(f"alter table {table} drop constraint {name}")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"alter table {table} add constraint {name} check ({column} in ({listed}))")


def upgrade() -> None:
    """Widen the books, lay the tables, then the hand-written SQL with the guards."""
    known("account", "kind", ACCOUNTS)
    known("posting", "kind", POSTINGS)
    op.drop_constraint("account_not_overdrawn", "account")
    op.create_check_constraint(
        "account_not_overdrawn",
        "account",
        "kind not in ('budget', 'envelope', 'voucher', 'outcome', 'payout') or credits - debits - held >= 0",
    )
    op.create_index(
        "ix_account_envelope", "account", ["owner_id"], postgresql_where=sa.text("kind = 'envelope'")
    )
    op.create_index(
        "one_draw", "posting", ["reference_id"], unique=True, postgresql_where=sa.text("kind = 'draw'")
    )
    lay()
    script = (SQL / "envelopes.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def lay() -> None:
    """Envelopes, their limits, and which envelope a voucher came from."""
    op.create_table(
        "envelope",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("expires_on >= starts_on", name="envelope_days_in_order"),
        sa.ForeignKeyConstraint(
            ["procurer_id", "programme_id"],
            ["programme.procurer_id", "programme.id"],
            name="fk_envelope_procurer_id_programme_id_programme",
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name="fk_envelope_procurer_id_organisation"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_envelope_person_id_person"),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name="fk_envelope_given_by_person"),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name="fk_envelope_ended_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_envelope"),
        sa.UniqueConstraint("procurer_id", "id", name="uq_envelope_procurer_id_id"),
    )
    op.create_index("ix_envelope_person_id", "envelope", ["person_id"])
    op.create_index(
        "ix_envelope_due", "envelope", ["expires_on"], postgresql_where=sa.text("ended_at is null")
    )
    op.create_table(
        "envelope_limit",
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("limit_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("limit_cents > 0", name="envelope_limit_positive"),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["envelope.id"], name="fk_envelope_limit_envelope_id_envelope"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_envelope_limit_service_id_service"),
        sa.PrimaryKeyConstraint("envelope_id", "service_id", name="pk_envelope_limit"),
    )
    op.add_column("voucher", sa.Column("envelope_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_voucher_procurer_id_envelope_id_envelope",
        "voucher",
        "envelope",
        ["procurer_id", "envelope_id"],
        ["procurer_id", "id"],
    )
    op.create_index(
        "ix_voucher_envelope_id",
        "voucher",
        ["envelope_id"],
        postgresql_where=sa.text("envelope_id is not null"),
    )
