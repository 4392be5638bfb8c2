"""Where there is no network: a wallet is read, and a coach records sessions that are sent once when it is back."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from setori import vouchers
from setori.app import code_key
from setori.db import Database
from setori.people import Role
from tests.browser import stage
from tests.browser.conftest import PHONE, Live

KEPT = "async (path) => Boolean(await caches.match(path, { cacheName: 'setori-kept' }))"
FILES = """async () =>
  (await (await caches.open("setori-kept")).keys()).filter((one) => one.url.includes("/static/")).length"""
LEFT = """() => Object.entries(localStorage)
  .filter(([name]) => name.startsWith("setori-waiting")).flatMap(([_, all]) => JSON.parse(all)).length"""


@pytest.fixture
def phone(browser: Browser, live: Live) -> Iterator[Callable[[str], Page]]:
    """A phone of its own, signed in, on which what can be kept has been kept."""
    contexts: list[BrowserContext] = []

    def open_page(role: str, keeps: str) -> Page:
        context = browser.new_context(
            base_url=live.base_url, viewport=PHONE, locale="en-GB", timezone_id="Europe/Helsinki"
        )
        contexts.append(context)
        page = context.new_page()
        stage.sign_in(page, live.persona(role)["sign_in_url"])
        for path in (keeps, "/offline"):
            stage.wait_until(page, KEPT, path)
        stage.wait_until(page, f"async () => (await ({FILES})()) > 2")
        return page

    yield open_page
    for context in contexts:
        context.close()


def vouchers_of(live: Live) -> list[tuple[UUID, str]]:
    """Vouchers with two sessions left and more whose holders have chosen the sample coach, with their codes."""

    async def ask(db: Database) -> list[tuple[UUID, str]]:
        coach = await stage.persona(db, live, Role.COACH)
        asked = text(
            "select v.id from voucher v join choice c on c.voucher_id = v.id and c.ended_at is null"
            " join coach k on k.id = c.coach_id where k.person_id = :person and v.status = 'chosen'"
            " and v.units - v.units_used - v.units_held >= 2 and v.expires_on > current_date order by v.id"
        )
        found = (await db.exec(asked, params={"person": coach.person_id})).scalars().all()  # type: ignore[call-overload]
        key = code_key(live.programs.settings())
        return [(one, vouchers.shown(vouchers.code_of(one, key))) for one in found]

    return stage.away(live, ask)


def recorded(live: Live, voucher_id: UUID) -> int:
    async def ask(db: Database) -> int:
        asked = text("select count(*) from redemption where voucher_id = :id")
        return int((await db.exec(asked, params={"id": voucher_id})).scalar_one())  # type: ignore[call-overload]

    return stage.away(live, ask)


def record(page: Page, code: str, minutes: str = "") -> None:
    page.get_by_label("Code of the voucher").fill(code)
    page.get_by_label("Minutes it took").fill(minutes)
    page.get_by_role("button", name="Record the session").click()


def test_a_wallet_is_read_without_a_network_and_forgotten_at_sign_out(phone, axe) -> None:
    page = phone("jobseeker", "/wallet")
    page.goto("/wallet")
    code = page.locator(".ticket .code").first.inner_text()
    expect(page.get_by_text("There is no network just now")).to_be_hidden()

    page.context.set_offline(True)
    page.goto("/wallet")
    expect(page.get_by_text("There is no network just now")).to_be_visible()
    assert page.locator(".ticket .code").first.inner_text() == code
    expect(page.locator(".qr-box svg").first).to_be_visible()
    assert page.evaluate("document.styleSheets.length") > 0, "the styles were kept too"
    assert axe(page) == []
    page.goto("/coaches")
    expect(page.get_by_role("heading", name="There is no network just now")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="My voucher").click()
    assert page.locator(".ticket .code").first.inner_text() == code

    page.context.set_offline(False)
    page.goto("/wallet")
    expect(page.get_by_text("There is no network just now")).to_be_hidden()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    stage.wait_until(page, f"async () => !(await ({KEPT})('/wallet'))")


def test_what_a_coach_records_without_a_network_is_sent_once(phone, live, axe) -> None:
    (voucher_id, code), *_ = vouchers_of(live)
    before = recorded(live, voucher_id)
    page = phone("coach", "/provider/sessions/new")
    page.context.set_offline(True)
    page.goto(f"/redeem?code={code}")
    expect(page.get_by_text("There is no network just now")).to_be_visible()
    expect(page.get_by_label("Code of the voucher")).to_have_value(code)
    record(page, code)
    record(page, code, "45")
    record(page, "AAAA-AAAA-AAAA-AA")
    rows = page.locator("[data-waiting] li")
    expect(rows).to_have_count(3)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.reload()
    expect(rows).to_have_count(3)
    assert recorded(live, voucher_id) == before

    other = page.context.new_page()
    other.goto("/provider/sessions/new")
    page.context.set_offline(False)
    page.goto("/provider")
    other.goto("/provider/sessions")
    expect(page.locator("[data-waiting] li [data-said]", has_text="code")).to_have_count(1)
    page.wait_for_function(f"() => ({LEFT})() === 1")
    assert recorded(live, voucher_id) == before + 2, "each once, though two pages were open"
    page.reload()
    expect(rows).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Throw away").click()
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert recorded(live, voucher_id) == before + 2


def test_with_a_network_the_form_goes_its_ordinary_way(phone) -> None:
    page = phone("coach", "/provider/sessions/new")
    page.goto("/provider/sessions/new")
    record(page, "AAAA-AAAA-AAAA-AA")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("Code of the voucher")).to_have_value("AAAA-AAAA-AAAA-AA")
    assert page.evaluate("localStorage.length") == 0
