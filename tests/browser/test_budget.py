"""On a phone: a budget is given, coaches are put together, one is taken, and a second voucher is in the wallet."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from setori.app import clock
from setori.days import local_day
from tests.browser.conftest import PHONE
from tests.browser.stage import press, sign_in
from tests.browser.test_guiding import Newcomer, fits, newcomer, script

__all__ = ["newcomer", "script"]


def test_a_second_voucher_out_of_a_budget(look, axe, newcomer: Newcomer, script: bool) -> None:
    def is_well(page: Page) -> None:
        page.wait_for_load_state()
        if script:
            assert axe(page) == [], page.url
        assert fits(page), page.url

    desk = look("case_worker", size=PHONE, script=script)
    desk.goto(f"/procurer/vouchers/{newcomer.voucher_id}")
    press(desk, "Anna henkilökohtainen budjetti")
    is_well(desk)
    desk.get_by_label("Kaikkiaan, euroa").fill("900")
    desk.get_by_label("Viimeinen päivä").fill(str(local_day(clock()) + timedelta(days=90)))
    for field in desk.locator("input[name^='limits.']").all():
        field.fill("600")
    desk.locator("textarea[name=reason]").fill("Suunnitelma 23.")
    press(desk, "Anna budjetti")
    expect(desk.get_by_role("heading", name=re.compile(newcomer.name))).to_be_visible()
    is_well(desk)

    client = look(size=PHONE, script=script)
    sign_in(client, newcomer.link)
    client.goto("/wallet")
    is_well(client)
    expect(client.locator(".ticket")).to_have_count(1)
    press(client, "Katso, mihin sitä voisi käyttää")
    is_well(client)
    client.locator("#pair-0").select_option(index=1)
    client.locator("#sessions-0").fill("3")
    client.get_by_role("button", name="Kokeile").click()
    expect(client.get_by_text("Se mahtuu")).to_be_visible()
    is_well(client)
    client.locator("#sessions-0").fill("60")
    client.get_by_role("button", name="Kokeile").click()
    expect(client.get_by_text("Se ei mahdu")).to_be_visible()
    expect(client.get_by_role("link", name="Ota tämä")).to_have_count(0)
    is_well(client)
    client.locator("#sessions-0").fill("3")
    client.get_by_role("button", name="Kokeile").click()
    press(client, "Ota tämä")
    is_well(client)
    client.get_by_role("button", name="Ota", exact=True).click()
    client.wait_for_url("**/wallet")
    expect(client.locator(".ticket")).to_have_count(2)
    is_well(client)

    for path in ("Muuta budjettia", "Päätä budjetti…", "Palveluseteli siitä"):
        page = desk.url
        press(desk, path)
        is_well(desk)
        desk.goto(page)
    desk.goto("/procurer/envelopes")
    is_well(desk)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_budget_of_the_tour(look, axe, width: int) -> None:
    page = look("jobseeker", size={"width": width, "height": 900}, dark=width == 390)
    page.goto("/wallet")
    page.locator("a[href^='/wallet/budgets/']").first.click()
    expect(page.locator("#what-if")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
