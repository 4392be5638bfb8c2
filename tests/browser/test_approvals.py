"""The life of an approval in a real browser: heard, suspended, brought back, ended; appealed, adopted, imported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from setori import people, registry
from setori.app import clock
from setori.days import local_day
from setori.db import Database
from setori.people import Role
from setori.registry import AnswerCriteria, DecideApplication
from tests.browser import stage
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.stage import away, press, sign_in
from tests.domains import builders as a

Look = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@dataclass(frozen=True)
class Firm:
    """A sample firm with an owner, and an approval that began a month ago."""

    link: str
    approval_id: UUID


async def a_book(db: Database, live: Live, code: str) -> UUID:
    """A rulebook of the sample registrar for a service of its own."""
    registrar = await stage.persona(db, live, Role.REGISTRAR)
    return await a.a_rulebook(db, registrar, await a.a_service(db, code, at=clock()), at=clock())


def a_firm(live: Live, name: str) -> Firm:
    async def build(db: Database) -> Firm:
        at = clock()
        firm = await a.a_provider(db, name, at=at)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm, f"Oili {name}", at=at)
        book = await a_book(db, live, f"approved-{name}".lower())
        since = local_day(at) - timedelta(days=30)
        approval = await a.an_approval(db, book, firm, starts_on=since, at=at)
        (held,) = await people.list_memberships(db, owner.person_id)
        token = await people.mint_link(db, owner.person_id, held.id, at=at, for_demo=True)
        return Firm(f"{live.base_url}/sign-in/link?token={token}", approval)

    return away(live, build)


def a_rejection(live: Live) -> UUID:
    """An application of the sample firm that was rejected."""

    async def build(db: Database) -> UUID:
        at = clock()
        registrar = await stage.persona(db, live, Role.REGISTRAR)
        owner = await stage.persona(db, live, Role.PROVIDER_OWNER)
        application = await registry.start_application(
            db, await a_book(db, live, "rejected"), by=owner, at=at
        )
        seen = await registry.find_application(db, application, by=owner)
        words = {"declaration": "yes", "number": "9", "document": "Certificate", "text": "As always."}
        open_ones = [one.asked for one in seen.criteria if not one.value]
        answers = {asked.code: words[asked.kind] for asked in open_ones if asked.kind in words}
        await registry.answer(db, application, AnswerCriteria(answers=answers), by=owner, at=at)
        await registry.submit(db, application, by=owner, at=at)
        order = DecideApplication(outcome="rejected", reason="The plan does not say who coaches.")
        await registry.decide(db, application, order, by=registrar, at=at)
        return application

    return away(live, build)


@pytest.fixture
def neat(axe: Axe) -> Callable[[Page], None]:
    def look_at(page: Page) -> None:
        assert axe(page) == [], page.url
        width = (page.viewport_size or DESK)["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    return look_at


def test_an_approval_is_heard_suspended_brought_back_and_ended(
    look: Look, live: Live, neat: Callable[[Page], None]
) -> None:
    firm = a_firm(live, "Elo")
    desk, owner = look("registrar", language="en-GB"), look(size=PHONE, dark=True, language="en-GB")
    sign_in(owner, firm.link)
    path = f"/procurer/approvals/{firm.approval_id}"
    desk.goto(f"{path}?do=hearing")
    neat(desk)
    press(desk, "Ask the provider")
    expect(desk.locator(".error-summary")).to_be_visible()
    neat(desk)
    due = local_day(clock()) + timedelta(days=14)
    desk.locator('[name="reason"]').fill("Two sessions were not held.")
    desk.locator('[name="answer_by"]').fill(due.isoformat())
    press(desk, "Ask the provider")
    expect(desk.locator("main")).to_contain_text("Under way")
    neat(desk)
    owner.goto("/provider/approvals")
    neat(owner)
    owner.locator('[name="answer"]').fill("The coach was ill; both were held a week later.")
    owner.locator('form[action^="/provider/hearings/"] button').click()
    neat(owner)

    desk.goto(f"{path}/suspension")
    expect(desk.locator("main")).to_contain_text("both were held a week later")
    neat(desk)
    desk.locator('[name="reason"]').fill("Say who stands in for a coach who is ill.")
    press(desk, "Do it")
    desk.goto(path)
    expect(desk.locator("main")).to_contain_text("Say who stands in")
    neat(desk)
    owner.goto("/provider/approvals")
    expect(owner.locator("main")).to_contain_text("Say who stands in")
    neat(owner)

    desk.locator('[name="reason"]').fill("They told who stands in.")
    press(desk, "Bring the approval back")
    owner.reload()
    expect(owner.locator("main")).to_contain_text("In force")
    neat(owner)


def test_a_firm_that_asks_for_it_is_let_go_for_good(
    look: Look, live: Live, neat: Callable[[Page], None]
) -> None:
    firm = a_firm(live, "Loppu")
    desk = look("registrar", size=PHONE, dark=True, language="en-GB", script=False)
    desk.goto(f"/procurer/approvals/{firm.approval_id}/suspension")
    desk.locator('[name="is_final"][value="true"]').check(force=True)
    desk.locator('[name="code"]').select_option("asked_by_provider")
    desk.locator('[name="reason"]').fill("The firm leaves the field.")
    press(desk, "Do it")
    finnish = look("registrar", language="fi-FI", size=PHONE)
    finnish.goto(f"/procurer/approvals/{firm.approval_id}")
    expect(finnish.locator("main")).to_contain_text("The firm leaves the field.")
    neat(finnish)


def test_an_appeal_from_the_demand_to_its_outcome(
    look: Look, live: Live, neat: Callable[[Page], None]
) -> None:
    application = a_rejection(live)
    owner = look("provider_owner", size=PHONE, language="en-GB")
    desk = look("registrar", language="fi-FI", dark=True)
    owner.goto(f"/provider/applications/{application}/appeal")
    neat(owner)
    press(owner, "Send the appeal")
    expect(owner.locator(".error-summary")).to_be_visible()
    neat(owner)
    owner.locator('[name="demand"]').fill("The plan names both coaches on its second page.")
    press(owner, "Send the appeal")
    neat(owner)
    desk.goto(f"/procurer/applications/{application}")
    expect(desk.locator("main")).to_contain_text("names both coaches")
    neat(desk)
    desk.locator('[name="outcome"][value="stands"]').check(force=True)
    desk.locator('form[action$="/appeal/outcome"] [name="reason"]').fill("Sivulla on vain yksi nimi.")
    desk.locator('form[action$="/appeal/outcome"] button').click()
    expect(desk.locator("main")).to_contain_text("Sivulla on vain yksi nimi.")
    neat(desk)
    owner.goto(f"/provider/applications/{application}/decision")
    expect(owner.locator("main")).to_contain_text("Sivulla on vain yksi nimi.")
    neat(owner)


@pytest.mark.parametrize(("size", "language"), [(PHONE, "fi-FI"), (DESK, "en-GB")], ids=["phone", "desk"])
def test_what_another_area_has_approved_is_compared(
    look: Look, neat: Callable[[Page], None], size: dict[str, int], language: str
) -> None:
    desk = look("registrar", size=size, language=language)
    desk.goto("/procurer/adoptions")
    neat(desk)
    desk.locator('main a[href^="/procurer/adoptions/"]').first.click()
    expect(desk.locator("main form").first).to_be_visible()
    neat(desk)


def test_a_register_is_handed_in_imported_and_taken_back(
    look: Look, live: Live, neat: Callable[[Page], None]
) -> None:
    desk = look("registrar", language="en-GB")
    desk.goto("/procurer/imports/new")
    neat(desk)
    sheet = desk.request.get("/procurer/imports/example.csv").body()
    mapping = desk.request.get("/procurer/imports/example.toml").text()
    desk.locator('[name="file"]').set_input_files(
        [{"name": "example.csv", "mimeType": "text/csv", "buffer": sheet}]
    )
    desk.get_by_label("By a mapping of our own").check(force=True)
    desk.locator("summary", has_text="A mapping of our own").click()
    desk.locator('[name="mapping_text"]').fill(mapping)
    desk.locator('[name="skip_bad_rows"]').check(force=True)
    press(desk, "Check the file")
    start = desk.get_by_role("button", name="Import ")
    expect(start).to_be_visible(timeout=30_000)
    neat(desk)
    start.click()
    undo = desk.get_by_role("link", name="Undo the import…")
    expect(undo).to_be_visible(timeout=30_000)
    neat(desk)
    undo.click()
    neat(desk)
    desk.locator('form[action$="/undo"] button').first.click()
    expect(desk.locator("main")).to_contain_text("Undone")
    neat(desk)
