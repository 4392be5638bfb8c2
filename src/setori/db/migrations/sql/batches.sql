-- Vouchers for many people by a file. What was issued is never read anew, and is issued once.

create function batch_may_move(was text, becomes text) returns boolean language sql immutable as $$
  select was = becomes or (was, becomes) in (
    ('checking', 'checked'), ('checking', 'unusable'),
    ('checked', 'checking'), ('checked', 'issuing'), ('checked', 'cancelled'),
    ('issuing', 'stopped'), ('issuing', 'issued'), ('issuing', 'cancelled'), ('issuing', 'cancelling'),
    ('stopped', 'issuing'), ('stopped', 'cancelled'), ('stopped', 'cancelling'),
    ('issued', 'cancelling'), ('cancelled', 'cancelling'), ('cancelling', 'cancelled'))
$$;
create function guard_batch() returns trigger language plpgsql as $$
begin
  if not batch_may_move(old.status, new.status) then
    raise exception 'a batch cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_moves before update of status on batch for each row execute function guard_batch();

create function guard_batch_row() returns trigger language plpgsql as $$
begin
  if old.status in ('issued', 'left_out') then
    raise exception 'row % of a batch has come to its end', old.number using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger b_ended before update or delete on batch_row for each row execute function guard_batch_row();

grant select, insert on batch, batch_row to setori_app;
grant update (status, terms_id, file, header, unused_columns, failure, failure_at, gives_seconds, reason, started_by,
              started_at, ended_by, touched_at, finished_at) on batch to setori_app;
grant update (status, problems, person_id) on batch_row to setori_app;
grant delete on batch_row to setori_app;

create view check_batches_issue_each_row_once as
  select r.batch_id, r.number from batch_row r left join voucher v on v.id = r.voucher_id
  where (r.status = 'issued') <> (v.id is not null)
     or (r.status = 'issued' and (v.value_cents, v.person_id) is distinct from (r.value_cents, r.person_id));
grant select on check_batches_issue_each_row_once to setori_app;
