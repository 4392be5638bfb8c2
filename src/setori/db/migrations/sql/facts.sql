-- What the app may do with business facts, and the feed of the public register.

grant select, insert on business_fact, fact_asking, fact_notice, feed_entry to setori_app;
grant update (is_current, confirmed_at, source) on business_fact to setori_app;
grant update (asked_at, next_at, failures, failing_since, failure) on fact_asking to setori_app;
grant update (looked_at, looked_by, note, over_at) on fact_notice to setori_app;
grant update (number) on feed_entry to setori_app;

-- Every change of an approval's public face leaves an entry, whoever makes it and however; numbers come when it is read.
-- As the owner: whoever takes an import back may not write here by itself.
create function tell_the_feed() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public as $$
begin
  insert into public.feed_entry (recorded_at, what, subject_id, about_id)
  values (now(), tg_argv[0], coalesce(new.id, old.id), coalesce(new.provider_id, old.provider_id));
  return null;
end $$;
create trigger c_feed_begun after insert on approval for each row execute function tell_the_feed('approval.begun');
create trigger c_feed_changed after update on approval for each row
  when (old.* is distinct from new.*) execute function tell_the_feed('approval.changed');
create trigger c_feed_removed after delete on approval for each row execute function tell_the_feed('approval.removed');

-- Days without new clients are of the approval's public face too.
create function tell_the_feed_of_a_pause() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public as $$
begin
  insert into public.feed_entry (recorded_at, what, subject_id, about_id)
  select now(), 'approval.changed', id, provider_id from public.approval where id = new.approval_id;
  return null;
end $$;
create trigger c_feed_paused after insert or update on pause for each row execute function tell_the_feed_of_a_pause();

insert into feed_entry (recorded_at, what, subject_id, about_id)
select created_at, 'approval.begun', id, provider_id from approval order by created_at, id;
