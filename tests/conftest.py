"""What tests share: one database server per run, and a database of its own for whoever commits.

`db` is for most tests: a session whose every write is rolled back. `wire` is the driver's connection inside it.
`fresh_database` is an empty database and `seeded_database` one with the sample world, both with real commits, for
races and for whole programs; when such a test is over, every invariant must hold in what it left.
`client` speaks to the app in this process, on a fresh database; `seeded_client` on a seeded one.
"""

import asyncio
import fcntl
import gc
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import LRUCache

from setori import processes
from setori.db import Database, Sessions, embedded, make_sessions, session, wire_of
from setori.db.cluster import Cluster, Urls
from setori.db.invariants import count_broken
from setori.db.upgrading import upgrade
from setori.settings import Settings

if TYPE_CHECKING:
    from litestar import Litestar

EMPTY = "template_empty"
SEEDED = "template_seeded"


def _compile_once() -> None:
    """Let all engines of this process share what they have compiled: every test has its own, and all are alike."""
    compiled: LRUCache[Any, Any] = LRUCache(4000)

    def create_sharing(*given: Any, **named: Any) -> AsyncEngine:
        engine = create_async_engine(*given, **named)
        engine.sync_engine._compiled_cache = compiled
        return engine

    session.create_async_engine = create_sharing  # type: ignore[attr-defined]
    PGDialect_asyncpg.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    PGDialect_asyncpg.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


_compile_once()


def pytest_collection_finish() -> None:
    """What has been imported and collected stays for good: the collector need not look through it ever again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 4 * 1024**3


def a_folder_in_memory(prefix: str = "setori-tests-") -> Path:
    """A folder for a server: in memory where there is plenty of it, for a copy of a database is two hundred files.

    Its name tells whose it is. What a run that was killed has left is taken away by the next.
    """
    place = None
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY:
        place = str(MEMORY)
        for left in MEMORY.glob(f"{prefix}*"):
            owner = left.name.removeprefix(prefix).partition("-")[0]
            if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
                shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=place))


# The server. With several workers it belongs to the process that starts them; it dies with that process.


class SharedServer:
    """The run's database server, started when the first test needs it."""

    def __init__(self, cluster: Cluster | None = None, folder: Path | None = None) -> None:
        self._cluster = cluster
        self._server: embedded.EmbeddedServer | None = None
        self._folder = folder

    @property
    def folder(self) -> Path:
        if self._folder is None:
            self._folder = a_folder_in_memory()
            self._folder.chmod(0o755)
        return self._folder

    @property
    def cluster(self) -> Cluster:
        if self._cluster is None:
            self._server = embedded.start(self.folder, durable=False)
            self._cluster = self._server.cluster
        return self._cluster

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            embedded.erase(self.folder)
            shutil.rmtree(self.folder, ignore_errors=True)


SERVER = pytest.StashKey[SharedServer]()


def pytest_configure(config: pytest.Config) -> None:
    for name in [name for name in os.environ if name.startswith("SETORI_")]:
        if name not in ("SETORI_CHROMIUM", "SETORI_BROWSER_FROM"):
            del os.environ[name]  # no test sees what the shell is set up for
    given = getattr(config, "workerinput", {}).get("database_server")
    shared = SharedServer()
    if given is not None:
        told = json.loads(given)
        shared = SharedServer(Cluster(**told["cluster"]), Path(told["folder"]))
    config.stash[SERVER] = shared


BEGIN_WITH = (
    "browser/test_main_job.py",
    "house/test_demo.py",
    "browser/test_assessing.py",
    "machines/test_redeeming.py",
)
"""Files that begin a run, in turns for two workers: while one loads the sample world, the other needs none."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is alone with it in the end."""

    def place(item: pytest.Item) -> int:
        name = "/".join(item.path.parts[-2:])
        return BEGIN_WITH.index(name) if name in BEGIN_WITH else len(BEGIN_WITH)

    items.sort(key=place)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVER].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    shared = node.config.stash[SERVER]
    told = {"cluster": asdict(shared.cluster), "folder": str(shared.folder)}
    node.workerinput["database_server"] = json.dumps(told)


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> Cluster:
    return pytestconfig.stash[SERVER].cluster


@contextmanager
def one_at_a_time(folder: Path, name: str) -> Iterator[None]:
    """Let one worker of the run in, the others after it."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def empty_template(pytestconfig: pytest.Config, cluster: Cluster) -> str:
    """A database with the schema and nothing else, migrated once per run."""
    with one_at_a_time(pytestconfig.stash[SERVER].folder, EMPTY):
        if not cluster.has_database(EMPTY):
            upgrade(cluster.create_database("template_being_made").owner_url)
            cluster.rename_database("template_being_made", EMPTY)
    return EMPTY


@dataclass(frozen=True)
class SeededTemplate:
    """The database with the sample world, and the gateway's book of what that world has paid."""

    name: str
    gateway_book: Path


