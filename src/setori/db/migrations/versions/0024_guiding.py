"""A service manager beside the client: consents in parts and until a day, suggestions, who sits in, and every look."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

SQL = Path(__file__).parent.parent / "sql"
ROLES = (
    *("jobseeker", "coach", "provider_owner", "case_worker", "registrar", "finance", "approver"),
    "service_manager",
)
STATES = ("proposed", "in_force", "ended", "refused")
DEEDS = (
    *("looked", "looked_for_coaches", "looked_at_times", "looked_at_meeting", "suggested", "took_back"),
    *("booked", "moved", "called_off", "sits_in", "sits_not_in"),
)
OPEN = "status in ('proposed', 'in_force')"


def code(table: str, column: str, *values: str) -> sa.Column[str]:
    """A word of a list with a check of its own."""
    name = f"{table}_{column}_known"
    known = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, known, nullable=False)


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


def upgrade() -> None:
    """Let there be one role more, lay the tables, then the hand-written SQL with the guards."""
    op.execute("alter table membership drop constraint membership_role_known")
    listed = ", ".join(f"'{role}'" for role in ROLES)
    op.execute(f"alter table membership add constraint membership_role_known check (role in ({listed}))")
    lay_consents()
    lay_deeds()
    script = (SQL / "guiding.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def lay_consents() -> None:
    """Who walks beside whom."""
    op.create_table(
        "consent",
        *id_of("id", "procurer_id", "client_id", "manager_id"),
        code("consent", "status", *STATES),
        *(
            sa.Column(column, sa.Boolean(), nullable=False)
            for column in ("may_see", "may_shortlist", "may_book", "may_attend")
        ),
        sa.Column("until_on", sa.Date(), nullable=False),
        *id_of("proposed_by"),
        *moment("proposed_at"),
        *moment("given_at", nullable=True),
        *id_of("closed_by", nullable=True),
        *moment("closed_at", nullable=True),
        sa.CheckConstraint("client_id <> manager_id", name="consent_of_two_people"),
        sa.CheckConstraint("may_see or may_shortlist or may_book or may_attend", name="consent_to_something"),
        sa.CheckConstraint(
            "(status in ('in_force', 'ended')) = (given_at is not null)",
            name="consent_given_before_it_is_used",
        ),
        sa.CheckConstraint(f"({OPEN}) = (closed_at is null)", name="consent_closed_with_its_state"),
        sa.CheckConstraint(
            "closed_at >= given_at and given_at >= proposed_at", name="consent_times_in_order"
        ),
        *links(
            "consent",
            procurer_id="organisation",
            client_id="person",
            manager_id="person",
            proposed_by="person",
            closed_by="person",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    is_open = sa.text(OPEN)
    op.create_index(
        "one_open_consent", "consent", ["client_id", "manager_id"], unique=True, postgresql_where=is_open
    )
    op.create_index("ix_consent_client_id", "consent", ["client_id", "id"])
    op.create_index("ix_consent_manager_id", "consent", ["manager_id", "status", "id"])
    op.create_index("ix_consent_open", "consent", ["until_on"], postgresql_where=is_open)


def lay_deeds() -> None:
    """What is done with a consent, and the trace of it."""
    op.create_table(
        "suggestion",
        *id_of("id", "consent_id", "voucher_id", "offering_id"),
        *id_of("coach_id", nullable=True),
        sa.Column("comment", sa.String(length=500), nullable=False),
        *moment("made_at"),
        *moment("withdrawn_at", nullable=True),
        *links(
            "suggestion", consent_id="consent", voucher_id="voucher", offering_id="offering", coach_id="coach"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion"),
    )
    op.create_index(
        "one_live_suggestion",
        "suggestion",
        ["consent_id", "voucher_id", "offering_id", "coach_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_suggestion_voucher_id", "suggestion", ["voucher_id"])
    op.create_table(
        "sitting_in",
        *id_of("booking_id", "consent_id"),
        *moment("since_at"),
        *links("sitting_in", booking_id="booking", consent_id="consent"),
        sa.PrimaryKeyConstraint("booking_id", "consent_id", name="pk_sitting_in"),
    )
    op.create_index("ix_sitting_in_consent_id", "sitting_in", ["consent_id"])
    op.create_table(
        "guiding_trace",
        *id_of("id", "consent_id"),
        code("guiding_trace", "what", *DEEDS),
        *id_of("about_id", nullable=True),
        *moment("at"),
        *moment("look_at", nullable=True),
        sa.CheckConstraint(
            "(look_at is not null) = (what like 'looked%')", name="guiding_trace_looks_are_counted"
        ),
        *links("guiding_trace", consent_id="consent"),
        sa.PrimaryKeyConstraint("id", name="pk_guiding_trace"),
    )
    op.create_index(
        "one_look_a_quarter",
        "guiding_trace",
        ["consent_id", "what", "about_id", "look_at"],
        unique=True,
        postgresql_where=sa.text("look_at is not null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_guiding_trace_consent_id", "guiding_trace", ["consent_id", "id"])


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
