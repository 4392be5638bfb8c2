"""An approval that is reinstated comes back with those who delivered under it."""

from alembic import op

revision = "0037"
down_revision = "0036"

# As it was, but that a yes decided under an earlier approval of the same rulebook is a yes under the one that follows.
GUARD_PARTNER = """
create or replace function guard_partner() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  whose approval;
  book rulebook;
  most bigint;
begin
  select * into whose from approval where id = new.approval_id for update;
  select * into book from rulebook where id = whose.rulebook_id;
  if tg_op = 'UPDATE' then
    if (new.id, new.approval_id, new.firm_id, new.part, new.task, new.share_percent, lower(new.during), new.change_id)
       is distinct from
       (old.id, old.approval_id, old.firm_id, old.part, old.task, old.share_percent, lower(old.during), old.change_id)
       or upper(new.during) is null or upper(old.during) < upper(new.during) then
      raise exception 'only the end of a partner''s days is written' using errcode = '23514';
    end if;
    return new;
  end if;
  if whose.provider_id = new.firm_id then
    raise exception 'a lead firm is not its own partner' using errcode = '23514';
  end if;
  if not book.allows_consortia then
    raise exception 'rulebook % allows no consortia', book.id using errcode = '23514';
  end if;
  if not exists (
    select from partner_change c where c.id = new.change_id and c.status = 'approved' and c.firm_id = new.firm_id
      and c.answered_by is not null and (c.part, c.task, c.share_percent) = (new.part, new.task, new.share_percent)
      and (c.approval_id = new.approval_id or c.application_id = whose.application_id or exists (
        select from approval f where f.id = c.approval_id and (f.procurer_id, f.provider_id, f.rulebook_id)
          = (whose.procurer_id, whose.provider_id, whose.rulebook_id)))) then
    raise exception 'firm % has not said yes to this, or nobody has decided it', new.firm_id using errcode = '23514';
  end if;
  -- The shares grow on first days only, so the sum is looked at on these.
  select max(together) into most from (
    select (select sum(p.share_percent) from partner p
            where p.approval_id = new.approval_id and p.during @> day.on_day) as together
    from (select lower(new.during) as on_day union
          select lower(p.during) from partner p where p.approval_id = new.approval_id and new.during @> lower(p.during)
         ) day) sums;
  if coalesce(most, 0) + new.share_percent > book.subcontract_cap and new.share_percent > 0 then
    raise exception 'the subcontractors'' shares pass the cap of rulebook %', book.id using errcode = '23514';
  end if;
  return new;
end $$;
"""


def upgrade() -> None:
    """Say where else a yes may have been given."""
    op.execute(GUARD_PARTNER)


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
