"""A stopped payment can be asked about again, and a line of the report that was a break can be matched later."""

from alembic import op

revision = "0022"
down_revision = "0021"

# The table of moves is one SQL expression; a row is added to it as it stands.
SCRIPT = """
do $$
declare was text := pg_get_functiondef('allowed_move(text, text, text)'::regprocedure);
declare becomes text := replace(was, '(''payment_order'', ''frozen'', ''paid'')',
  '(''payment_order'', ''frozen'', ''unknown''), (''payment_order'', ''frozen'', ''paid'')');
begin
  if becomes = was then
    raise exception 'the table of moves is not as expected';
  end if;
  execute becomes;
end $$;
grant update (payment_order_id, break_reason) on report_line to setori_app;
create index ix_report_line_reference on report_line (reference);
create function guard_report_line() returns trigger language plpgsql as $$
begin
  if old.payment_order_id is not null then
    raise exception 'a matched line of the report stays matched' using errcode = '23514';
  end if;
  return new;
end $$;
create trigger b_stays before update on report_line for each row execute function guard_report_line();
"""


def upgrade() -> None:
    """Patch the function and grant the columns."""
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(SCRIPT))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
