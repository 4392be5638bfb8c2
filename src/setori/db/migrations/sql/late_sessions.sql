-- A session that was held is recorded even when its client has moved on, or its voucher has had its last day, since.
create function choice_for(
  p_voucher_id uuid, p_provider_id uuid, p_service_on date, p_started_at timestamptz, p_by uuid, p_today date
) returns choice
language sql stable security definer set search_path = public, pg_temp as $$
  -- Those under which it can have been held; of several that of the coach who records it, the one that stands, the last.
  select h.* from choice h left join coach k on k.id = h.coach_id,
    lateral (select (h.ended_at at time zone 'Europe/Helsinki')::date as left_on) l
  where h.voucher_id = p_voucher_id and h.provider_id = p_provider_id
  order by
    p_service_on >= h.chosen_on and (h.ended_at is null
      or (p_service_on <= l.left_on and p_today <= l.left_on + 14
          and (p_started_at is null or p_started_at < h.ended_at))) desc,
    coalesce(k.person_id = p_by, false) desc, h.ended_at is null desc, h.ended_at desc, h.id desc
  limit 1
$$;
revoke all on function choice_for from public;

create or replace function redeem(
  p_id uuid, p_code_hash bytea, p_units int, p_service_on date, p_note text, p_provider_id uuid, p_by uuid,
  p_at timestamptz, p_today date, p_minutes int default null, p_way text default null, p_private_note text default '',
  p_started_at timestamptz default null
) returns receipt
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v voucher;
  c choice;
  was redemption;
  available bigint;
  left_on date;
  is_by_money bool := false;
  verdict text;
  answer receipt;
  during tstzrange := case when p_started_at is not null and p_minutes is not null
    then tstzrange(p_started_at, p_started_at + make_interval(mins => p_minutes)) end;
begin
  select * into v from voucher where code_hash = p_code_hash for update;
  if found then
    -- What nearly everybody asks for is one look in an index: the rest is for who was left.
    select * into c from choice where voucher_id = v.id and ended_at is null;
    if c.provider_id is distinct from p_provider_id or p_service_on <= c.chosen_on then
      c := choice_for(v.id, p_provider_id, p_service_on, p_started_at, p_by, p_today);
      left_on := (c.ended_at at time zone 'Europe/Helsinki')::date;
      -- Money left with the voucher pays for it, whatever number of sessions it makes at the price of who came after.
      is_by_money := left_on is not null and exists (select from terms t where t.id = v.terms_id and t.gives = 'value');
    end if;
  end if;

  -- Looked at after the lock: whoever comes second with the same id waits there, and then finds the first.
  select * into was from redemption where id = p_id;
  if was.id is not null then
    if (was.voucher_id, was.provider_id, was.units, was.service_on, was.minutes, was.held_during)
       is not distinct from (v.id, p_provider_id, p_units, p_service_on, p_minutes, during)
       and was.corrects_id is null then
      return ('replayed', p_id, was.voucher_id, 'held', was.units, was.unit_price_cents, was.amount_cents,
              was.service_on, was.recorded_at, was.left_after)::receipt;
    end if;
    answer.verdict := 'other_figures';
    return answer;
  end if;

  if v.id is null or c.provider_id is distinct from p_provider_id then
    answer.verdict := 'unknown_code';
    return answer;
  end if;

  select credits - debits - held into available from account where id = v.id;
  verdict := case
    when v.status not in ('chosen', 'used') then 'not_usable'
    when p_service_on > p_today or p_started_at > p_at then 'future_day'
    when p_service_on < p_today - 60 then 'too_long_ago'
    when p_service_on < v.starts_on or p_service_on < c.chosen_on then 'too_early'
    when p_service_on > left_on or p_today > left_on + 14 or p_started_at >= c.ended_at then 'has_left'
    when p_service_on > v.expires_on then 'too_late'
    when not exists (
      select from approval a
      where a.procurer_id = v.procurer_id and a.provider_id = p_provider_id and a.service_id = v.service_id
        and a.valid_during @> p_service_on) then 'not_approved'
    when during is not null and exists (
      select from redemption o
      where o.held_during && during and o.status in ('held', 'disputed', 'confirmed')
        and (o.person_id = v.person_id or o.coach_id = c.coach_id)) then 'two_places'
    when (p_units > v.units - v.units_used - v.units_held and not is_by_money)
      or p_units * c.unit_price_cents > available then 'not_enough_left'
  end;
  if verdict is not null then
    answer.verdict := verdict;
    answer.voucher_id := v.id;
    answer.units_left := v.units - v.units_used - v.units_held;
    return answer;
  end if;

  insert into redemption (id, procurer_id, voucher_id, choice_id, provider_id, service_id, person_id, coach_id, units,
                          unit_price_cents, amount_cents, service_on, minutes, way, held_during, note, private_note,
                          status, recorded_by, recorded_at, reason, is_silent, is_sampled, left_after)
  values (p_id, v.procurer_id, v.id, c.id, p_provider_id, v.service_id, v.person_id, c.coach_id, p_units,
          c.unit_price_cents, p_units * c.unit_price_cents, p_service_on, p_minutes, p_way, during, p_note,
          p_private_note, 'held', p_by, p_at, '', false, false,
          greatest(v.units - v.units_used - v.units_held - p_units, 0))
  on conflict (id) do nothing;
  if not found then
    -- The same id for another voucher, in the same instant.
    answer.verdict := 'other_figures';
    return answer;
  end if;
  update voucher set units_held = units_held + p_units, units = greatest(units, units_used + units_held + p_units)
  where id = v.id;
  insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at,
                       by_id)
  select p_id, v.procurer_id, 'redeem', 'hold', v.id, a.id, p_units * c.unit_price_cents, p_id, p_today, p_at, p_by
  from account a where a.procurer_id = v.procurer_id and a.kind = 'provider_accrued' and a.owner_id = p_provider_id;
  if not found then
    raise exception 'provider % has no account with procurer %', p_provider_id, v.procurer_id;
  end if;
  if is_by_money then
    perform fit_units(v.id);
    select units into v.units from voucher where id = v.id;
    update redemption set left_after = greatest(v.units - v.units_used - v.units_held - p_units, 0) where id = p_id;
  end if;
  insert into outbox (id, person_id, kind, params, created_at)
  values (uuidv7(), v.person_id, 'session_recorded', jsonb_build_object('redemption_id', p_id), p_at);
  return ('accepted', p_id, v.id, 'held', p_units, c.unit_price_cents, p_units * c.unit_price_cents, p_service_on,
          p_at, greatest(v.units - v.units_used - v.units_held - p_units, 0))::receipt;
end $$;

-- Whatever comes back comes back at the price it was taken for: a voucher of a value counts its sessions anew.
drop trigger c_fit on voucher;
create trigger c_fit after update of units_used, units_held on voucher for each row
  when (new.units_used + new.units_held < old.units_used + old.units_held)
  execute function fit_after_reversal();
