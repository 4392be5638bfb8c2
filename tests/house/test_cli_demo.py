"""The embedded server is the demo's: nobody who means it in earnest serves with the demo's secrets by mistake."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from setori.db.cluster import Cluster


def setori(*words: str, **told: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SETORI_")}
    command = [sys.executable, "-m", "setori", *words]
    return subprocess.run(
        command, env=inherited | told, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("told", [{"SETORI_DEMO": "false"}, {"SETORI_SECRET_KEY": "x" * 40}])
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_in_earnest_a_server_has_to_be_named(tmp_path: Path, command: str, told: dict[str, str]) -> None:
    done = setori(command, SETORI_DATA_DIR=str(tmp_path / "data"), **told)
    assert done.returncode == 1
    assert "The embedded server belongs to the demo" in done.stderr
    assert not (tmp_path / "data").exists(), "nothing was made"


def test_checking_a_folder_without_a_demo_makes_none(tmp_path: Path) -> None:
    done = setori("check", "--data", str(tmp_path / "mistyped"))
    assert (done.returncode, "There is no demo in" in done.stderr) == (2, True)
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("port", ["70000", "0", "many"])
def test_a_port_that_is_none_is_said(port: str) -> None:
    done = setori("demo", "--port", port)
    assert (done.returncode, "is not a port" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nobody_is_served_from_a_database_of_another_version(cluster: Cluster, command: str) -> None:
    name = f"bare_{uuid.uuid4().hex[:8]}"
    bare = cluster.create_database(name)
    try:
        done = setori(command, SETORI_DATABASE_URL=bare.app_url, SETORI_DEMO="true")
    finally:
        cluster.drop_database(name)
    assert done.returncode == 1
    assert "The database is empty" in done.stderr
    assert "Run: setori db upgrade" in done.stderr
    assert "Traceback" not in done.stderr
