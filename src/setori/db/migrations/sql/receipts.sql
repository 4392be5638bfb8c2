-- Two sides to a session: what the coach recorded, what the client says of it, and who decides when they disagree.

update redemption r set person_id = v.person_id, coach_id = c.coach_id
from voucher v, choice c where v.id = r.voucher_id and c.id = r.choice_id;
alter table redemption alter column person_id set not null;
update choice c set unit_minutes = o.minutes from offering o where o.id = c.offering_id;
alter table choice alter column unit_minutes set not null;

-- Nobody is in two places at once. Sessions of which only the day is known are not compared.
alter table redemption add constraint client_is_in_one_place
  exclude using gist (person_id with =, held_during with &&)
  where (held_during is not null and status in ('held', 'disputed', 'confirmed'));
alter table redemption add constraint coach_is_in_one_place
  exclude using gist (coach_id with =, held_during with &&)
  where (coach_id is not null and held_during is not null and status in ('held', 'disputed', 'confirmed'));

create function allowed_redemption_move(was text, becomes text) returns boolean
language sql immutable as $$
  select was = becomes or (was, becomes) in (
    ('held', 'confirmed'), ('held', 'disputed'), ('held', 'withdrawn'), ('held', 'lapsed'),
    ('disputed', 'confirmed'), ('disputed', 'refused'), ('disputed', 'withdrawn'),
    ('confirmed', 'reversed'))
$$;
create function guard_redemption_move() returns trigger language plpgsql as $$
begin
  if not allowed_redemption_move(old.status, new.status) then
    raise exception 'a session cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  return new;
end $$;
drop trigger b_moves on redemption;
create trigger b_moves before update of status on redemption for each row execute function guard_redemption_move();

drop function redeem(uuid, bytea, int, date, text, uuid, uuid, timestamptz, date);
create function redeem(
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
  verdict text;
  answer receipt;
  during tstzrange := case when p_started_at is not null and p_minutes is not null
    then tstzrange(p_started_at, p_started_at + make_interval(mins => p_minutes)) end;
begin
  select * into v from voucher where code_hash = p_code_hash for update;
  if found then
    select * into c from choice where voucher_id = v.id and ended_at is null;
  end if;

  -- Looked at after the lock: whoever comes second with the same id waits there, and then finds the first.
  select * into was from redemption where id = p_id;
  if was.id is not null then
    if (was.voucher_id, was.provider_id, was.units, was.service_on, was.minutes, was.held_during)
       is not distinct from (v.id, p_provider_id, p_units, p_service_on, p_minutes, during) then
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
    when p_service_on > p_today or p_started_at > p_at then 'future_day'
    when p_service_on < p_today - 60 then 'too_long_ago'
    when p_service_on < v.starts_on or p_service_on < c.chosen_on then 'too_early'
    when p_service_on > v.expires_on then 'too_late'
    when not exists (
      select from approval a
      where a.procurer_id = v.procurer_id and a.provider_id = p_provider_id and a.service_id = v.service_id
        and a.valid_during @> p_service_on) then 'not_approved'
    when during is not null and exists (
      select from redemption o
      where o.held_during && during and o.status in ('held', 'disputed', 'confirmed')
        and (o.person_id = v.person_id or o.coach_id = c.coach_id)) then 'two_places'
    when p_units > v.units - v.units_used - v.units_held
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
                          status, recorded_by, recorded_at, reason, is_silent, is_sampled)
  values (p_id, v.procurer_id, v.id, c.id, p_provider_id, v.service_id, v.person_id, c.coach_id, p_units,
          c.unit_price_cents, p_units * c.unit_price_cents, p_service_on, p_minutes, p_way, during, p_note,
          p_private_note, 'held', p_by, p_at, '', false, false)
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

