-- Reviews of sessions that were taken back. What was said stays said, so that a provider cannot buy a bad word away by
-- giving up the pay of a session; but a session that nobody pays for cannot be reviewed again and again. Of one person
-- about one coach in one offering, a review of a session that was taken back counts only while it is that person's only
-- word: any review of a session that stands, or a later one, takes its place.

create function let_reviews_give_way(person uuid, offering uuid, coach uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare gone record;
begin
  perform from offering o where o.id = offering for no key update;  -- two at once wait for each other
  for gone in
    update review w set replaced_at = now()
    from redemption r
    where r.id = w.redemption_id and r.status = 'reversed' and w.replaced_at is null
      and w.person_id = person and w.offering_id = offering and w.coach_id is not distinct from coach
      and exists (
        select from review o join redemption s on s.id = o.redemption_id
        where o.person_id = person and o.offering_id = offering and o.coach_id is not distinct from coach
          and o.replaced_at is null and o.id <> w.id
          and (s.status <> 'reversed' or (o.written_at, o.id) > (w.written_at, w.id)))
    returning w.rating
  loop
    update offering o set review_count = review_count - 1, rating_sum = rating_sum - gone.rating where o.id = offering;
    update offering_coach c set review_count = review_count - 1, rating_sum = rating_sum - gone.rating
      where c.offering_id = offering and c.coach_id = coach;
  end loop;
end $$;
revoke execute on function let_reviews_give_way from public;

create function review_gives_way() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
  perform let_reviews_give_way(new.person_id, new.offering_id, new.coach_id);
  return null;
end $$;
create trigger z_gives_way after insert on review for each row execute function review_gives_way();

create function reversed_session_gives_way() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare said review;
begin
  select * into said from review w where w.redemption_id = new.id;
  if found then
    perform let_reviews_give_way(said.person_id, said.offering_id, said.coach_id);
  end if;
  return null;
end $$;
create trigger z_gives_way after update of status on redemption
  for each row when (new.status = 'reversed' and old.status <> 'reversed')
  execute function reversed_session_gives_way();

-- What older data holds gives way now.
select let_reviews_give_way(person_id, offering_id, coach_id)
from (select distinct w.person_id, w.offering_id, w.coach_id
      from review w join redemption r on r.id = w.redemption_id where r.status = 'reversed') told;

create or replace view check_rating_summaries_equal_reviews as
  select o.id from offering o
  left join lateral (
    select count(*) as n, coalesce(sum(rating), 0) as total from review r
    where r.offering_id = o.id and r.replaced_at is null) t on true
  where (o.review_count, o.rating_sum) is distinct from (t.n::int, t.total::int);

create view check_reviews_of_reversed_sessions_count_once as
  select min(w.id::text)::uuid as id from review w join redemption r on r.id = w.redemption_id
  where w.replaced_at is null
  group by w.person_id, w.offering_id, w.coach_id
  having count(*) filter (where r.status = 'reversed') > 0 and count(*) > 1;
grant select on check_reviews_of_reversed_sessions_count_once to setori_app;
