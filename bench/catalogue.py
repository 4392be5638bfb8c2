"""How fast the catalogue page is, beside a Django peer that does the same, at 2,500 and at 250,000 offerings.

    .venv/bin/python -m bench.catalogue [--quick]

Both serve the whole page (search, filters with counts, 24 cards of HTML) out of the same database, one process each,
measured in turns on kept connections: one client, then sixteen. The peer (bench/peer: Django's ORM, Jinja2, gunicorn)
is installed into an environment of its own from bench/peer/requirements.txt. Absolute figures drift from machine to
machine; the ratios are what counts, and the targets stand beside them.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench.common import Connection, Measured, drive, free_port, served
from bench.market import for_the_peer, grow
from setori import demo, processes
from setori.db import embedded
from setori.db.cluster import Urls
from setori.db.upgrading import upgrade

ROOT = Path(__file__).parents[1]
PAGES = ("/coaches", "/coaches?area=39", "/coaches?area=39&language=en&way=video", "/coaches?q=haastattelu")
ROUNDS = 2
MANY = 16


@dataclass(frozen=True)
class Step:
    """How large the market is, and how many times the peer's rate is asked of us there."""

    firms: int
    each: int
    target: int


STEPS = (Step(250, 10, 15), Step(2_500, 100, 80))


def peers_python() -> Path:
    """An environment with Django, made once."""
    place = ROOT / "build" / "bench-peer"
    python = place / "bin" / "python"
    lock = ROOT / "bench" / "peer" / "requirements.txt"
    made = place / "made-from.txt"
    if not made.exists() or made.read_text() != lock.read_text():
        venv.create(place, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=True)
        made.write_text(lock.read_text())
    return python


@asynccontextmanager
async def peer(python: Path, database_url: str, log: Path) -> AsyncIterator[str]:
    """The peer under gunicorn, one process with threads that keep connections, until the block ends."""
    port = free_port()
    command = [python, "-m", "gunicorn", "-w", "1", "-k", "gthread", "--threads", "4", "--keep-alive", "60"]
    command += ["--no-control-socket"]
    environment = {**os.environ, "PEER_DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "bench.peer.settings"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: ASYNC220
            [*command, "-b", f"127.0.0.1:{port}", "django.core.wsgi:get_wsgi_application()"],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            await answers(url)
            yield url
        finally:
            process.terminate()
            process.wait(10)


async def answers(url: str) -> None:
    """Wait until a server answers the page, and for the first answer of a cold one."""
    for _ in range(300):
        try:
            async with Connection(url) as connection:
                await connection.ask("GET", "/coaches")
            return
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.1)
    raise SystemExit(f"nobody answers at {url}")


async def measure(url: str, path: str, clients: int, seconds: float) -> Measured:
    """So many clients ask for a page."""
    sizes = set()

    async def ask(connection: Connection) -> int:
        status, size = await connection.ask("GET", path, "Accept-Language: fi\r\n")
        sizes.add(size)
        return status

    found = await drive(url, clients, seconds, ask)
    if set(found.statuses) != {200}:
        raise SystemExit(f"{url}{path} answered {found.statuses}")
    return found


async def compare(ours: str, theirs: str, seconds: float, target: int) -> dict[str, float]:
    """Both in turns, page by page. Returns our median in milliseconds by page, one client."""
    print(
        f"{'page':<42} {'clients':>7}  {'ours p50 ms':>11} {'a second':>9}  {'peer p50 ms':>11} {'a second':>9}  times"
    )
    medians = {}
    for path in PAGES:
        for clients in (1, MANY):
            mine, other = Measured(), Measured()
            await measure(ours, path, clients, 0.3)
            await measure(theirs, path, clients, 0.3)
            for _ in range(ROUNDS):
                for url, total in ((ours, mine), (theirs, other)):
                    part = await measure(url, path, clients, seconds)
                    total.seconds += part.seconds
                    total.times_ms += part.times_ms
                    for status, number in part.statuses.items():
                        total.statuses[status] = total.statuses.get(status, 0) + number
            times = mine.rate / other.rate
            if clients == 1:
                medians[path] = mine.median
            print(
                f"{path:<42} {clients:>7}  {mine.median:>11.2f} {mine.rate:>9.0f}  {other.median:>11.1f}"
                f" {other.rate:>9.1f}  {times:>5.0f} ×  (target {target} ×)",
                flush=True,
            )
    return medians


async def main(seconds: float, quick: bool) -> None:
    """Load the sample world, let it grow, and measure both at each size."""
    python = peers_python()
    with tempfile.TemporaryDirectory(prefix="setori-bench-") as scratch:
        folder = Path(scratch)
        server = embedded.start(folder / "data")
        try:
            urls: Urls = server.urls()
            await asyncio.to_thread(upgrade, urls.owner_url)
            await load(folder, urls)
            owner = await asyncpg.connect(urls.owner_url)
            medians = []
            for step in STEPS[:1] if quick else STEPS:
                number = await grow(owner, step.firms, step.each)
                await for_the_peer(owner)
                print(f"\n{number:,} offerings")
                async with (
                    served(urls.app_url, free_port(), folder / "app.log") as ours,
                    peer(python, urls.app_url, folder / "peer.log") as theirs,
                ):
                    await answers(ours)
                    medians.append(await compare(ours, theirs, seconds, step.target))
            await owner.close()
        except SystemExit:
            for log in ("app", "peer"):
                print((folder / f"{log}.log").read_text()[-2000:], file=sys.stderr)
            raise
        finally:
            server.stop()
    if len(medians) == 2:
        print("\nour p50 at 250,000 in times of that at 2,500 (target: 2 at most)")
        for path in PAGES:
            print(f"{path:<42} {medians[1][path] / medians[0][path]:.1f}")


async def load(folder: Path, urls: Urls) -> None:
    """The sample world, its payments made through the mock gateway."""
    programs = demo.Programs(folder, urls, processes.free_port())
    programs.start("gateway")
    try:
        programs.wait_until_ready("gateway")
        await demo.load_world(programs.settings(), at=datetime.now(UTC))
    finally:
        programs.stop()


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=3, help="for each page and server, twice")
    words.add_argument("--quick", action="store_true", help="2,500 offerings only")
    os.environ.setdefault("SETORI_DEMO", "true")
    asked = words.parse_args(sys.argv[1:])
    asyncio.run(main(asked.seconds, asked.quick))
