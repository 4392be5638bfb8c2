"""What the benchmarks share: a database of their own, a server of their own, and a client that costs little."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from setori.settings import DEMO_GATEWAY_TOKEN, DEMO_WEBHOOK_SECRET, Settings


@dataclass
class Measured:
    """Answers a second, how long each took in milliseconds, and how often each status came."""

    seconds: float = 0.0
    times_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers with a 2xx a second."""
        return sum(n for status, n in self.statuses.items() if status < 300) / self.seconds

    def at(self, share: float) -> float:
        """The time that this share of the answers stayed under."""
        ordered = sorted(self.times_ms)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def median(self) -> float:
        """The time in the middle."""
        return statistics.median(self.times_ms)


class Connection:
    """HTTP/1.1 on a bare socket: one request, one answer, kept alive. A full client would be what is measured."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)

    async def __aenter__(self) -> "Connection":
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> tuple[int, int]:
        """Send a request. Returns the status and the length of the body."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{headers}{length}\r\n".encode()
            + body
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        size = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        if size:
            await self.reader.readexactly(size)
        return status, size


async def drive(
    url: str, clients: int, seconds: float, ask: Callable[[Connection], Awaitable[int]]
) -> Measured:
    """So many clients ask one after the other, each on its own connection, for so many seconds."""
    measured = Measured()
    end = time.perf_counter() + seconds

    async def client() -> None:
        async with Connection(url) as connection:
            while (begin := time.perf_counter()) < end:
                status = await ask(connection)
                measured.times_ms.append((time.perf_counter() - begin) * 1000)
                measured.statuses[status] = measured.statuses.get(status, 0) + 1

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    measured.seconds = time.perf_counter() - start
    return measured


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(database_url: str, port: int) -> Settings:
    """The demo's settings on a database of one's own."""
    return Settings(database_url=database_url, demo=True, port=port, base_url=f"http://127.0.0.1:{port}")


@asynccontextmanager
async def served(database_url: str, port: int, log: Path) -> AsyncIterator[str]:
    """The app as `setori serve` runs it, one process, until the block ends."""
    environment = {
        **os.environ,
        "SETORI_DATABASE_URL": database_url,
        "SETORI_DEMO": "true",
        "SETORI_PORT": str(port),
        "SETORI_BASE_URL": f"http://127.0.0.1:{port}",
        "SETORI_GATEWAY_TOKEN": DEMO_GATEWAY_TOKEN,
        "SETORI_GATEWAY_WEBHOOK_SECRET": DEMO_WEBHOOK_SECRET,
    }
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", "setori", "serve"], env=environment, stdout=output, stderr=output
        )
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(200):
                try:
                    async with Connection(url) as connection:
                        await connection.ask("GET", "/how")
                    break
                except OSError:
                    await asyncio.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait(10)
