"""What the main job needs besides the sample world: a service of its own, and a register from another country."""

import asyncio
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from playwright.sync_api import Page

from setori import catalogue, importing, people, registry, vouchers
from setori.app import clock, code_key
from setori.catalogue import AddCoach, AddService, PublishOffering, Search
from setori.days import local_day, month_of, noon
from setori.db import Database, make_sessions, new_id, wire_of
from setori.people import Actor, AddPerson, Role
from setori.vouchers import ChooseOffering, GrantBudget, IssueVoucher, RedeemVoucher, StartProgramme
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
    return await whoever_has(db, live.persona(role.value)["sign_in_url"])


async def whoever_has(db: Database, link: str) -> Actor:
    """The person whom a link signs in."""
    _, actor = await people.sign_in(db, re.sub(r".*token=", "", link), at=clock(), demo=True)
    return actor


def in_the_month_before(day: int) -> datetime:
    """Noon on a day of the last month that is over: what is confirmed then can be closed now."""
    last = month_of(local_day(clock())) - timedelta(days=1)
    return noon(last.replace(day=day))


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


def whom_to_choose(live: Live, units: int) -> tuple[Chosen, Chosen]:
    """The sample coach, and somebody of another firm for the same service, under a new programme."""

    async def build(db: Database) -> tuple[Chosen, Chosen]:
        coach = await persona(db, live, Role.COACH)
        wanted = Search(area=AREA, limit=100)
        cards = (await catalogue.search(db, wanted, on=local_day(clock()), seed="tests", lang="en")).cards
        own, other = next(
            (own, other)
            for own in cards
            for other in cards
            if own.coach_name == coach.name
            and other.service_id == own.service_id  # not one that a test has made
            if other.provider_id != own.provider_id and other.coach_id
        )
        programme = await a_programme(db, live, own.service_id, "Life voucher", units=units)
        link = live.persona("coach")["sign_in_url"]
        first, second = (
            Chosen(programme, card.offering_id, card.coach_id, card.coach_name, link) for card in (own, other)
        )
        return first, second

    return away(live, build)


async def a_programme(
    db: Database, live: Live, service_id: UUID, name: str, *, at: datetime | None = None, units: int = 3
) -> str:
    """A programme of a few sessions at up to 10,000 euros, with the money for it."""
    desk, finance = await persona(db, live, Role.CASE_WORKER), await persona(db, live, Role.FINANCE)
    order = StartProgramme(
        service_id=service_id,
        name={"fi": name, "en": name},
        units=units,
        price_cap_cents=10_000_00,
        validity_days=90,
    )
    at = at or clock()
    programme_id = await vouchers.start_programme(db, order, by=desk, at=at)
    await vouchers.grant_budget(
        db, programme_id, GrantBudget(amount_cents=90_000_00, reason="Sample decision"), by=finance, at=at
    )
    return str(programme_id)


def import_the_register(live: Live, folder: Path) -> Chosen:
    """Take in the register of New Jersey as an administrator would, and let a school of it have an owner.

    It came in at the beginning of the month before, so that sessions of that month can have been held.
    """
    at = in_the_month_before(1)
    for kind, file in (("providers", "nj_etpl_providers.csv"), ("offerings", "nj_etpl_programs.csv")):
        shutil.copyfile(ROOT / "tests" / "data" / file, folder / file)  # refused rows are written beside it
        words = [kind, str(folder / file), "--yes", "--skip-bad-rows"]
        words += ["--mapping", str(ROOT / "seed" / "mappings" / f"nj_etpl_{kind}.toml")]
        with ThreadPoolExecutor(1) as pool:
            told = pool.submit(
                importing.main, words, lambda _: nullcontext(live.programs.settings()), clock=lambda: at
            )
            assert told.result() == 0

    async def build(db: Database) -> Chosen:
        ids = {id for id, _ in (await registry.list_imported(db, "us-nj-etpl")).values()}
        found = await catalogue.search(
            db, Search(area=AREA, order="price", limit=100), on=local_day(clock()), seed="tests"
        )
        card = next(card for card in found.cards if card.provider_id in ids)
        email = AddPerson(name="Morgan Dean", email="dean@example.com", language="en")
        person_id = await people.add_person(db, email, at=at)
        held = await people.add_member(db, person_id, card.provider_id, Role.PROVIDER_OWNER, at=at)
        token = await people.mint_link(db, person_id, held, at=clock(), for_demo=True)
        programme = await a_programme(db, live, card.service_id, "Course voucher", at=at)
        link = f"{live.base_url}/sign-in/link?token={token}"
        return Chosen(programme, card.offering_id, card.coach_id, card.provider_name, link)

    return away(live, build)


def hold_a_session(live: Live, chosen: Chosen, *, at: datetime) -> None:
    """What `walk` does in the browser, on an earlier day: a voucher, a choice, a session that both sides confirm."""

    async def meet(db: Database) -> None:
        desk, records = await persona(db, live, Role.CASE_WORKER), await whoever_has(db, chosen.records)
        key, wire = code_key(live.programs.settings()), await wire_of(db)
        order = IssueVoucher(
            programme_id=UUID(chosen.programme), name="Vilho Polku", email="vilho.polku@example.fi"
        )
        issued = await vouchers.issue(db, order, key=key, by=desk, at=at)
        holder = Actor(issued.person_id, Role.JOBSEEKER, None, order.name)
        await vouchers.claim(db, issued.claim_token, at=at)
        choice = ChooseOffering(offering_id=chosen.offering_id, coach_id=chosen.coach_id)
        await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
        held, session_id = RedeemVoucher(voucher_code=issued.code, service_day=local_day(at)), new_id()
        await vouchers.redeem(wire, session_id, held, key=key, by=records, at=at)
        await vouchers.confirm(wire, session_id, by=holder, at=at)

    away(live, meet)


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


def wait_until(page: Page, question: str, told: object = None) -> None:
    """Wait for an asynchronous function of the page to say yes.

    Playwright's own `wait_for_function` takes the promise for the answer, and a promise is always true.
    """
    until = time.monotonic() + 20
    while not page.evaluate(question, told):
        assert time.monotonic() < until, f"never true: {question}"
        page.wait_for_timeout(50)
