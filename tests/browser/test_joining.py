"""A firm from the invitation to the catalogue in a real browser, through nothing but pages and the mail."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from setori.app import clock
from setori.days import local_day
from tests.browser.conftest import PHONE, Live
from tests.browser.stage import press
from tests.domains.builders import a_business_id
from tests.domains.papers import a_pdf

Look = Callable[..., Page]
Axe = Callable[[Page], list[str]]


def open_the_mail(page: Page, subject: str) -> None:
    """Follow the newest letter with a subject; the demo shows its mail on a page."""
    page.goto("/demo/mail")
    letter = page.locator("main li", has=page.get_by_role("heading", name=subject)).first
    letter.get_by_role("link").first.click()


def neat(page: Page, axe: Axe, width: int = PHONE["width"]) -> None:
    assert axe(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def answer_everything(page: Page) -> int:
    """Go through the questions of an application, one page each, as long as they come. Returns how many there were."""
    page.locator("main .task a").first.click()
    for number in range(40):
        if "/questions/" not in page.url:
            return number
        answer_one(page)
    raise AssertionError("the questions never end")


def answer_one(page: Page) -> None:
    here = page.url
    yes = page.locator('main input[type="radio"][value="yes"]')
    if not page.locator("main form").count():  # the registers answer this one
        page.goto(page.locator("main a.back").get_attribute("href") or "")
        at = [link.get_attribute("href") or "" for link in page.locator("main .task a").all()]
        page.goto(at[at.index(here.removeprefix(here[: here.index("/provider")])) + 1])
        return
    if page.locator('main input[type="file"]').count():
        day = local_day(clock()) - timedelta(days=10)
        end = local_day(clock()) + timedelta(days=300)
        page.locator('[name="issuer"]').fill("Verohallinto")
        page.locator('[name="valid_from"]').fill(f"{day.day}.{day.month}.{day.year}")
        page.locator('[name="valid_until"]').fill(f"{end.day}.{end.month}.{end.year}")
        paper = {"name": "todistus.pdf", "mimeType": "application/pdf", "buffer": a_pdf(here)}
        page.locator('input[type="file"]').set_input_files([paper])  # type: ignore[list-item]
        press(page, "Keep it and go on")
    else:
        if yes.count():
            yes.first.check(force=True)
        for field in page.locator('main form [name^="answers."]:is(input[type="text"], textarea)').all():
            field.fill(
                "7" if field.get_attribute("inputmode") == "numeric" else "We meet people where they are."
            )
        press(page, "Save and go on")
    page.wait_for_url(lambda url: url != here)


def test_a_firm_from_the_invitation_to_the_catalogue(look: Look, live: Live, axe: Axe) -> None:
    desk = look("registrar", language="en-GB")
    desk.goto("/procurer/providers")
    press(desk, "Invited firms")
    neat(desk, axe, 1280)
    press(desk, "Invite a firm")
    desk.get_by_label("The firm's name").fill("Uusi Tuuli Oy")
    desk.get_by_label("Who is asked").fill("Tuulia Tuuli")
    desk.get_by_label("E-mail address").fill("tuulia.tuuli@example.fi")
    desk.get_by_label("To which rulebook").select_option(label="Career coaching: requirements for providers")
    neat(desk, axe, 1280)
    press(desk, "Send the invitation")
    expect(desk.locator("main")).to_contain_text("The invitation is on its way.")
    neat(desk, axe, 1280)

    owner = look(language="en-GB", size=PHONE)
    open_the_mail(owner, "Uusi Tuuli Oy")
    number = a_business_id()
    expect(owner.locator("main")).to_contain_text("has asked you to come")
    press(owner, "Register the firm")
    expect(owner.locator(".error-summary")).to_contain_text("Business ID")
    expect(owner.locator(".error-summary")).to_contain_text("Tick this if it is so.")
    neat(owner, axe)
    owner.get_by_label("Business ID").fill(number)
    owner.get_by_label("Yes: I may sign for the firm").check(force=True)
    press(owner, "Register the firm")

    # The first thing seen is the rulebook that the letter was about.
    owner.wait_for_url("**/provider/rulebooks/*")
    press(owner, "Start an application")
    owner.wait_for_url("**/provider/applications/*")
    application = owner.url.removeprefix(live.base_url)
    assert answer_everything(owner) >= 5
    owner.goto(application)
    neat(owner, axe)
    press(owner, "Check the answers and send")
    press(owner, "Send the application")
    expect(owner.locator("main")).to_contain_text("Its number is")

    owner.goto("/provider")
    neat(owner, axe)
    invite_and_let_in_a_coach(owner, look, axe)

    desk.goto(application.replace("/provider/", "/procurer/"))
    expect(desk.locator("main")).to_contain_text("by Tuulia Tuuli, whom")
    for met in desk.locator('[name^="met-"][value="yes"]').all():
        met.check(force=True)
    desk.locator('[name="outcome"][value="approved"]').check(force=True)
    desk.locator('[name="reason"]').fill("Every criterion is met.")
    press(desk, "Check the decision")
    press(desk, "Give the decision")
    expect(desk.locator("main")).to_contain_text("Decision: Approved")

    offer_something(owner)
    stranger = look(language="en-GB", size=PHONE)
    stranger.goto("/providers?q=Uusi+Tuuli")
    press(stranger, "Uusi Tuuli Oy")
    expect(stranger.locator("main")).to_contain_text(number)
    stranger.goto("/coaches?q=Kaarlo+Kaarna")
    for _ in range(20):  # the index reads what has changed within two seconds, more on a busy machine
        if "Kaarlo Kaarna" in stranger.locator("main").inner_text():
            break
        stranger.wait_for_timeout(500)
        stranger.reload()
    expect(stranger.locator("main")).to_contain_text("Kaarlo Kaarna")


def invite_and_let_in_a_coach(owner: Page, look: Look, axe: Axe) -> None:
    owner.goto("/provider/people")
    owner.get_by_label("Name", exact=True).fill("Kaarlo Kaarna")
    owner.get_by_label("E-mail address").fill("kaarlo.kaarna@example.fi")
    owner.get_by_label("Coach: sees own clients").check(force=True)
    press(owner, "Send the invitation")
    expect(owner.locator("main")).to_contain_text("kaarlo.kaarna@example.fi")
    neat(owner, axe)
    coach = look(language="en-GB", size=PHONE, script=False)
    open_the_mail(coach, "Uusi Tuuli Oy invites you")
    expect(coach.locator("main")).to_contain_text("Tuulia Tuuli asks you to act for Uusi Tuuli Oy")
    press(coach, "Accept and come in")
    expect(coach.get_by_role("heading", name="Hello, Kaarlo")).to_be_visible()
    owner.reload()
    owner.locator("tr", has_text="Kaarlo Kaarna").get_by_role("link").click()
    neat(owner, axe)


def offer_something(owner: Page) -> None:
    """The coach is added, and the first offering published."""
    owner.goto("/provider/coaches/new")
    owner.get_by_label("Name", exact=True).fill("Kaarlo Kaarna")
    owner.get_by_label("Signs in as").select_option(label="Kaarlo Kaarna")
    press(owner, "Add the coach")
    owner.wait_for_url("**/provider/coaches*")
    owner.goto("/provider/offerings/new")
    owner.get_by_label("Service").select_option(label="Career coaching")
    owner.locator('[name="price_euros"]').fill("80,00")
    owner.locator('[name="coach_ids"]').first.check(force=True)
    owner.locator('[name="title.fi"]').fill("Uutta tuulta")
    for group in ("languages", "ways", "area_codes"):
        owner.locator(f'[name="{group}"]').first.check(force=True)
    press(owner, "Publish")
    expect(owner.locator("main")).to_contain_text("The offering has been published.")
