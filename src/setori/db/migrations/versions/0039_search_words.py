"""The catalogue is searched by stems in three languages, parts of words and with slips of the pen."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0039"
down_revision = "0038"

SQL = Path(__file__).parent.parent / "sql"

OF_COACH = "select oc.offering_id from changed join offering_coach oc on oc.coach_id = changed.id"
OF_FIRM = "select o.id from changed join offering o on o.provider_id = changed.provider_id"
OF_SERVICE = "select o.id from changed join offering o on o.service_id = changed.id"
OF_AREA = "select oa.offering_id from changed join offering_area oa on oa.area_code = changed.area_code"

# Table, events, whose words have changed. The triggers run in the order of their names: these before "…_is_noted".
FOLLOWED = (
    ("offering", ("insert", "update"), "select id from changed"),
    ("offering_area", ("insert", "delete"), "select offering_id from changed"),
    ("offering_coach", ("insert", "delete"), "select offering_id from changed"),
    ("coach", ("update",), OF_COACH),
    ("provider_profile", ("insert", "update"), OF_FIRM),
    ("service", ("update",), OF_SERVICE),
    ("municipality", ("insert", "update"), OF_AREA),
)


def upgrade() -> None:
    """Lay the entries, keep them by triggers, fill them, and take away the text that was searched before."""
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("offering_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=True),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.Column("plain", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"],
            ["offering.id"],
            name=op.f("fk_search_entry_offering_id_offering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coach.id"], name=op.f("fk_search_entry_coach_id_coach"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint(
            "offering_id", "coach_id", name="search_entry_of_a_pair", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_search_entry_coach_id", "search_entry", ["coach_id"])
    op.create_index("ix_search_entry_words", "search_entry", ["words"], postgresql_using="gin")
    op.create_index(
        "ix_search_entry_plain",
        "search_entry",
        ["plain"],
        postgresql_using="gin",
        postgresql_ops={"plain": "gin_trgm_ops"},
    )
    script = (SQL / "search_words.sql").read_text(encoding="utf-8")
    for table, events, offerings in FOLLOWED:
        for event in events:
            rows = "old" if event == "delete" else "new"
            script += (
                f"create trigger {table}_{event}_is_followed after {event} on {table}"
                f" referencing {rows} table as changed for each statement"
                f" execute function follow_words('{offerings}');\n"
            )
    script += "select refresh_search_entries(array_agg(id)) from offering;\n"
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]
    op.drop_index("ix_offering_search", "offering")
    op.drop_column("offering", "search_text")


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
