"""How the database is reached: one engine for the pages, one request one transaction."""

from typing import Any, Protocol, runtime_checkable

import asyncpg
from sqlalchemy import event, insert
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.db.audit import AuditEntry

Database = AsyncSession
Sessions = async_sessionmaker[AsyncSession]


@runtime_checkable  # the web framework looks at what it hands to a handler
class Wire(Protocol):
    """What the hot path needs of asyncpg: a connection or a pool, either will do."""

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """Run one statement and give its first row."""


def make_sessions(url: str, *, pool_size: int = 4, is_loading: bool = False) -> tuple[AsyncEngine, Sessions]:
    """An engine and its session maker for `postgresql://…`; connections are checked before use.

    `is_loading` is for work that is begun anew after a crash: a commit does not wait for the disk, and the traces that
    a transaction leaves in the audit trail are written together at its end.
    """
    server = {"application_name": "setori", "jit": "off"}
    if is_loading:
        server["synchronous_commit"] = "off"
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        hide_parameters=True,  # an error that is logged carries nobody's name
        max_overflow=pool_size,
        pool_pre_ping=not is_loading,
        connect_args={"server_settings": server, "prepared_statement_cache_size": 500},
    )
    kind = _LoadingSession if is_loading else Session
    return engine, async_sessionmaker(
        engine, class_=AsyncSession, sync_session_class=kind, expire_on_commit=False
    )


class _LoadingSession(Session):
    """A session that writes its audit entries in one statement at the end of the transaction."""


@event.listens_for(_LoadingSession, "before_flush")
def _put_off(session: Session, *_: object) -> None:
    traces = [row for row in session.new if isinstance(row, AuditEntry)]
    for row in traces:
        session.expunge(row)
    session.info.setdefault("traces", []).extend(row.model_dump(exclude={"id"}) for row in traces)


@event.listens_for(_LoadingSession, "before_commit")
def _write_down(session: Session) -> None:
    session.flush()
    if traces := session.info.pop("traces", None):
        session.execute(insert(AuditEntry), traces)


@event.listens_for(_LoadingSession, "after_soft_rollback")
def _forget(session: Session, *_: object) -> None:
    session.info.pop("traces", None)


async def wire_of(db: AsyncSession) -> "asyncpg.Connection[Any]":
    """The raw asyncpg connection inside a session's transaction, for the SQL functions of the hot path.

    SQLAlchemy begins its transaction on the driver lazily, at its first statement, so one is sent first: without it the
    function would commit by itself.
    """
    await db.flush()
    connection = await db.connection()
    raw = await connection.get_raw_connection()
    wire = raw.driver_connection
    assert wire is not None
    if not wire.is_in_transaction():
        await connection.exec_driver_sql("select 1")
    assert wire.is_in_transaction()
    return wire
