"""The gateway as the tests meet it: the real program in a process of its own, and an ear for its webhooks."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx

from setori.gateway import HttpPaymentGateway, Patience
from setori.settlement.gateway import PaymentInstruction

TOKEN = "a-token"
SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgZ2F0ZXdheQ=="
IBAN = "FI2112345600000785"
OTHER_IBAN = "FI4950009420028730"
SOURCES = Path(__file__).parents[2] / "src"
PLAIN = ssl.create_default_context()  # made once: making it is slow, and nothing here is encrypted
T = TypeVar("T")


def instruction(
    amount_cents: int = 123_45,
    *,
    iban: str = IBAN,
    on: date = date(2026, 11, 20),
    order_id: UUID | None = None,
) -> PaymentInstruction:
    """An order to pay a coach."""
    return PaymentInstruction(
        order_id=order_id or uuid4(),
        amount_cents=amount_cents,
        creditor_name="Työpolku Äkäslompolo Oy",
        creditor_iban=iban,
        reference="20017",
        execution_on=on,
    )


async def until(question: Callable[[], Awaitable[T]], is_right: Callable[[T], bool]) -> T:
    """Ask until the answer is right; fail with the last answer after a while."""
    for _ in range(200):
        answer = await question()
        if is_right(answer):
            return answer
        await asyncio.sleep(0.03)
    raise AssertionError(f"still {answer!r}")


class RunningGateway:
    """The mock gateway's process, and clients to it: ours, and a bare one for knobs and truth."""

    def __init__(self, book: Path, webhook_url: str | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._book = book
        self._webhook_url = webhook_url
        self._asking = httpx.Client(base_url=self.url, verify=PLAIN, trust_env=False, timeout=5)
        self.process = self._start()

    def restart(self) -> None:
        """Start again on the same book and port, after it died."""
        self.process.wait(10)
        self.process = self._start()

    def stop(self) -> None:
        self._asking.close()
        self.process.kill()
        self.process.wait(10)

    def adapter(self, client: httpx.AsyncClient, **waits: float) -> HttpPaymentGateway:
        return HttpPaymentGateway(self.url, TOKEN, client, Patience(**waits))

    def turn(self, **knobs: Any) -> None:
        """Set the knobs; all others go to rest, and money moves at once."""
        self.ask("PUT", "/knobs", json={"settle_after": 0} | knobs).raise_for_status()

    def times_moved(self, order: PaymentInstruction) -> int | None:
        """The truth: how often money moved for an order; None when the gateway never took it."""
        rows = self.ask("GET", "/truth").json()["orders"]
        return next(
            (row["times_moved"] for row in rows if row["idempotency_key"] == str(order.order_id)), None
        )

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"} | more.pop("headers", {})
        return self._asking.request(method, path, headers=headers, **more)

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "mock_gateway", "--port", str(self.port), "--book", str(self._book)]
        command += ["--token", TOKEN]
        if self._webhook_url is not None:
            command += ["--webhook-url", self._webhook_url, "--webhook-secret", SECRET]
        process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(SOURCES)})
        for _ in range(400):
            if process.poll() is not None:
                raise AssertionError(f"the gateway ended with {process.returncode}")
            try:
                self._asking.get("/health").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.025)
            else:
                return process
        process.kill()
        raise AssertionError("the gateway did not come up")


@dataclass
class Ear:
    """A receiver of webhooks: what was heard, and what shall be answered (the last answer repeats)."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])

    async def hears_of(
        self, order: PaymentInstruction, *, times: int = 1
    ) -> list[tuple[dict[str, str], bytes]]:
        """Wait until so many webhooks about an order have come."""

        async def about() -> list[tuple[dict[str, str], bytes]]:
            return [heard for heard in list(self.heard) if str(order.order_id).encode() in heard[1]]

        return await until(about, lambda heard: len(heard) >= times)


@contextmanager
def listening() -> Iterator[Ear]:
    """An ear on a free port of loopback."""
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            ear.heard.append((dict(self.headers.items()), body))
            self.send_response(ear.answers.pop(0) if len(ear.answers) > 1 else ear.answers[0])
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    ear.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    try:
        yield ear
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
