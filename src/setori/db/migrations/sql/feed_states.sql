-- The feed of the register tells each change with its own kind, its coded reason, and the approval as it was then.

-- An approval as anybody may know it on a day, in the words of the feed's documents.
create function approval_state(this approval, day date) returns jsonb language sql stable
  set search_path = pg_catalog, public as $$
  select jsonb_build_object(
    'id', this.id, 'provider_id', this.provider_id, 'procurer_id', this.procurer_id, 'procurer_name', q.name,
    'area_code', q.area_code, 'service_id', this.service_id, 'service_code', s.code, 'service_name', s.name,
    'rulebook_id', this.rulebook_id, 'rulebook_version', r.version,
    'status', case when this.valid_during @> day then 'in_force'
                   when this.closed_as = 'suspended' then 'suspended' else 'ended' end,
    'new_clients', this.valid_during @> day and not exists (
       select from public.pause u where u.approval_id = this.id and u.from_on <= day
         and (u.until_on is null or u.until_on > day)),
    'starts_on', lower(this.valid_during), 'ends_on', upper(this.valid_during),
    'reason', this.closed_reason, 'reason_code', this.closed_code,
    'partners', (
      select coalesce(jsonb_agg(jsonb_build_object('firm_id', f.id, 'name', f.name, 'business_id', f.business_id,
               'part', p.part, 'task', p.task, 'share_percent', p.share_percent, 'starts_on', lower(p.during),
               'ends_on', upper(p.during)) order by lower(p.during), p.id), '[]')
      from public.partner p join public.organisation f on f.id = p.firm_id where p.approval_id = this.id))
  from public.organisation q, public.service s, public.rulebook r
  where q.id = this.procurer_id and s.id = this.service_id and r.id = this.rulebook_id
$$;

-- What was recorded before states were kept: the last change of each approval left it as it stands.
update feed_entry f set state = approval_state(a, (now() at time zone 'Europe/Helsinki')::date)
from approval a
where a.id = f.subject_id and f.id = (select max(l.id) from feed_entry l where l.subject_id = f.subject_id);

drop trigger c_feed_begun on approval;
drop trigger c_feed_changed on approval;
drop trigger c_feed_removed on approval;
drop trigger c_feed_paused on pause;
drop trigger c_feed_partner on partner;
drop function tell_the_feed();
drop function tell_the_feed_of_a_pause();
drop function tell_the_feed_of_a_partner();

create function tell_of_an_approval(this approval, what text, code text, day date) returns void language sql
  set search_path = pg_catalog, public as $$
  insert into public.feed_entry (recorded_at, what, subject_id, about_id, code, state)
  values (now(), what, this.id, this.provider_id, code, public.approval_state(this, day))
$$;

-- As the owner: whoever takes an import back may not write here by itself.
create function tell_the_feed() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public as $$
declare
  today date := (now() at time zone 'Europe/Helsinki')::date;
  former public.approval;
begin
  if tg_op = 'DELETE' then
    insert into public.feed_entry (recorded_at, what, subject_id, about_id)
    values (now(), 'approval.removed', old.id, old.provider_id);
  elsif tg_op = 'UPDATE' then
    if new.closed_as is not null and new.closed_as is distinct from old.closed_as then
      perform public.tell_of_an_approval(new, 'approval.' || new.closed_as, new.closed_code, today);
    else
      perform public.tell_of_an_approval(new, 'approval.changed', null, today);
    end if;
  else
    select * into former from public.approval
    where procurer_id = new.procurer_id and provider_id = new.provider_id and service_id = new.service_id
      and valid_during << new.valid_during
    order by valid_during desc limit 1;
    if new.adopted_from is not null and new.adopted_from is distinct from former.adopted_from then
      perform public.tell_of_an_approval(new, 'approval.adopted', null, today);
    elsif former.closed_as = 'suspended' and new.application_id is not distinct from former.application_id then
      perform public.tell_of_an_approval(new, 'approval.reinstated', null, today);
    else
      perform public.tell_of_an_approval(new, 'approval.begun', null, today);
    end if;
  end if;
  return null;
end $$;
create trigger c_feed_begun after insert on approval for each row execute function tell_the_feed();
create trigger c_feed_changed after update on approval for each row
  when ((old.valid_during, old.closed_as, old.closed_reason, old.closed_code, old.rulebook_id)
        is distinct from (new.valid_during, new.closed_as, new.closed_reason, new.closed_code, new.rulebook_id))
  execute function tell_the_feed();
create trigger c_feed_removed after delete on approval for each row execute function tell_the_feed();

-- Days without new clients; what a provider pleads is nobody else's. Open again is what no other pause keeps closed.
create function tell_the_feed_of_a_pause() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public as $$
declare
  today date := greatest((now() at time zone 'Europe/Helsinki')::date, new.from_on, new.until_on);
  this public.approval;
  is_open boolean;
begin
  select * into this from public.approval where id = new.approval_id;
  is_open := (public.approval_state(this, today) ->> 'new_clients')::boolean;
  if new.until_on is null then
    perform public.tell_of_an_approval(this, 'approval.paused', new.code, today);
  elsif is_open then
    perform public.tell_of_an_approval(this, 'approval.reopened', new.code, today);
  else
    perform public.tell_of_an_approval(this, 'approval.changed', new.code, today);
  end if;
  return null;
end $$;
create trigger c_feed_paused after insert on pause for each row execute function tell_the_feed_of_a_pause();
create trigger c_feed_reopened after update on pause for each row
  when (old.until_on is distinct from new.until_on) execute function tell_the_feed_of_a_pause();

-- Who delivers is of the approval's public face too.
create function tell_the_feed_of_a_partner() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public as $$
declare
  this public.approval;
begin
  select * into this from public.approval where id = new.approval_id;
  perform public.tell_of_an_approval(
    this, case tg_op when 'INSERT' then 'approval.partner_joined' else 'approval.partner_changed' end, null,
    (now() at time zone 'Europe/Helsinki')::date);
  return null;
end $$;
create trigger c_feed_partner after insert or update on partner
  for each row execute function tell_the_feed_of_a_partner();
