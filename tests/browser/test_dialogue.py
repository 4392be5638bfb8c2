"""The market dialogue in a real browser: a draft, ten comments, answers, a new version; and how its pages look."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from setori import catalogue
from setori.app import clock
from setori.catalogue import AddService
from setori.days import local_day
from setori.db import Database
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.stage import away, press

Look = Callable[..., Page]
FROM_OUTSIDE = 7
FROM_A_FIRM = 3


def neat(page: Page, axe: Callable[[Page], list[str]], where: str = "") -> None:
    """Nothing for axe to find, and nothing sticks out to the right."""
    if where:
        page.goto(where)
    size = page.viewport_size
    assert size
    assert axe(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url


def dialogues(page: Page) -> tuple[str, str]:
    """The addresses of a dialogue that is open, and of one that led to a new version."""
    page.goto("/dialogue")
    found = [
        (link.get_attribute("href") or "", link.inner_text())
        for link in page.locator("main a[href^='/dialogue/']").all()
    ]
    kinds: dict[bool, str] = {}
    for path in dict.fromkeys(path for path, _ in found if path.count("/") == 2):
        page.goto(path)
        kinds.setdefault(page.locator("#speak").count() > 0, path)
    return kinds[True], kinds[False]


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESK, False)], ids=["dark-phone", "light-desk"])
def test_every_page_of_the_dialogue_is_neat(
    look: Look, axe: Callable[[Page], list[str]], size: dict[str, int], dark: bool
) -> None:
    page = look(size=size, dark=dark, language="en-GB")
    asked, over = dialogues(page)
    for where in ("/dialogue", asked, over, "/news", "/rulebooks/core"):
        neat(page, axe, where)
    page.goto(asked)
    page.locator("#speak").get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_visible()
    neat(page, axe)
    page.goto(over)
    page.get_by_role("link", name="Compare with other versions").click()
    neat(page, axe)

    page.goto("/news")
    page.get_by_label("E-mail").fill(f"{'dark' if dark else 'light'}{size['width']}@example.fi")
    press(page, "Follow")
    neat(page, axe)
    page.goto("/demo/mail?lang=en")
    page.get_by_role("link", name="Follow", exact=True).first.click()
    neat(page, axe)
    press(page, "Follow")
    expect(page.get_by_role("heading", name="You follow these now")).to_be_visible()
    neat(page, axe)


def test_the_pages_print_and_the_tables_are_files(look: Look) -> None:
    page = look(language="en-GB")
    asked, over = dialogues(page)
    for where in (asked, over):
        page.goto(where)
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("#comments")).to_be_visible()
        expect(page.locator("header.top")).to_be_hidden()
        assert page.pdf()[:5] == b"%PDF-"
        page.emulate_media(media="screen")
    for path in (f"{asked}/remarks.csv", f"{over}/remarks.csv", f"{over}/changes.csv"):
        answer = page.request.get(path)
        assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
        assert len(answer.text().splitlines()) > 1


def test_from_a_draft_to_a_published_version_with_ten_comments(
    look: Look, live: Live, axe: Callable[[Page], list[str]]
) -> None:
    registrar = look("registrar", language="en-GB")
    dialogue = open_a_draft(registrar, live, axe)
    firm, outsider = look("provider_owner", language="en-GB"), look(language="en-GB", size=PHONE)
    for number in range(FROM_A_FIRM):
        firm.goto(f"{dialogue}?criterion=T1#speak")
        firm.locator('[name="text"]').fill(f"Firm's comment {number}: two years is much.")
        press(firm, "Send")
        expect(firm.get_by_role("status")).to_contain_text("has been received")
    for number in range(FROM_OUTSIDE):
        outsider.goto(dialogue)
        outsider.locator('[name="text"]').fill(f"Comment {number} from outside.")
        outsider.locator('[name="name"]').fill(f"Ulla Ulkonen {number}")
        outsider.locator('[name="email"]').fill(f"ulla{number}@example.fi")
        press(outsider, "Send")
        expect(outsider.locator("main")).to_contain_text(f"ulla{number}@example.fi")
        outsider.goto("/demo/mail?lang=en")
        outsider.locator("main a[href^='/dialogue/confirmation']").first.click()
        expect(outsider.locator("blockquote")).to_contain_text(f"Comment {number} from outside.")
        if number == 0:
            neat(outsider, axe)
        press(outsider, "Yes, send it in")
        expect(outsider.get_by_role("status")).to_contain_text("has been received")
    outsider.goto(dialogue)
    expect(outsider.locator("#comments li")).to_have_count(FROM_A_FIRM + FROM_OUTSIDE)

    desk = dialogue.replace("/dialogue/", "/procurer/dialogues/")
    let_the_days_pass(live, dialogue.rsplit("/", 1)[-1])
    registrar.goto(desk)
    press(registrar, "Publish…")
    registrar.locator("main form").get_by_role("button", name="Publish").click()
    expect(registrar.get_by_role("alert")).to_be_visible()  # ten wait for an answer
    for about, verdict, text in (
        ("T1", "accepted", "One year is enough: the draft says so now."),
        ("whole", "not_accepted", "The law asks for it."),
    ):
        registrar.goto(desk)
        registrar.locator('[name="about"]').select_option(about)
        registrar.locator(f'[name="verdict"][value="{verdict}"]').check(force=True)
        registrar.locator('[name="text"]').fill(text)
        press(registrar, "Keep the answer")
    neat(registrar, axe, desk)
    press(registrar, "Edit the draft")
    registrar.locator('[name="criteria.0.maximum"]').fill("12")
    registrar.locator('button[value="save"]:not(.sr)').click()
    registrar.goto(desk)
    press(registrar, "Publish…")
    registrar.locator("main form").get_by_role("button", name="Publish").click()
    expect(registrar.locator("main")).to_contain_text("Published")

    neat(outsider, axe, dialogue)
    comments = outsider.locator("#comments li")
    expect(comments).to_have_count(FROM_A_FIRM + FROM_OUTSIDE)
    expect(comments.filter(has_text="One year is enough")).to_have_count(FROM_A_FIRM)
    expect(comments.filter(has_text="The law asks for it.")).to_have_count(FROM_OUTSIDE)
    expect(outsider.locator("#changes tr.is-changed")).to_have_count(1)
    expect(outsider.locator("#changes tr.is-changed")).to_contain_text("at most 12")


def open_a_draft(page: Page, live: Live, axe: Callable[[Page], list[str]]) -> str:
    """A draft of a service of its own, up for comments. Returns the dialogue's address."""

    async def add(db: Database) -> str:
        name = {"fi": "Puhevalmennus", "en": "Talk coaching"}
        return str(await catalogue.add_service(db, AddService(code="talk-coaching", name=name), at=clock()))

    page.goto(f"/procurer/rulebooks/new?service={away(live, add)}")
    page.locator('[name="title.fi"]').fill("Puhevalmennuksen ehdot")
    page.locator('[name="title.en"]').fill("Terms of talk coaching")
    page.locator('[name="criteria.0.code"]').fill("T1")
    page.locator('[name="criteria.0.kind"]').select_option("number")
    page.locator('[name="criteria.0.minimum"]').fill("1")
    page.locator('[name="criteria.0.maximum"]').fill("24")
    page.locator('[name="criteria.0.text.fi"]').fill("Montako kuukautta kokemusta vaaditaan?")
    page.locator('[name="criteria.0.text.en"]').fill("How many months of experience?")
    page.locator('button[value="save"]:not(.sr)').click()
    press(page, "Open for comments…")
    neat(page, axe)
    page.locator('[name="closes_on"]').fill((local_day(clock()) + timedelta(days=30)).isoformat())
    page.locator("main form").get_by_role("button", name="Open for comments").click()
    page.wait_for_url("**/procurer/dialogues/*")
    page.goto(page.locator("main a[href^='/dialogue/']").first.get_attribute("href") or "")
    return page.url.removeprefix(live.base_url)


def let_the_days_pass(live: Live, dialogue_id: str) -> None:
    """What a calendar does: the last day for comments was yesterday. No operation shortens the time."""

    async def pass_by() -> None:
        wire = await asyncpg.connect(live.urls.owner_url)
        try:
            async with wire.transaction():
                await wire.execute("alter table dialogue disable trigger user")
                await wire.execute(
                    "update dialogue set closes_on = current_date - 1, opened_at = opened_at - interval '20 days'"
                    " where id = $1",
                    dialogue_id,
                )
                await wire.execute("alter table dialogue enable trigger user")
        finally:
            await wire.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(pass_by())).result()
