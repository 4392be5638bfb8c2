"""The case worker issues 200 vouchers by a list with 12 bad rows and prints the letters, with and without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

BAD = ["Kirjain;ei osoite;", "Puhelin;;12", "Tyhja;;", ";nimeton@example.fi;"] * 3


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_two_hundred_by_a_list_with_twelve_bad_rows(
    look: Callable[..., Page], axe: Callable[[Page], list[str]], tmp_path: Path, script: bool
) -> None:
    page = look("case_worker", script=script, language="en-GB")
    mark = "a" if script else "b"
    rows = [f"Sample {n};list-{mark}-{n}@example.fi;" for n in range(188)]
    for n, bad in enumerate(BAD):
        rows.insert(n * 17, bad)
    file = tmp_path / "young.csv"
    file.write_text("\n".join(["nimi;sähköposti;puhelin", *rows]), encoding="utf-8-sig")
    page.goto("/procurer/vouchers")
    page.get_by_role("link", name="Issue many").click()
    page.locator("main").get_by_role("link", name="Hand in a list").first.click()
    page.locator("input[name=programme_id]").first.check()
    page.locator("input[name=file]").set_input_files(file)
    press(page, "Check the list", script)
    wait_for(page, "Issue the 188 good ones", script)
    if script:
        assert axe(page) == []
    page.get_by_role("link", name="Only errors and remarks").click()
    expect(page.locator("main tbody tr")).to_have_count(12)
    if script:
        assert axe(page) == []
    press(page, "Issue the 188 good ones", script)
    wait_for(page, "All letters (PDF)", script)
    with page.expect_download() as letters:
        page.get_by_role("link", name="All letters (PDF)").click()
    assert Path(letters.value.path()).read_bytes().startswith(b"%PDF")
    if script:
        assert axe(page) == []
    page.get_by_role("link", name="Take back what nobody has claimed").click()
    if script:
        assert axe(page) == []
    page.get_by_label("Reason").fill("A test of the batch.")
    press(page, "Cancel it", script)
    wait_for(page, "Every voucher has been taken into use or has ended", script)


def press(page: Page, name: str, script: bool) -> None:
    """Without scripts a new page comes; only when it is there can one say what stands on it."""
    button = page.get_by_role("button", name=name)
    if script:
        button.click()
        return
    with page.expect_navigation():
        button.click()


def wait_for(page: Page, words: str, script: bool) -> None:
    """The page follows the work by itself; without scripts one looks again."""
    found = page.get_by_text(words).or_(page.get_by_role("button", name=words))
    for _ in range(40):
        if script or found.count():
            break
        page.wait_for_timeout(500)
        with page.expect_navigation():
            page.get_by_role("link", name="Look again").click()
    expect(found.first).to_be_visible(timeout=30_000)
