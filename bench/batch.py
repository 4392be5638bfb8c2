"""How long a batch of 10,000 vouchers takes: the check of its list, the issue, and a file of 500 letters.

    .venv/bin/python -m bench.batch [--rows 10000]

One worker, an embedded PostgreSQL whose commits wait for the disk, and people who are not here before.
"""

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from setori import catalogue, people, places, vouchers
from setori.catalogue import AddService
from setori.db import embedded, make_sessions
from setori.db.upgrading import upgrade
from setori.people import Actor, AddOrganisation, AddPerson, OrganisationKind, Role
from setori.readmodels import batches
from setori.vouchers import HandInBatch, StartBatch, StartProgramme
from setori.web import letters

KEY = b"a key of the benchmark"


def now() -> datetime:
    """The clock of the worker."""
    return datetime.now(UTC)


def a_list(rows: int) -> bytes:
    """A list of people, each with all that can be told."""
    lines = ["name;e-mail;municipality;language;support need;unemployed;age"]
    lines += [f"Sample {n};sample{n}@example.fi;837;sv;high;{n % 30};{18 + n % 12}" for n in range(rows)]
    return "\n".join(lines).encode()


async def main(rows: int) -> None:
    """Build a town, hand the list in, and measure."""
    with tempfile.TemporaryDirectory(prefix="setori-bench-") as scratch:
        server = embedded.start(Path(scratch) / "data")
        try:
            urls = server.urls()
            await asyncio.to_thread(upgrade, urls.owner_url)
            engine, sessions = make_sessions(urls.app_url)
            async with sessions.begin() as db:
                await places.load_areas(db, {"0011": {"fi": "Pirkanmaa"}})
                await places.load_municipalities(db, [("837", "0011", {"fi": "Tampere"})])
                area = AddOrganisation(
                    kind=OrganisationKind.PROCURER, name="Sample", business_id="7000001-4", area_code="0011"
                )
                procurer = await people.add_organisation(db, area, at=now())
                who = AddPerson(name="Sample", email="desk@example.fi")
                person = await people.add_person(db, who, at=now())
                await people.add_member(db, person, procurer, Role.CASE_WORKER, at=now())
                desk = Actor(person, Role.CASE_WORKER, procurer, "Sample")
                service = AddService(code="coaching", name={"fi": "Valmennus"})
                programme = StartProgramme(
                    service_id=await catalogue.add_service(db, service, at=now()),
                    name={"fi": "Valmennus"},
                    units=10,
                    price_cap_cents=100_00,
                    validity_days=180,
                    budget_cents=rows * 1_000_00,
                )
                programme_id = await vouchers.start_programme(db, programme, by=desk, at=now())
                order = HandInBatch(programme_id=programme_id, file_name="list.csv", file=a_list(rows))
                batch_id = await vouchers.hand_in_batch(db, order, by=desk, at=now())
            began = time.perf_counter()
            await vouchers.run_batch(sessions, batch_id, key=KEY, clock=now)
            print(f"{rows} rows checked in {time.perf_counter() - began:.1f} s")
            async with sessions.begin() as db:
                await vouchers.start_batch(db, batch_id, StartBatch(), by=desk, at=now())
            began = time.perf_counter()
            await vouchers.run_batch(sessions, batch_id, key=KEY, clock=now)
            spent = time.perf_counter() - began
            async with sessions.begin() as db:
                seen = await batches.find_batch(db, procurer, batch_id)
                told = await batches.list_letters(db, batch_id, 1)
            print(f"{seen.issued} vouchers issued in {spent:.1f} s, {seen.issued / spent:.0f} a second")
            began = time.perf_counter()
            written = [
                letters.write_letter(one, key=KEY, base_url="https://setori.example.fi") for one in told
            ]
            size = len(letters.print_letters(written, "list.csv"))
            print(f"{len(told)} letters printed in {time.perf_counter() - began:.1f} s, {size / 1e6:.1f} MB")
            await engine.dispose()
        finally:
            server.stop()


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=10_000)
    asyncio.run(main(words.parse_args().rows))
