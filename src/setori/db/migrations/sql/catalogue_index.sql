-- Whatever changes what can be chosen is noted here by the transaction that changes it, and told to whoever listens.
-- `xid` is that transaction: who remembers a moment of the database finds what came to be seen since, however long the
-- transactions took. `firm_id` is the provider to read again; none means everybody.

grant select, delete on catalogue_change to setori_app;

-- The owner's, so that the application writes here by its changes only.
create function note_change_of(firms uuid[], with_words boolean) returns void
language plpgsql security definer set search_path = public as $$
begin
  insert into catalogue_change (xid, firm_id, with_words, noted_at)
  select pg_current_xact_id()::text::bigint, firm, with_words, now() from unnest(firms) as firm;
  if found then
    perform pg_notify('catalogue', '');
  end if;
end $$;

-- tg_argv[0] selects the providers from the rows of the statement, `changed`; nothing: it is everybody's.
create function note_catalogue_change() returns trigger language plpgsql as $$
declare
  firms uuid[];
begin
  if tg_argv[0] = '' then
    execute 'select array_agg(distinct null::uuid) from changed having count(*) > 0' into firms;
  else
    execute 'select array_agg(distinct firm) from (' || tg_argv[0] || ') as of (firm)' into firms;
  end if;
  if firms is not null then
    perform note_change_of(firms, tg_argv[1]::boolean);
  end if;
  return null;
end $$;

-- A firm under another name. What else changes of a firm is not shown in the catalogue; a procurer's area is, to all.
create function note_change_of_firm() returns trigger language plpgsql as $$
begin
  perform note_change_of(case when new.kind = 'procurer' then array[null::uuid] else array[new.id] end, true);
  return null;
end $$;
create trigger organisation_change_is_noted after update of name, area_code, is_sample on organisation
  for each row when (row (new.name, new.area_code, new.is_sample) is distinct from
                     row (old.name, old.area_code, old.is_sample))
  execute function note_change_of_firm();

-- A time that is taken or freed. That a meeting was held changes nothing of that, so recording a session costs nothing.
create function note_change_of_times() returns trigger language plpgsql as $$
begin
  perform note_change_of(array_agg(provider_id), false) from coach where id = new.coach_id;
  return null;
end $$;
create trigger booking_insert_is_noted after insert on booking
  for each row execute function note_change_of_times();
create trigger booking_update_is_noted after update of status, starts_at, busy_until, coach_id on booking
  for each row when (row (new.starts_at, new.busy_until, new.coach_id)
                       is distinct from row (old.starts_at, old.busy_until, old.coach_id)
                     or (new.status in ('offered', 'booked', 'met', 'coach_away'))
                        <> (old.status in ('offered', 'booked', 'met', 'coach_away')))
  execute function note_change_of_times();
