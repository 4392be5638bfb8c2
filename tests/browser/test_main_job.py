"""The main job in a real browser: from the rulebook to the review that the next visitor reads."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import stage
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.stage import Chosen, press, sign_in

Look = Callable[..., Page]


def publish_a_rulebook(look: Look, live: Live) -> str:
    """The registrar writes the terms of a service and publishes them. Returns the service's id."""
    service_id = stage.a_new_service(live)
    page = look("registrar", language="en-GB")
    page.goto(f"/procurer/rulebooks/new?service={service_id}")
    page.locator('[name="title.fi"]').fill("Polkuvalmennuksen ehdot")
    page.locator('[name="title.en"]').fill("Terms of path coaching")
    page.locator('[name="criteria.0.code"]').fill("P1")
    page.locator('[name="criteria.0.kind"]').select_option("declaration")
    page.locator('[name="criteria.0.mandatory"]').check()
    page.locator('[name="criteria.0.text.fi"]').fill("Valmentajilla on koulutus")
    page.locator('[name="criteria.0.text.en"]').fill("The coaches are trained")
    page.locator('button[value="save"]:not(.sr)').click()
    press(page, "Publish…")
    page.locator("form").get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("Published")
    return str(service_id)


def apply_and_be_approved(look: Look) -> None:
    """The provider answers and sends, the registrar marks and approves, and the register shows it."""
    page = look("provider_owner", language="en-GB")
    page.goto("/provider/rulebooks")
    page.locator("main h2").get_by_role("link", name="Terms of path coaching").click()
    press(page, "Start an application")
    page.get_by_role("link", name="The coaches are trained").click()
    page.locator('[name="answers.P1"][value="yes"]').check(force=True)
    press(page, "Save and go on")
    if "/check" not in page.url:
        press(page, "Check the answers and send")
    press(page, "Send the application")
    expect(page.locator("main")).to_contain_text("Your application has been sent.")
    number = page.url.split("/applications/")[1][:36]

    desk = look("registrar", language="en-GB")
    desk.goto(f"/procurer/applications/{number}")
    for met in desk.locator('[name^="met-"][value="yes"]').all():  # the national core's criteria too
        met.check(force=True)
    desk.locator('[name="outcome"][value="approved"]').check(force=True)
    desk.locator('[name="reason"]').fill("The declaration was given.")
    press(desk, "Check the decision")
    press(desk, "Give the decision")
    expect(desk.locator("main")).to_contain_text("The declaration was given.")
    page.goto(f"/provider/applications/{number}")
    expect(page.locator("main")).to_contain_text("You are approved")


def walk(look: Look, live: Live, chosen: Chosen) -> None:
    """A voucher is issued, claimed, used with whom its holder chose, confirmed, and reviewed."""
    email = f"{uuid4().hex[:8]}@example.fi"
    desk = look("case_worker", language="en-GB")
    desk.goto("/procurer/vouchers/new")
    desk.locator(f'[name="programme_id"][value="{chosen.programme}"]').check(force=True)
    desk.locator('[name="name"]').fill("Veera Polku")
    desk.locator('[name="email"]').fill(email)
    desk.locator('[name="language"][value="en"]').check(force=True)
    press(desk, "Issue the voucher")
    desk.wait_for_url(re.compile("/procurer/vouchers/[0-9a-f-]{36}"))

    holder = look(size=PHONE, language="en-GB")
    holder.goto("/demo/mail")
    letter = holder.locator("li", has_text=email)
    letter.get_by_role("link", name="Take the voucher into use").click()
    press(holder, "Take it into use")
    holder.wait_for_url("**/wallet")
    code = holder.locator(".code").first.inner_text().split()[-1]
    press(holder, "Look at the coaches")
    for box in holder.locator('input[name="pair"][type="checkbox"]').all()[:2]:
        box.check(force=True)
    holder.locator('button[formaction="/coaches/compare"]').first.click()
    expect(holder.get_by_role("heading", level=1)).to_have_text("Compare coaches")
    expect(holder.locator("main")).to_contain_text("Your voucher pays it all")
    holder.goto(chosen.path)
    press(holder, f"Choose {chosen.who}")
    holder.locator("main form").get_by_role("button", name=f"Choose {chosen.who}").click()
    holder.wait_for_url("**/wallet")
    expect(holder.locator("main")).to_contain_text(chosen.who)

    coach = look(language="en-GB")
    sign_in(coach, chosen.records)
    coach.goto("/provider/sessions/new")
    coach.locator('[name="voucher_code"]').fill(code.lower())
    press(coach, "Record the session")
    coach.wait_for_url(re.compile("/provider/sessions/[0-9a-f-]{36}"))

    holder.goto("/wallet")
    expect(holder.locator(".ask")).to_have_count(1)
    press(holder, "Give your answer")
    press(holder, "Yes, we met")
    holder.wait_for_url("**/pulses/*")
    words = f"I found my own way with them, {email[:8]}."
    holder.locator('[name="recommend"][value="5"]').check(force=True)
    holder.locator('[name="text"]').fill(words)
    press(holder, "Send")
    holder.wait_for_url("**/wallet?said=thanks")
    expect(holder.locator(".ask")).to_have_count(0)

    visitor = look(language="en-GB")
    visitor.goto(chosen.path)
    expect(visitor.locator("#said")).to_contain_text(words)


def test_the_main_job_in_the_sample_world(look: Look, live: Live) -> None:
    service_id = publish_a_rulebook(look, live)
    apply_and_be_approved(look)
    walk(look, live, stage.open_for_choosing(live, stage.UUID(service_id)))


