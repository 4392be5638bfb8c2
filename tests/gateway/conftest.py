"""One gateway for a module of tests, its knobs at rest before each; nothing of the database is needed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from setori.gateway import HttpPaymentGateway
from tests.gateway.running import PLAIN, Ear, RunningGateway, listening


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def shared_ear() -> Iterator[Ear]:
    with listening() as ear:
        yield ear


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, shared_ear: Ear) -> Iterator[RunningGateway]:
    gateway = RunningGateway(tmp_path_factory.mktemp("gateway") / "book.sqlite", shared_ear.url)
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(running: RunningGateway) -> RunningGateway:
    """The gateway, honest until a test turns a knob."""
    running.turn()
    return running


@pytest.fixture
def ear(shared_ear: Ear) -> Ear:
    shared_ear.answers = [204]
    return shared_ear


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=PLAIN, trust_env=False) as client:
        yield client


@pytest.fixture
def ours(gateway: RunningGateway, client: httpx.AsyncClient) -> HttpPaymentGateway:
    """Our side of the wire."""
    return gateway.adapter(client)


@pytest.fixture
def own_book(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway of the test's own, which it may kill."""
    gateway = RunningGateway(tmp_path / "book.sqlite")
    yield gateway
    gateway.stop()