@pytest.fixture(scope="session")
def seeded_template(pytestconfig: pytest.Config, cluster: Cluster, empty_template: str) -> SeededTemplate:
    """A database with the sample world, loaded once per run, its payments made through a real gateway."""
    from setori import demo
    from setori.app import clock

    shared = pytestconfig.stash[SERVER].folder
    with one_at_a_time(shared, SEEDED):
        if not cluster.has_database(SEEDED):
            urls = cluster.create_database("template_being_seeded", template=empty_template)
            programs = demo.Programs(shared, urls, processes.free_port())
            programs.start("gateway")
            try:
                programs.wait_until_ready("gateway")
                asyncio.run(demo.load_world(programs.settings(), at=clock()))
            finally:
                programs.stop()
            cluster.rename_database("template_being_seeded", SEEDED)
    return SeededTemplate(SEEDED, shared / demo.GATEWAY_BOOK)


# A session that leaves nothing behind.


@pytest.fixture
def at() -> datetime:
    """The moment at which tests of rules and domains take place: a Tuesday morning in the middle of a month."""
    return datetime(2026, 9, 15, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared_database(cluster: Cluster, empty_template: str) -> Iterator[Urls]:
    name = f"shared_{uuid.uuid4().hex[:12]}"
    yield cluster.create_database(name, template=empty_template)
    cluster.drop_database(name)


@pytest.fixture
async def db(shared_database: Urls) -> AsyncIterator[Database]:
    url = shared_database.app_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        transaction = await connection.begin()
        async with Database(
            bind=connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        await transaction.rollback()
    await engine.dispose()


@pytest.fixture
async def wire(db: Database) -> "asyncpg.Connection[asyncpg.Record]":
    return await wire_of(db)


# Databases with real commits.


@dataclass(frozen=True)
class RealDatabase:
    """A database of a test's own."""

    urls: Urls
    sessions: Sessions

    @property
    def app_url(self) -> str:
        return self.urls.app_url

    @property
    def owner_url(self) -> str:
        return self.urls.owner_url


@asynccontextmanager
async def own_database(cluster: Cluster, template: str) -> AsyncIterator[RealDatabase]:
    """A copy of a template, in which every invariant must hold when it is handed back."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    urls = cluster.create_database(name, template=template)
    engine, sessions = make_sessions(urls.app_url)
    try:
        yield RealDatabase(urls, sessions)
        await engine.dispose()
        counts = await count_broken(urls.owner_url)
        assert counts, "there are invariants to check"
        assert {name: rows for name, rows in counts.items() if rows} == {}
    finally:
        await engine.dispose()
        cluster.drop_database(name)


@pytest.fixture
async def fresh_database(cluster: Cluster, empty_template: str) -> AsyncIterator[RealDatabase]:
    async with own_database(cluster, empty_template) as database:
        yield database


@pytest.fixture
async def seeded_database(cluster: Cluster, seeded_template: SeededTemplate) -> AsyncIterator[RealDatabase]:
    async with own_database(cluster, seeded_template.name) as database:
        yield database


# The app in this process. It is imported here and not above: tests of rules need not wait for it.


def settings_for(database: RealDatabase, **others: Any) -> Settings:
    return Settings(
        database_url=database.app_url,
        base_url="http://testserver.local",
        demo=True,
        catalogue_seconds=0,
        **others,
    )


@asynccontextmanager
async def running(app: "Litestar") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as client,
    ):
        yield client


_spare: dict[str, "Litestar"] = {}
"""Apps that no test runs now, by what was set for them: making one takes longer than most tests."""


@contextmanager
def app_on(database: RealDatabase, **others: Any) -> "Iterator[Litestar]":
    """An app on a database: one that an earlier test had, or a new one."""
    from setori.app import create_app

    settings, kind = settings_for(database, **others), repr(sorted(others.items()))
    app = _spare.pop(kind, None) or create_app(settings)
    app.state.settings = settings
    yield app
    _spare[kind] = app


@pytest.fixture
def app(fresh_database: RealDatabase) -> "Iterator[Litestar]":
    with app_on(fresh_database) as app:
        yield app


@pytest.fixture
async def client(app: "Litestar") -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        yield client


@pytest.fixture
async def seeded_client(seeded_database: RealDatabase) -> AsyncIterator[httpx.AsyncClient]:
    with app_on(seeded_database) as app:
        async with running(app) as client:
            yield client
