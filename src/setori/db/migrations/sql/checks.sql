-- What must always be true of the books. Every row of a view named check_* is a defect; `setori check` counts them.

create view check_postings_join_accounts_of_their_procurer as
  select p.id from posting p
  left join account d on d.id = p.debit_id left join account c on c.id = p.credit_id
  where d.procurer_id is distinct from p.procurer_id or c.procurer_id is distinct from p.procurer_id
     or not posting_joins(p.kind, d.kind, c.kind);

create view check_counters_equal_the_journal as
  select a.id from account a
  left join lateral (
    select coalesce(sum(amount) filter (where credit_id = a.id and phase in ('post', 'capture')), 0) as credits,
           coalesce(sum(amount) filter (where debit_id = a.id and phase in ('post', 'capture')), 0) as debits,
           coalesce(sum(case phase when 'hold' then amount when 'post' then 0 else -amount end)
                    filter (where debit_id = a.id), 0) as held
    from posting p where p.credit_id = a.id or p.debit_id = a.id) j on true
  where a.kind in ('budget', 'voucher', 'payout')
    and (a.credits, a.debits, a.held) is distinct from (j.credits, j.debits, j.held);

create view check_held_equals_open_holds as
  select a.id from account a
  left join (
    select h.debit_id, sum(h.amount) as open from posting h
    where h.phase = 'hold' and not exists (select from posting e where e.hold_id = h.id)
    group by h.debit_id) o on o.debit_id = a.id
  where a.held <> coalesce(o.open, 0);

create view check_nothing_is_overdrawn as
  select id from account
  where kind in ('budget', 'voucher', 'payout') and credits - debits - held < 0;

create view check_money_is_conserved as
  select procurer_id as id from (
    select a.procurer_id,
           sum(case when a.kind = 'appropriation' then -b.net else 0 end) as appropriated,
           sum(case when a.kind <> 'appropriation' then b.net else 0 end) as found
    from account a
    cross join lateral (
      select coalesce(sum(case when p.credit_id = a.id then p.amount else -p.amount end), 0) as net
      from posting p where (p.credit_id = a.id or p.debit_id = a.id) and p.phase in ('post', 'capture')) b
    group by a.procurer_id) t
  where appropriated <> found or appropriated < 0;

create view check_face_of_voucher_adds_up as
  select v.id from voucher v left join account a on a.id = v.id
  where a.id is null or v.value_cents <> (
    select coalesce(sum(case kind when 'issue' then amount end), 0) from posting where credit_id = v.id)
    or v.value_cents <> a.credits - a.debits
       + coalesce((select sum(case p.kind when 'reverse' then -p.amount else p.amount end) from posting p
                   where (p.debit_id = v.id and p.phase in ('post', 'capture'))
                      or (p.credit_id = v.id and p.kind = 'reverse')), 0);

create view check_units_equal_sessions as
  select v.id from voucher v
  left join lateral (
    select coalesce(sum(units) filter (where status = 'confirmed'), 0) as used,
           coalesce(sum(units) filter (where status = 'held'), 0) as held
    from redemption r where r.voucher_id = v.id) s on true
  where (v.units_used, v.units_held) is distinct from (s.used::int, s.held::int)
     or v.units_used + v.units_held > v.units;

create view check_each_redemption_has_its_postings as
  select r.id from redemption r
  left join choice c on c.id = r.choice_id
  left join posting h on h.id = r.id and h.phase = 'hold' and h.amount = r.units * c.unit_price_cents
  left join posting e on e.hold_id = r.id
  left join posting x on x.reverses_id = e.id
  where h.id is null
     or (r.status = 'held') <> (e.id is null)
     or (r.status in ('confirmed', 'reversed')) <> coalesce(e.phase = 'capture', false)
     or (r.status = 'reversed') <> (x.id is not null)
     or r.unit_price_cents <> c.unit_price_cents;

create view check_redeem_postings_have_redemptions as
  select p.id from posting p
  where p.kind in ('redeem', 'reverse') and not exists (select from redemption r where r.id = p.reference_id);

create view check_voucher_of_one_procurer_along_the_chain as
  select r.id from redemption r
  join voucher v on v.id = r.voucher_id
  join choice c on c.id = r.choice_id
  left join statement_line l on l.redemption_id = r.id
  left join statement s on s.id = l.statement_id
  where r.procurer_id <> v.procurer_id or c.procurer_id <> v.procurer_id or c.voucher_id <> v.id
     or c.provider_id <> r.provider_id
     or s.procurer_id <> r.procurer_id or s.provider_id <> r.provider_id;