@pytest.fixture(scope="module")
def imported(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Chosen:
    """An offering of a real register."""
    return stage.import_the_register(live, tmp_path_factory.mktemp("register"))


def test_the_main_job_with_an_offering_of_a_real_register(look: Look, live: Live, imported: Chosen) -> None:
    walk(look, live, imported)


def sums_of(page: Page, month: str) -> list[int]:
    """A month in cents as its sessions, the ledger, the payments and the gateway's report say it; none yet is 0."""
    page.goto("/procurer/reconciliation")
    row = page.locator("main tbody tr").filter(has=page.get_by_role("rowheader", name=month, exact=True))
    if not row.count():
        return [0, 0, 0, 0]
    labels = ("Sessions", "Ledger", "Payments", "Report")
    return [cents(row.locator(f'[data-label="{label}"]').inner_text()) for label in labels]


def cents(shown: str) -> int:
    return int(re.sub(r"\D", "", shown))


def whoever_is_first(look: Look, live: Live, request: pytest.FixtureRequest) -> str:
    """The first provider of the sample world whose month waits to be closed."""
    page = look("finance", language="en-GB")
    page.goto("/procurer/settlement")
    return page.locator("tbody tr th").first.inner_text()


def a_school_of_the_register(look: Look, live: Live, request: pytest.FixtureRequest) -> str:
    """A school that was imported. A session of the month before was confirmed, and its owner tells the account."""
    imported: Chosen = request.getfixturevalue("imported")
    stage.hold_a_session(live, imported, at=stage.in_the_month_before(10))
    owner = look(language="en-GB")
    sign_in(owner, imported.records)
    owner.goto("/provider/profile")
    expect(owner.get_by_role("heading", level=1)).to_have_text(imported.who)
    owner.locator('[name="iban"]').fill("FI21 1234 5600 0007 85")
    press(owner, "Save the profile")
    expect(owner.locator("main")).to_contain_text("The profile is saved.")
    return imported.who


@pytest.mark.parametrize("whose", [whoever_is_first, a_school_of_the_register], ids=["sample", "imported"])
def test_a_month_is_closed_approved_paid_and_reconciled(
    look: Look, live: Live, request: pytest.FixtureRequest, whose: Callable[..., str]
) -> None:
    provider = whose(look, live, request)
    finance = look("finance", language="en-GB")
    finance.goto("/procurer/settlement")
    named = finance.get_by_role("rowheader", name=provider, exact=True)
    section = finance.locator("section").filter(has=named).first
    month = section.get_by_role("heading", level=2).inner_text()
    row = section.locator("tbody tr").filter(has=named)
    amount = row.locator('[data-label="Amount"]').inner_text().strip()
    before = sums_of(finance, month)

    finance.goto("/procurer/settlement")
    row.get_by_role("link").click()
    expect(finance.get_by_role("heading", level=1)).to_have_text(f"Close {month}?")
    expect(finance.locator("main tbody tr")).to_have_count(1)
    expect(finance.locator("main tbody tr")).to_contain_text(amount)
    again = finance.context.new_page()  # the same page twice: pressed in both, it is closed once
    again.goto(finance.url)
    for tab in (finance, again):
        tab.get_by_role("button", name=f"Close {month}").click()
        tab.wait_for_url(re.compile("/procurer/statements/[0-9a-f-]{36}$"))
    assert again.url == finance.url
    statement = finance.url.removeprefix(live.base_url)
    expect(finance.locator("main")).to_contain_text(provider)
    expect(finance.locator("main")).to_contain_text(amount)

    approver = look("approver", language="en-GB")
    approver.goto(f"{statement}/approval")
    press(approver, f"Approve {amount}")
    approver.wait_for_url(lambda url: not url.endswith("/approval"))
    # The page follows the payment by itself, from approved to reconciled.
    expect(approver.locator("main")).to_contain_text("Reconciled", timeout=30_000)
    assert sums_of(finance, month) == [one + cents(amount) for one in before], "all four agree on it"
    expect(finance.locator("main")).to_contain_text("Nothing is unexplained.")


PAGES = {  # those of the procurer's desk are in test_procurer_desk.py
    None: ("/", "/coaches", "/shortlist", "/providers", "/how", "/method", "/open/figures", "/demo/mail"),
    "jobseeker": ("/wallet",),
    "coach": ("/provider", "/provider/sessions/new", "/provider/sessions"),
    "provider_owner": (
        "/provider/rulebooks",
        "/provider/offerings",
        "/provider/statements",
        "/provider/approvals",
        "/provider/outcomes/figures",
        "/provider/reviews",
        "/provider/watch",
    ),
}


# The colours know nothing of the width, nor the layout of the colours: each is looked at once.
@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESK, False)], ids=["dark-phone", "light-desk"])
def test_axe_finds_nothing_on_the_main_pages(
    look: Look, axe: Callable[[Page], list[str]], size: dict[str, int], dark: bool
) -> None:
    found = {}
    for role, paths in PAGES.items():
        page = look(role, size=size, dark=dark)
        for path in paths:
            answer = page.goto(path)
            assert answer
            assert answer.status == 200, path
            if wrong := axe(page):
                found[path] = wrong
    assert found == {}


def test_whoever_comes_back_to_the_coaches_finds_the_filters(look: Look) -> None:
    page = look(language="en-GB", size=PHONE)
    page.goto("/coaches?way=video")
    page.locator("#results h3 a, #results h2 a").first.click()
    expect(page.locator("a.back")).to_have_attribute("href", re.compile(r"/coaches\?way=video$"))
    press(page, "Back to the coaches")
    page.wait_for_url(lambda url: url.endswith("/coaches?way=video"))
    bare = look(language="en-GB", script=False)
    bare.goto("/coaches?way=video")
    bare.locator("#results h3 a, #results h2 a").first.click()
    press(bare, "Back to the coaches")
    bare.wait_for_url(lambda url: url.endswith("/coaches"))