-- The client confirms or disputes, the provider withdraws or reverses, the procurer decides, time lets it lapse or
-- takes silence for a yes. At most one of the three parties is given, and says whose session it must be.
drop function resolve_redemption(uuid, text, uuid, uuid, uuid, timestamptz, date, text);
create function resolve_redemption(
  p_id uuid, p_to text, p_person_id uuid, p_provider_id uuid, p_by uuid, p_at timestamptz, p_today date, p_reason text,
  p_procurer_id uuid default null, p_is_silent boolean default false
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
     or (p_provider_id is not null and r.provider_id <> p_provider_id)
     or (p_procurer_id is not null and r.procurer_id <> p_procurer_id) then
    return answer;
  end if;
  -- The provider's one word for undoing is `reversed`: of a session that still waits it means to withdraw it.
  if p_to = 'reversed' and r.status in ('held', 'disputed', 'withdrawn') then
    becomes := 'withdrawn';
  end if;
  if r.status = becomes then
    return receipt_of('replayed', p_id);
  end if;
  if not allowed_redemption_move(r.status, becomes)
     -- Silence and the procurer are heard on what stands so: silence on what waits, the procurer on what is disputed.
     or (p_is_silent and r.status <> 'held')
     or (p_procurer_id is not null and r.status = 'held' and r.corrects_id is null) then
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

  if becomes = 'disputed' then
    update redemption set status = becomes where id = p_id;
    return receipt_of('done', p_id);
  end if;

  update redemption set status = becomes, resolved_by = p_by, resolved_at = p_at, reason = p_reason,
    is_silent = p_is_silent or (is_silent and becomes = 'reversed'),
    is_sampled = is_sampled or (p_is_silent and get_byte(sha256(id::text::bytea), 0) < 26),
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

-- That is not right: the money stays held, and the client's words stand beside the coach's until somebody decides.
create function dispute_redemption(
  p_id uuid, p_person_id uuid, p_kind text, p_minutes int, p_words text, p_at timestamptz, p_today date
) returns receipt
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  answer receipt;
begin
  answer := resolve_redemption(p_id, 'disputed', p_person_id, null, p_person_id, p_at, p_today, '');
  if answer.verdict = 'done' then
    insert into dispute (redemption_id, procurer_id, kind, minutes, client_words, opened_at, provider_words,
                         decision_words)
    select p_id, procurer_id, p_kind, p_minutes, p_words, p_at, '', '' from redemption where id = p_id;
    insert into outbox (id, person_id, kind, params, created_at)
    select uuidv7(), recorded_by, 'session_disputed', jsonb_build_object('redemption_id', p_id), p_at
    from redemption where id = p_id;
  end if;
  return answer;
end $$;

-- The procurer decides: as recorded, not held, or so many units and minutes of it. What is corrected is recorded anew
-- under an id of its own, so that nothing that was said is written over.
create function decide_dispute(
  p_id uuid, p_procurer_id uuid, p_decision text, p_units int, p_minutes int, p_words text, p_by uuid,
  p_at timestamptz, p_today date, p_new_id uuid
) returns receipt
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  r redemption;
  answer receipt;
  was text;
begin
  perform from voucher where id = (select voucher_id from redemption where id = p_id) for update;
  select decision into was from dispute where redemption_id = p_id and procurer_id = p_procurer_id;
  if was is not null and was <> p_decision then
    return receipt_of('conflict', p_id);
  end if;
  answer := resolve_redemption(p_id, case p_decision when 'as_recorded' then 'confirmed' else 'refused' end, null, null,
                               p_by, p_at, p_today, p_words, p_procurer_id);
  if answer.verdict <> 'done' then
    return answer;
  end if;
  update dispute set decision = p_decision, decision_words = p_words, decided_by = p_by, decided_at = p_at
  where redemption_id = p_id;
  if p_decision = 'corrected' then
    select * into r from redemption where id = p_id;
    if p_units not between 1 and r.units then
      raise exception 'a correction has between 1 and % units', r.units using errcode = '23514';
    end if;
    insert into redemption (id, procurer_id, voucher_id, choice_id, provider_id, service_id, person_id, coach_id, units,
                            unit_price_cents, amount_cents, service_on, minutes, way, note, private_note, status,
                            recorded_by, recorded_at, reason, is_silent, is_sampled, corrects_id)
    values (p_new_id, r.procurer_id, r.voucher_id, r.choice_id, r.provider_id, r.service_id, r.person_id, r.coach_id,
            p_units, r.unit_price_cents, p_units * r.unit_price_cents, r.service_on, p_minutes, r.way, r.note,
            r.private_note, 'held', r.recorded_by, p_at, '', false, false, p_id);
    update voucher set units_held = units_held + p_units where id = r.voucher_id;
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at,
                         by_id)
    select p_new_id, r.procurer_id, 'redeem', 'hold', p.debit_id, p.credit_id, p_units * r.unit_price_cents, p_new_id,
           p_today, p_at, p_by
    from posting p where p.id = p_id;
    answer := resolve_redemption(p_new_id, 'confirmed', null, null, p_by, p_at, p_today, p_words, p_procurer_id);
    if answer.verdict <> 'done' then
      raise exception 'the month was closed' using errcode = '55000';
    end if;
  end if;
  insert into outbox (id, person_id, kind, params, created_at)
  select uuidv7(), w.who, w.kind, jsonb_build_object('redemption_id', p_id), p_at
  from redemption, lateral (values (person_id, 'dispute_decided'), (recorded_by, 'dispute_decided_provider')) w(who, kind)
  where id = p_id;
  return answer;
