-- A programme's terms come in versions; a voucher keeps the version it was issued under.
insert into terms (id, procurer_id, programme_id, number, gives, units, price_cap_cents, validity_days, target_group,
                   municipality_codes, silent_days, notice_hours, late_cancel_uses, no_show_uses, written_at)
select uuidv7(), procurer_id, id, 1, 'units', units, price_cap_cents, validity_days, '{}', '[]', 0, 24, false, false,
       created_at
from programme;
update voucher v set terms_id = t.id from terms t where t.programme_id = v.programme_id;
alter table voucher alter column terms_id set not null;
alter table programme drop column units, drop column price_cap_cents, drop column validity_days;

create trigger z_immutable before update or delete on terms for each row execute function never_changes();
create trigger z_not_emptied before truncate on terms execute function never_changes();
grant select, insert on terms to setori_app;

-- A voucher of a value holds as many sessions as its money pays at the price of whoever is chosen.
create function fit_units(p_voucher_id uuid) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  fitting int;
begin
  update voucher v set units = v.units_used + v.units_held
      + ((a.credits - a.debits - a.held) / c.unit_price_cents)::int
  from terms t, account a, choice c
  where v.id = p_voucher_id and t.id = v.terms_id and t.gives = 'value' and a.id = v.id
    and c.voucher_id = v.id and c.ended_at is null
  returning v.units into fitting;
  return fitting;
end $$;
revoke all on function fit_units from public;
grant execute on function fit_units to setori_app;

-- What comes back by a reversal comes back at the price of that day: count anew.
create function fit_after_reversal() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform fit_units(new.id);
  return null;
end $$;
create trigger c_fit after update of units_used on voucher for each row when (new.units_used < old.units_used)
  execute function fit_after_reversal();

create view check_vouchers_keep_terms_of_their_programme as
  select v.id from voucher v left join terms t on t.id = v.terms_id
  where t.programme_id is distinct from v.programme_id or t.price_cap_cents <> v.price_cap_cents;
grant select on check_vouchers_keep_terms_of_their_programme to setori_app;
