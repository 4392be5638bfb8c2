"""The mock registers as the tests meet them: the real program in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from setori.company_register import HttpCompanyRegister, RegisterPatience
from tests.gateway.running import PLAIN, SOURCES, free_port

TOKEN = "a-token"


class RunningRegister:
    """The process of the mock registers, our adapter to it, and the admin's door."""

    def __init__(self, book: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._book = book
        self._asking = httpx.Client(base_url=self.url, verify=PLAIN, trust_env=False, timeout=5)
        self.process = self._start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def restart(self) -> None:
        self.stop()
        self.process = self._start()

    def adapter(self, client: httpx.AsyncClient, token: str = TOKEN, **waits: float) -> HttpCompanyRegister:
        return HttpCompanyRegister(self.url, token, client, RegisterPatience(**waits))

    def turn(self, **knobs: Any) -> None:
        """Set the knobs; all others go to rest."""
        self.ask("PUT", "/knobs", json=knobs).raise_for_status()

    def say(self, business_id: str, **firm: Any) -> None:
        """How a firm stands from now on."""
        self.ask("PUT", f"/firms/{business_id}", json=firm).raise_for_status()

    def times_asked(self, business_id: str) -> int:
        """How often the two offices were asked about a firm."""
        return int(self.ask("GET", "/asked").json().get(business_id, 0))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._asking.request(method, path, headers={"Authorization": f"Bearer {TOKEN}"}, **more)

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "mock_register", "--port", str(self.port), "--token", TOKEN]
        process = subprocess.Popen(
            [*command, "--book", str(self._book)], env=os.environ | {"PYTHONPATH": str(SOURCES)}
        )
        for _ in range(400):
            if process.poll() is not None:
                raise AssertionError(f"the registers ended with {process.returncode}")
            try:
                self._asking.get("/health").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.025)
            else:
                return process
        process.kill()
        raise AssertionError("the registers did not come up")
