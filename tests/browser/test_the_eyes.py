"""The means of looking bite: what is wrong with a page is seen, and a console that complains fails the test."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE


def test_axe_sees_a_picture_without_words_and_a_page_without_a_language(
    look: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = look()
    page.set_content("<html><title>A page</title><main><h1>A heading</h1><img src='data:,'></main></html>")
    found = " ".join(axe(page))
    assert "image-alt" in found
    assert "html-has-lang" in found


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_the_way_in(
    look: Callable[..., Page], axe: Callable[[Page], list[str]], size: dict[str, int], dark: bool
) -> None:
    page = look(size=size, dark=dark)
    for path in ("/", "/sign-in", "/nothing-here"):
        page.goto(path)
        assert axe(page) == [], path
