"""Outcome fees in terms, reserved at issue; claims, what was paid and taken back; fees and offsets in statements."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SQL = Path(__file__).parent.parent / "sql"
KINDS = ("job", "business", "studies")
ACCOUNTS = (
    *("appropriation", "budget", "voucher", "outcome", "provider_accrued", "payout", "bank_clearing"),
    *("bank", "receivable", "suspense"),
)
POSTINGS = (
    *("appropriate", "deappropriate", "issue", "return", "redeem", "reverse", "settle", "unsettle", "pay"),
    *("match", "reserve_outcome", "outcome_fee", "return_outcome", "reverse_outcome", "clawback", "offset"),
)
STATEMENTS = ("draft", "approved", "offset", "paid", "matched")
PROOFS = ("register", "document", "own_word")
LASTING = "months in (3, 6, 12)"


def code(table: str, column: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    """A word of a list with a check of its own."""
    name = f"{table}_{column}_known"
    known = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, known, nullable=nullable)


def links(table: str, **others: str) -> list[sa.ForeignKeyConstraint]:
    """References to other tables' ids, by column."""
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
        for column, other in others.items()
    ]


def id_of(*columns: str, nullable: bool = False) -> list[sa.Column[object]]:
    """Columns that hold an id."""
    return [sa.Column(column, sa.Uuid(), nullable=nullable) for column in columns]


def moment(*columns: str, nullable: bool = False) -> list[sa.Column[object]]:
    """Columns that hold an instant."""
    return [sa.Column(column, sa.DateTime(timezone=True), nullable=nullable) for column in columns]


def said(*columns: str) -> list[sa.Column[str]]:
    """Columns that hold what somebody wrote."""
    return [sa.Column(column, sa.String(length=1000), nullable=False) for column in columns]


def known(table: str, column: str, values: tuple[str, ...]) -> None:
    """Let a column hold more words than before."""
    name = f"{table}_{column}_known"
    op.execute(f"alter table {table} drop constraint {name}")
    listed = ", ".join(f"'{value}'" for value in values)
    op.execute(f"alter table {table} add constraint {name} check ({column} in ({listed}))")


