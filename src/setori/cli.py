"""The command `setori`: each word loads only what it needs."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setori import logs, processes
from setori.settings import Settings

if TYPE_CHECKING:
    from litestar import Litestar


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    logs.configure()
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["mock-gateway"]:
        return subprocess.call([sys.executable, "-m", "mock_gateway", *words[1:]])
    if words[:1] == ["mock-register"]:
        return subprocess.call([sys.executable, "-m", "mock_register", *words[1:]])
    if words[:1] == ["import"]:
        return _import(words[1:])
    if words[:1] == ["rulebook"]:
        return _rulebook(words[1:])
    chosen = _parser().parse_args(words)
    command: Callable[[argparse.Namespace], int] = chosen.command
    return command(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="setori", description="A marketplace of service vouchers.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--data", type=Path, default=None, help="the demo's folder, when no server is named")

    demo = commands.add_parser(
        "demo", parents=[where], help="everything on this machine, with a sample world"
    )
    demo.add_argument(
        "--port", type=_port, default=8000, help="where to listen (default 8000; another if taken)"
    )
    demo.add_argument("--fresh", action="store_true", help="forget what is kept and start over")
    demo.add_argument("--yes", action="store_true", help="do not ask before starting over")
    demo.set_defaults(command=_demo)

    serve = commands.add_parser("serve", parents=[where], help="the pages and the API")
    serve.add_argument("--port", type=_port, default=None)
    serve.set_defaults(command=_serve)

    worker = commands.add_parser(
        "worker", parents=[where], help="the jobs: expiry, payments, reports, registers"
    )
    worker.set_defaults(command=_worker)

    db = commands.add_parser("db", help="the database").add_subparsers(required=True, metavar="WHAT")
    upgrade = db.add_parser("upgrade", parents=[where], help="bring the schema up to date, as the owner")
    upgrade.set_defaults(command=_upgrade)

    seed = commands.add_parser("seed", parents=[where], help="load the sample world into an empty database")
    seed.set_defaults(command=_seed)

    commands.add_parser("import", help="read a register: import providers|offerings FILE --mapping MAPPING")
    commands.add_parser("rulebook", help="publish a national core: rulebook core FILE [--dry-run]")
    commands.add_parser("mock-gateway", help="the payment gateway of the demo, a program of its own")
    commands.add_parser("mock-register", help="the public registers of the demo, a program of its own")

    check = commands.add_parser(
        "check", parents=[where], help="count what breaks an invariant; 1 when anything does"
    )
    check.set_defaults(command=_check)
    return parser


def _port(typed: str) -> int:
    """A port that one may listen on."""
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) < 65536):
        raise argparse.ArgumentTypeError(f"{typed} is not a port: give a number from 1 to 65535")
    return int(typed)


def _demo(chosen: argparse.Namespace) -> int:
    from setori import demo

    return demo.run(port=chosen.port, data=chosen.data, fresh=chosen.fresh, yes=chosen.yes)


def _serve(chosen: argparse.Namespace) -> int:
    with _database(chosen.data) as settings:
        _refuse_other_schemas(settings)
        import uvicorn

        uvicorn.run("setori.cli:make_app", factory=True, **serving(settings, port=chosen.port))
    return 0


def _refuse_other_schemas(settings: Settings) -> None:
    """Stop before anybody is served from a database that these tables are not in. Raises SystemExit."""
    from setori.db.revisions import newest_revision, revision_of

    found, needed = asyncio.run(revision_of(settings.database_url)), newest_revision()
    if found != needed:
        state = f"is at revision {found}" if found else "is empty"
        raise SystemExit(f"The database {state}, and this Setori needs {needed}. Run: setori db upgrade")


def serving(settings: Settings, port: int | None = None) -> dict[str, Any]:
    """How the server runs: it believes what proxies say of the visitor only where settings name them."""
    return {
        "host": settings.host,
        "port": port or settings.port,
        "workers": settings.workers,
        "loop": "uvloop",
        "http": "httptools",
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 5,
    }


def make_app() -> "Litestar":
    """The application of the environment's settings; each server process makes its own."""
    from setori.app import create_app
    from setori.settings import load_settings

    return create_app(load_settings())


def _worker(chosen: argparse.Namespace) -> int:
    with _database(chosen.data) as settings:
        _refuse_other_schemas(settings)
        from setori import jobs
        from setori.app import clock

        _until_told_to_stop(jobs.run(settings, clock=clock))
    return 0


def _upgrade(chosen: argparse.Namespace) -> int:
    from setori.db.upgrading import upgrade

    with _database(chosen.data) as settings:
        upgrade(settings.owner_url)
    return 0


def _seed(chosen: argparse.Namespace) -> int:
    from setori import demo
    from setori.app import clock

    with _database(chosen.data) as settings:
        exit_code = _until_told_to_stop(demo.load_world(settings, at=clock()))
    if chosen.data is not None and exit_code == 0:
        (chosen.data / demo.LOADED).touch()
    return exit_code


def _import(words: list[str]) -> int:
    from setori import importing
    from setori.app import clock

    return importing.main(words, _database, clock=clock)


def _rulebook(words: list[str]) -> int:
    from setori.app import clock
    from setori.seeding import core_file

    return core_file.main(words, _database, clock=clock)


def _check(chosen: argparse.Namespace) -> int:
    from setori.db import embedded
    from setori.db.invariants import count_broken

    if chosen.data is not None and not (chosen.data / embedded.PASSWORDS).exists():
        print(f"There is no demo in {chosen.data}.", file=sys.stderr)
        return 2
    with _database(chosen.data) as settings:
        counts = asyncio.run(count_broken(settings.owner_url))
    width = max((len(name) for name in counts), default=0)
    for name, broken in counts.items():
        print(f"{name:<{width}}  {broken:>8}{'  BROKEN' if broken else ''}")
    broken_names = [name for name, broken in counts.items() if broken]
    print(f"{len(counts)} invariants, {len(broken_names)} broken")
    return 1 if broken_names or not counts else 0


@contextmanager
def _database(folder: Path | None) -> Iterator[Settings]:
    """The settings with a database that answers: the named server, else the embedded one of the demo's folder."""
    from setori.settings import load_settings

    if os.environ.get("SETORI_DATABASE_URL") and folder is None:
        yield load_settings()
        return
    from setori.db import embedded
    from setori.demo import default_folder

    said = os.environ.get("SETORI_DEMO", "").lower()
    if said not in ("", "true", "1") or (os.environ.get("SETORI_SECRET_KEY") and not said):
        raise SystemExit(
            "The embedded server belongs to the demo, with its known secrets. Name a server with "
            "SETORI_DATABASE_URL, or set SETORI_DEMO=true."
        )
    with embedded.reach(folder or Path(os.environ.get("SETORI_DATA_DIR") or default_folder())) as urls:
        os.environ["SETORI_DEMO"] = "true"
        os.environ["SETORI_DATABASE_URL"] = urls.app_url
        os.environ["SETORI_OWNER_DATABASE_URL"] = urls.owner_url
        yield load_settings()


def _until_told_to_stop(work: Coroutine[Any, Any, Any]) -> int:
    """Run until the work is done or a signal says stop; what is under way is cancelled and may tidy up."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        await task

    try:
        processes.run(stoppable())
    except asyncio.CancelledError:
        return 130
    return 0
