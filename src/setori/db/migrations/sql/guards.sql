-- What the database itself holds true, whoever asks.

-- 1. Approvals of one provider for one service do not overlap; a redeemed day stays inside one.
alter table approval add constraint approval_days_do_not_overlap
  unique (procurer_id, provider_id, service_id, valid_during without overlaps);
alter table approval add constraint approval_days_not_empty check (not isempty(valid_during));
alter table redemption add constraint redemption_day_inside_approval
  foreign key (procurer_id, provider_id, service_id, period service_during)
  references approval (procurer_id, provider_id, service_id, period valid_during);

-- 2. The books. A posting moves the counters of bounded accounts; the row lock and the CHECK refuse an overdraft.
create function posting_joins(kind text, debit text, credit text) returns boolean
language sql immutable as $$
  select (kind, debit, credit) in (
    ('appropriate', 'appropriation', 'budget'), ('deappropriate', 'budget', 'appropriation'),
    ('issue', 'budget', 'voucher'), ('return', 'voucher', 'budget'),
    ('redeem', 'voucher', 'provider_accrued'), ('reverse', 'provider_accrued', 'voucher'),
    ('settle', 'provider_accrued', 'payout'), ('unsettle', 'payout', 'provider_accrued'),
    ('pay', 'payout', 'bank_clearing'), ('match', 'bank_clearing', 'bank'))
$$;

-- AFTER INSERT, so that a second posting with the same id is noticed before any counter is touched.
create function apply_posting() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  party record;
  original posting;
  seen int := 0;
  debit_kind text;
  credit_kind text;
begin
  if new.phase in ('capture', 'release') then
    select * into original from posting where id = new.hold_id;
    if not found
       or (original.phase, original.procurer_id, original.debit_id, original.credit_id)
          is distinct from ('hold', new.procurer_id, new.debit_id, new.credit_id)
       or new.amount <> original.amount then
      raise exception 'hold % cannot be resolved by this posting', new.hold_id using errcode = '23514';
    end if;
  elsif new.kind = 'reverse' then
    select * into original from posting where id = new.reverses_id;
    if not found
       or (original.kind, original.phase, original.procurer_id, original.debit_id, original.credit_id)
          is distinct from ('redeem', 'capture', new.procurer_id, new.credit_id, new.debit_id)
       or new.amount <> original.amount then
      raise exception 'posting % cannot be reversed by this one', new.reverses_id using errcode = '23514';
    end if;
  end if;
  for party in
    select id, kind from account where id in (new.debit_id, new.credit_id) order by id
  loop
    seen := seen + 1;
    if party.id = new.debit_id then debit_kind := party.kind; else credit_kind := party.kind; end if;
    if party.kind in ('budget', 'voucher', 'payout') then
      update account set
        debits = debits + case when id = new.debit_id and new.phase in ('post', 'capture') then new.amount else 0 end,
        credits = credits + case when id = new.credit_id and new.phase in ('post', 'capture') then new.amount else 0 end,
        held = held + case when id <> new.debit_id then 0
                           when new.phase = 'hold' then new.amount
                           when new.phase in ('capture', 'release') then -new.amount else 0 end
      where id = party.id;
    end if;
  end loop;
  if seen <> 2 or not posting_joins(new.kind, debit_kind, credit_kind) then
    raise exception 'a % posting cannot join % to %', new.kind, debit_kind, credit_kind using errcode = '23514';
  end if;
  insert into audit_entry (at, by_id, procurer_id, action, subject_id, detail)
  values (new.posted_at, new.by_id, new.procurer_id, 'posting.' || new.kind || '.' || new.phase, new.id,
          jsonb_build_object('amount', new.amount, 'reference', new.reference_id));
  return null;
end $$;
create trigger a_apply after insert on posting for each row execute function apply_posting();

create function never_changes() returns trigger language plpgsql as $$
begin
  raise exception '% only grows: nothing in it is changed or deleted', tg_table_name using errcode = '42501';
end $$;
create trigger z_immutable before update or delete on posting for each row execute function never_changes();
create trigger z_not_emptied before truncate on posting execute function never_changes();
create trigger z_immutable before update or delete on audit_entry for each row execute function never_changes();
create trigger z_not_emptied before truncate on audit_entry execute function never_changes();
create trigger z_immutable before update or delete on statement_line for each row execute function never_changes();
create trigger z_not_emptied before truncate on statement_line execute function never_changes();
alter table posting enable always trigger a_apply;
alter table posting enable always trigger z_immutable;
alter table posting enable always trigger z_not_emptied;
alter table audit_entry enable always trigger z_immutable;