def upgrade() -> None:
    """Lay the tables and columns, then the hand-written SQL."""
    widen()
    lay_outcomes()
    lay_statements()
    script = (SQL / "outcomes.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def widen() -> None:
    """The books know an account and postings more."""
    known("account", "kind", ACCOUNTS)
    known("posting", "kind", POSTINGS)
    known("statement", "status", STATEMENTS)
    op.drop_constraint("account_not_overdrawn", "account")
    op.create_check_constraint(
        "account_not_overdrawn",
        "account",
        "kind not in ('budget', 'voucher', 'outcome', 'payout') or credits - debits - held >= 0",
    )
    op.drop_constraint("posting_reverses_something", "posting")
    op.create_check_constraint(
        "posting_reverses_something",
        "posting",
        "(kind in ('reverse', 'reverse_outcome', 'clawback')) = (reverses_id is not null)",
    )
    op.create_index(
        "one_reserve_outcome",
        "posting",
        ["reference_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'reserve_outcome'"),
    )


def lay_outcomes() -> None:
    """Fees, claims, what was paid for them, and taking it back."""
    op.create_table(
        "outcome_fee",
        *id_of("id", "terms_id"),
        code("outcome_fee", "kind", *KINDS),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("claim_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(LASTING, name="outcome_fee_months_known"),
        sa.CheckConstraint("fee_cents > 0", name="outcome_fee_positive"),
        sa.CheckConstraint("claim_days between 1 and 1100", name="outcome_fee_claim_days_in_bounds"),
        *links("outcome_fee", terms_id="terms"),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_fee"),
        sa.UniqueConstraint("terms_id", "kind", "months", name="uq_outcome_fee_terms_id_kind_months"),
    )
    op.create_table(
        "outcome_claim",
        *id_of("id", "procurer_id", "voucher_id", "provider_id"),
        code("outcome_claim", "kind", *KINDS),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        code(
            "outcome_claim", "status", "proposed", "asked", "verified", "refused", "withdrawn", "taken_back"
        ),
        sa.Column("by_client", sa.Boolean(), nullable=False),
        *id_of("claimed_by"),
        *moment("claimed_at"),
        code("outcome_claim", "proof", *PROOFS),
        *said("proof_text", "client_words"),
        code("outcome_claim", "client_says", "nothing", "agrees", "objects"),
        *moment("client_said_at", nullable=True),
        *said("question", "answer"),
        *moment("asked_at", "answered_at", nullable=True),
        code("outcome_claim", "verified_by_proof", *PROOFS, nullable=True),
        *id_of("decided_by", nullable=True),
        *moment("decided_at", nullable=True),
        *said("reason"),
        sa.CheckConstraint(LASTING, name="outcome_claim_months_known"),
        sa.CheckConstraint(
            "(status in ('proposed', 'asked')) = (decided_at is null)", name="outcome_claim_decided_once"
        ),
        sa.CheckConstraint(
            "(status in ('verified', 'taken_back')) = (verified_by_proof is not null)",
            name="outcome_claim_verified_by_something",
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id", "voucher_id"],
            ["voucher.procurer_id", "voucher.id"],
            name="fk_outcome_claim_procurer_id_voucher_id_voucher",
        ),
        *links("outcome_claim", provider_id="organisation", claimed_by="person", decided_by="person"),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_claim"),
    )
    op.create_index(
        "one_open_outcome_claim",
        "outcome_claim",
        ["voucher_id", "provider_id"],
        unique=True,
        postgresql_where=sa.text("status in ('proposed', 'asked')"),
    )
    op.create_index("ix_outcome_claim_desk", "outcome_claim", ["procurer_id", "status", "claimed_at"])
    op.create_index("ix_outcome_claim_provider_id", "outcome_claim", ["provider_id", "claimed_at"])
    op.create_index("ix_outcome_claim_voucher_id", "outcome_claim", ["voucher_id"])
    op.create_table(
        "outcome_step",
        *id_of("id", "procurer_id", "voucher_id", "claim_id", "provider_id"),
        code("outcome_step", "kind", *KINDS),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        code("outcome_step", "undone", "reversed", "clawed_back", nullable=True),
        *moment("undone_at", nullable=True),
        sa.CheckConstraint(LASTING, name="outcome_step_months_known"),
        sa.CheckConstraint("amount_cents > 0", name="outcome_step_amount_positive"),
        sa.CheckConstraint("(undone is null) = (undone_at is null)", name="outcome_step_undone_at_a_time"),
        sa.ForeignKeyConstraint(
            ["procurer_id", "voucher_id"],
            ["voucher.procurer_id", "voucher.id"],
            name="fk_outcome_step_procurer_id_voucher_id_voucher",
        ),
        *links("outcome_step", claim_id="outcome_claim", provider_id="organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_step"),
    )
    op.create_index(
        "one_fee_a_step",
        "outcome_step",
        ["voucher_id", "months"],
        unique=True,
        postgresql_where=sa.text("undone is null"),
    )
    op.create_index("ix_outcome_step_claim_id", "outcome_step", ["claim_id"])
    op.create_index(
        "ix_outcome_step_settling", "outcome_step", ["procurer_id", "provider_id", "undone", "paid_on"]
    )
    op.create_table(
        "clawback",
        *id_of("id", "procurer_id", "claim_id"),
        *said("reason"),
        code("clawback", "status", "proposed", "approved", "declined"),
        *id_of("proposed_by"),
        *moment("proposed_at"),
        *id_of("decided_by", nullable=True),
        *moment("decided_at", nullable=True),
        *said("answer"),
        sa.CheckConstraint("decided_by <> proposed_by", name="clawback_four_eyes"),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_by is null) and (status = 'proposed') = (decided_at is null)",
            name="clawback_decided_once",
        ),
        *links("clawback", claim_id="outcome_claim", proposed_by="person", decided_by="person"),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name="fk_clawback_procurer_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clawback"),
    )
    op.create_index(
        "one_open_clawback",
        "clawback",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index("ix_clawback_claim_id", "clawback", ["claim_id"])


def lay_statements() -> None:
    """A statement holds outcome fees too, and keeps back what the provider owes."""
    for column in ("opening_cents", "offset_cents"):
        op.add_column("statement", sa.Column(column, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_check_constraint(
        "statement_offset_in_bounds",
        "statement",
        "total_cents >= 0 and offset_cents between 0 and opening_cents",
    )
    op.create_check_constraint(
        "statement_offset_pays_nothing",
        "statement",
        "status = 'draft' or (status = 'offset') = (total_cents = 0)",
    )
    op.alter_column("statement_line", "redemption_id", nullable=True)
    op.add_column("statement_line", sa.Column("outcome_step_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_statement_line_outcome_step_id_outcome_step",
        "statement_line",
        "outcome_step",
        ["outcome_step_id"],
        ["id"],
    )
    op.create_unique_constraint("uq_statement_line_outcome_step_id", "statement_line", ["outcome_step_id"])
    op.create_check_constraint(
        "statement_line_of_one_thing",
        "statement_line",
        "(redemption_id is null) <> (outcome_step_id is null)",
    )
    op.create_table(
        "statement_offset",
        *id_of("id", "statement_id", "outcome_step_id"),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name="statement_offset_amount_positive"),
        *links("statement_offset", statement_id="statement", outcome_step_id="outcome_step"),
        sa.PrimaryKeyConstraint("id", name="pk_statement_offset"),
        sa.UniqueConstraint(
            "statement_id", "outcome_step_id", name="uq_statement_offset_statement_id_outcome_step_id"
        ),
    )
    op.create_index("ix_statement_offset_outcome_step_id", "statement_offset", ["outcome_step_id"])


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
