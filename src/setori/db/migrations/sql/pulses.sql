-- Nobody is asked before a session was confirmed, and only about whom that session was with.

create function guard_pulse() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if not exists (
        select from redemption r join choice c on c.id = r.choice_id
         where r.id = new.redemption_id and r.status = 'confirmed' and r.voucher_id = new.voucher_id
           and r.person_id = new.person_id and r.provider_id = new.provider_id and r.procurer_id = new.procurer_id
           and c.offering_id = new.offering_id and c.coach_id is not distinct from new.coach_id) then
      raise exception 'nobody is asked before a session was confirmed' using errcode = '23514';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - '{code_hash,reminded_at,answered_at,closed_at}'::text[])
       is distinct from (to_jsonb(old) - '{code_hash,reminded_at,answered_at,closed_at}'::text[]) then
    raise exception 'what was asked does not change' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger guard before insert or update on pulse for each row execute function guard_pulse();

-- What was said stays as it was said: only whether it counts and whether its words are shown may change.
create function guard_review() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare asked pulse;
begin
  if tg_op = 'INSERT' then
    select * into asked from pulse where id = new.pulse_id;
    if (asked.person_id, asked.provider_id, asked.service_id, asked.offering_id, asked.coach_id, asked.stage)
         is distinct from
       (new.person_id, new.provider_id, new.service_id, new.offering_id, new.coach_id, new.stage) then
      raise exception 'an answer belongs to its question' using errcode = '23514';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - '{replaced_at,hidden_at}'::text[]) is distinct from (to_jsonb(old) - '{replaced_at,hidden_at}'::text[])
     or (old.replaced_at is not null and new.replaced_at is distinct from old.replaced_at) then
    raise exception 'what was said does not change' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger guard before insert or update on review for each row execute function guard_review();

grant select, insert on pulse, experience, experience_prior to setori_app;
grant update (code_hash, reminded_at, answered_at, closed_at) on pulse to setori_app;
revoke update on review from setori_app;
grant update (replaced_at, hidden_at) on review to setori_app;
grant update on experience, experience_prior to setori_app;

create view check_pulses_come_from_confirmed_sessions as
  select p.id from pulse p join redemption r on r.id = p.redemption_id
   where r.status not in ('confirmed', 'reversed') or r.voucher_id <> p.voucher_id or r.provider_id <> p.provider_id;

create view check_answered_pulses_have_one_answer as
  select p.id from pulse p
   where (p.answered_at is not null) <> exists (select from review w where w.pulse_id = p.id and w.replaced_at is null);

create view check_experience_counts_people as
  with people as (
    select provider_id, service_id, null::uuid as offering_id, null::uuid as coach_id, count(distinct person_id) as n
      from review where replaced_at is null group by 1, 2
    union all
    select provider_id, service_id, offering_id, coach_id, count(distinct person_id)
      from review where replaced_at is null group by 1, 2, 3, 4
  )
  select e.id from experience e
    left join people p on p.provider_id = e.provider_id and p.service_id = e.service_id
     and p.offering_id is not distinct from e.offering_id and p.coach_id is not distinct from e.coach_id
   where e.respondents <> coalesce(p.n, 0);
grant select on check_pulses_come_from_confirmed_sessions, check_answered_pulses_have_one_answer,
  check_experience_counts_people to setori_app;
