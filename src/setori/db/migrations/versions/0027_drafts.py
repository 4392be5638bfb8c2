"""Drafts that nobody outside has seen may be thrown away; the conditions of an approval go where it is adopted."""

from alembic import op

revision = "0027"
down_revision = "0026"


# An approval has its conditions from the decision on its application, or from the approval that it was adopted from.
CONDITIONS = """
create function approval_conditions(approval uuid) returns text
language sql stable as $$
  with recursive chain as (
    select a.id, a.application_id, a.adopted_from, 1 as step from approval a where a.id = approval
    union all
    select a.id, a.application_id, a.adopted_from, c.step + 1 from approval a join chain c on a.id = c.adopted_from
    where c.application_id is null and c.step < 20)
  select coalesce((
    select d.conditions from chain c join decision d on d.application_id = c.application_id
    where d.outcome = 'approved' order by c.step, d.decided_at desc limit 1), '')
$$
"""


def upgrade() -> None:
    """Let the app delete drafts; what has been up for comments is held by its dialogue, what is published by a guard."""
    op.execute("grant delete on rulebook to setori_app")
    op.execute(CONDITIONS)
