"""Nothing is paid twice for one outcome, whichever of somebody's vouchers it is claimed on."""

from alembic import op

revision = "0045"
down_revision = "0044"

# The same months of one life are paid for once. Taken in turns by person, so that two at once do not miss each other.
GUARD = """
create function guard_one_outcome() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  whose uuid;
  began date;
begin
  select v.person_id, c.since into whose, began
    from voucher v join outcome_claim c on c.voucher_id = v.id where c.id = new.claim_id;
  perform pg_advisory_xact_lock(hashtextextended('outcome of ' || whose::text, 0));
  if exists (
    select from outcome_step s join outcome_claim c on c.id = s.claim_id join voucher v on v.id = s.voucher_id
     where v.person_id = whose and s.voucher_id <> new.voucher_id and s.undone is null
       and daterange(c.since, (c.since + make_interval(months => s.months))::date)
        && daterange(began, (began + make_interval(months => new.months))::date)) then
    raise exception 'these months have been paid for on another voucher' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger c_one_outcome before insert on outcome_step for each row execute function guard_one_outcome();

create view check_no_outcome_is_paid_twice as
  select s.id from outcome_step s
    join outcome_claim c on c.id = s.claim_id join voucher v on v.id = s.voucher_id
    join voucher w on w.person_id = v.person_id and w.id > v.id
    join outcome_step t on t.voucher_id = w.id and t.undone is null
    join outcome_claim d on d.id = t.claim_id
   where s.undone is null
     and daterange(c.since, (c.since + make_interval(months => s.months))::date)
      && daterange(d.since, (d.since + make_interval(months => t.months))::date);
grant select on check_no_outcome_is_paid_twice to setori_app;
"""


def upgrade() -> None:
    """Guard it, and look for it every time the books are checked."""
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(GUARD))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
