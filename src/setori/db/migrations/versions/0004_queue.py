"""The tables of the job queue, as pgqueuer lays them, open to the app."""

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Lay pgqueuer's own tables and triggers, and let the app use them."""
    script = QueryBuilderEnvironment().build_install_query()
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]
    grants = """
        do $$ declare t text; begin
          for t in select tablename from pg_tables where schemaname = 'public' and tablename like 'pgqueuer%' loop
            execute format('grant select, insert, update, delete on %I to setori_app', t);
          end loop;
          grant usage on all sequences in schema public to setori_app;
        end $$"""
    op.execute(sa.text(grants))


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
