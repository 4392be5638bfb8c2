-- Outcome fees: reserved when a voucher is issued, paid once a step, taken back by two people, never overdrawn.

-- 1. The books know of them. Other files add to the same lists, so what is there is added to.
do $$
declare
  joins text := pg_get_functiondef('posting_joins(text, text, text)'::regprocedure);
  moves text := pg_get_functiondef('allowed_move(text, text, text)'::regprocedure);
  applies text := pg_get_functiondef('apply_posting()'::regprocedure);
  was text;
begin
  was := joins;
  joins := replace(joins, '(''pay'', ''payout'', ''bank_clearing''),', '(''pay'', ''payout'', ''bank_clearing''),
    (''reserve_outcome'', ''budget'', ''outcome''), (''return_outcome'', ''outcome'', ''budget''),
    (''outcome_fee'', ''outcome'', ''provider_accrued''), (''reverse_outcome'', ''provider_accrued'', ''outcome''),
    (''clawback'', ''receivable'', ''outcome''), (''offset'', ''provider_accrued'', ''receivable''),');
  assert joins <> was;
  execute joins;
  was := moves;
  moves := replace(moves, '(''statement'', ''draft'', ''approved''),',
    '(''statement'', ''draft'', ''approved''), (''statement'', ''draft'', ''offset''),');
  assert moves <> was;
  execute moves;
  was := applies;
  applies := replace(applies, 'party.kind in (''budget'', ''voucher'', ''payout''',
    'party.kind in (''budget'', ''voucher'', ''outcome'', ''payout''');
  assert applies <> was;
  execute applies;
end $$;

-- An outcome fee goes back where it came from, whole and once: before it is settled from what the provider has
-- coming, afterwards by what the provider then owes.
create function guard_taking_back() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  fee posting;
begin
  select * into fee from posting where id = new.reverses_id;
  if not found
     or (fee.kind, fee.procurer_id, fee.debit_id, fee.amount) is distinct from
        ('outcome_fee', new.procurer_id, new.credit_id, new.amount)
     or (new.kind = 'reverse_outcome' and fee.credit_id <> new.debit_id) then
    raise exception 'posting % cannot be taken back by this one', new.reverses_id using errcode = '23514';
  end if;
  return null;
end $$;
create trigger b_taken_back after insert on posting for each row
  when (new.kind in ('reverse_outcome', 'clawback')) execute function guard_taking_back();
alter table posting enable always trigger b_taken_back;

-- 2. Fees belong to their terms. Once a voucher has been issued on these, no fee comes to them, and none ever goes.
create function guard_fee() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from terms where id = new.terms_id for update;
  if exists (select from voucher where terms_id = new.terms_id) then
    raise exception 'vouchers were issued on these terms: write new ones' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger a_in_time before insert on outcome_fee for each row execute function guard_fee();
create trigger z_immutable before update or delete on outcome_fee for each row execute function never_changes();
create trigger z_not_emptied before truncate on outcome_fee execute function never_changes();

-- The most that can come of them: the steps of a kind add up, and one kind pays. `most_in_fees` says the same.
create function outcome_reserve(p_terms_id uuid) returns bigint
language sql stable as $$
  select coalesce(max(total), 0)::bigint
  from (select sum(fee_cents) as total from outcome_fee where terms_id = p_terms_id group by kind) kinds
$$;

-- Whoever issues a voucher, one or ten thousand, in Python or in SQL: what it may have to pay is reserved with it.
create function reserve_outcome() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  terms uuid := (select terms_id from voucher where id = new.reference_id);
  reserve bigint := outcome_reserve(terms);
  place uuid := uuidv7();
begin
  if terms is null then
    raise exception 'voucher % has to be written before it is paid for', new.reference_id using errcode = '23514';
  end if;
  if reserve > 0 then
    insert into account (id, procurer_id, kind, owner_id)
    values (place, new.procurer_id, 'outcome', new.reference_id);
    insert into posting (id, procurer_id, kind, phase, debit_id, credit_id, amount, reference_id, booked_on, posted_at,
                         by_id)
    values (uuidv7(), new.procurer_id, 'reserve_outcome', 'post', new.debit_id, place, reserve, new.reference_id,
            new.booked_on, new.posted_at, new.by_id);
  end if;
  return null;
end $$;
create trigger d_reserve after insert on posting for each row when (new.kind = 'issue')
  execute function reserve_outcome();
alter table posting enable always trigger d_reserve;
create index ix_account_outcome on account (owner_id) where kind = 'outcome';

-- 3. A claim moves only as `outcomes/rules.py` says, and what it is about never changes.
create function allowed_claim_move(was text, becomes text) returns boolean
language sql immutable as $$
  select was = becomes or (was, becomes) in (
    ('proposed', 'asked'), ('proposed', 'verified'), ('proposed', 'refused'), ('proposed', 'withdrawn'),
    ('asked', 'proposed'), ('asked', 'verified'), ('asked', 'refused'), ('asked', 'withdrawn'),
    ('verified', 'taken_back'))
$$;
create function guard_claim() returns trigger language plpgsql as $$
begin
  if not allowed_claim_move(old.status, new.status) then
    raise exception 'a claim cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  if (new.id, new.procurer_id, new.voucher_id, new.provider_id, new.kind, new.months, new.since, new.deadline_on,
      new.by_client, new.claimed_by, new.claimed_at, new.proof, new.proof_text)
     is distinct from
     (old.id, old.procurer_id, old.voucher_id, old.provider_id, old.kind, old.months, old.since, old.deadline_on,
      old.by_client, old.claimed_by, old.claimed_at, old.proof, old.proof_text) then
    raise exception 'what was claimed does not change' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_moves before update on outcome_claim for each row execute function guard_claim();

