"""Words that hurt are reported and decided on: reports of reviews, with who decided what and why."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def word(column: str, *values: str, nullable: bool = False) -> sa.Column[object]:
    """A word of a list with a check of its own."""
    name = f"review_report_{column}_known"
    known = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, known, nullable=nullable)


def moment(column: str, *, nullable: bool = False) -> sa.Column[object]:
    """A column that holds an instant."""
    return sa.Column(column, sa.DateTime(timezone=True), nullable=nullable)


def id_of(column: str, other: str, *, nullable: bool = False) -> sa.Column[object]:
    """A reference to another table's id."""
    named = sa.ForeignKey(f"{other}.id", name=f"fk_review_report_{column}_{other}")
    return sa.Column(column, sa.Uuid(), named, nullable=nullable)


def upgrade() -> None:
    """Lay the table. Nothing in it is deleted, and neither is a review."""
    op.create_table(
        "review_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        id_of("review_id", "review"),
        id_of("procurer_id", "organisation"),
        id_of("by_id", "person"),
        word("reason", "insult", "personal_data", "off_topic"),
        sa.Column("words", sa.String(length=500), nullable=False),
        moment("reported_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        word("decision", "hidden", "kept", nullable=True),
        word("hidden_for", "insult", "personal_data", "off_topic", nullable=True),
        sa.Column("decision_words", sa.String(length=500), nullable=False),
        id_of("decided_by", "person", nullable=True),
        moment("decided_at", nullable=True),
        id_of("shown_by", "person", nullable=True),
        moment("shown_at", nullable=True),
        sa.CheckConstraint(
            "(decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)",
            name="review_report_decided_by_somebody",
        ),
        sa.CheckConstraint(
            "coalesce(decision = 'hidden', false) = (hidden_for is not null)",
            name="review_report_hidden_for_a_reason",
        ),
        sa.CheckConstraint(
            "(shown_at is null) = (shown_by is null) and (shown_at is null or decision = 'hidden')",
            name="review_report_shows_what_it_hid",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review_report"),
    )
    op.create_index(
        "one_open_report",
        "review_report",
        ["review_id"],
        unique=True,
        postgresql_where=sa.text("decision is null"),
    )
    op.create_index("ix_review_report_procurer_id", "review_report", ["procurer_id", "id"])
    op.create_index("ix_review_report_review_id", "review_report", ["review_id"])
    op.execute("grant select, insert on review_report to setori_app")
    changes = "decision, hidden_for, decision_words, decided_by, decided_at, shown_by, shown_at"
    op.execute(f"grant update ({changes}) on review_report to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
