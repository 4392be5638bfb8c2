"""The watch: flags with their evidence, owner, answer and outcome, and traces of answers that are erased in time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"

KINDS = (
    *("burst", "same_device", "same_network", "few_answers", "falling_answers"),
    *("silence", "same_length", "creaming", "parking", "odd_hours"),
)


def word(column: str, *values: str, nullable: bool = False) -> sa.Column[object]:
    """A word of a list with a check of its own."""
    known = sa.Enum(
        *values, name=f"flag_{column}_known", native_enum=False, create_constraint=True, length=40
    )
    return sa.Column(column, known, nullable=nullable)


def id_of(table: str, column: str, other: str, *, nullable: bool = False) -> sa.Column[object]:
    """A reference to another table's id."""
    return sa.Column(
        column,
        sa.Uuid(),
        sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}_{other}"),
        nullable=nullable,
    )


def moment(column: str, *, nullable: bool = True) -> sa.Column[object]:
    """A moment, in UTC."""
    return sa.Column(column, sa.DateTime(timezone=True), nullable=nullable)


def said(column: str) -> sa.Column[object]:
    """What somebody wrote; empty until then."""
    return sa.Column(column, sa.String(length=2000), nullable=False)


def upgrade() -> None:
    """Lay the tables. A flag is never deleted, and what was found never changes; a trace is erased."""
    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        id_of("flag", "procurer_id", "organisation"),
        id_of("flag", "provider_id", "organisation"),
        word("kind", *KINDS),
        word("status", "found", "taken_up", "asked", "answered", "closed"),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("latest", postgresql.JSONB(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        id_of("flag", "owner_id", "person", nullable=True),
        moment("taken_at"),
        said("question"),
        moment("asked_at"),
        sa.Column("answer_by", sa.Date(), nullable=True),
        said("answer"),
        id_of("flag", "answered_by", "person", nullable=True),
        moment("answered_at"),
        word("outcome", "explained", "put_right", "in_view", "breach", nullable=True),
        said("closing_words"),
        id_of("flag", "closed_by", "person", nullable=True),
        moment("closed_at"),
        sa.CheckConstraint("(status = 'found') = (owner_id is null)", name="flag_is_looked_after"),
        sa.CheckConstraint("(owner_id is null) = (taken_at is null)", name="flag_taken_at_a_time"),
        sa.CheckConstraint("(asked_at is null) = (question = '')", name="flag_asked_a_question"),
        sa.CheckConstraint("(asked_at is null) = (answer_by is null)", name="flag_asked_until_a_day"),
        sa.CheckConstraint("status not in ('asked', 'answered') or asked_at is not null", name="flag_asked"),
        sa.CheckConstraint(
            "(answered_at is null) = (answer = '') and (answered_at is null) = (answered_by is null)",
            name="flag_answered_with_words",
        ),
        sa.CheckConstraint("status <> 'answered' or answered_at is not null", name="flag_answered"),
        sa.CheckConstraint("answered_at is null or asked_at is not null", name="flag_answers_a_question"),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome is not null) and (status = 'closed') = (closed_at is not null)"
            " and (status = 'closed') = (closing_words <> '') and (status = 'closed') = (closed_by is not null)",
            name="flag_closed_with_an_outcome",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flag"),
    )
    op.create_index(
        "one_open_flag",
        "flag",
        ["procurer_id", "provider_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index("ix_flag_procurer_id", "flag", ["procurer_id", "id"])
    op.create_index(
        "ix_flag_provider_id",
        "flag",
        ["provider_id", "id"],
        postgresql_where=sa.text("asked_at is not null"),
    )
    op.create_table(
        "nightly_look",
        id_of("nightly_look", "procurer_id", "organisation"),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        moment("looked_at", nullable=False),
        sa.PrimaryKeyConstraint("procurer_id", "looked_on", name="pk_nightly_look"),
    )
    op.create_table(
        "review_trace",
        id_of("review_trace", "review_id", "review"),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("network", sa.LargeBinary(), nullable=False),
        moment("made_at", nullable=False),
        sa.PrimaryKeyConstraint("review_id", name="pk_review_trace"),
    )
    op.create_index("ix_review_trace_made_at", "review_trace", ["made_at"])
    op.execute("grant select, insert on flag to setori_app")
    op.execute(
        "grant update (status, latest, seen_on, owner_id, taken_at, question, asked_at, answer_by, answer,"
        " answered_by, answered_at, outcome, closing_words, closed_by, closed_at) on flag to setori_app"
    )
    op.execute("grant select, insert on nightly_look to setori_app")
    op.execute("grant update (raised) on nightly_look to setori_app")
    op.execute("grant select, insert, delete on review_trace to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
