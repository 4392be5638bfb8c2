"""Outcome figures counted at night, those of foreign registers, and what is published each month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0030"


def whose(table: str) -> list[sa.schema.SchemaItem]:
    """A provider in a service."""
    return [
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=f"fk_{table}_provider_id_organisation"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=f"fk_{table}_service_id_service"),
    ]


def upgrade() -> None:
    """Lay the tables; what was published is only added to."""
    op.create_table(
        "outcome_figure",
        *whose("outcome_figure"),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("observed", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=False)
            for name in ("expected", "variance", "overall", "k", "rate", "low", "high")
        ),
        sa.Column("strata", postgresql.JSONB(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.CheckConstraint("months in (3, 6, 12)", name="outcome_figure_months_known"),
        sa.CheckConstraint("observed between 0 and finished and finished > 0", name="outcome_figure_counts"),
        sa.CheckConstraint(
            "low between 0 and rate and high between rate and 1", name="outcome_figure_in_bounds"
        ),
        sa.PrimaryKeyConstraint("provider_id", "service_id", "months", name="pk_outcome_figure"),
    )
    op.create_index("ix_outcome_figure_service_id", "outcome_figure", ["service_id"])
    op.create_table(
        "register_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("register_code", sa.String(length=40), nullable=False),
        *whose("register_outcome"),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("months > 0", name="register_outcome_months_positive"),
        sa.CheckConstraint(
            "reached between 0 and completed and completed > 0", name="register_outcome_counts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_register_outcome"),
        sa.UniqueConstraint(
            "provider_id", "subject", "months", name="uq_register_outcome_provider_id_subject_months"
        ),
    )
    op.create_index("ix_register_outcome_register_code", "register_outcome", ["register_code"])
    op.create_table(
        "figure_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_figure_month"),
    )
    op.create_table(
        "published_figure",
        sa.Column("month", sa.Date(), nullable=False),
        *whose("published_figure"),
        sa.Column("experience", postgresql.JSONB(), nullable=True),
        sa.Column("outcome", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["month"], ["figure_month.month"], name="fk_published_figure_month_figure_month"
        ),
        sa.PrimaryKeyConstraint("month", "provider_id", "service_id", name="pk_published_figure"),
    )
    op.create_index(
        "ix_published_figure_provider_id", "published_figure", ["provider_id", "service_id", "month"]
    )
    op.execute("grant select, insert, delete on outcome_figure to setori_app")
    op.execute("grant select, insert, update on register_outcome to setori_app")
    op.execute("grant select, insert on figure_month, published_figure to setori_app")
