"""What jobseekers were shown before they chose, so that equal treatment can be checked by anybody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Lay the tables. What led to no choice is deleted in time; of what did, only whose it was is forgotten."""
    source = sa.Enum(
        *("search", "guided", "instead"),
        name="showing_source_known",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "showing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("source", source, nullable=False),
        sa.Column("ordered_by", sa.String(length=20), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pairs", JSONB(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_array_length(pairs) > 0", name="showing_shows_something"),
        sa.PrimaryKeyConstraint("id", name="pk_showing"),
    )
    op.create_index("ix_showing_person_id", "showing", ["person_id", "shown_at"])
    op.create_index(
        "ix_showing_shown_at", "showing", ["shown_at"], postgresql_where=sa.text("person_id is not null")
    )
    op.create_table(
        "shown_choice",
        sa.Column("choice_id", sa.Uuid(), sa.ForeignKey("choice.id"), nullable=False),
        sa.Column("showing_id", sa.Uuid(), sa.ForeignKey("showing.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.CheckConstraint("place > 0", name="shown_choice_place_from_one"),
        sa.PrimaryKeyConstraint("choice_id", name="pk_shown_choice"),
    )
    op.create_index("ix_shown_choice_showing_id", "shown_choice", ["showing_id"])
    op.create_index("ix_shown_choice_chosen_on", "shown_choice", ["chosen_on"])
    op.execute("grant select, insert, delete on showing to setori_app")
    op.execute("grant update (person_id, seed, asked) on showing to setori_app")
    op.execute("grant select, insert on shown_choice to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