-- What was paid is undone once and never otherwise touched. One outcome is of one kind and one provider's.
create function guard_step() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'what was paid is not deleted' using errcode = '42501';
  end if;
  if old.undone is not null or new.undone is null
     or (new.id, new.procurer_id, new.voucher_id, new.claim_id, new.provider_id, new.kind, new.months,
         new.amount_cents, new.paid_on)
        is distinct from
        (old.id, old.procurer_id, old.voucher_id, old.claim_id, old.provider_id, old.kind, old.months,
         old.amount_cents, old.paid_on) then
    raise exception 'what was paid is undone once, and else never changes' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_undone_once before update or delete on outcome_step for each row execute function guard_step();
alter table outcome_step add constraint outcome_of_one_kind
  exclude using gist (voucher_id with =, kind with <>) where (undone is null);
alter table outcome_step add constraint outcome_of_one_provider
  exclude using gist (voucher_id with =, provider_id with <>) where (undone is null);
create trigger z_immutable before update or delete on statement_offset
  for each row execute function never_changes();

grant select, insert on outcome_fee, outcome_claim, outcome_step, clawback, statement_offset to setori_app;
grant update (status, client_says, client_words, client_said_at, question, asked_at, answer, answered_at,
              verified_by_proof, decided_by, decided_at, reason) on outcome_claim to setori_app;
grant update (undone, undone_at) on outcome_step to setori_app;
grant update (status, decided_by, decided_at, answer) on clawback to setori_app;

-- 4. What must always be true of them.
create or replace view check_counters_equal_the_journal as
  select a.id from account a
  left join lateral (
    select coalesce(sum(amount) filter (where credit_id = a.id and phase in ('post', 'capture')), 0) as credits,
           coalesce(sum(amount) filter (where debit_id = a.id and phase in ('post', 'capture')), 0) as debits,
           coalesce(sum(case phase when 'hold' then amount when 'post' then 0 else -amount end)
                    filter (where debit_id = a.id), 0) as held
    from posting p where p.credit_id = a.id or p.debit_id = a.id) j on true
  where a.kind in ('budget', 'voucher', 'outcome', 'payout')
    and (a.credits, a.debits, a.held) is distinct from (j.credits, j.debits, j.held);

create or replace view check_nothing_is_overdrawn as
  select id from account
  where kind in ('budget', 'voucher', 'outcome', 'payout') and credits - debits - held < 0;

create or replace view check_statement_equals_its_lines as
  select s.id from statement s
  left join lateral (
    select count(*) as n, coalesce(sum(l.amount_cents), 0) as total
    from statement_line l where l.statement_id = s.id) t on true
  left join lateral (
    select coalesce(sum(amount_cents), 0) as total from statement_offset where statement_id = s.id) o on true
  where s.line_count <> t.n or s.total_cents <> t.total - s.offset_cents or s.offset_cents <> o.total;

create or replace view check_statement_and_order_agree as
  select s.id from statement s
  left join payment_order o on o.statement_id = s.id and o.status <> 'failed'
  where (s.status in ('draft', 'offset')) <> (o.id is null)
     or (s.status = 'paid') <> coalesce(o.status = 'paid', false)
     or (s.status = 'matched') <> coalesce(o.status = 'matched', false)
     or o.amount_cents <> s.total_cents;

create view check_outcome_fees_are_reserved_at_issue as
  select v.id from voucher v
  left join account a on a.owner_id = v.id and a.kind = 'outcome'
  left join posting p on p.reference_id = v.id and p.kind = 'reserve_outcome' and p.credit_id = a.id
  where outcome_reserve(v.terms_id) <> coalesce(p.amount, 0) or (a.id is null) <> (p.id is null);

