"""What the main job needs besides the sample world: a service of its own, and a register from another country."""

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from playwright.sync_api import Page

from setori import catalogue, importing, people, registry, vouchers
from setori.app import clock
from setori.catalogue import AddCoach, AddService, PublishOffering, Search
from setori.days import local_day
from setori.db import Database, make_sessions
from setori.people import Actor, AddPerson, Role
from setori.vouchers import GrantBudget, StartProgramme
from tests.browser.conftest import Live

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
AREA = "39"


@dataclass(frozen=True)
class Chosen:
    """What the jobseeker is going to choose: an offering, perhaps a coach in it, and who records the sessions."""

    programme: str
    offering_id: UUID
    coach_id: UUID | None
    who: str
    records: str
    """The link that signs in whoever records the session."""

    @property
    def path(self) -> str:
        return f"/offerings/{self.offering_id}" + (f"?coach={self.coach_id}" if self.coach_id else "")


def away(live: Live, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something in the database in one transaction, in a thread: this one's loop belongs to Playwright."""

    async def run() -> T:
        engine, sessions = make_sessions(live.urls.app_url, pool_size=1)
        try:
            async with sessions.begin() as db:
                return await work(db)
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()


async def persona(db: Database, live: Live, role: Role) -> Actor:
    """The sample person of a role, as somebody who acts."""
    token = re.sub(r".*token=", "", live.persona(role.value)["sign_in_url"])
    _, actor = await people.sign_in(db, token, at=clock(), demo=True)
    return actor


def a_new_service(live: Live) -> UUID:
    """A service for which nobody has a rulebook yet."""

    async def add(db: Database) -> UUID:
        name = {"fi": "Polkuvalmennus", "en": "Path coaching"}
        return await catalogue.add_service(db, AddService(code="path-coaching", name=name), at=clock())

    return away(live, add)


def open_for_choosing(live: Live, service_id: UUID) -> Chosen:
    """What is not the main job: the approved provider's offering with two coaches, and a programme with money."""

    async def build(db: Database) -> Chosen:
        owner, coach = await persona(db, live, Role.PROVIDER_OWNER), await persona(db, live, Role.COACH)
        provider_id = coach.organisation_id
        assert provider_id == owner.organisation_id, "the sample coach works for the sample owner"
        known = await catalogue.find_coach_of(db, coach.person_id, provider_id)
        assert known
        other = await catalogue.add_coach(
            db, AddCoach(provider_id=provider_id, name="Oona Polku"), at=clock()
        )
        order = PublishOffering(
            service_id=service_id,
            title={"fi": "Oma polku", "en": "A path of your own"},
            price_cents=70_00,
            languages=["fi", "en"],
            ways=["in_person"],
            area_codes=[AREA],
            coach_ids=[known.id, other],
        )
        offering_id = await catalogue.publish_offering(db, order, by=owner, at=clock())
        programme = await a_programme(db, live, service_id, "Path voucher")
        return Chosen(programme, offering_id, known.id, known.name, live.persona("coach")["sign_in_url"])

    return away(live, build)


async def a_programme(db: Database, live: Live, service_id: UUID, name: str) -> str:
    """A programme of three sessions at up to 10,000 euros, with the money for it."""
    desk, finance = await persona(db, live, Role.CASE_WORKER), await persona(db, live, Role.FINANCE)
    order = StartProgramme(
        service_id=service_id,
        name={"fi": name, "en": name},
        units=3,
        price_cap_cents=10_000_00,
        validity_days=90,
    )
    programme_id = await vouchers.start_programme(db, order, by=desk, at=clock())
    await vouchers.grant_budget(db, programme_id, GrantBudget(amount_cents=90_000_00), by=finance, at=clock())
    return str(programme_id)


def import_the_register(live: Live, folder: Path) -> Chosen:
    """Take in the register of New Jersey as an administrator would, and let a school of it have an owner."""

    for kind, file in (("providers", "nj_etpl_providers.csv"), ("offerings", "nj_etpl_programs.csv")):
        shutil.copyfile(ROOT / "tests" / "data" / file, folder / file)  # refused rows are written beside it
        words = [kind, str(folder / file), "--yes", "--skip-bad-rows"]
        words += ["--mapping", str(ROOT / "seed" / "mappings" / f"nj_etpl_{kind}.toml")]
        with ThreadPoolExecutor(1) as pool:
            told = pool.submit(
                importing.main, words, lambda _: nullcontext(live.programs.settings()), clock=clock
            )
            assert told.result() == 0

    async def build(db: Database) -> Chosen:
        ids = {id for id, _ in (await registry.list_imported(db, "us-nj-etpl")).values()}
        found = await catalogue.search(
            db, Search(area=AREA, order="price", limit=100), on=local_day(clock()), seed="tests"
        )
        card = next(card for card in found.cards if card.provider_id in ids)
        email = AddPerson(name="Morgan Dean", email="dean@example.com", language="en")
        person_id = await people.add_person(db, email, at=clock())
        held = await people.add_member(db, person_id, card.provider_id, Role.PROVIDER_OWNER, at=clock())
        token = await people.mint_link(db, person_id, held, at=clock(), for_demo=True)
        programme = await a_programme(db, live, card.service_id, "Course voucher")
        link = f"{live.base_url}/sign-in/link?token={token}"
        return Chosen(programme, card.offering_id, card.coach_id, card.provider_name, link)

    return away(live, build)


def sign_in(page: Page, link: str) -> None:
    """Come in by a link of one's own."""
    page.goto(link)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def press(page: Page, name: str) -> None:
    """Press the button or the link of this name in the page's main part."""
    main = page.locator("main")
    either = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name))
    either.first.click()
