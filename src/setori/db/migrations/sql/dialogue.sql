-- Rulebooks that are consulted on, a national core beneath them, and the market dialogue.

-- 1. The national core, and what a criterion tells of documents.
create table national_core (
  version integer not null constraint pk_national_core primary key,
  criteria jsonb not null,
  published_at timestamptz not null);
create trigger z_immutable before update or delete on national_core for each row execute function never_changes();
create trigger z_not_emptied before truncate on national_core execute function never_changes();

alter table rulebook add column core_version integer
  constraint fk_rulebook_core_version_national_core references national_core (version);
alter table rulebook drop constraint rulebook_status_known;
alter table rulebook add constraint rulebook_status_known
  check (status in ('draft', 'consultation', 'published', 'superseded'));
alter table criterion add column is_core boolean not null default false,
  add column expires boolean not null default false, add column grace_days integer not null default 0;

-- 2. The dialogue.
create table dialogue (
  id uuid not null constraint pk_dialogue primary key,
  rulebook_id uuid not null constraint fk_dialogue_rulebook_id_rulebook references rulebook (id)
    constraint uq_dialogue_rulebook_id unique,
  procurer_id uuid not null constraint fk_dialogue_procurer_id_organisation references organisation (id),
  service_id uuid not null constraint fk_dialogue_service_id_service references service (id),
  title jsonb not null,
  terms jsonb not null,
  intro jsonb not null,
  shows varchar(40) not null constraint dialogue_shows_known check (shows in ('at_once', 'after_close')),
  closes_on date not null,
  opened_at timestamptz not null,
  opened_by uuid not null constraint fk_dialogue_opened_by_person references person (id));
create index ix_dialogue_procurer_id on dialogue (procurer_id);

create table reply (
  id uuid not null constraint pk_reply primary key,
  dialogue_id uuid not null constraint fk_reply_dialogue_id_dialogue references dialogue (id),
  verdict varchar(40) constraint reply_verdict_known check (verdict in ('accepted', 'partly', 'not_accepted')),
  text varchar(4000) not null,
  replied_by uuid not null constraint fk_reply_replied_by_person references person (id),
  replied_at timestamptz not null);
create index ix_reply_dialogue_id on reply (dialogue_id);

create table remark (
  id uuid not null constraint pk_remark primary key,
  dialogue_id uuid not null constraint fk_remark_dialogue_id_dialogue references dialogue (id),
  kind varchar(40) not null constraint remark_kind_known check (kind in ('comment', 'question')),
  code varchar(20),
  position integer not null,
  author_id uuid not null constraint fk_remark_author_id_person references person (id),
  provider_id uuid constraint fk_remark_provider_id_organisation references organisation (id),
  author_name varchar(200) not null,
  text varchar(4000) not null,
  written_at timestamptz not null,
  token_hash bytea constraint uq_remark_token_hash unique,
  verified_at timestamptz,
  reply_id uuid constraint fk_remark_reply_id_reply references reply (id),
  constraint remark_is_somebodys check (token_hash is not null or verified_at is not null),
  constraint remark_answered_when_verified check (reply_id is null or verified_at is not null));
create index ix_remark_dialogue_id on remark (dialogue_id, position, id);
create index ix_remark_reply_id on remark (reply_id);
create index ix_remark_author_id on remark (author_id);

create table subscription (
  id uuid not null constraint pk_subscription primary key,
  person_id uuid not null constraint fk_subscription_person_id_person references person (id),
  area_code varchar(4) constraint fk_subscription_area_code_area references area (code),
  service_id uuid constraint fk_subscription_service_id_service references service (id),
  token_hash bytea not null constraint uq_subscription_token_hash unique,
  leave_token varchar(60) not null constraint uq_subscription_leave_token unique,
  asked_at timestamptz not null,
  verified_at timestamptz,
  ended_at timestamptz);
create unique index one_subscription on subscription (person_id, area_code, service_id) nulls not distinct;

