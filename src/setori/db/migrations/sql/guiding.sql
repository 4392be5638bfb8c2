-- A service manager beside a client: consents never overlap and move one way, and nothing is done without one.

-- 1. Between a client and a service manager one consent at a time, also looking back.
alter table consent add constraint consents_do_not_overlap
  exclude using gist (client_id with =, manager_id with =, tstzrange(given_at, closed_at) with &&)
  where (given_at is not null);

-- 2. Consents move only as the table of moves in the rules says; what was said yes to does not change.
create function consent_may_move(was text, becomes text) returns boolean
language sql immutable as $$
  select was = becomes or (was, becomes) in (('proposed', 'in_force'), ('proposed', 'refused'), ('in_force', 'ended'))
$$;

create function guard_consent() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('proposed', 'in_force') then
      raise exception 'a consent begins as proposed or in force, not as %', new.status using errcode = '23514';
    end if;
    if new.status = 'in_force' and new.proposed_by <> new.client_id then
      raise exception 'only the client says yes' using errcode = '23514';
    end if;
    return new;
  end if;
  if not consent_may_move(old.status, new.status) then
    raise exception 'a consent cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  if (new.id, new.procurer_id, new.client_id, new.manager_id, new.proposed_by, new.proposed_at)
     is distinct from (old.id, old.procurer_id, old.client_id, old.manager_id, old.proposed_by, old.proposed_at) then
    raise exception 'between whom a consent is does not change' using errcode = '23514';
  end if;
  if (new.may_see, new.may_shortlist, new.may_book, new.may_attend, new.until_on, new.given_at)
     is distinct from (old.may_see, old.may_shortlist, old.may_book, old.may_attend, old.until_on, old.given_at)
     and not (old.status = 'proposed' and new.status = 'in_force') then
    raise exception 'what was said yes to does not change' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_guard before insert or update on consent for each row execute function guard_consent();

-- 3. A deed needs a consent that is in force and allows it. The consent is locked as shared: whoever ends it waits for
-- a deed that has begun, and whoever comes after the end finds none.
create function allows(p_consent uuid, p_at timestamptz, variadic p_scopes text[]) returns consent
language plpgsql as $$
declare
  c consent;
begin
  select * into c from consent k where k.id = p_consent for share;
  if c.status is distinct from 'in_force' or c.until_on < (p_at at time zone 'Europe/Helsinki')::date
     or not (('see' = any(p_scopes) and c.may_see) or ('shortlist' = any(p_scopes) and c.may_shortlist)
             or ('book' = any(p_scopes) and c.may_book) or ('attend' = any(p_scopes) and c.may_attend)) then
    raise exception 'there is no consent for this' using errcode = '23514';
  end if;
  return c;
end $$;

create function scopes_for(what text) returns text[]
language sql immutable as $$
  select case
    when what = 'looked' then array['see', 'shortlist', 'book', 'attend']
    when what in ('looked_for_coaches', 'suggested', 'took_back') then array['shortlist']
    when what = 'looked_at_meeting' then array['book', 'attend']
    when what in ('looked_at_times', 'booked', 'moved', 'called_off') then array['book']
    when what in ('sits_in', 'sits_not_in') then array['attend'] end
$$;

create function guard_guiding_trace() returns trigger language plpgsql as $$
begin
  perform allows(new.consent_id, new.at, variadic scopes_for(new.what));
  return new;
end $$;
create trigger b_guard before insert on guiding_trace for each row execute function guard_guiding_trace();

create function guard_suggestion() returns trigger language plpgsql as $$
declare
  c consent;
begin
  if tg_op = 'UPDATE' then
    if (new.id, new.consent_id, new.voucher_id, new.offering_id, new.coach_id, new.comment, new.made_at)
       is distinct from (old.id, old.consent_id, old.voucher_id, old.offering_id, old.coach_id, old.comment,
                         old.made_at) then
      raise exception 'a suggestion is only taken back' using errcode = '23514';
    end if;
    perform allows(new.consent_id, new.withdrawn_at, 'shortlist');
    return new;
  end if;
  c := allows(new.consent_id, new.made_at, 'shortlist');
  if not exists (select from voucher v where v.id = new.voucher_id and v.person_id = c.client_id
                   and v.procurer_id = c.procurer_id) then
    raise exception 'a suggestion is for a voucher of the client' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_guard before insert or update on suggestion for each row execute function guard_suggestion();

create function guard_sitting_in() returns trigger language plpgsql as $$
declare
  c consent;
begin
  c := allows(new.consent_id, new.since_at, 'attend');
  if not exists (select from booking b where b.id = new.booking_id and b.person_id = c.client_id
                   and b.procurer_id = c.procurer_id) then
    raise exception 'one sits in at a meeting of the client' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_guard before insert on sitting_in for each row execute function guard_sitting_in();

-- Whoever books or moves for somebody else has that one's consent.
create function guard_booking_for_another() returns trigger language plpgsql as $$
begin
  if new.arranged_by is null or new.arranged_by = new.person_id
     or (tg_op = 'UPDATE' and (new.arranged_by, new.arranged_at) is not distinct from
                              (old.arranged_by, old.arranged_at)) then
    return new;
  end if;
  perform allows((select k.id from consent k where k.client_id = new.person_id and k.manager_id = new.arranged_by
                    and k.procurer_id = new.procurer_id and k.status = 'in_force'), new.arranged_at, 'book');
  return new;
end $$;
create trigger c_guard_for_another before insert or update on booking
  for each row execute function guard_booking_for_another();

-- 4. What the app may do.
grant select, insert on consent, suggestion, guiding_trace to setori_app;
grant select, insert, delete on sitting_in to setori_app;
grant update (status, may_see, may_shortlist, may_book, may_attend, until_on, given_at, closed_by, closed_at)
  on consent to setori_app;
grant update (withdrawn_at) on suggestion to setori_app;

-- 5. What always holds.
create view check_guiding_is_within_its_consent as
  select t.id from guiding_trace t join consent c on c.id = t.consent_id
  where c.given_at is null or t.at < c.given_at or t.at > c.closed_at
     or (t.at at time zone 'Europe/Helsinki')::date > c.until_on
  union all
  select s.id from suggestion s join consent c on c.id = s.consent_id
  where c.given_at is null or s.made_at < c.given_at or s.made_at > c.closed_at or not c.may_shortlist;
create view check_suggestions_are_of_their_client as
  select s.id from suggestion s join consent c on c.id = s.consent_id join voucher v on v.id = s.voucher_id
  where (v.person_id, v.procurer_id) is distinct from (c.client_id, c.procurer_id);
create view check_times_booked_for_others_were_allowed as
  select b.id from booking b
  where b.arranged_by <> b.person_id and not exists (
    select from consent c
    where c.client_id = b.person_id and c.manager_id = b.arranged_by and c.procurer_id = b.procurer_id and c.may_book
      and b.arranged_at >= c.given_at and (c.closed_at is null or b.arranged_at <= c.closed_at));
grant select on check_guiding_is_within_its_consent, check_suggestions_are_of_their_client,
  check_times_booked_for_others_were_allowed to setori_app;
