"""How fast the catalogue page is: at the size of the sample world, and with 2,500 offerings.

    .venv/bin/python -m bench.catalogue

One client asks for the whole page (search, filters with counts, 24 cards) on a kept connection.
"""

import argparse
import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench.common import Connection, Measured, drive, free_port, served
from setori import demo, processes
from setori.db import embedded
from setori.db.cluster import Urls
from setori.db.upgrading import upgrade

PAGES = ("/coaches", "/coaches?area=39", "/coaches?area=39&language=en&way=video", "/coaches?q=haastattelu")

MORE = """
with copied as (
  insert into offering (id, provider_id, service_id, foreign_id, title, summary, first_week, price_cents, unit, minutes,
                        languages, ways, source, is_published, search_text, review_count, rating_sum, published_at)
  select gen_random_uuid(), provider_id, service_id, o.id || '-' || n, title, summary, first_week, price_cents, unit,
         minutes, languages, ways, '', true, search_text, 0, 0, published_at
  from offering o cross join generate_series(1, $1) n
  returning id, left(foreign_id, 36)::uuid as original),
areas as (insert into offering_area (offering_id, area_code)
          select c.id, a.area_code from copied c join offering_area a on a.offering_id = c.original)
insert into offering_coach (offering_id, coach_id, review_count, rating_sum)
select c.id, k.coach_id, 0, 0 from copied c join offering_coach k on k.offering_id = c.original
"""


async def measure(url: str, seconds: float) -> dict[str, Measured]:
    """Each page in turn."""
    found = {}
    for path in PAGES:

        async def ask(connection: Connection, path: str = path) -> int:
            return (await connection.ask("GET", path, "Accept-Language: fi\r\n"))[0]

        await drive(url, 1, 0.5, ask)
        found[path] = await drive(url, 1, seconds, ask)
    return found


async def main(seconds: float) -> None:
    """Load the sample world, measure, add copies up to 2,500 offerings, measure again."""
    with tempfile.TemporaryDirectory(prefix="setori-bench-") as scratch:
        folder = Path(scratch)
        server = embedded.start(folder / "data")
        try:
            urls: Urls = server.urls()
            await asyncio.to_thread(upgrade, urls.owner_url)
            programs = demo.Programs(folder, urls, processes.free_port())
            programs.start("gateway")
            try:
                programs.wait_until_ready("gateway")
                await demo.load_world(programs.settings(), at=datetime.now(UTC))
            finally:
                programs.stop()
            owner = await asyncpg.connect(urls.owner_url)
            port = free_port()
            for step in ("the sample world", "2,500 offerings"):
                if step != "the sample world":
                    number = await owner.fetchval("select count(*) from offering")
                    await owner.execute(MORE.replace("$1", str(2500 // number - (2500 % number == 0))))
                await owner.execute("vacuum analyze")
                number = await owner.fetchval("select count(*) from offering")
                async with served(urls.app_url, port, folder / "app.log") as url:
                    print(f"\n{step}: {number} offerings")
                    print(f"{'page':<45} {'p50 ms':>7} {'p99 ms':>7} {'pages/s':>8}  answers")
                    for path, found in (await measure(url, seconds)).items():
                        times = f"{found.median:>7.1f} {found.at(0.99):>7.1f} {found.rate:>8.0f}"
                        print(f"{path:<45} {times}  {found.statuses}")
            await owner.close()
        finally:
            server.stop()


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=5)
    os.environ.setdefault("SETORI_DEMO", "true")
    asyncio.run(main(words.parse_args().seconds))