create table news_sent (
  subscription_id uuid not null
    constraint fk_news_sent_subscription_id_subscription references subscription (id),
  rulebook_id uuid not null constraint fk_news_sent_rulebook_id_rulebook references rulebook (id),
  news varchar(40) not null constraint news_sent_news_known check (news in ('opened', 'closing', 'published')),
  sent_at timestamptz not null,
  constraint pk_news_sent primary key (subscription_id, rulebook_id, news));

-- 3. From publication on a rulebook never changes, whoever asks; before it, every comment has its answer.
create function guard_rulebook() returns trigger language plpgsql as $$
begin
  if old.status in ('published', 'superseded')
     and (tg_op = 'DELETE' or to_jsonb(new) - 'status' is distinct from to_jsonb(old) - 'status') then
    raise exception 'a published rulebook does not change' using errcode = '23514';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if new.status <> old.status and (old.status, new.status) not in (
       ('draft', 'consultation'), ('draft', 'published'), ('consultation', 'published'), ('published', 'superseded')) then
    raise exception 'a rulebook cannot go from % to %', old.status, new.status using errcode = '23514';
  end if;
  if old.status = 'consultation' and new.status = 'published' and exists (
       select from remark r join dialogue d on d.id = r.dialogue_id
        where d.rulebook_id = new.id and r.verified_at is not null and r.reply_id is null) then
    raise exception 'a comment on the rulebook has no answer' using errcode = '23514';
  end if;
  return new;
end $$;
drop trigger b_moves on rulebook;
create trigger b_published before update or delete on rulebook for each row execute function guard_rulebook();

-- Both rulebooks of a criterion that is moved are looked at, and neither can be published meanwhile.
create or replace function guard_criterion() returns trigger language plpgsql as $$
begin
  perform from rulebook where id in (new.rulebook_id, old.rulebook_id) for share;
  if exists (select from rulebook where id in (new.rulebook_id, old.rulebook_id)
              and status in ('published', 'superseded')) then
    raise exception 'a published rulebook does not change' using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger z_not_emptied before truncate on criterion execute function never_changes();

-- 4. What was said stays as it was said, and after publication nothing is added.
create function guard_remark() returns trigger language plpgsql as $$
declare
  book text;
begin
  select b.status into book from rulebook b join dialogue d on d.rulebook_id = b.id
   where d.id = new.dialogue_id for share of b;
  if book is distinct from 'consultation' then
    raise exception 'the dialogue is over' using errcode = '23514';
  end if;
  if tg_op = 'UPDATE' and (to_jsonb(new) - '{verified_at,reply_id}'::text[])
       is distinct from (to_jsonb(old) - '{verified_at,reply_id}'::text[]) then
    raise exception 'what was said does not change' using errcode = '23514';
  end if;
  if new.reply_id is not null and not exists (
       select from reply where id = new.reply_id and dialogue_id = new.dialogue_id) then
    raise exception 'an answer belongs to its dialogue' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_said before insert or update on remark for each row execute function guard_remark();
create trigger z_kept before delete on remark for each row execute function never_changes();
create trigger z_immutable before update or delete on reply for each row execute function never_changes();

create function guard_dialogue() returns trigger language plpgsql as $$
begin
  if new.closes_on < old.closes_on or to_jsonb(new) - 'closes_on' is distinct from to_jsonb(old) - 'closes_on' then
    raise exception 'a dialogue is only ever prolonged' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_prolonged before update on dialogue for each row execute function guard_dialogue();
create trigger z_kept before delete on dialogue for each row execute function never_changes();

-- 5. What the app may do.
grant select, insert on national_core, dialogue, remark, reply, subscription, news_sent to setori_app;
grant update (title, core_version, two_assessors, decision_days) on rulebook to setori_app;
grant delete on criterion to setori_app;
grant update (closes_on) on dialogue to setori_app;
grant update (verified_at, reply_id) on remark to setori_app;
grant update (token_hash, asked_at, verified_at, ended_at) on subscription to setori_app;
