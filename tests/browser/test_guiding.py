"""On a phone: a service manager is proposed; the client says yes, chooses what is suggested, and ends it."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from setori import people, vouchers
from setori.app import clock, code_key
from setori.db import Database
from setori.people import Actor, Role
from setori.readmodels import programmes
from setori.vouchers import IssueVoucher
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.stage import away, persona, press, sign_in

WHO = "Pilvi Niemelä"


@dataclass(frozen=True)
class Newcomer:
    """Somebody with a voucher in use, who has chosen nobody."""

    link: str
    voucher_id: str
    name: str


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def newcomer(live: Live, script: bool) -> Newcomer:
    name = f"Nelli Rinnakkain {'Skripti' if script else 'Ilman'}"

    async def add(db: Database) -> Newcomer:
        desk = await persona(db, live, Role.CASE_WORKER)
        assert desk.organisation_id
        listed = await programmes.list_programmes(db, desk.organisation_id)
        fits = next(one for one in listed if one.is_open and one.units)
        email = f"{name.lower().replace(' ', '.')}@example.fi"
        order = IssueVoucher(programme_id=fits.id, name=name, email=email)
        key = code_key(live.programs.settings())
        issued = await vouchers.issue(db, order, key=key, by=desk, at=clock())
        await vouchers.claim(db, issued.claim_token, at=clock())
        holder = Actor(issued.person_id, Role.JOBSEEKER, None, name)
        held = await people.list_memberships(db, holder.person_id)
        token = await people.mint_link(db, holder.person_id, held[0].id, at=clock(), for_demo=True)
        return Newcomer(f"{live.base_url}/sign-in/link?token={token}", str(issued.voucher_id), name)

    return away(live, add)


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_beside_a_client_from_the_yes_to_the_end(look, axe, newcomer: Newcomer, script: bool) -> None:
    def is_well(page: Page) -> None:
        page.wait_for_load_state()
        if script:
            assert axe(page) == [], page.url
        assert fits(page), page.url

    desk = look("case_worker", size=PHONE, script=script)
    desk.goto(f"/procurer/vouchers/{newcomer.voucher_id}")
    press(desk, "Ehdota palvelumanageria")
    is_well(desk)
    desk.get_by_label(WHO).check()
    press(desk, "Ehdota")
    expect(desk.get_by_text("Odottaa asiakkaan vastausta")).to_be_visible()

    client = look(size=PHONE, script=script)
    sign_in(client, newcomer.link)
    client.goto("/wallet")
    is_well(client)
    press(client, "Katso ja vastaa")
    is_well(client)
    for scope in client.locator("input[name=scopes]").all():
        scope.check()
    client.get_by_role("button", name="Kyllä, sallin tämän").click()
    expect(client.get_by_role("heading", name=WHO)).to_be_visible()
    is_well(client)

    manager = look("service_manager", size=PHONE, script=script)
    manager.goto("/guiding")
    is_well(manager)
    manager.get_by_role("link", name=newcomer.name).click()
    is_well(manager)
    beside = manager.url
    press(manager, "Ehdota valmentajaa")
    is_well(manager)
    manager.goto(manager.url + "&q=")
    manager.locator("main .history li", has_text="").locator("a[href*='coach=']").filter(
        has_text="Ehdota tätä"
    ).first.click()
    manager.get_by_label("Muutama sana").fill("Rauhallinen ja mukava.")
    is_well(manager)
    press(manager, "Ehdota tätä")
    expect(manager.get_by_text("Rauhallinen ja mukava.")).to_be_visible()
    is_well(manager)

    client.goto("/wallet")
    expect(client.get_by_text("Rauhallinen ja mukava.")).to_be_visible()
    is_well(client)
    client.locator(".suggestion").get_by_role("link", name="Valitse").click()
    client.locator("main form[action$='/choice'] button").first.click()
    client.wait_for_url("**/wallet")

    manager.goto(beside)
    press(manager, "Varaa aika")
    is_well(manager)
    manager.locator(".slot").first.click()
    is_well(manager)
    press(manager, "Varaa aika nyt")
    is_well(manager)
    press(manager, "Tulen mukaan")
    expect(manager.get_by_text("En tulekaan mukaan")).to_be_visible()
    is_well(manager)
    meeting = manager.url

    client.goto("/wallet")
    press(client, "Katso tapaaminen")
    expect(client.locator("main").get_by_text(WHO).first).to_be_visible()
    is_well(client)
    client.goto("/wallet/looks")
    expect(client.get_by_text("Varasi sinulle ajan")).to_be_visible()
    is_well(client)
    client.goto("/wallet/helpers")
    is_well(client)
    client.get_by_role("link", name=WHO).click()
    press(client, "Lopeta heti…")
    is_well(client)
    press(client, "Lopeta heti")
    expect(client.get_by_text("Päättyi").or_(client.get_by_text("Päättynyt")).first).to_be_visible()
    for gone in (beside, meeting):
        answer = manager.goto(gone)
        assert answer
        assert answer.status == 404
    client.goto("/wallet/helpers")
    press(client, "Kutsu")
    is_well(client)


def test_the_desks_and_pages_in_every_language(look, axe) -> None:
    for language in ("fi-FI", "sv-SE", "en-GB"):
        page = look("service_manager", size=DESK, language=language)
        page.goto("/guiding")
        assert axe(page) == []
        page.locator("main tbody a").first.click()
        assert axe(page) == []
        assert fits(page)
