"""Letters that let firms and their people in, and the end of a role."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

OPEN = sa.text("accepted_at is null and taken_back_at is null")


def upgrade() -> None:
    """Lay the table; a role is ended by the app, which could only begin it so far."""
    role = sa.Enum(
        *("jobseeker", "coach", "provider_owner", "case_worker"),
        *("registrar", "finance", "approver", "service_manager"),
        name="invitation_role_known",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", role, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("procurer_id", sa.Uuid(), nullable=True),
        sa.Column("firm_name", sa.String(length=200), nullable=False),
        sa.Column("next_path", sa.String(length=200), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "accepted_at is null or organisation_id is not null", name="invitation_accepted_names_firm"
        ),
        sa.CheckConstraint("accepted_at is null or taken_back_at is null", name="invitation_ends_once"),
        sa.CheckConstraint("role in ('coach', 'provider_owner')", name="invitation_is_of_a_firm"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_invitation_person_id_person"),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name="fk_invitation_invited_by_person"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_invitation_organisation_id_organisation"
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name="fk_invitation_procurer_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_index(
        "one_open_invitation",
        "invitation",
        ["person_id", "organisation_id", "procurer_id", "role", sa.text("lower(firm_name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=OPEN,
    )
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id"])
    op.create_index(
        "ix_invitation_procurer_id_id",
        "invitation",
        ["procurer_id", "id"],
        postgresql_where=sa.text("procurer_id is not null"),
    )
    op.execute("grant select, insert on invitation to setori_app")
    op.execute(
        "grant update (token_hash, organisation_id, next_path, sent_at, expires_at, accepted_at, taken_back_at) "
        "on invitation to setori_app"
    )
