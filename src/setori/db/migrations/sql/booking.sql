-- Meetings: nobody is at two places, states move as the rules say, and a recorded session closes its meeting.

-- 1. Neither a coach (with the pause after each meeting) nor a person has two meetings at the same time. Offers count.
alter table booking add constraint booking_coach_is_at_one_place
  exclude using gist (coach_id with =, tstzrange(starts_at, busy_until) with &&)
  where (status in ('offered', 'booked', 'met'));
alter table booking add constraint booking_person_is_at_one_place
  exclude using gist (person_id with =, tstzrange(starts_at, ends_at) with &&)
  where (status in ('offered', 'booked', 'met'));
alter table weekly_hours add constraint weekly_hours_do_not_overlap
  exclude using gist (coach_id with =, weekday with =, int4range(from_minute, to_minute) with &&);

-- 2. States move only as the table of moves in the rules says; the tests hold both alike.
create function booking_may_move(was text, becomes text) returns boolean
language sql immutable as $$
  select was = becomes or (was, becomes) in (
    ('offered', 'booked'), ('offered', 'passed'), ('offered', 'coach_away'), ('offered', 'released'),
    ('booked', 'met'), ('booked', 'missed'), ('booked', 'called_off'), ('booked', 'called_off_late'),
    ('booked', 'coach_away'), ('booked', 'released'), ('missed', 'met'))
$$;

create function guard_booking() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('offered', 'booked') then
      raise exception 'a meeting begins as offered or booked, not as %', new.status using errcode = '23514';
    end if;
    return new;
  end if;
  if not booking_may_move(old.status, new.status) then
    raise exception 'a booking cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  if (new.id, new.procurer_id, new.voucher_id, new.person_id, new.coach_id, new.notice_hours, new.late_uses,
      new.no_show_uses)
     is distinct from (old.id, old.procurer_id, old.voucher_id, old.person_id, old.coach_id, old.notice_hours,
                       old.late_uses, old.no_show_uses) then
    raise exception 'whose meeting it is, and on what terms, does not change' using errcode = '23514';
  end if;
  if (new.starts_at, new.ends_at, new.busy_until, new.way, new.place)
     is distinct from (old.starts_at, old.ends_at, old.busy_until, old.way, old.place)
     and (old.status <> 'booked' or new.status <> 'booked' or new.sequence <= old.sequence) then
    raise exception 'only a booked meeting is moved, and its sequence tells of it' using errcode = '23514';
  end if;
  if old.redemption_id is not null and new.redemption_id is distinct from old.redemption_id then
    raise exception 'a meeting is recorded once' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_guard before insert or update on booking for each row execute function guard_booking();

-- 3. Whoever records a session, from a page, a machine or a queue: the meeting booked for that day has taken place.
create function close_booking_of_session() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  -- A missed meeting that the terms let count is recorded under its own id.
  update booking set redemption_id = new.id
  where id = new.id and voucher_id = new.voucher_id and status in ('missed', 'called_off_late');
  if found then
    return null;
  end if;
  update booking set status = 'met', closed_at = new.recorded_at, closed_by = new.recorded_by,
         redemption_id = new.id, sequence = sequence + 1
  where id = (
    select b.id from booking b
    where b.voucher_id = new.voucher_id and b.status in ('booked', 'missed') and b.redemption_id is null
      and (b.starts_at at time zone 'Europe/Helsinki')::date = new.service_on
      and b.starts_at <= new.recorded_at
    order by b.id = new.id desc, b.starts_at limit 1 for update);
  return null;
end $$;
create trigger c_meeting after insert on redemption for each row execute function close_booking_of_session();

-- 4. What the app may do.
grant select, insert, delete on weekly_hours, special_day to setori_app;
grant select, insert on booking, waiting_place, booking_reminder, calendar_feed to setori_app;
grant update (status, starts_at, ends_at, busy_until, way, place, sequence, arranged_by, arranged_at, answer_by,
              closed_by, closed_at, reason, redemption_id) on booking to setori_app;
grant update (since_at, left_at, last_day) on waiting_place to setori_app;
grant update (ended_at) on calendar_feed to setori_app;

-- 5. What always holds.
create view check_bookings_are_of_their_voucher as
  select b.id from booking b left join voucher v on v.id = b.voucher_id
  where (v.procurer_id, v.person_id) is distinct from (b.procurer_id, b.person_id)
  union all
  select w.id from waiting_place w left join voucher v on v.id = w.voucher_id
  where (v.procurer_id, v.person_id) is distinct from (w.procurer_id, w.person_id);
create view check_bookings_record_their_own_session as
  select b.id from booking b left join redemption r on r.id = b.redemption_id
  where b.redemption_id is not null and r.voucher_id is distinct from b.voucher_id;
create view check_no_meetings_on_closed_vouchers as
  select b.id from booking b join voucher v on v.id = b.voucher_id
  where b.status in ('offered', 'booked') and v.status in ('expired', 'cancelled') and b.starts_at > v.closed_at;
create view check_reminders_are_outside_the_night as
  select r.booking_id as id from booking_reminder r
  where extract(hour from r.sent_at at time zone 'Europe/Helsinki') not between 8 and 20;
grant select on check_bookings_are_of_their_voucher, check_bookings_record_their_own_session,
  check_no_meetings_on_closed_vouchers, check_reminders_are_outside_the_night to setori_app;