end $$;

-- Before silence counts, the client is asked once more.
create function ask_again(p_at timestamptz, p_within interval) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  asked int;
begin
  with due as (
    update redemption r set reminded_at = p_at
    from voucher v, terms t
    where r.status = 'held' and r.reminded_at is null and v.id = r.voucher_id and t.id = v.terms_id
      and t.silent_days > 0 and r.recorded_at < p_at - make_interval(days => t.silent_days) + p_within
    returning r.id, r.person_id)
  insert into outbox (id, person_id, kind, params, created_at)
  select uuidv7(), person_id, 'session_waits', jsonb_build_object('redemption_id', id), p_at from due;
  get diagnostics asked = row_count;
  return asked;
end $$;

revoke all on function redeem, resolve_redemption, dispute_redemption, decide_dispute, ask_again from public;
grant execute on function redeem, resolve_redemption, dispute_redemption, decide_dispute, ask_again to setori_app;
grant select on dispute, sample_look to setori_app;
grant update (provider_words, answered_by, answered_at) on dispute to setori_app;
grant insert on sample_look to setori_app;

create or replace view check_units_equal_sessions as
  select v.id from voucher v
  left join lateral (
    select coalesce(sum(units) filter (where status = 'confirmed'), 0) as used,
           coalesce(sum(units) filter (where status in ('held', 'disputed')), 0) as held
    from redemption r where r.voucher_id = v.id) s on true
  where (v.units_used, v.units_held) is distinct from (s.used::int, s.held::int)
     or v.units_used + v.units_held > v.units;

create or replace view check_each_redemption_has_its_postings as
  select r.id from redemption r
  left join choice c on c.id = r.choice_id
  left join posting h on h.id = r.id and h.phase = 'hold' and h.amount = r.units * c.unit_price_cents
  left join posting e on e.hold_id = r.id
  left join posting x on x.reverses_id = e.id
  where h.id is null
     or (r.status in ('held', 'disputed')) <> (e.id is null)
     or (r.status in ('confirmed', 'reversed')) <> coalesce(e.phase = 'capture', false)
     or (r.status = 'reversed') <> (x.id is not null)
     or r.unit_price_cents <> c.unit_price_cents;

create view check_disputes_and_sessions_agree as
  select r.id from redemption r left join dispute d on d.redemption_id = r.id
  where (r.status = 'disputed' and (d.redemption_id is null or d.decision is not null))
     or (d.decision = 'as_recorded' and r.status not in ('confirmed', 'reversed'))
     or (d.decision in ('not_held', 'corrected') and r.status <> 'refused')
     or (r.status = 'refused' and d.redemption_id is not null and d.decision is null)
     or (d.decision = 'corrected' and not exists (select from redemption n where n.corrects_id = r.id));

create view check_silence_confirms_only_where_terms_say_so as
  select r.id from redemption r join voucher v on v.id = r.voucher_id join terms t on t.id = v.terms_id
  where r.is_silent and (t.silent_days = 0 or r.resolved_by is not null
                         or r.resolved_at < r.recorded_at + make_interval(days => t.silent_days));
grant select on check_disputes_and_sessions_agree, check_silence_confirms_only_where_terms_say_so to setori_app;

-- A correction is no further meeting: it closes no booking.
drop trigger c_meeting on redemption;
create trigger c_meeting after insert on redemption for each row when (new.corrects_id is null)
  execute function close_booking_of_session();
