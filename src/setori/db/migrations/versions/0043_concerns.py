"""Harm is told in confidence to those who are named for it: reports, what was written since, and one role more."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

ROLES = (
    *("jobseeker", "coach", "provider_owner", "case_worker", "registrar", "finance", "approver"),
    *("service_manager", "safeguarding"),
)
GUARD = """
create function guard_concern() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'received' then
      raise exception 'a report begins as received, not as %', new.status using errcode = '23514';
    end if;
    perform 1 from voucher v
      where v.id = new.voucher_id and v.person_id = new.person_id and v.procurer_id = new.procurer_id;
    if not found then
      raise exception 'a report is by the holder of a voucher, to its procurer' using errcode = '23514';
    end if;
    return new;
  end if;
  if (new.id, new.procurer_id, new.person_id, new.voucher_id, new.words, new.reach, new.told_at)
     is distinct from (old.id, old.procurer_id, old.person_id, old.voucher_id, old.words, old.reach, old.told_at) then
    raise exception 'what was told does not change' using errcode = '23514';
  end if;
  if old.status = 'closed' or (old.status, new.status) not in
     (('received', 'being_handled'), ('being_handled', 'being_handled'), ('being_handled', 'closed')) then
    raise exception 'a report cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  return new;
end $$
"""
TRIGGER = (
    "create trigger guard before insert or update on concern for each row execute function guard_concern()"
)


def moment(column: str, *, nullable: bool = False) -> sa.Column[object]:
    """A column that holds an instant."""
    return sa.Column(column, sa.DateTime(timezone=True), nullable=nullable)


def id_of(column: str, table: str, other: str, *, nullable: bool = False) -> sa.Column[object]:
    """A reference to another table's id."""
    named = sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}_{other}")
    return sa.Column(column, sa.Uuid(), named, nullable=nullable)


def upgrade() -> None:
    """Let there be one role more, lay the tables, and let nothing be deleted or rewritten."""
    listed = ", ".join(f"'{role}'" for role in ROLES)
    for table in ("membership", "invitation"):
        known = f"{table}_role_known"
        op.execute(f"alter table {table} drop constraint {known}")
        op.execute(f"alter table {table} add constraint {known} check (role in ({listed}))")
    status = sa.Enum(
        *("received", "being_handled", "closed"),
        name="concern_status_known",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "concern",
        sa.Column("id", sa.Uuid(), nullable=False),
        id_of("procurer_id", "concern", "organisation"),
        id_of("person_id", "concern", "person"),
        id_of("voucher_id", "concern", "voucher"),
        sa.Column("words", sa.String(length=4000), nullable=False),
        sa.Column("reach", sa.String(length=200), nullable=False),
        sa.Column("status", status, nullable=False),
        moment("told_at"),
        id_of("handler_id", "concern", "person", nullable=True),
        moment("taken_at", nullable=True),
        moment("closed_at", nullable=True),
        sa.Column("done", sa.String(length=4000), nullable=False),
        sa.CheckConstraint(
            "(status = 'received') = (handler_id is null)", name="concern_is_handled_by_somebody"
        ),
        sa.CheckConstraint("(handler_id is null) = (taken_at is null)", name="concern_taken_at_a_time"),
        sa.CheckConstraint("(status = 'closed') = (closed_at is not null)", name="concern_closed_at_a_time"),
        sa.CheckConstraint("(status = 'closed') = (done <> '')", name="concern_closed_with_what_was_done"),
        sa.PrimaryKeyConstraint("id", name="pk_concern"),
    )
    op.create_index("ix_concern_procurer_id", "concern", ["procurer_id", "id"])
    op.create_index("ix_concern_person_id", "concern", ["person_id", "id"])
    op.create_table(
        "concern_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        id_of("concern_id", "concern_message", "concern"),
        id_of("by_id", "concern_message", "person"),
        sa.Column("words", sa.String(length=4000), nullable=False),
        moment("written_at"),
        sa.PrimaryKeyConstraint("id", name="pk_concern_message"),
    )
    op.create_index("ix_concern_message_concern_id", "concern_message", ["concern_id", "id"])
    op.execute(GUARD)
    op.execute(TRIGGER)
    op.execute("grant select, insert on concern, concern_message to setori_app")
    op.execute("grant update (status, handler_id, taken_at, closed_at, done) on concern to setori_app")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
