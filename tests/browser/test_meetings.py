"""A young person on a phone books a time, moves it and calls it off; the coach's week at a desk; nothing for axe."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE


def book_first_time(page: Page) -> None:
    page.goto("/wallet")
    page.locator("a[href$='/times']").first.click()
    page.locator(".slot").first.click()
    page.get_by_role("button", name="Varaa aika nyt").click()
    expect(page.get_by_text("Aika on sinun.")).to_be_visible()


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_phone_books_moves_and_calls_off(look, axe) -> None:
    page = look("jobseeker", size=PHONE)
    page.goto("/wallet")
    assert axe(page) == []
    page.locator("a[href$='/times']").first.click()
    expect(page.get_by_role("heading", name="Valitse aika")).to_be_visible()
    assert axe(page) == []
    assert fits(page)
    page.locator(".slot").first.click()
    expect(page.get_by_role("heading", name="Varataanko tämä aika?")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Varaa aika nyt").click()
    expect(page.get_by_text("Aika on sinun.")).to_be_visible()
    assert axe(page) == []
    assert fits(page)
    first = page.locator("h1").inner_text()
    page.get_by_role("link", name="Siirrä tapaaminen").click()
    page.locator(".slot").nth(2).click()
    assert axe(page) == []
    page.get_by_role("button", name="Siirrä tapaaminen").click()
    expect(page.get_by_text("Tapaaminen siirrettiin.")).to_be_visible()
    assert page.locator("h1").inner_text() != first
    with page.expect_download() as kept:
        page.get_by_role("link", name="Tallenna kalenteritiedostona").click()
    assert kept.value.suggested_filename == "setori.ics"
    page.get_by_role("link", name="Peru tapaaminen").click()
    assert axe(page) == []
    page.get_by_role("button", name="Peru tapaaminen").click()
    expect(page.get_by_text(re.compile("Peruttu (ajoissa|myöhässä)"))).to_be_visible()
    assert fits(page)
    page.goto("/calendar")
    page.get_by_role("button", name="Tee osoite").click()
    expect(page.locator("code")).to_contain_text("/calendars/")
    assert axe(page) == []
    assert fits(page)


def test_without_a_script_too(look) -> None:
    page = look("jobseeker", size=PHONE, script=False)
    book_first_time(page)
    page.get_by_role("link", name="Peru tapaaminen").click()
    page.get_by_role("button", name="Peru tapaaminen").click()
    expect(page.get_by_text(re.compile("Peruttu (ajoissa|myöhässä)"))).to_be_visible()


def test_a_coachs_week_and_hours_on_a_phone_and_at_a_desk(look, axe) -> None:
    for size in (PHONE, {"width": 1280, "height": 900}):
        page = look("coach", size=size)
        page.goto("/provider/calendar")
        assert axe(page) == []
        assert fits(page)
        page.get_by_role("link", name="Vastaanottoajat ja vapaapäivät").click()
        for details in page.locator("main details").all():
            if details.get_attribute("open") is None:
                details.locator("summary").click()
        assert axe(page) == []
        assert fits(page)
