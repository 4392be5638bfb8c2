-- An import may make outcomes of a register too; undoing it takes them away, and the figures that nothing is left of.

grant select, insert, delete on register_figure to setori_app;

create or replace function note_import(run uuid, made_at timestamptz) returns bigint language sql as $$
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
    union all
    select r.id, 'outcome' from register_outcome r, ours
      where r.register_code = ours.register_code and r.taken_in_at = made_at
  ),
  noted as (insert into imported_thing (run_id, subject_id, what) select run, id, what from things returning 1)
  select count(*) from noted
$$;

create or replace function undo_import(run uuid) returns bigint language plpgsql security definer
  set search_path = pg_catalog, public as $$
declare
  gone bigint;
  offerings uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'offering');
  approvals uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'approval');
  providers uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'provider');
  outcomes uuid[] := array(select subject_id from public.imported_thing where run_id = run and what = 'outcome');
begin
  if not exists (select from public.import_run where id = run and status = 'undone') then
    raise exception 'import % is not being undone', run;
  end if;
  delete from public.register_outcome where id = any (outcomes);
  delete from public.register_figure f where not exists (
    select from public.register_outcome r
    where r.provider_id = f.provider_id and r.service_id = f.service_id and r.months = f.months);
  delete from public.offering_area where offering_id = any (offerings);
  delete from public.offering where id = any (offerings);
  delete from public.approval where id = any (approvals);
  delete from public.provider_profile where provider_id = any (providers);
  delete from public.organisation where id = any (providers);
  delete from public.imported_thing where run_id = run;
  get diagnostics gone = row_count;
  return gone;
end $$;
