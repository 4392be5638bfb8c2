"""What the public registers say of firms, and the feed of the public register."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

SQL = Path(__file__).parent.parent / "sql"
KINDS = ("standing", "prepayment", "tax", "pension")
ANSWERS = (
    *("active", "ceased", "bankrupt", "missing", "registered", "not_registered"),
    *("taxes_paid", "tax_debt", "pensions_paid", "pension_debt"),
)


def known(name: str, *values: str) -> sa.Enum:
    """A code with a check of its own."""
    return sa.Enum(*values, name=f"{name}_known", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Lay the tables, then the hand-written SQL."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "business_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kind", known("business_fact_kind", *KINDS), nullable=False),
        sa.Column("answer", known("business_fact_answer", *ANSWERS), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("told_at", moment, nullable=False),
        sa.Column("confirmed_at", moment, nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.CheckConstraint("confirmed_at >= told_at", name="business_fact_confirmed_after_told"),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name="fk_business_fact_provider_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_business_fact"),
    )
    current = sa.text("is_current")
    op.create_index(
        "one_current_fact", "business_fact", ["provider_id", "kind"], unique=True, postgresql_where=current
    )
    op.create_index("ix_business_fact_provider_id", "business_fact", ["provider_id", "told_at"])
    op.create_table(
        "fact_asking",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(length=20), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.CheckConstraint("office in ('company', 'obligations')", name="fact_asking_office_known"),
        sa.CheckConstraint("(failures > 0) = (failing_since is not null)", name="fact_asking_fails_since"),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name="fk_fact_asking_provider_id_organisation"
        ),
        sa.PrimaryKeyConstraint("provider_id", "office", name="pk_fact_asking"),
    )
    op.create_index("ix_fact_asking_next_at", "fact_asking", ["next_at"])
    op.create_table(
        "fact_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("noticed_at", moment, nullable=False),
        sa.Column("looked_at", moment, nullable=True),
        sa.Column("looked_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("over_at", moment, nullable=True),
        sa.CheckConstraint("(looked_at is null) = (looked_by is null)", name="fact_notice_looked_whole"),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name="fk_fact_notice_procurer_id_organisation"
        ),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["business_fact.id"], name="fk_fact_notice_fact_id_business_fact"
        ),
        sa.ForeignKeyConstraint(["looked_by"], ["person.id"], name="fk_fact_notice_looked_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_fact_notice"),
        sa.UniqueConstraint("procurer_id", "fact_id", name="uq_fact_notice_procurer_id_fact_id"),
    )
    op.create_index("ix_fact_notice_fact_id", "fact_notice", ["fact_id"])
    op.create_index("ix_fact_notice_procurer_id", "fact_notice", ["procurer_id", "id"])
    op.create_table(
        "feed_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_entry"),
    )
    op.create_index("one_feed_number", "feed_entry", ["number"], unique=True)
    op.create_index("ix_feed_entry_waiting", "feed_entry", ["id"], postgresql_where=sa.text("number is null"))
    op.create_index("ix_feed_entry_about_id", "feed_entry", ["about_id"])
    script = (SQL / "facts.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
