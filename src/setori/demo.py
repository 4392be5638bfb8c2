"""The demo: the whole of Setori on one machine, started, watched and stopped as one thing."""

import asyncio
import http.client
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pydantic import SecretStr

from setori import processes
from setori.db import embedded
from setori.db.cluster import DATABASE, DatabaseFailed, Urls
from setori.db.revisions import newest_revision
from setori.settings import DEMO_GATEWAY_TOKEN, DEMO_REGISTER_TOKEN, DEMO_WEBHOOK_SECRET, Settings

READY_WITHIN = 120.0
RESTARTS_ALLOWED = 20
LOADED = "world.loaded"
_LOADING = "world.loading"
_PERSONAS = "personas.json"
GATEWAY_BOOK = "gateway.sqlite"
REGISTER_BOOK = "register.json"
FIRMS = Path(__file__).parents[2] / "seed" / "world" / "firms.json"


class DemoFailed(Exception):
    """The demo cannot go on; the message says why and what to do."""


def default_folder() -> Path:
    """Where the demo keeps its things when none is given: SETORI_DATA_DIR, else a folder in the user's data home."""
    named = os.environ.get("SETORI_DATA_DIR")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "setori"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "setori"


def run(*, port: int, data: Path | None, fresh: bool, yes: bool) -> int:
    """Start everything, say where it is, and stop everything when told to. Returns the exit code."""
    folder = (data or default_folder()).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = processes.FolderLock(folder / "demo.lock")
    except OSError as failed:
        print(f"{folder} cannot be written: {failed.strerror}. Name another --data.", file=sys.stderr)
        return 1
    except processes.InUse:
        print(f"Setori already runs on {folder}{_where_it_runs(folder)}. Stop it, or name another --data.")
        return 1
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    for variable in [name for name in os.environ if name.startswith("SETORI_")]:
        del os.environ[variable]  # the demo is the same for everybody, whatever else this shell is set up for
    try:
        if fresh and not _forget(folder, yes=yes):
            return 1
        return _run(folder, port)
    except KeyboardInterrupt:
        return 0
    except (DemoFailed, DatabaseFailed) as failed:
        print(f"Setori could not go on. {failed}", file=sys.stderr)
        return 1
    finally:
        lock.release()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _where_it_runs(folder: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        return f" at {json.loads((folder / 'demo.json').read_text())['base_url']}"
    return ""


def _forget(folder: Path, *, yes: bool) -> bool:
    """Erase what earlier runs kept, after asking; whether it may go on."""
    if (folder / embedded.PASSWORDS).exists() and not yes:
        if not sys.stdin.isatty():
            print(f"--fresh erases everything kept in {folder}: say --yes as well.")
            return False
        answer = input(f"Erase everything kept in {folder} and start over? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            return False
    embedded.erase(folder)
    books = (REGISTER_BOOK, *(f"{GATEWAY_BOOK}{end}" for end in ("", "-wal", "-shm")))
    for name in (LOADED, _LOADING, _PERSONAS, "demo.json", *books):
        (folder / name).unlink(missing_ok=True)
    return True


def _run(folder: Path, wanted_port: int) -> int:
    (folder / "demo.json").unlink(missing_ok=True)
    port = processes.free_port(wanted_port)
    if port != wanted_port:
        print(f"Port {wanted_port} is taken, so Setori will be at port {port}.")
    server = _start_database(folder)
    programs = Programs(folder, server.urls(), port)
    try:
        programs.start("gateway")
        programs.start("register")
        if not _is_up_to_date(folder, server):
            _prepare(folder, programs)
        programs.start("app")
        personas = _personas(folder, programs)
        programs.wait_until_ready()
        programs.start("worker")
        _tell(folder, programs, personas)
        programs.watch(server)
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        print("\nStopping …", flush=True)
        programs.stop()
        server.stop()
        (folder / "demo.json").unlink(missing_ok=True)
    return 1


def _start_database(folder: Path) -> embedded.EmbeddedServer:
    """The folder's server. A world that was only half loaded is thrown away first."""
    if (folder / _LOADING).exists():
        print("The last first start was broken off: starting over.")
        _forget(folder, yes=True)
    return embedded.start(folder)


def _is_up_to_date(folder: Path, server: embedded.EmbeddedServer) -> bool:
    """Whether world and schema are as this version wants them; asked without loading what would change them."""
    if not (folder / LOADED).exists():
        return False
    known = server.cluster.admin("select version_num from alembic_version", database=DATABASE)
    return known == newest_revision()


def _prepare(folder: Path, programs: "Programs") -> None:
    """Migrate, and load the sample world the first time."""
    from setori.app import clock
    from setori.db.upgrading import upgrade

    upgrade(programs.urls.owner_url)
    programs.wait_until_ready("gateway")
    if not (folder / LOADED).exists():
        print("Loading the sample world, once:", flush=True)
        (folder / _LOADING).touch()
        processes.run(load_world(programs.settings(), at=clock()))
        (folder / _LOADING).rename(folder / LOADED)


async def load_world(settings: Settings, *, at: datetime) -> None:
    """Load seed/ into an empty database, paying through the mock gateway, with a bar that shows how far it is."""
    import httpx

    from setori import seeding
    from setori.app import code_key
    from setori.db import make_sessions
    from setori.gateway import HttpPaymentGateway

    token = settings.gateway_token.get_secret_value()
    engine, sessions = make_sessions(settings.database_url, is_loading=True)
    async with httpx.AsyncClient(trust_env=False) as client:

        async def until_all_is_booked() -> None:
            for _ in range(200):
                truth = await client.get(
                    f"{settings.gateway_url}/truth", headers={"Authorization": f"Bearer {token}"}
                )
                if all(order["times_moved"] for order in truth.json()["orders"]):
                    return
                await asyncio.sleep(0.05)
            raise DemoFailed("The gateway does not book the payments of the sample world.")

        try:
            await seeding.load(
                sessions,
                settings.database_url,
                at=at,
                key=code_key(settings),
                gateway=HttpPaymentGateway(settings.gateway_url, token, client),
                progress=_show_progress,
                pause=until_all_is_booked,
            )
        finally:
            await engine.dispose()


def _show_progress(done: int, of: int, what: str) -> None:
    """A bar that moves on a terminal, and a line for each fifth elsewhere."""
    share = min(done / max(of, 1), 1.0)
    bar = ("█" * round(share * 24)).ljust(24, "░")
    if sys.stdout.isatty():
        print(f"\r  {bar} {share:4.0%}  {what:<40.40}", end="\n" if done >= of else "", flush=True)
    elif done >= of or done * 5 // max(of, 1) > (done - 1) * 5 // max(of, 1):
        print(f"  {share:4.0%}  {what}", flush=True)


def _personas(folder: Path, programs: "Programs") -> list[dict[str, str]]:
    """Whom one can be. Their links and tokens are made once and kept: a link in a bookmark goes on working."""
    kept = folder / _PERSONAS
    if not kept.exists():
        made = asyncio.run(invite_personas(programs.settings()))
        _write_private(kept, [{**one, "sign_in_url": _path_of(one["sign_in_url"])} for one in made])
    known = json.loads(kept.read_text())
    return [{**one, "sign_in_url": programs.base_url + one["sign_in_url"]} for one in known]


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _write_private(path: Path, content: object) -> None:
    """Write a file that nobody else may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    draft.replace(path)


async def invite_personas(settings: Settings) -> list[dict[str, str]]:
    """The people to look through the eyes of, each with a link that lets anybody in and a token for the API."""
    from setori import people, seeding
    from setori.app import clock
    from setori.db import make_sessions

    engine, sessions = make_sessions(settings.database_url)
    found = []
    try:
        async with sessions.begin() as db:
            for persona in await seeding.personas(db):
                link = await people.mint_link(
                    db, persona.person_id, persona.membership_id, at=clock(), for_demo=True
                )
                token = await people.mint_api_token(db, persona.membership_id, "demo", at=clock())
                found.append(
                    {
                        "role": str(persona.role),
                        "name": persona.name,
                        "sign_in_url": f"{settings.base_url}/sign-in/link?token={link}",
                        "api_token": token,
                    }
                )
    finally:
        await engine.dispose()
    return found


def _tell(folder: Path, programs: "Programs", personas: list[dict[str, str]]) -> None:
    """Write demo.json, then say where Setori is and whom one can be."""
    told = {
        "base_url": programs.base_url,
        "gateway_url": programs.gateway_url,
        "register_url": programs.register_url,
        "personas": personas,
    }
    _write_private(folder / "demo.json", told)
    print(f"\nSetori is ready at {programs.base_url}\n")
    for one in personas:
        print(f"  {one['role']:<15} {one['name']:<22} {one['sign_in_url']}")
    print(
        f"\nMail is shown at {programs.base_url}/demo/mail. Everything is kept in {folder}. Ctrl-C stops it all."
    )
    sys.stdout.flush()


@dataclass
class Programs:
    """The app, its worker, the mock gateway and the mock registers, as children that are watched."""

    folder: Path
    urls: Urls
    port: int
    gateway_port: int = field(default_factory=processes.free_port)
    register_port: int = field(default_factory=processes.free_port)
    running: dict[str, Any] = field(default_factory=dict)
    restarts: int = 0

    @property
    def base_url(self) -> str:
        """Where people reach Setori."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        """Where Setori reaches the gateway."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def register_url(self) -> str:
        """Where Setori reaches the public registers."""
        return f"http://127.0.0.1:{self.register_port}"

    def start(self, name: str) -> None:
        """Start one of `app`, `worker`, `gateway` and `register`; what it says goes to a log file of its name."""
        with self._log(name).open("ab") as log:
            self.running[name] = processes.start(self._command(name), env=self._environment(), output=log)

    def wait_until_ready(self, name: str = "app") -> None:
        """Return when a program answers. Raises DemoFailed with the end of its log when it does not."""
        until = time.monotonic() + READY_WITHIN
        port = {"gateway": self.gateway_port, "register": self.register_port}.get(name, self.port)
        while not _answers(port):
            if self.running[name].poll() is not None or time.monotonic() > until:
                raise DemoFailed(f"The {name} did not start.\n{self._last_words(name)}")
            time.sleep(0.05)

    def watch(self, server: embedded.EmbeddedServer) -> None:
        """Start again what dies, and say so. Raises DemoFailed when the database dies or too much does."""
        while True:
            time.sleep(0.3)
            if server.process is None or server.process.poll() is not None:
                raise DemoFailed(f"The database stopped; its log is {self.folder / 'postgres.log'}.")
            for name, process in list(self.running.items()):
                if process.poll() is None:
                    continue
                self.restarts += 1
                if self.restarts > RESTARTS_ALLOWED:
                    raise DemoFailed(f"The {name} keeps stopping.\n{self._last_words(name)}")
                print(f"The {name} stopped (exit {process.returncode}) and is started again.", flush=True)
                self.start(name)

    def stop(self) -> None:
        """End them all at once, then wait for each."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        for process in self.running.values():
            processes.stop(process)
        self.running.clear()

    def _command(self, name: str) -> list[str | Path]:
        if name == "gateway":
            return [
                *(sys.executable, "-m", "mock_gateway", "--port", str(self.gateway_port)),
                *("--book", self.folder / GATEWAY_BOOK, "--token", DEMO_GATEWAY_TOKEN),
                *("--webhook-url", f"{self.base_url}/webhooks/payments"),
                *("--webhook-secret", DEMO_WEBHOOK_SECRET),
            ]
        if name == "register":
            return [
                *(sys.executable, "-m", "mock_register", "--port", str(self.register_port)),
                *("--book", self.folder / REGISTER_BOOK, "--firms", FIRMS, "--token", DEMO_REGISTER_TOKEN),
            ]
        return [sys.executable, "-m", "setori", {"app": "serve", "worker": "worker"}[name]]

    def settings(self) -> Settings:
        """What the programs are told, as this process knows it."""
        return Settings(
            demo=True,
            database_url=self.urls.app_url,
            base_url=self.base_url,
            gateway_url=self.gateway_url,
            register_url=self.register_url,
            register_token=SecretStr(DEMO_REGISTER_TOKEN),
        )

    def _environment(self) -> dict[str, str]:
        ours = {
            "SETORI_DEMO": "true",
            "SETORI_DATABASE_URL": self.urls.app_url,
            "SETORI_BASE_URL": self.base_url,
            "SETORI_PORT": str(self.port),
            "SETORI_GATEWAY_URL": self.gateway_url,
            "SETORI_REGISTER_URL": self.register_url,
            "SETORI_REGISTER_TOKEN": DEMO_REGISTER_TOKEN,
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **ours}

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _last_words(self, name: str) -> str:
        return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-15:])


def _answers(port: int) -> bool:
    """Whether a program on this machine answers at its front page, be it with a refusal."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
