-- Personal budgets: money set aside for one person, out of which several vouchers come, and into which they return.
--
-- Money for a voucher goes from the envelope through the budget of the voucher's programme, and comes back the same
-- way, so that everything else about vouchers is as it always was. Whoever writes locks budgets before envelopes.

-- 1. The books know of them. Other files add to the same lists, so what is there is added to.
do $$
declare
  joins text := pg_get_functiondef('posting_joins(text, text, text)'::regprocedure);
  applies text := pg_get_functiondef('apply_posting()'::regprocedure);
  was text;
begin
  was := joins;
  joins := replace(joins, '(''pay'', ''payout'', ''bank_clearing''),', '(''pay'', ''payout'', ''bank_clearing''),
    (''allot'', ''budget'', ''envelope''), (''hand_back'', ''envelope'', ''budget''),
    (''draw'', ''envelope'', ''budget''), (''restore'', ''budget'', ''envelope''),');
  assert joins <> was;
  execute joins;
  was := applies;
  applies := replace(applies, 'party.kind in (''budget'',', 'party.kind in (''budget'', ''envelope'',');
  assert applies <> was;
  execute applies;
end $$;

create or replace view check_counters_equal_the_journal as
  select a.id from account a
  left join lateral (
    select coalesce(sum(amount) filter (where credit_id = a.id and phase in ('post', 'capture')), 0) as credits,
           coalesce(sum(amount) filter (where debit_id = a.id and phase in ('post', 'capture')), 0) as debits,
           coalesce(sum(case phase when 'hold' then amount when 'post' then 0 else -amount end)
                    filter (where debit_id = a.id), 0) as held
    from posting p where p.credit_id = a.id or p.debit_id = a.id) j on true
  where a.kind in ('budget', 'envelope', 'voucher', 'outcome', 'payout')
    and (a.credits, a.debits, a.held) is distinct from (j.credits, j.debits, j.held);

create or replace view check_nothing_is_overdrawn as
  select id from account
  where kind in ('budget', 'envelope', 'voucher', 'outcome', 'payout') and credits - debits - held < 0;

-- The app may not write accounts, and so not lock them either, but whoever moves money between budgets has to.
create function lock_account(which uuid) returns void
language sql security definer set search_path = public, pg_temp as $$
  select from account where id = which for no key update
$$;

-- 2. What vouchers of a service have taken from an envelope and not given back.
create function taken_from_envelope(envelope uuid, service uuid) returns bigint
language sql stable as $$
  select coalesce(sum(case p.kind when 'draw' then p.amount else -p.amount end), 0)::bigint
  from voucher v join posting p on p.reference_id = v.id and p.kind in ('draw', 'restore')
  where v.envelope_id = envelope and v.service_id = service
$$;

-- 3. Whatever leaves or reaches an envelope is its own. After a_apply, which holds the row of its account.
create function guard_envelope_posting() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  e envelope;
  v voucher;
  programme uuid;
  most bigint;
begin
  select x.* into e from envelope x join account a on a.owner_id = x.id and a.kind = 'envelope'
  where a.id in (new.debit_id, new.credit_id);
  select owner_id into programme from account where id in (new.debit_id, new.credit_id) and kind = 'budget';
  if new.kind in ('allot', 'hand_back') then
    if programme is distinct from e.programme_id or new.reference_id <> e.id then
      raise exception 'envelope % is of another budget', e.id using errcode = '23514';
    end if;
    if new.kind = 'allot' and e.ended_at is not null then
      raise exception 'envelope % is over', e.id using errcode = '23514', constraint = 'envelope_is_over';
    end if;
    return null;
  end if;
  select * into v from voucher where id = new.reference_id;
  if v.envelope_id is distinct from e.id or v.programme_id <> programme then
    raise exception 'voucher % is not of envelope %', new.reference_id, e.id using errcode = '23514';
  end if;
  if new.kind = 'restore' then
    if taken_from_envelope(e.id, v.service_id) < 0 then
      raise exception 'more came back to envelope % than left it', e.id using errcode = '23514';
    end if;
    return null;
  end if;
  if e.ended_at is not null or new.booked_on not between e.starts_on and e.expires_on then
    raise exception 'envelope % is over', e.id using errcode = '23514', constraint = 'envelope_is_over';
  end if;
  select limit_cents into most from envelope_limit where envelope_id = e.id and service_id = v.service_id;
  if most is null or taken_from_envelope(e.id, v.service_id) > most then
    raise exception 'envelope_within_limits: % is over its limit', e.id
      using errcode = '23514', constraint = 'envelope_within_limits';
  end if;
  return null;
end $$;
create trigger f_envelope after insert on posting for each row
  when (new.kind in ('allot', 'hand_back', 'draw', 'restore')) execute function guard_envelope_posting();
alter table posting enable always trigger f_envelope;

-- 4. Whoever ends a voucher: what it gives back to its programme goes on to its envelope, and on to the budget that the
-- envelope came from when that is over.
create function return_to_envelope() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  e envelope;
  place uuid;
  home uuid;
begin
  select x.* into e from voucher v join envelope x on x.id = v.envelope_id where v.id = new.reference_id
  for no key update of x;
  if not found then
    return null;
  end if;
  select id into place from account where owner_id = e.id and kind = 'envelope';
  insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at,
                       by_id)
  values (uuidv7(), new.procurer_id, 'restore', 'post', new.credit_id, place, new.amount, new.reference_id,
          new.booked_on, new.posted_at, new.by_id);
  if e.ended_at is not null then
    select id into home from account where procurer_id = new.procurer_id and owner_id = e.programme_id
      and kind = 'budget';
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on,
                         posted_at, by_id)
    values (uuidv7(), new.procurer_id, 'hand_back', 'post', place, home, new.amount, e.id, new.booked_on,
            new.posted_at, new.by_id);
  end if;
  return null;