create view check_each_outcome_step_has_its_postings as
  select t.id from outcome_step t
  left join posting p on p.id = t.id and p.kind = 'outcome_fee' and p.amount = t.amount_cents
    and p.reference_id = t.claim_id
  left join account d on d.id = p.debit_id and d.owner_id = t.voucher_id
  left join account c on c.id = p.credit_id and c.owner_id = t.provider_id
  left join posting u on u.reverses_id = t.id
  where d.id is null or c.id is null
     or t.undone is distinct from
        case u.kind when 'reverse_outcome' then 'reversed' when 'clawback' then 'clawed_back' end;

create view check_outcome_fees_are_of_verified_claims as
  select t.id from outcome_step t
  join outcome_claim c on c.id = t.claim_id
  join voucher v on v.id = c.voucher_id
  left join outcome_fee f on f.terms_id = v.terms_id and f.kind = t.kind and f.months = t.months
  where (c.voucher_id, c.provider_id, c.kind, c.procurer_id) is distinct from
        (t.voucher_id, t.provider_id, t.kind, t.procurer_id)
     or t.months > c.months or f.fee_cents is distinct from t.amount_cents
     or (t.undone is null) <> (c.status = 'verified') or (t.undone is not null) <> (c.status = 'taken_back')
  union all
  select c.id from outcome_claim c
  where c.status in ('verified', 'taken_back') and not exists (select from outcome_step t where t.claim_id = c.id)
  union all
  select p.id from posting p
  where p.kind = 'outcome_fee' and not exists (select from outcome_step t where t.id = p.id);

create view check_one_fee_per_outcome_step as
  select voucher_id as id from outcome_step where undone is null
  group by voucher_id
  having count(*) <> count(distinct months) or count(distinct kind) > 1 or count(distinct provider_id) > 1;

-- When nothing happens any more in a copy that is looked at later, its night did not fail: time is the last entry's.
create view check_outcome_reserves_are_returned as
  select v.id from voucher v
  join account a on a.owner_id = v.id and a.kind = 'outcome' and a.credits - a.debits > 0
  where v.expires_on + (select max(claim_days) from outcome_fee where terms_id = v.terms_id) + 2
        < (least(now(), (select max(at) from audit_entry)) at time zone 'Europe/Helsinki')::date
    and not exists (select from outcome_claim c where c.voucher_id = v.id
                    and (c.decided_at is null or c.decided_at > (select max(at) from audit_entry) - interval '2 days'))
    and not exists (select from outcome_step t where t.voucher_id = v.id
                    and t.undone_at > (select max(at) from audit_entry) - interval '2 days');

create view check_clawbacks_have_four_eyes as
  select id from clawback where decided_by = proposed_by
  union all
  select c.id from outcome_claim c
  where c.status = 'taken_back'
    and not exists (select from clawback b where b.claim_id = c.id and b.status = 'approved');

create view check_outcome_lines_are_paid_steps as
  select l.id from statement_line l
  join statement s on s.id = l.statement_id
  join outcome_step t on t.id = l.outcome_step_id
  where t.undone = 'reversed' or t.amount_cents <> l.amount_cents or t.paid_on >= s.month + interval '1 month'
     or (t.procurer_id, t.provider_id) <> (s.procurer_id, s.provider_id);

create view check_no_outcome_fee_in_a_closed_month as
  select t.id from outcome_step t
  where t.undone is distinct from 'reversed'
    and exists (select from statement s where s.procurer_id = t.procurer_id and s.provider_id = t.provider_id
                  and t.paid_on < s.month + interval '1 month')
    and not exists (select from statement_line l where l.outcome_step_id = t.id);

create view check_offsets_have_their_postings as
  select o.id from statement_offset o
  join statement s on s.id = o.statement_id
  join outcome_step t on t.id = o.outcome_step_id
  left join posting p on p.id = o.id and p.kind = 'offset' and p.amount = o.amount_cents and p.reference_id = s.id
  where p.id is null or t.undone is distinct from 'clawed_back'
     or (t.procurer_id, t.provider_id) <> (s.procurer_id, s.provider_id)
  union all
  select t.id from outcome_step t
  where t.amount_cents < (select sum(amount_cents) from statement_offset where outcome_step_id = t.id)
  union all
  select p.id from posting p
  where p.kind = 'offset' and not exists (select from statement_offset o where o.id = p.id);

do $$
declare v text;
begin
  for v in select table_name from information_schema.views
           where table_schema = 'public' and table_name like 'check\_%' loop
    execute format('grant select on %I to setori_app', v);
  end loop;
end $$;
