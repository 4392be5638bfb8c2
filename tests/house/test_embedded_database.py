"""The embedded database comes back after whatever happened to it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from setori import processes
from setori.db import embedded
from setori.db.cluster import DatabaseFailed


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="setori-test-"))
    path.chmod(0o755)
    yield path
    embedded.erase(path)
    shutil.rmtree(path)


def test_what_was_written_is_there_after_a_kill_and_a_stranger_took_its_pid(folder: Path) -> None:
    server = embedded.start(folder)
    server.cluster.admin("create table kept (word text); insert into kept values ('yes')", database="setori")
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    server.stop()
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        again = embedded.start(folder)
        try:
            assert again.cluster.admin("select word from kept", database="setori") == "yes"
        finally:
            again.stop()
        assert stranger.poll() is None, "the stranger was left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_server_on_the_same_folder_is_refused_and_can_still_reach_the_first(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    try:
        with pytest.raises(processes.InUse):
            embedded.start(folder)
        with embedded.reach(folder) as urls:
            assert urls == server.urls()
    finally:
        server.stop()


def test_the_server_dies_with_the_program_that_started_it(folder: Path) -> None:
    program = "import os, sys, pathlib; from setori.db import embedded; "
    program += (
        "print(embedded.start(pathlib.Path(sys.argv[1])).process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    said = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True)
    pid = int(said.stdout)
    with embedded.reach(folder) as urls:
        assert urls.app_url.startswith("postgresql://setori_app:")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_application_may_not_change_the_schema(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    try:
        with pytest.raises(DatabaseFailed, match="permission denied for schema public"):
            server.cluster.admin("set role setori_app; create table mine (id int)", database="setori")
    finally:
        server.stop()
