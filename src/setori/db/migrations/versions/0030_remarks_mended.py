"""What was said in a dialogue is mended or withdrawn by its author while the dialogue is open."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

# As it was, but that what was withdrawn waits for no answer.
GUARD_RULEBOOK = """
create or replace function guard_rulebook() returns trigger language plpgsql as $$
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
        where d.rulebook_id = new.id and r.verified_at is not null and r.withdrawn_at is null and r.reply_id is null) then
    raise exception 'a comment on the rulebook has no answer' using errcode = '23514';
  end if;
  return new;
end $$
"""

# Its author may say it in other words, which says so, until it is answered; and take it back, once.
GUARD_REMARK = """
create or replace function guard_remark() returns trigger language plpgsql as $$
declare
  book text;
begin
  select b.status into book from rulebook b join dialogue d on d.rulebook_id = b.id
   where d.id = new.dialogue_id for share of b;
  if book is distinct from 'consultation' then
    raise exception 'the dialogue is over' using errcode = '23514';
  end if;
  if tg_op = 'UPDATE' then
    if (to_jsonb(new) - '{verified_at,reply_id,text,mended_at,withdrawn_at}'::text[])
         is distinct from (to_jsonb(old) - '{verified_at,reply_id,text,mended_at,withdrawn_at}'::text[])
       or (new.text <> old.text and new.mended_at is not distinct from old.mended_at) then
      raise exception 'what was said does not change' using errcode = '23514';
    end if;
    if old.withdrawn_at is not null and to_jsonb(new) is distinct from to_jsonb(old) then
      raise exception 'what was withdrawn stays as it was' using errcode = '23514';
    end if;
    if old.reply_id is not null and new.text <> old.text then
      raise exception 'an answer stays with the words that it answers' using errcode = '23514';
    end if;
  end if;
  if new.reply_id is not null and not exists (
       select from reply where id = new.reply_id and dialogue_id = new.dialogue_id) then
    raise exception 'an answer belongs to its dialogue' using errcode = '23514';
  end if;
  return new;
end $$
"""


def upgrade() -> None:
    """Say when; what stood there before is in the audit trail, and what was withdrawn stays on its row, unshown."""
    op.add_column("remark", sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("remark", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        "remark_changes_when_verified",
        "remark",
        "verified_at is not null or (mended_at is null and withdrawn_at is null)",
    )
    op.execute("grant update (text, mended_at, withdrawn_at) on remark to setori_app")
    op.execute(GUARD_RULEBOOK)
    op.execute(GUARD_REMARK)
