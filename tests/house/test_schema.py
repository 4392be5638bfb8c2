"""The migrations make the tables that the models describe, and guard what must be guarded."""

import uuid

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from setori.db import metadata
from setori.db.cluster import Cluster
from setori.db.upgrading import refuse_differences
from tests.conftest import RealDatabase

SHAPE = """
    select c.relname || ': ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           || case when a.attnotnull then ' not null' else '' end
      from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    union
    select conrelid::regclass::text || ': ' || conname || ' ' || pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'u', 'p')
    union
    select tablename || ': ' || indexdef from pg_indexes where schemaname = 'public'
"""


def test_the_models_describe_no_table_that_the_migrations_do_not_make(
    cluster: Cluster, empty_template: str
) -> None:
    name = f"compared_{uuid.uuid4().hex[:8]}"
    try:
        refuse_differences(cluster.create_database(name, template=empty_template).owner_url)
    finally:
        cluster.drop_database(name)


async def test_every_column_constraint_and_index_of_the_models_is_in_the_migrated_database(
    cluster: Cluster, fresh_database: RealDatabase
) -> None:
    name = f"described_{uuid.uuid4().hex[:8]}"
    described = cluster.create_database(name)
    engine = create_async_engine(described.owner_url.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql("create extension btree_gist")
            await connection.exec_driver_sql("create extension pg_trgm")
            await connection.exec_driver_sql("create extension unaccent")
            await connection.run_sync(metadata.create_all)
        await engine.dispose()
        wanted = await shape(described.owner_url)
        made = await shape(fresh_database.owner_url)
        assert wanted - made == set()
    finally:
        cluster.drop_database(name)


async def test_the_application_owns_nothing_and_may_not_rewrite_the_books(
    fresh_database: RealDatabase,
) -> None:
    wire = await asyncpg.connect(fresh_database.app_url)
    try:
        owned = await wire.fetchval("select count(*) from pg_class where relowner = 'setori_app'::regrole")
        may = await wire.fetch(
            "select privilege_type from information_schema.role_table_grants"
            " where grantee = 'setori_app' and table_name = 'posting'"
        )
    finally:
        await wire.close()
    assert owned == 0
    assert {row[0] for row in may} <= {"SELECT", "INSERT"}


async def shape(url: str) -> set[str]:
    wire = await asyncpg.connect(url)
    try:
        return {row[0] for row in await wire.fetch(SHAPE)}
    finally:
        await wire.close()
