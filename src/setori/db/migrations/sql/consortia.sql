-- Consortia: what the database itself holds true of them.

-- 1. What was known before changes were applied for goes under each approval of the lead firm that is open.
insert into partner (id, approval_id, firm_id, part, task, share_percent, during, left_reason)
select uuidv7(), a.id, m.member_id, 'member', 'delivers_coaching', 0,
       daterange(greatest(m.since_on, lower(a.valid_during)), null), ''
from consortium_member m join approval a on a.provider_id = m.lead_id and upper(a.valid_during) is null;
alter table rulebook disable trigger b_published;
update rulebook set allows_consortia = true
where id in (select a.rulebook_id from approval a join partner p on p.approval_id = a.id);
alter table rulebook enable trigger b_published;

-- 2. The days of one firm under one approval never overlap, and only their end is ever written.
alter table partner add constraint partner_days_do_not_overlap
  unique (approval_id, firm_id, during without overlaps);
alter table partner add constraint partner_days_not_empty check (not isempty(during));

-- As the owner: it holds the approval, so that two changes of one consortium come one after the other.
create function guard_partner() returns trigger language plpgsql security definer
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
      and (c.approval_id = new.approval_id or c.application_id = whose.application_id)) then
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
create trigger b_consortium before insert or update on partner for each row execute function guard_partner();

-- 3. A change moves only as the table of moves in the rules says; what it is about never changes.
create function guard_partner_change() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  together bigint;
  cap int;
begin
  if tg_op = 'INSERT' then
    if new.status <> (case new.kind when 'leave' then 'accepted' else 'invited' end) then
      raise exception 'a change begins with the firm it is about' using errcode = '23514';
    end if;
    return new;
  end if;
  if (new.id, new.kind, new.application_id, new.approval_id, new.partner_id, new.procurer_id, new.lead_id, new.firm_id,
      new.part, new.task, new.share_percent, new.asked_by, new.asked_at)
     is distinct from
     (old.id, old.kind, old.application_id, old.approval_id, old.partner_id, old.procurer_id, old.lead_id, old.firm_id,
      old.part, old.task, old.share_percent, old.asked_by, old.asked_at) then
    raise exception 'what a firm was asked does not change' using errcode = '23514';
  end if;
  if new.status <> old.status and (old.status, new.status) not in (
    ('invited', 'accepted'), ('invited', 'declined'), ('invited', 'withdrawn'),
    ('accepted', 'approved'), ('accepted', 'refused'), ('accepted', 'declined'), ('accepted', 'withdrawn')) then
    raise exception 'a change does not go from % to %', old.status, new.status using errcode = '23514';
  end if;
  if new.status = 'accepted' and old.status = 'invited' and new.application_id is not null then
    perform from application where id = new.application_id for update;
    select coalesce(sum(share_percent), 0) into together from partner_change
    where application_id = new.application_id and status = 'accepted' and id <> new.id;
    select r.subcontract_cap into cap from application a join rulebook r on r.id = a.rulebook_id
    where a.id = new.application_id;
    if new.share_percent > 0 and together + new.share_percent > cap then
      raise exception 'the subcontractors'' shares pass the cap' using errcode = '23514';
    end if;
  end if;
  return new;
end $$;
create trigger b_moves before insert or update on partner_change
  for each row execute function guard_partner_change();

-- 4. Who is not told to deliver it is the provider; and an offering stays with the firm that delivers it: sessions are counted to that firm.
create function guard_deliverer() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.deliverer_id := coalesce(new.deliverer_id, new.provider_id);
  elsif new.deliverer_id <> old.deliverer_id then
    raise exception 'an offering stays with the firm that delivers it' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_deliverer before insert or update on offering for each row execute function guard_deliverer();

-- 5. Who delivers is of the approval's public face: each change of it stands in the feed.
create function tell_the_feed_of_a_partner() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public as $$
begin
  insert into public.feed_entry (recorded_at, what, subject_id, about_id)
  select now(), 'approval.changed', id, provider_id from public.approval where id = new.approval_id;
  return null;
end $$;
create trigger c_feed_partner after insert or update on partner
  for each row execute function tell_the_feed_of_a_partner();

grant select, insert on partner, partner_change to setori_app;
grant update (during, left_on, left_reason, left_by) on partner to setori_app;
grant update (status, answered_by, answered_at, closed_by, closed_at, closed_reason) on partner_change to setori_app;
grant update (allows_consortia, subcontract_cap) on rulebook to setori_app;