end $$;
create trigger g_envelope after insert on posting for each row when (new.kind = 'return')
  execute function return_to_envelope();
alter table posting enable always trigger g_envelope;

-- 5. What an envelope is does not change; it ends once. A limit never falls under what was taken.
create function guard_envelope() returns trigger language plpgsql as $$
begin
  if (new.id, new.procurer_id, new.programme_id, new.person_id, new.starts_on, new.given_by, new.given_at)
     is distinct from (old.id, old.procurer_id, old.programme_id, old.person_id, old.starts_on, old.given_by,
                       old.given_at)
     or old.ended_at is not null then
    raise exception 'whose envelope it is does not change, and one that is over stays over' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_guard before update on envelope for each row execute function guard_envelope();

create function guard_limit() returns trigger language plpgsql as $$
begin
  if taken_from_envelope(old.envelope_id, old.service_id)
     > (case tg_op when 'DELETE' then 0 else new.limit_cents end) then
    raise exception 'vouchers have taken more than this limit' using errcode = '23514',
      constraint = 'envelope_within_limits';
  end if;
  return coalesce(new, old);
end $$;
create trigger b_guard before update or delete on envelope_limit for each row execute function guard_limit();

grant select, insert on envelope to setori_app;
grant update (expires_on, reason, ended_at, ended_by, end_reason) on envelope to setori_app;
grant select, insert, update (limit_cents), delete on envelope_limit to setori_app;

-- 6. What always holds.
create view check_envelopes_pay_for_their_vouchers as
  select v.id from voucher v
  left join posting d on d.reference_id = v.id and d.kind = 'draw'
  left join account a on a.id = d.debit_id
  where (v.envelope_id is null) <> (d.id is null)
     or v.envelope_id is not null
        and (d.amount <> v.value_cents or a.owner_id <> v.envelope_id
             or (select person_id from envelope where id = v.envelope_id) <> v.person_id);
create view check_what_returns_goes_back_to_the_envelope as
  select v.id from voucher v
  where v.envelope_id is not null
    and (select coalesce(sum(amount), 0) from posting where reference_id = v.id and kind = 'return')
        <> (select coalesce(sum(amount), 0) from posting where reference_id = v.id and kind = 'restore');
create view check_ended_envelopes_are_empty as
  select e.id from envelope e join account a on a.owner_id = e.id and a.kind = 'envelope'
  where e.ended_at is not null and a.credits - a.debits - a.held <> 0;
create view check_envelopes_keep_their_limits as
  select e.id from envelope e
  where exists (
    select from voucher v left join envelope_limit l on l.envelope_id = e.id and l.service_id = v.service_id
    where v.envelope_id = e.id and taken_from_envelope(e.id, v.service_id) > coalesce(l.limit_cents, 0));
grant select on check_envelopes_pay_for_their_vouchers, check_what_returns_goes_back_to_the_envelope,
  check_ended_envelopes_are_empty, check_envelopes_keep_their_limits to setori_app;
