"""A firm replies once to what a client said; everybody reads it once the procurer has looked at it."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"


def word(column: str, *values: str, nullable: bool = False) -> sa.Column[object]:
    """A word of a list with a check of its own."""
    known = sa.Enum(
        *values, name=f"review_reply_{column}_known", native_enum=False, create_constraint=True, length=40
    )
    return sa.Column(column, known, nullable=nullable)


def id_of(column: str, other: str, *, nullable: bool = False) -> sa.Column[object]:
    """A reference to another table's id."""
    return sa.Column(
        column,
        sa.Uuid(),
        sa.ForeignKey(f"{other}.id", name=f"fk_review_reply_{column}_{other}"),
        nullable=nullable,
    )


def upgrade() -> None:
    """Lay the table. What was written never changes and is never deleted."""
    op.create_table(
        "review_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        id_of("review_id", "review"),
        id_of("procurer_id", "organisation"),
        id_of("by_id", "person"),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        word("decision", "shown", "refused", nullable=True),
        word("refused_for", "insult", "personal_data", "off_topic", nullable=True),
        id_of("decided_by", "person", nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("text <> ''", name="review_reply_says_something"),
        sa.CheckConstraint(
            "(decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)",
            name="review_reply_decided_by_somebody",
        ),
        sa.CheckConstraint(
            "coalesce(decision = 'refused', false) = (refused_for is not null)",
            name="review_reply_refused_for_a_reason",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review_reply"),
    )
    op.create_index(
        "one_reply",
        "review_reply",
        ["review_id"],
        unique=True,
        postgresql_where=sa.text("decision is distinct from 'refused'"),
    )
    op.create_index("ix_review_reply_procurer_id", "review_reply", ["procurer_id", "id"])
    op.create_index("ix_review_reply_review_id", "review_reply", ["review_id"])
    op.execute("grant select, insert on review_reply to setori_app")
    op.execute("grant update (decision, refused_for, decided_by, decided_at) on review_reply to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
