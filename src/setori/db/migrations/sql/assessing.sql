-- Applications come back for completion, are assessed blind, decided with conditions, and appealed; nothing is lost.

-- 1. Columns and tables.
alter table rulebook add column two_assessors boolean not null default false,
  add column decision_days integer not null default 30;

alter table application drop constraint application_status_known;
alter table application add constraint application_status_known
  check (status in ('draft', 'submitted', 'returned', 'approved', 'rejected', 'withdrawn'));
alter table application add column round integer not null default 0, add column due_on date,
  add column withdrawn_at timestamptz, add column withdrawn_by uuid
    constraint fk_application_withdrawn_by_person references person (id);
drop index one_open_application;
create unique index one_open_application on application (provider_id, rulebook_id)
  where status in ('draft', 'submitted', 'returned');

alter table answer
  add column answered_by uuid constraint fk_answer_answered_by_person references person (id),
  add column source_id uuid constraint fk_answer_source_id_application references application (id);

create table filing (
  application_id uuid not null constraint fk_filing_application_id_application references application (id),
  round integer not null,
  answers jsonb not null,
  filed_at timestamptz not null,
  filed_by uuid not null constraint fk_filing_filed_by_person references person (id),
  constraint pk_filing primary key (application_id, round));

create table completion_request (
  application_id uuid not null
    constraint fk_completion_request_application_id_application references application (id),
  round integer not null,
  message varchar(4000) not null,
  to_mend jsonb not null,
  due_on date not null,
  asked_by uuid not null constraint fk_completion_request_asked_by_person references person (id),
  asked_at timestamptz not null,
  constraint pk_completion_request primary key (application_id, round));

create table assessment (
  application_id uuid not null constraint fk_assessment_application_id_application references application (id),
  round integer not null,
  assessor_id uuid not null constraint fk_assessment_assessor_id_person references person (id),
  assigned_by uuid not null constraint fk_assessment_assigned_by_person references person (id),
  assigned_at timestamptz not null,
  done_at timestamptz,
  constraint pk_assessment primary key (application_id, round, assessor_id));
create index ix_assessment_assessor_id on assessment (assessor_id);

create table mark (
  application_id uuid not null,
  round integer not null,
  assessor_id uuid not null,
  criterion_id uuid not null constraint fk_mark_criterion_id_criterion references criterion (id),
  met boolean not null,
  reason varchar(2000) not null,
  marked_at timestamptz not null,
  constraint pk_mark primary key (application_id, round, assessor_id, criterion_id),
  constraint fk_mark_application_id_round_assessor_id_assessment
    foreign key (application_id, round, assessor_id) references assessment (application_id, round, assessor_id));

alter table decision drop constraint decision_outcome_known;
alter table decision add constraint decision_outcome_known
  check (outcome in ('draft', 'submitted', 'returned', 'approved', 'rejected', 'withdrawn'));
alter table decision add column round integer not null default 1,
  add column conditions varchar(4000) not null default '';
alter table decision drop constraint pk_decision, add constraint pk_decision primary key (application_id, round);
alter table criterion_verdict add column round integer not null default 1;
alter table criterion_verdict drop constraint pk_criterion_verdict,
  add constraint pk_criterion_verdict primary key (application_id, round, criterion_id);
alter table decision alter column round drop default;
alter table criterion_verdict alter column round drop default;

create table appeal (
  id uuid not null constraint pk_appeal primary key,
  application_id uuid not null,
  round integer not null,
  received_on date not null,
  demand varchar(4000) not null,
  recorded_by uuid not null constraint fk_appeal_recorded_by_person references person (id),
  recorded_at timestamptz not null,
  outcome varchar(40),
  outcome_reason varchar(4000) not null,
  resolved_by uuid constraint fk_appeal_resolved_by_person references person (id),
  resolved_at timestamptz,
  constraint appeal_outcome_known check (outcome in ('stands', 'reopened', 'amended', 'not_examined')),
  constraint fk_appeal_application_id_round_decision
    foreign key (application_id, round) references decision (application_id, round));
create unique index one_open_appeal on appeal (application_id) where outcome is null;

-- 2. What was sent before there were filings becomes the first filing of its application.
update application set round = 1, due_on = case when status = 'submitted'
  then (submitted_at at time zone 'Europe/Helsinki')::date + 30 end
where submitted_at is not null;
insert into filing (application_id, round, answers, filed_at, filed_by)
select a.id, 1, coalesce((select jsonb_object_agg(c.code, w.value) from answer w
  join criterion c on c.id = w.criterion_id where w.application_id = a.id), '{}'), a.submitted_at, a.submitted_by
