"""A receipt is told again as it was told first: what was left on the voucher then is kept with the session."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

# What was left when older sessions were recorded is counted back: those that stood then, and had not come back yet.
# A correction was told to nobody, so that it has none and its id is not one to record under.
SCRIPT = """
update redemption r set left_after = greatest(v.units - (
  select sum(o.units) from redemption o
  where o.voucher_id = r.voucher_id and (o.recorded_at, o.id) <= (r.recorded_at, r.id) and o.corrects_id is null
    and (o.status in ('held', 'disputed', 'confirmed') or o.resolved_at > r.recorded_at)), 0)
from voucher v where v.id = r.voucher_id and r.corrects_id is null;

do $$
declare
  was text := pg_get_functiondef('redeem'::regproc);
  becomes text := was;
  change text[];
begin
  foreach change slice 1 in array array[
    ['recorded_by, recorded_at, reason, is_silent, is_sampled)',
     'recorded_by, recorded_at, reason, is_silent, is_sampled, left_after)'],
    ['p_by, p_at, '''', false, false)',
     'p_by, p_at, '''', false, false, v.units - v.units_used - v.units_held - p_units)'],
    ['is not distinct from (v.id, p_provider_id, p_units, p_service_on, p_minutes, during) then',
     'is not distinct from (v.id, p_provider_id, p_units, p_service_on, p_minutes, during)
       and was.corrects_id is null then'],
    ['return receipt_of(''replayed'', p_id);',
     'return (''replayed'', p_id, was.voucher_id, ''held'', was.units, was.unit_price_cents, was.amount_cents,
              was.service_on, was.recorded_at, was.left_after)::receipt;']]
  loop
    if position(change[1] in becomes) = 0 then
      raise exception 'redeem is not as expected at %', change[1];
    end if;
    becomes := replace(becomes, change[1], change[2]);
  end loop;
  execute becomes;
end $$;
"""


def upgrade() -> None:
    """Keep what was left, and answer a replay with it."""
    op.add_column("redemption", sa.Column("left_after", sa.Integer(), nullable=True))
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(SCRIPT))  # type: ignore[union-attr]
    op.create_check_constraint(
        "redemption_first_receipt", "redemption", "(left_after is null) = (corrects_id is not null)"
    )


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
