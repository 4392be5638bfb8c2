"""A real browser before the real programs: the app, its worker and the mock gateway, on a copy of the sample world."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from setori import demo, processes
from setori.db.cluster import Cluster, Urls
from setori.db.invariants import count_broken
from tests.browser import finder
from tests.conftest import SeededTemplate

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Live:
    """Programs that run: where they are reached, and the people one can be."""

    base_url: str
    gateway_url: str
    urls: Urls
    personas: list[dict[str, str]]
    programs: demo.Programs

    def persona(self, role: str) -> dict[str, str]:
        """The sample person of a role: role, name, sign_in_url, api_token."""
        return next(one for one in self.personas if one["role"] == role)


@pytest.fixture(scope="session")
def live(cluster: Cluster, seeded_template: SeededTemplate) -> Iterator[Live]:
    """The whole of Setori on ports of its own; when all is over, every invariant must hold."""
    folder = Path(tempfile.mkdtemp(prefix="setori-live-"))
    name = f"live_{uuid.uuid4().hex[:12]}"
    programs = demo.Programs(
        folder, cluster.create_database(name, template=seeded_template.name), processes.free_port()
    )
    shutil.copyfile(seeded_template.gateway_book, folder / demo.GATEWAY_BOOK)
    try:
        for program in ("gateway", "register", "app", "worker"):
            programs.start(program)
        programs.wait_until_ready()
        personas = asyncio.run(demo.invite_personas(programs.settings()))
        yield Live(programs.base_url, programs.gateway_url, programs.urls, personas, programs)
    finally:
        programs.stop()
    counts = asyncio.run(count_broken(programs.urls.owner_url))
    assert {check: rows for check, rows in counts.items() if rows} == {}
    cluster.drop_database(name)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def browser(live: Live) -> Iterator[Browser]:
    """One browser per file, opened after `live`: while Playwright runs, this thread can run no other loop."""
    found = finder.find()
    with sync_playwright() as driver:
        running = driver.chromium.launch(**found.launch_options())  # type: ignore[arg-type]
        yield running
        running.close()


@pytest.fixture
def look(browser: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """Open a page of one's own: `look("coach")` is signed in, `look()` is a stranger.

    `width`, `dark`, `script` and `language` choose the surroundings. A message of error on any page fails the test.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        role: str | None = None,
        *,
        size: dict[str, int] = DESK,
        dark: bool = False,
        script: bool = True,
        language: str = "fi-FI",
    ) -> Page:
        context = browser.new_context(
            base_url=live.base_url,
            viewport=size,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale=language,
            timezone_id="Europe/Helsinki",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: wrong.append(message.text) if _is_wrong(message.type, message.text) else None,
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if role is not None:
            page.goto(live.persona(role)["sign_in_url"])
            page.locator("main form button").first.click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def _is_wrong(kind: str, text: str) -> bool:
    """An error on the console; a refusal's own status code is none."""
    return kind == "error" and not ("Failed to load resource" in text and "status of 4" in text)


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page, one line for each element."""
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def look_over(page: Page) -> list[str]:
        # What is right is not listed: that takes longer than finding what is wrong.
        asked = {"runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"]}
        found = Axe().run(page, options=asked)
        return [
            f"{problem['id']} ({problem['impact']}): {node['html'][:160]}"
            for problem in found.response["violations"]
            for node in problem["nodes"]
        ]

    return look_over
