-- What an import made, and taking it away again. The app may delete none of this by itself.

-- Everything of the import's register that came into being at this very moment, in this transaction.
create function note_import(run uuid, made_at timestamptz) returns bigint language sql as $$
  with ours as (select * from import_run where id = run),
  things as (
    select o.id, 'provider' as what from organisation o, ours
      where o.foreign_register = ours.register_code and o.created_at = made_at
    union all
    select a.id, 'approval' from approval a join organisation o on o.id = a.provider_id, ours
      where o.foreign_register = ours.register_code and a.procurer_id = ours.procurer_id and a.created_at = made_at
    union all
    select f.id, 'offering' from offering f join organisation o on o.id = f.provider_id, ours
      where o.foreign_register = ours.register_code and f.published_at = made_at
  ),
  noted as (insert into imported_thing (run_id, subject_id, what) select run, id, what from things returning 1)
  select count(*) from noted
$$;

-- Runs as the owner. A row that anything refers to stops it (a foreign key), and nothing is undone.
create function undo_import(run uuid) returns bigint language plpgsql security definer
  set search_path = pg_catalog, public as $$
declare
  gone bigint;
  offerings uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'offering');
  approvals uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'approval');
  providers uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'provider');
begin
  if not exists (select from public.import_run where id = run and status = 'undone') then
    raise exception 'import % is not being undone', run;
  end if;
  delete from public.offering_area where offering_id = any (offerings);
  delete from public.offering where id = any (offerings);
  delete from public.approval where id = any (approvals);
  delete from public.provider_profile where provider_id = any (providers);
  delete from public.organisation where id = any (providers);
  delete from public.imported_thing where run_id = run;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function undo_import(uuid) from public;
grant execute on function note_import(uuid, timestamptz), undo_import(uuid) to setori_app;
grant select, insert on import_run, imported_thing to setori_app;
grant update (status, rows_read, rows_good, rows_refused, rows_done, counts, problems, failure, finished_at)
  on import_run to setori_app;
