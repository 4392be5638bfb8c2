"""The registrar looks at a firm that has gone bankrupt; linked data lies still under the strict policy."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE

VIOLATIONS = (
    "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.blockedURI))"
)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_register_is_readable_by_people_and_machines(
    look: Callable[..., Page], axe: Callable[[Page], list[str]], size: dict[str, int]
) -> None:
    page = look(size=size, language="en-GB")
    page.add_init_script(VIOLATIONS)
    page.goto("/providers?q=kuutamo")
    assert axe(page) == []
    page.get_by_role("link", name="Kuutamo Studio Oy").click()
    expect(page.get_by_text("Bankrupt")).to_be_visible()
    assert axe(page) == []
    linked = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert linked["name"] == "Kuutamo Studio Oy"
    page.goto(page.locator("a[href^='/offerings/']").first.get_attribute("href") or "")
    linked = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert linked["@type"] == "Service"
    assert page.evaluate("violations") == []


def test_the_registrar_looks_at_a_firm_that_has_gone_bankrupt(
    look: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = look("registrar", language="en-GB")
    page.goto("/procurer?lang=en")
    page.get_by_role("link", name="Firms to look at").click()
    row = page.get_by_role("row", name=re.compile("Kuutamo Studio Oy"))
    expect(row).to_contain_text("Bankrupt")
    assert axe(page) == []
    row.get_by_role("link", name=re.compile("Look at it")).click()
    assert axe(page) == []
    page.get_by_label("What was done").fill("We called the trustee. The clients have been told.")
    page.get_by_role("button", name="Mark as looked at").click()
    expect(page.get_by_text("There is nothing to look at")).to_be_visible()
    page.get_by_role("link", name="Looked at or over").click()
    expect(page.get_by_text("We called the trustee. The clients have been told.")).to_be_visible()
    assert axe(page) == []
