"""The life of an approval: coded reasons, days closed to new clients, hearings, adoption, capacity."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

CODES = ("asked_by_provider", "evidence_expired", "breach", "merger", "no_delivery", "insolvency", "other")


def code(table: str, column: str, *, nullable: bool = False) -> sa.Column[str]:
    """A coded reason with a check of its own."""
    known = sa.Enum(
        *CODES, name=f"{table}_{column}_known", native_enum=False, create_constraint=True, length=40
    )
    return sa.Column(column, known, nullable=nullable)


def upgrade() -> None:
    """Lay the tables, and let the app use them."""
    op.add_column("approval", code("approval", "closed_code", nullable=True))
    op.add_column("approval", sa.Column("adopted_from", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_approval_adopted_from_approval", "approval", "approval", ["adopted_from"], ["id"]
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        code("pause", "code"),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("begun_by", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until_on is null or until_on >= from_on", name="pause_days_in_order"),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name="fk_pause_approval_id_approval"),
        sa.ForeignKeyConstraint(["begun_by"], ["person.id"], name="fk_pause_begun_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
    )
    op.create_index("ix_pause_approval_id", "pause", ["approval_id"])
    op.create_index(
        "one_open_pause",
        "pause",
        ["approval_id", "code"],
        unique=True,
        postgresql_where=sa.text("until_on is null"),
    )
    op.create_table(
        "hearing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        code("hearing", "code"),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=4000), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("led_to_suspension", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name="fk_hearing_approval_id_approval"),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name="fk_hearing_opened_by_person"),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name="fk_hearing_answered_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_hearing"),
    )
    op.create_index("ix_hearing_approval_id", "hearing", ["approval_id"])
    op.create_index(
        "one_open_hearing",
        "hearing",
        ["approval_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "capacity",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("waiting_days", sa.Integer(), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name="fk_capacity_provider_id_organisation"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_capacity_service_id_service"),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name="fk_capacity_procurer_id_organisation"
        ),
        sa.ForeignKeyConstraint(["told_by"], ["person.id"], name="fk_capacity_told_by_person"),
        sa.PrimaryKeyConstraint("provider_id", "service_id", "procurer_id", name="pk_capacity"),
    )
    op.execute("grant select, insert on pause, hearing, capacity to setori_app")
    op.execute("grant update (until_on) on pause to setori_app")
    op.execute(
        "grant update (answer, answered_by, answered_at, closed_at, led_to_suspension) on hearing to setori_app"
    )
    op.execute("grant update (places, waiting_days, told_by, told_at) on capacity to setori_app")
    op.execute("grant update (closed_code, adopted_from) on approval to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
