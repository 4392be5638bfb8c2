"""Consortia: who delivers under a lead firm's approval and on which days, changes of it, and whose an offering is."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

SQL = Path(__file__).parent.parent / "sql"
PARTS = ("member", "subcontractor")
TASKS = ("delivers_coaching", "delivers_training", "brings_languages", "administration")
KINDS = ("join", "alter", "leave")
STATES = ("invited", "accepted", "declined", "withdrawn", "approved", "refused")
SHARE = (
    "(part = 'member' and share_percent = 0) or (part = 'subcontractor' and share_percent between 1 and 100)"
)


def code(table: str, column: str, *values: str) -> sa.Column[str]:
    """A word of a list with a check of its own."""
    name = f"{table}_{column}_known"
    known = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, known, nullable=False)


def link(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A reference to another table's id."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    """Lay the tables and columns, then the hand-written SQL, which takes over what was known before."""
    moment, told = sa.DateTime(timezone=True), sa.String(length=2000)
    op.add_column(
        "rulebook", sa.Column("allows_consortia", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("rulebook", sa.Column("subcontract_cap", sa.Integer(), nullable=False, server_default="0"))
    for column in ("allows_consortia", "subcontract_cap"):
        op.alter_column("rulebook", column, server_default=None)
    op.create_check_constraint(
        "rulebook_subcontract_cap_in_bounds", "rulebook", "subcontract_cap between 0 and 100"
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        code("partner", "part", *PARTS),
        code("partner", "task", *TASKS),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_reason", told, nullable=False),
        sa.Column("left_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(SHARE, name="partner_share_in_bounds"),
        link("partner", "approval_id", "approval"),
        link("partner", "firm_id", "organisation"),
        link("partner", "left_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_partner"),
    )
    op.create_index("ix_partner_firm_id", "partner", ["firm_id"])
    op.create_index("ix_partner_approval_id", "partner", ["approval_id"])
    op.create_table(
        "partner_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        code("partner_change", "kind", *KINDS),
        code("partner_change", "status", *STATES),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        code("partner_change", "part", *PARTS),
        code("partner_change", "task", *TASKS),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.Column("reason", told, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("closed_reason", told, nullable=False),
        sa.CheckConstraint(
            "(application_id is null) <> (approval_id is null)", name="partner_change_belongs_to_one"
        ),
        sa.CheckConstraint("firm_id <> lead_id", name="partner_change_has_two_firms"),
        sa.CheckConstraint(SHARE, name="partner_change_share_in_bounds"),
        sa.CheckConstraint(
            "kind = 'leave' or status in ('invited', 'declined', 'withdrawn') or answered_by is not null",
            name="partner_change_has_the_firms_yes",
        ),
        sa.CheckConstraint("kind = 'join' or partner_id is not null", name="partner_change_of_a_partner"),
        sa.CheckConstraint(
            "(status in ('invited', 'accepted')) = (closed_at is null)", name="partner_change_closed_once"
        ),
        *(
            link("partner_change", column, other)
            for column, other in (
                *(("application_id", "application"), ("approval_id", "approval"), ("partner_id", "partner")),
                *(("procurer_id", "organisation"), ("lead_id", "organisation"), ("firm_id", "organisation")),
                *(("asked_by", "person"), ("answered_by", "person"), ("closed_by", "person")),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_partner_change"),
    )
    for whose in ("application", "approval"):
        op.create_index(
            f"one_open_change_of_{whose}",
            "partner_change",
            [f"{whose}_id", "firm_id"],
            unique=True,
            postgresql_where=sa.text("status in ('invited', 'accepted')"),
        )
    op.create_index("ix_partner_change_procurer_id", "partner_change", ["procurer_id", "status"])
    op.create_index("ix_partner_change_lead_id", "partner_change", ["lead_id"])
    op.create_index("ix_partner_change_firm_id", "partner_change", ["firm_id"])
    op.add_column("offering", sa.Column("deliverer_id", sa.Uuid(), nullable=True))
    op.execute("update offering set deliverer_id = provider_id")
    op.alter_column("offering", "deliverer_id", nullable=False)
    op.create_foreign_key(
        "fk_offering_deliverer_id_organisation", "offering", "organisation", ["deliverer_id"], ["id"]
    )
    op.create_index("ix_offering_deliverer_id", "offering", ["deliverer_id"])
    script = (SQL / "consortia.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]
    op.drop_table("consortium_member")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
