-- The evidence wallet. Versions, files, looks and filings are only ever added.

create table evidence_document (
  id uuid not null constraint pk_evidence_document primary key,
  provider_id uuid not null constraint fk_evidence_document_provider_id_organisation references organisation (id),
  kind varchar(40) not null constraint evidence_document_kind_known check (kind in ('liability_insurance',
    'tax_certificate', 'pension_certificate', 'register_extract', 'qualification', 'licence', 'agreement',
    'other_document')),
  label varchar(80) not null,
  created_at timestamptz not null,
  withdrawn_at timestamptz,
  withdrawn_by uuid constraint fk_evidence_document_withdrawn_by_person references person (id),
  constraint evidence_document_withdrawn_whole check ((withdrawn_at is null) = (withdrawn_by is null)));
create index ix_evidence_document_provider_id on evidence_document (provider_id, id);

create table evidence_version (
  id uuid not null constraint pk_evidence_version primary key,
  document_id uuid not null constraint fk_evidence_version_document_id_evidence_document
    references evidence_document (id),
  number integer not null,
  issuer varchar(120) not null,
  valid_from date not null,
  valid_until date,
  file_name varchar(100) not null,
  media_type varchar(40) not null,
  size integer not null,
  sha256 varchar(64) not null,
  kept_by uuid not null constraint fk_evidence_version_kept_by_person references person (id),
  kept_at timestamptz not null,
  constraint uq_evidence_version_document_id_number unique (document_id, number),
  constraint evidence_version_number_positive check (number > 0),
  constraint evidence_version_days_in_order check (valid_until is null or valid_until >= valid_from),
  constraint evidence_version_size_in_bounds check (size between 1 and 10485760),
  constraint evidence_version_media_type_known
    check (media_type in ('application/pdf', 'image/jpeg', 'image/png')));
create index ix_evidence_version_valid_until on evidence_version (valid_until);

-- Apart, so that no list reads it. Files are compressed in themselves already.
create table evidence_file (
  version_id uuid not null constraint pk_evidence_file primary key
    constraint fk_evidence_file_version_id_evidence_version references evidence_version (id),
  content bytea not null);
alter table evidence_file alter column content set storage external;

create table evidence_look (
  id uuid not null constraint pk_evidence_look primary key,
  version_id uuid not null constraint fk_evidence_look_version_id_evidence_version references evidence_version (id),
  procurer_id uuid not null constraint fk_evidence_look_procurer_id_organisation references organisation (id),
  person_id uuid not null constraint fk_evidence_look_person_id_person references person (id),
  looked_at timestamptz not null);
create index ix_evidence_look_version_id on evidence_look (version_id);

create table evidence_reminder (
  version_id uuid not null constraint fk_evidence_reminder_version_id_evidence_version references evidence_version (id),
  days integer not null,
  told_at timestamptz not null,
  constraint pk_evidence_reminder primary key (version_id, days));

alter table criterion add column document_kind varchar(40) constraint criterion_document_kind_known
  check (document_kind in ('liability_insurance', 'tax_certificate', 'pension_certificate', 'register_extract',
    'qualification', 'licence', 'agreement', 'other_document'));

create table filed_document (
  application_id uuid not null,
  round integer not null,
  criterion_id uuid not null constraint fk_filed_document_criterion_id_criterion references criterion (id),
  version_id uuid not null constraint fk_filed_document_version_id_evidence_version references evidence_version (id),
  constraint pk_filed_document primary key (application_id, round, criterion_id),
  constraint fk_filed_document_application_id_round_filing
    foreign key (application_id, round) references filing (application_id, round));
create index ix_filed_document_version_id on filed_document (version_id);

create trigger z_immutable before update or delete on evidence_version for each row execute function never_changes();
create trigger z_immutable before update or delete on evidence_file for each row execute function never_changes();
create trigger z_immutable before update or delete on evidence_look for each row execute function never_changes();
create trigger z_immutable before update or delete on filed_document for each row execute function never_changes();

grant select, insert on evidence_document, evidence_version, evidence_file, evidence_look, evidence_reminder,
  filed_document to setori_app;
grant update (withdrawn_at, withdrawn_by) on evidence_document to setori_app;

-- Until when each approval in force rests on documents that end, criterion by criterion, as things stand on a day: on
-- what was filed with it, newer versions included, and on whatever the wallet holds of the kind that is asked for.
-- A document that was withdrawn ended then. Where nothing was ever kept there is nothing that could run out.
create function document_deadlines(day date) returns table (
  approval_id uuid, procurer_id uuid, provider_id uuid, service_id uuid, code varchar, grace_days integer,
  document_id uuid, kind varchar, ends_on date, closes_on date) language sql stable as $$
  with need as (
    select a.id as approval_id, a.procurer_id, a.provider_id, a.service_id, a.application_id,
           c.id as criterion_id, c.code, c.mandatory, c.document_kind, c.grace_days
    from approval a join criterion c on c.rulebook_id = a.rulebook_id and c.kind = 'document' and c.expires
    where a.valid_during @> day),
  rests as (
    select distinct on (n.approval_id, n.criterion_id) n.*, d.id as document_id, d.kind,
           least(held.until, coalesce((d.withdrawn_at at time zone 'Europe/Helsinki')::date, 'infinity')) as ends_on
    from need n
    join evidence_document d on d.provider_id = n.provider_id
     and ((n.mandatory and d.kind = n.document_kind)
          or exists (select from filed_document f join evidence_version w on w.id = f.version_id
                     where f.application_id = n.application_id and f.criterion_id = n.criterion_id
                       and w.document_id = d.id))
    join lateral (
      select g.number, coalesce(g.valid_until, 'infinity') as until from evidence_version g
      where g.document_id = d.id and g.valid_from <= day order by g.number desc limit 1) now on true
    join lateral (
      select max(coalesce(v.valid_until, 'infinity')) as until from evidence_version v
      where v.document_id = d.id
        and (v.number = now.number or (v.number > now.number and v.valid_from <= now.until + 1))) held on true
    order by n.approval_id, n.criterion_id, ends_on desc)
  select r.approval_id, r.procurer_id, r.provider_id, r.service_id, r.code, r.grace_days, r.document_id, r.kind,
         r.ends_on, r.ends_on + r.grace_days + 1
  from rests r where r.ends_on < 'infinity'
$$;
grant execute on function document_deadlines(date) to setori_app;

create view check_filed_documents_belong_to_whoever_filed_them as
  select f.application_id as id from filed_document f
  join application a on a.id = f.application_id
  join evidence_version v on v.id = f.version_id join evidence_document d on d.id = v.document_id
  where d.provider_id <> a.provider_id;
create view check_evidence_files_are_there_and_of_their_size as
  select v.id from evidence_version v left join evidence_file f on f.version_id = v.id
  where v.size is distinct from octet_length(f.content);
grant select on check_filed_documents_belong_to_whoever_filed_them, check_evidence_files_are_there_and_of_their_size
  to setori_app;