-- 3. States move only as the tables of moves in the rules say; the tests hold both alike.
create function allowed_move(thing text, was text, becomes text) returns boolean
language sql immutable as $$
  select was = becomes or (thing, was, becomes) in (
    ('voucher', 'issued', 'claimed'), ('voucher', 'issued', 'expired'), ('voucher', 'issued', 'cancelled'),
    ('voucher', 'claimed', 'chosen'), ('voucher', 'claimed', 'expired'), ('voucher', 'claimed', 'cancelled'),
    ('voucher', 'chosen', 'used'), ('voucher', 'chosen', 'expired'), ('voucher', 'chosen', 'cancelled'),
    ('voucher', 'used', 'chosen'), ('voucher', 'used', 'expired'),
    ('redemption', 'held', 'confirmed'), ('redemption', 'held', 'refused'), ('redemption', 'held', 'withdrawn'),
    ('redemption', 'held', 'lapsed'), ('redemption', 'confirmed', 'reversed'),
    ('application', 'draft', 'submitted'), ('application', 'draft', 'withdrawn'),
    ('application', 'submitted', 'approved'), ('application', 'submitted', 'rejected'),
    ('application', 'submitted', 'withdrawn'),
    ('rulebook', 'draft', 'published'), ('rulebook', 'published', 'superseded'),
    ('statement', 'draft', 'approved'), ('statement', 'approved', 'paid'), ('statement', 'approved', 'draft'),
    ('statement', 'paid', 'matched'),
    ('payment_order', 'queued', 'sending'), ('payment_order', 'sending', 'queued'),
    ('payment_order', 'sending', 'submitted'), ('payment_order', 'sending', 'unknown'),
    ('payment_order', 'sending', 'failed'), ('payment_order', 'sending', 'frozen'),
    ('payment_order', 'sending', 'paid'),
    ('payment_order', 'submitted', 'paid'), ('payment_order', 'submitted', 'failed'),
    ('payment_order', 'submitted', 'frozen'),
    ('payment_order', 'unknown', 'sending'), ('payment_order', 'unknown', 'submitted'),
    ('payment_order', 'unknown', 'paid'), ('payment_order', 'unknown', 'failed'),
    ('payment_order', 'unknown', 'frozen'),
    ('payment_order', 'paid', 'matched'), ('payment_order', 'paid', 'frozen'),
    ('payment_order', 'frozen', 'paid'), ('payment_order', 'frozen', 'failed'))
$$;
create function guard_move() returns trigger language plpgsql as $$
begin
  if not allowed_move(tg_table_name, old.status, new.status) then
    raise exception 'a % cannot go from % to %', tg_table_name, old.status, new.status using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_moves before update of status on voucher for each row execute function guard_move();
create trigger b_moves before update of status on redemption for each row execute function guard_move();
create trigger b_moves before update of status on application for each row execute function guard_move();
create trigger b_moves before update of status on rulebook for each row execute function guard_move();
create trigger b_moves before update of status on statement for each row execute function guard_move();
create trigger b_moves before update of status on payment_order for each row execute function guard_move();

-- 4. A rulebook that is not a draft has criteria that never change.
create function guard_criterion() returns trigger language plpgsql as $$
begin
  if exists (select from rulebook where id = coalesce(new.rulebook_id, old.rulebook_id) and status <> 'draft') then
    raise exception 'a published rulebook does not change' using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger b_published before insert or update or delete on criterion
  for each row execute function guard_criterion();

-- 5. What the app may do. It owns nothing; money, sessions and vouchers' counters it can only reach through functions.
grant usage on schema public to setori_app;
grant select on all tables in schema public to setori_app;
grant insert on posting, audit_entry, statement, statement_line, payment_order, gateway_event, report_line,
  voucher, choice, programme, review, person, organisation, membership, sign_in_link, sign_in, api_token, outbox,
  rate_bucket, area, municipality, postal_code, service, coach, offering, offering_area, offering_coach,
  provider_profile, consortium_member, rulebook, criterion, application, answer, decision, criterion_verdict,
  approval to setori_app;
grant insert (id, procurer_id, kind, owner_id) on account to setori_app;
alter table account alter column credits set default 0, alter column debits set default 0,
  alter column held set default 0;
grant update (status, claimed_at, claim_hash, closed_at) on voucher to setori_app;
grant update (ended_at) on choice to setori_app;
grant update (name, units, price_cap_cents, validity_days, is_open) on programme to setori_app;
grant update (status, approved_by, approved_at) on statement to setori_app;
grant update (status, attempts, first_sent_at, next_at, gateway_payment_id, reason, paid_at)
  on payment_order to setori_app;
grant update (handled_at) on gateway_event to setori_app;
grant update (status, submitted_at, submitted_by) on application to setori_app;
grant update (status, published_at) on rulebook to setori_app;
grant update (valid_during, closed_as, closed_reason) on approval to setori_app;
grant update on person, organisation, membership, sign_in_link, sign_in, api_token, rate_bucket, area, municipality,
  postal_code, service, coach, offering, offering_coach, provider_profile, answer, criterion, review to setori_app;
grant delete on answer, offering_area, offering_coach, rate_bucket, consortium_member to setori_app;
