"""The demo as a person starts and stops it: one program that leaves nothing running and nothing half done."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from setori.db import embedded
from tests.conftest import a_folder_in_memory

ROLES = {
    *("jobseeker", "coach", "provider_owner", "case_worker", "registrar", "finance", "approver"),
    *("service_manager", "safeguarding"),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    path = a_folder_in_memory("setori-demo-")
    path.chmod(0o755)
    yield path
    embedded.erase(path)
    shutil.rmtree(path)


def demo(folder: Path, *others: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "setori", "demo", "--data", str(folder), *others]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(program: "subprocess.Popen[str]", file: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not file.exists():
        assert program.poll() is None, program.communicate()[0]
        assert time.monotonic() < until, "it did not get ready"
        time.sleep(0.1)


def test_the_demo_starts_mends_itself_stops_wholly_and_starts_again(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        program = demo(folder, "--port", str(taken))
        try:
            wait_for(program, folder / "demo.json", 300)
            told = json.loads((folder / "demo.json").read_text())
            assert not told["base_url"].endswith(f":{taken}"), "the taken port was left alone"
            assert {one["role"] for one in told["personas"]} == ROLES
            for one in told["personas"]:
                assert httpx.get(one["sign_in_url"]).status_code == 200

            second = demo(folder)
            assert f"already runs on {folder} at {told['base_url']}" in second.communicate(timeout=30)[0]
            assert second.returncode == 1

            children = psutil.Process(program.pid).children(recursive=True)
            gateway = next(child for child in children if "mock_gateway" in child.cmdline())
            gateway.kill()
            until = time.monotonic() + 15
            while not answers(f"{told['gateway_url']}/health"):
                assert time.monotonic() < until, "the gateway was not started again"
                time.sleep(0.1)
            children += psutil.Process(program.pid).children(recursive=True)
        finally:
            program.send_signal(signal.SIGTERM)
            said = program.communicate(timeout=40)[0]
        assert program.returncode == 0
        assert f"Port {taken} is taken" in said
        assert f"Setori is ready at {told['base_url']}" in said
        assert "The gateway stopped (exit -9) and is started again." in said
        assert psutil.wait_procs(children, timeout=5)[1] == []

    again = demo(folder, "--port", str(taken))
    try:
        wait_for(again, folder / "demo.json", 120)
        link = told["personas"][0]["sign_in_url"].replace(told["base_url"], f"http://127.0.0.1:{taken}")
        assert httpx.get(link).status_code == 200, "the world is kept, and so are its links"
    finally:
        os.kill(again.pid, signal.SIGINT)
        said = again.communicate(timeout=40)[0]
    assert "Loading the sample world" not in said


def test_starting_over_is_not_done_unasked(folder: Path) -> None:
    (folder / embedded.PASSWORDS).write_text("{}")
    refused = subprocess.run(
        [sys.executable, "-m", "setori", "demo", "--data", str(folder), "--fresh"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "say --yes as well" in refused.stdout
    assert (folder / embedded.PASSWORDS).exists()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, headers={"Authorization": "Bearer demo-gateway-token"}).status_code == 200
    except httpx.TransportError:
        return False
