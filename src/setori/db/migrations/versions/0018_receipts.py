"""Two-sided receipts: minutes, ways and times of sessions, disputes with both sides' words, silence by the terms."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

SQL = Path(__file__).parent.parent / "sql"
STATUSES = ("held", "disputed", "confirmed", "refused", "withdrawn", "lapsed", "reversed")


def known(name: str, *values: str) -> sa.Enum:
    """A coded column with a check of its own."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Lay columns and tables, then the functions that write them."""
    for column in (
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("coach_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=True),
        sa.Column("held_during", postgresql.TSTZRANGE(), nullable=True),
        sa.Column("private_note", sa.String(length=1000), nullable=False, server_default=""),
        sa.Column("is_silent", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_sampled", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("redemption", column)
    for table, target in (("person", "person"), ("coach", "coach"), ("corrects", "redemption")):
        op.create_foreign_key(
            f"fk_redemption_{table}_id_{target}", "redemption", target, [f"{table}_id"], ["id"]
        )
    op.create_check_constraint("redemption_minutes_in_bounds", "redemption", "minutes between 1 and 1440")
    op.create_unique_constraint("uq_redemption_corrects_id", "redemption", ["corrects_id"])
    op.drop_constraint("redemption_status_known", "redemption", type_="check")
    values = ", ".join(f"'{status}'" for status in STATUSES)
    op.create_check_constraint("redemption_status_known", "redemption", f"status in ({values})")
    op.drop_constraint("redemption_resolved_once", "redemption", type_="check")
    op.create_check_constraint(
        "redemption_resolved_once", "redemption", "(status in ('held', 'disputed')) = (resolved_at is null)"
    )
    op.create_index(
        "ix_redemption_sampled", "redemption", ["procurer_id", "id"], postgresql_where=sa.text("is_sampled")
    )
    op.add_column("choice", sa.Column("unit_minutes", sa.Integer(), nullable=True))
    op.create_table(
        "dispute",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", known("dispute_kind_known", "did_not_happen", "shorter", "otherwise"), nullable=False
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("client_words", sa.String(length=1000), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider_words", sa.String(length=1000), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            known("dispute_decision_known", "as_recorded", "corrected", "not_held"),
            nullable=True,
        ),
        sa.Column("decision_words", sa.String(length=1000), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(decision is null) = (decided_at is null)", name="dispute_decided_once"),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name="fk_dispute_redemption_id_redemption"
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name="fk_dispute_procurer_id_organisation"
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name="fk_dispute_answered_by_person"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_dispute_decided_by_person"),
        sa.PrimaryKeyConstraint("redemption_id", name="pk_dispute"),
    )
    op.create_index("ix_dispute_procurer_id_opened_at", "dispute", ["procurer_id", "opened_at"])
    op.create_table(
        "sample_look",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("looked_by", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name="fk_sample_look_redemption_id_redemption"
        ),
        sa.ForeignKeyConstraint(["looked_by"], ["person.id"], name="fk_sample_look_looked_by_person"),
        sa.PrimaryKeyConstraint("redemption_id", name="pk_sample_look"),
    )
    script = (SQL / "receipts.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
