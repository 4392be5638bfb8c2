-- Of one person about one coach in one offering, the review of a session that was taken back gives way to a later word
-- only. An earlier one, of a session that stands, says nothing of this: if it took the place of a later bad word, a
-- provider could buy that away after all. So there is one such review at most, and it is the person's last word.

create or replace function let_reviews_give_way(person uuid, offering uuid, coach uuid) returns void
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
        select from review o
        where o.person_id = person and o.offering_id = offering and o.coach_id is not distinct from coach
          and o.replaced_at is null and (o.written_at, o.id) > (w.written_at, w.id))
    returning w.rating
  loop
    update offering o set review_count = review_count - 1, rating_sum = rating_sum - gone.rating where o.id = offering;
    update offering_coach c set review_count = review_count - 1, rating_sum = rating_sum - gone.rating
      where c.offering_id = offering and c.coach_id = coach;
  end loop;
end $$;

drop view check_reviews_of_reversed_sessions_count_once;
create view check_reviews_of_reversed_sessions_count_once as
  select w.id from review w join redemption r on r.id = w.redemption_id
  where r.status = 'reversed' and w.replaced_at is null
    and exists (
      select from review o
      where o.person_id = w.person_id and o.offering_id = w.offering_id and o.coach_id is not distinct from w.coach_id
        and o.replaced_at is null and (o.written_at, o.id) > (w.written_at, w.id));
grant select on check_reviews_of_reversed_sessions_count_once to setori_app;