create view check_statement_equals_its_lines as
  select s.id from statement s
  left join lateral (
    select count(*) as n, coalesce(sum(l.amount_cents), 0) as total
    from statement_line l where l.statement_id = s.id) t on true
  where s.line_count <> t.n or s.total_cents <> t.total;

create view check_statement_lines_are_confirmed_sessions as
  select l.id from statement_line l
  join statement s on s.id = l.statement_id
  join redemption r on r.id = l.redemption_id
  where r.status <> 'confirmed' or r.amount_cents <> l.amount_cents
     or r.confirmed_on >= s.month + interval '1 month';

create view check_nothing_posted_into_a_closed_month as
  select r.id from redemption r
  where r.status = 'confirmed'
    and exists (select from statement s where s.procurer_id = r.procurer_id and s.provider_id = r.provider_id
                  and r.confirmed_on < s.month + interval '1 month')
    and not exists (select from statement_line l where l.redemption_id = r.id);

create view check_four_eyes as
  select id from statement where approved_by = closed_by or (status <> 'draft' and approved_by is null);

create view check_approved_statement_is_settled_once as
  select s.id from statement s
  left join lateral (
    select coalesce(sum(case p.kind when 'settle' then p.amount else -p.amount end), 0) as net
    from payment_order o join posting p on p.reference_id = o.id and p.kind in ('settle', 'unsettle')
    where o.statement_id = s.id) t on true
  where t.net <> case when s.status = 'draft' then 0 else s.total_cents end;

create view check_paid_has_exactly_one_pay_posting as
  select o.id from payment_order o
  left join lateral (
    select count(*) as n, coalesce(sum(amount), 0) as total from posting p
    where p.reference_id = o.id and p.kind = 'pay') t on true
  where (o.status in ('paid', 'matched')) <> (t.n = 1 and t.total = o.amount_cents) or t.n > 1;

create view check_matched_once_and_for_the_amount as
  select o.id from payment_order o
  left join lateral (
    select count(*) as n, coalesce(sum(l.amount_cents), 0) as total from report_line l
    where l.payment_order_id = o.id) r on true
  left join lateral (
    select count(*) as n, coalesce(sum(amount), 0) as total from posting p
    where p.reference_id = o.id and p.kind = 'match') t on true
  where (o.status = 'matched') <> (r.n = 1 and t.n = 1 and r.total = o.amount_cents and t.total = o.amount_cents)
     or r.n > 1 or t.n > 1;

create view check_statement_and_order_agree as
  select s.id from statement s
  left join payment_order o on o.statement_id = s.id and o.status <> 'failed'
  where (s.status = 'draft') <> (o.id is null)
     or (s.status = 'paid') <> coalesce(o.status = 'paid', false)
     or (s.status = 'matched') <> coalesce(o.status = 'matched', false)
     or o.amount_cents <> s.total_cents;

create view check_every_posting_has_its_audit_row as
  select p.id from posting p
  where (select count(*) from audit_entry a where a.subject_id = p.id and a.action like 'posting.%') <> 1;

create view check_closed_vouchers_hold_no_free_money as
  select v.id from voucher v join account a on a.id = v.id
  where v.status in ('expired', 'cancelled') and v.closed_at < now() - interval '2 days'
    and a.credits - a.debits - a.held > 0
    -- What a session gives back after the voucher was closed returns with the next night.
    and not exists (select from redemption r where r.voucher_id = v.id and r.resolved_at > now() - interval '2 days');

create view check_rating_summaries_equal_reviews as
  select o.id from offering o
  left join lateral (
    select count(*) as n, coalesce(sum(rating), 0) as total from review r where r.offering_id = o.id) t on true
  where (o.review_count, o.rating_sum) is distinct from (t.n::int, t.total::int);

create view check_reviews_come_from_confirmed_sessions as
  select w.id from review w join redemption r on r.id = w.redemption_id
  where r.status not in ('confirmed', 'reversed') or r.provider_id <> w.provider_id;

do $$
declare v text;
begin
  for v in select table_name from information_schema.views
           where table_schema = 'public' and table_name like 'check\_%' loop
    execute format('grant select on %I to setori_app', v);
  end loop;
end $$;
