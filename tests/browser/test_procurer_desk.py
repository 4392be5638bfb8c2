"""The procurer's desk in a real browser: nothing for axe to find, no sideways scroll, and work without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PAGES = {
    "registrar": [
        "/procurer",
        "/procurer/applications",
        "/procurer/rulebooks",
        "/procurer/providers",
        "/procurer/figures",
        "/procurer/imports",
        "/procurer/imports/new",
        "/procurer/adoptions",
        "/procurer/reviews",
        "/procurer/replies",
        "/procurer/watch",
    ],
    "case_worker": [
        "/procurer",
        "/procurer/vouchers",
        "/procurer/vouchers/new",
        "/procurer/vouchers/batches",
        "/procurer/vouchers/batches/new",
        "/procurer/programmes",
    ],
    "finance": ["/procurer/settlement", "/procurer/statements", "/procurer/reconciliation"],
    "approver": ["/procurer", "/procurer/statements?status=draft"],
}
FIRST = "main tbody th a, main ul.rows > li.card a"
"""The first thing of a list, whose own page is looked at too."""


@pytest.mark.parametrize("role", list(PAGES))
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_the_desk(
    role: str, width: int, look: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = look(role, size={"width": width, "height": 900}, dark=width == 390)
    for path in PAGES[role]:
        page.goto(path)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if page.locator(FIRST).count():
            with page.expect_navigation():
                page.locator(FIRST).first.click()
            expect(page.locator("h1")).to_be_visible()
            assert axe(page) == [], page.url
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_a_voucher_is_issued_without_scripts(look: Callable[..., Page]) -> None:
    page = look("case_worker", script=False, language="en-GB")
    page.goto("/procurer/vouchers/new")
    page.get_by_role("button", name="Issue the voucher").click()
    expect(page.get_by_role("heading", name="Check these")).to_be_visible()
    page.locator("input[name=programme_id]").first.check()
    page.get_by_label("Jobseeker's name").fill("Tuuli Testaaja")
    page.get_by_label("E-mail address").fill("tuuli.testaaja@example.fi")
    page.get_by_role("button", name="Issue the voucher").click()
    expect(page.get_by_role("heading", name="The voucher has been issued")).to_be_visible()
    expect(page.locator(".letter-link")).to_have_attribute("href", re.compile(r"/claim/.+"))
    page.goto("/procurer/vouchers?q=tuuli.testaaja")
    expect(page.get_by_role("link", name="Tuuli Testaaja")).to_be_visible()