from application a where a.submitted_at is not null and a.submitted_by is not null;

-- 3. An application moves only as the table of moves in the rules says, and each time that it comes to the desk counts.
create function application_move(was text, becomes text) returns boolean language sql immutable as $$
  select (was, becomes) in (
    ('draft', 'submitted'), ('draft', 'withdrawn'),
    ('submitted', 'returned'), ('submitted', 'approved'), ('submitted', 'rejected'), ('submitted', 'withdrawn'),
    ('returned', 'submitted'), ('returned', 'withdrawn'),
    ('rejected', 'submitted'))
$$;
create function guard_application() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if (new.status, new.round) is distinct from ('draft', 0) then
      raise exception 'an application begins as a draft' using errcode = '23514';
    end if;
    return new;
  end if;
  if old.status <> new.status and not application_move(old.status, new.status) then
    raise exception 'an application cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  if new.round <> old.round + (new.status = 'submitted' and old.status <> 'submitted')::int then
    raise exception 'the rounds of an application count when it comes to the desk' using errcode = '23514';
  end if;
  return new;
end $$;
drop trigger b_moves on application;
create trigger b_moves before insert or update on application for each row execute function guard_application();

-- 4. Answers are written while the provider writes; what was filed, asked and decided stays as it was.
create function guard_answer() returns trigger language plpgsql as $$
begin
  if not exists (select from application where id = coalesce(new.application_id, old.application_id)
                 and status in ('draft', 'returned')) then
    raise exception 'an application that was sent is not written any more' using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger b_writable before insert or update or delete on answer for each row execute function guard_answer();
create trigger z_immutable before update or delete on filing for each row execute function never_changes();
create trigger z_immutable before update or delete on completion_request for each row execute function never_changes();
create trigger z_immutable before update or delete on decision for each row execute function never_changes();
create trigger z_immutable before update or delete on criterion_verdict for each row execute function never_changes();
alter table filing enable always trigger z_immutable;
alter table decision enable always trigger z_immutable;

-- 5. An assessment that is done, and an appeal with its outcome, no longer change.
create function guard_assessment() returns trigger language plpgsql as $$
begin
  if old.done_at is not null then
    raise exception 'an assessment that is done does not change' using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger b_done before update or delete on assessment for each row execute function guard_assessment();
create function guard_mark() returns trigger language plpgsql as $$
begin
  if exists (select from assessment a where (a.application_id, a.round, a.assessor_id)
      = (coalesce(new.application_id, old.application_id), coalesce(new.round, old.round),
         coalesce(new.assessor_id, old.assessor_id)) and a.done_at is not null) then
    raise exception 'an assessment that is done does not change' using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger b_done before insert or update or delete on mark for each row execute function guard_mark();
create function guard_appeal() returns trigger language plpgsql as $$
begin
  if old.outcome is not null then
    raise exception 'an appeal has one outcome' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_resolved before update on appeal for each row execute function guard_appeal();

-- 6. What the app may do.
grant select, insert on filing, completion_request, appeal to setori_app;
grant select, insert, delete on assessment, mark to setori_app;
grant update (done_at) on assessment to setori_app;
grant update (met, reason, marked_at) on mark to setori_app;
grant update (outcome, outcome_reason, resolved_by, resolved_at) on appeal to setori_app;
grant update (round, due_on, withdrawn_at, withdrawn_by) on application to setori_app;

-- 7. What must hold of every application.
create view check_every_application_sent_has_what_was_filed as
  select a.id from application a
  where (a.submitted_at is null) <> (a.round = 0)
     or (a.round > 0 and not exists (select from filing f where f.application_id = a.id));
create view check_applications_are_decided_once_a_round as
  select a.id from application a
  where (a.status in ('approved', 'rejected'))
     <> exists (select from decision d where d.application_id = a.id and d.round = a.round and d.outcome = a.status);
create view check_returned_applications_were_asked_for_completion as
  select a.id from application a
  where a.status = 'returned'
    and not exists (select from completion_request c where c.application_id = a.id and c.round = a.round);
create view check_two_assessed_where_two_are_asked_for as
  select d.application_id as id from decision d join application a on a.id = d.application_id
  join rulebook r on r.id = a.rulebook_id
  where r.two_assessors and (select count(*) from assessment s where s.application_id = d.application_id
    and s.round = d.round and s.done_at is not null) < 2;
grant select on check_every_application_sent_has_what_was_filed, check_applications_are_decided_once_a_round,
  check_returned_applications_were_asked_for_completion, check_two_assessed_where_two_are_asked_for to setori_app;
