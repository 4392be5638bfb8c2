"""One mock of the public registers for a module of tests, everything in order before each."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from setori.company_register import HttpCompanyRegister
from tests.gateway.running import PLAIN
from tests.register.running import RunningRegister


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegister]:
    register = RunningRegister(tmp_path_factory.mktemp("register") / "book.json")
    yield register
    register.stop()


@pytest.fixture
def register(running: RunningRegister) -> RunningRegister:
    """The registers, honest until a test turns a knob."""
    running.turn()
    return running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=PLAIN, trust_env=False) as client:
        yield client


@pytest.fixture
def ours(register: RunningRegister, http: httpx.AsyncClient) -> HttpCompanyRegister:
    """Our side of the wire."""
    return register.adapter(http)
