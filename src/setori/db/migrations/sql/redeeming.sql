-- The hot path: recording a session and what becomes of it, one function call each, one transaction each.
-- `redeem` decides as vouchers/rules.py does, in the same order; a state machine in the tests runs both.

create type receipt as (
  verdict text, redemption_id uuid, voucher_id uuid, status text, units int, unit_price_cents bigint,
  amount_cents bigint, service_on date, recorded_at timestamptz, units_left int);

create function receipt_of(p_verdict text, p_id uuid) returns receipt
language sql stable as $$
  select p_verdict, r.id, r.voucher_id, r.status, r.units, r.unit_price_cents, r.amount_cents, r.service_on,
         r.recorded_at, v.units - v.units_used - v.units_held
  from redemption r join voucher v on v.id = r.voucher_id where r.id = p_id
$$;

create function redeem(
  p_id uuid, p_code_hash bytea, p_units int, p_service_on date, p_note text, p_provider_id uuid, p_by uuid,
  p_at timestamptz, p_today date
) returns receipt
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v voucher;
  c choice;
  was redemption;
  available bigint;
  verdict text;
  answer receipt;
begin
  select * into v from voucher where code_hash = p_code_hash for update;
  if found then
    select * into c from choice where voucher_id = v.id and ended_at is null;
  end if;

  -- Looked at after the lock: whoever comes second with the same id waits there, and then finds the first.
  select * into was from redemption where id = p_id;
  if was.id is not null then
    if (was.voucher_id, was.provider_id, was.units, was.service_on)
       is not distinct from (v.id, p_provider_id, p_units, p_service_on) then
      return receipt_of('replayed', p_id);
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
    when p_service_on > p_today then 'future_day'
    when p_service_on < p_today - 60 then 'too_long_ago'
    when p_service_on < v.starts_on or p_service_on < c.chosen_on then 'too_early'
    when p_service_on > v.expires_on then 'too_late'
    when not exists (
      select from approval a
      where a.procurer_id = v.procurer_id and a.provider_id = p_provider_id and a.service_id = v.service_id
        and a.valid_during @> p_service_on) then 'not_approved'
    when p_units > v.units - v.units_used - v.units_held
      or p_units * c.unit_price_cents > available then 'not_enough_left'
  end;
  if verdict is not null then
    answer.verdict := verdict;
    answer.voucher_id := v.id;
    answer.units_left := v.units - v.units_used - v.units_held;
    return answer;
  end if;

  insert into redemption (id, procurer_id, voucher_id, choice_id, provider_id, service_id, units, unit_price_cents,
                          amount_cents, service_on, note, status, recorded_by, recorded_at, reason)
  values (p_id, v.procurer_id, v.id, c.id, p_provider_id, v.service_id, p_units, c.unit_price_cents,
          p_units * c.unit_price_cents, p_service_on, p_note, 'held', p_by, p_at, '')
  on conflict (id) do nothing;
  if not found then
    -- The same id for another voucher, in the same instant.
    answer.verdict := 'other_figures';
    return answer;
  end if;
  update voucher set units_held = units_held + p_units where id = v.id;
  insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at,
                       by_id)
  select p_id, v.procurer_id, 'redeem', 'hold', v.id, a.id, p_units * c.unit_price_cents, p_id, p_today, p_at, p_by
  from account a where a.procurer_id = v.procurer_id and a.kind = 'provider_accrued' and a.owner_id = p_provider_id;
  if not found then
    raise exception 'provider % has no account with procurer %', p_provider_id, v.procurer_id;
  end if;
  insert into outbox (id, person_id, kind, params, created_at)
  values (uuidv7(), v.person_id, 'session_recorded', jsonb_build_object('redemption_id', p_id), p_at);
  return ('accepted', p_id, v.id, 'held', p_units, c.unit_price_cents, p_units * c.unit_price_cents, p_service_on,
          p_at, v.units - v.units_used - v.units_held - p_units)::receipt;
end $$;

-- The jobseeker confirms or refuses, the provider withdraws or reverses, time lets it lapse.
-- Exactly one of p_person_id and p_provider_id is given, or neither for a job; it says whose redemption it must be.
create function resolve_redemption(
  p_id uuid, p_to text, p_person_id uuid, p_provider_id uuid, p_by uuid, p_at timestamptz, p_today date, p_reason text
) returns receipt
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v voucher;
  r redemption;
  hold posting;
  answer receipt;
  becomes text := p_to;
begin
  answer.verdict := 'not_found';
  select voucher_id into r.voucher_id from redemption where id = p_id;
  if r.voucher_id is null then
    return answer;
  end if;
  select * into v from voucher where id = r.voucher_id for update;
  select * into r from redemption where id = p_id;
  if (p_person_id is not null and v.person_id <> p_person_id)
     or (p_provider_id is not null and r.provider_id <> p_provider_id) then
    return answer;
  end if;
  -- The provider's one word for undoing is `reversed`: of a session that still waits it means to withdraw it.
  if p_to = 'reversed' and r.status in ('held', 'withdrawn') then
    becomes := 'withdrawn';
  end if;
  if r.status = becomes then
    return receipt_of('replayed', p_id);
  end if;
  if r.status <> (case when becomes = 'reversed' then 'confirmed' else 'held' end) then
    return receipt_of('conflict', p_id);
  end if;

  -- Closing a month takes this lock alone; whoever adds to the month shares it. The night, which lets many sessions
  -- lapse in one transaction, does not: it adds nothing, and in its order of vouchers it could lock the closing out.
  if becomes in ('confirmed', 'reversed') then
    perform pg_advisory_xact_lock_shared(hashtextextended(r.procurer_id::text || r.provider_id::text, 0));
  end if;
  if becomes in ('confirmed', 'reversed') and exists (
       select from statement s where s.procurer_id = r.procurer_id and s.provider_id = r.provider_id
         and s.month >= date_trunc('month', p_today)::date) then
    return receipt_of('month_closed', p_id);
  end if;
  if becomes = 'reversed' and exists (select from statement_line where redemption_id = p_id) then
    return receipt_of('settled', p_id);
  end if;

  update redemption set status = becomes, resolved_by = p_by, resolved_at = p_at, reason = p_reason,
    confirmed_on = case becomes when 'confirmed' then p_today when 'reversed' then confirmed_on end
  where id = p_id;
  select * into hold from posting where id = p_id;
  insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, hold_id, reverses_id,
                       booked_on, posted_at, by_id)
  select uuidv7(), r.procurer_id,
         case when becomes = 'reversed' then 'reverse' else 'redeem' end,
         case becomes when 'reversed' then 'post' when 'confirmed' then 'capture' else 'release' end,
         case when becomes = 'reversed' then hold.credit_id else hold.debit_id end,
         case when becomes = 'reversed' then hold.debit_id else hold.credit_id end,
         r.amount_cents, p_id,
         case when becomes <> 'reversed' then p_id end,
         case when becomes = 'reversed' then (select id from posting where hold_id = p_id) end,
         p_today, p_at, p_by;
  update voucher set
    units_held = units_held - case when becomes = 'reversed' then 0 else r.units end,
    units_used = units_used + case becomes when 'confirmed' then r.units when 'reversed' then -r.units else 0 end,
    status = case
      when becomes = 'confirmed' and status = 'chosen' and units_used + r.units = units then 'used'
      when becomes = 'reversed' and status = 'used' then 'chosen'
      else status end
  where id = v.id;
  return receipt_of('done', p_id);
end $$;

revoke all on function redeem, resolve_redemption from public;
grant execute on function redeem, resolve_redemption to setori_app;
