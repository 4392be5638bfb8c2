"""Documents in a real browser: uploaded with a file chooser, sent with an application, opened at the desk, renewed."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from setori import registry
from setori.app import clock
from setori.days import local_day
from setori.db import Database
from setori.evidence import DocumentKind
from setori.people import Role
from tests.browser import stage
from tests.browser.conftest import PHONE, Live
from tests.browser.stage import away, press
from tests.domains.papers import a_pdf, a_rulebook_of_papers

Look = Callable[..., Page]
PAPER = {"name": "../../lupa 2026.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
HTML = {
    "name": "lupa.pdf",
    "mimeType": "application/pdf",
    "buffer": b"<html><script>alert(1)</script></html>",
}


def begin(live: Live) -> str:
    """An application of the sample firm to a rulebook that asks for a licence. Returns its path."""

    async def build(db: Database) -> str:
        at = clock()
        registrar = await stage.persona(db, live, Role.REGISTRAR)
        owner = await stage.persona(db, live, Role.PROVIDER_OWNER)
        book = await a_rulebook_of_papers(db, registrar, "papers", kind=DocumentKind.LICENCE, at=at)
        return f"/provider/applications/{await registry.start_application(db, book, by=owner, at=at)}"

    return away(live, build)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def fill(page: Page, paper: object) -> None:
    until = local_day(clock()) + timedelta(days=400)
    page.locator('[name="issuer"]').fill("Opetushallitus")
    page.locator('[name="valid_from"]').fill("1.1.2026")
    page.locator('[name="valid_until"]').fill(f"{until.day}.{until.month}.{until.year}")
    with page.expect_file_chooser() as chooser:
        page.locator('[name="file"]').click()
    chooser.value.set_files([paper])  # type: ignore[list-item]


def test_a_document_is_uploaded_sent_opened_at_the_desk_and_renewed(
    look: Look, live: Live, axe: Callable[[Page], list[str]]
) -> None:
    application = begin(live)
    owner = look("provider_owner", language="en-GB", size=PHONE)
    owner.goto("/provider/documents")
    expect(owner.locator("main")).to_contain_text("no new clients from")
    assert axe(owner) == []
    assert fits(owner)

    owner.goto(f"{application}/questions/N1")
    expect(owner.locator("main")).to_contain_text("Your wallet has no document of this kind yet: Licence.")
    assert axe(owner) == []
    assert fits(owner)
    fill(owner, HTML)
    press(owner, "Keep it and go on")
    expect(owner.locator(".error-summary")).to_contain_text("This is not a PDF, JPEG or PNG")
    expect(owner.locator('[name="issuer"]')).to_have_value("Opetushallitus")
    assert axe(owner) == []
    fill(owner, PAPER)
    press(owner, "Keep it and go on")
    owner.wait_for_url("**/check")
    expect(owner.locator("main")).to_contain_text("lupa 2026.pdf")
    assert axe(owner) == []
    assert fits(owner)
    press(owner, "Send the application")
    expect(owner.locator("main")).to_contain_text("Its number is")

    desk = look("registrar", language="en-GB")
    desk.goto(application.replace("/provider/", "/procurer/"))
    assert axe(desk) == []
    with desk.expect_download() as saved:
        desk.get_by_role("link", name="lupa 2026.pdf").click()
    assert saved.value.suggested_filename == "lupa 2026.pdf"
    assert saved.value.path().read_bytes() == PAPER["buffer"]

    # The same without scripts, in Swedish.
    bare = look("provider_owner", language="sv-FI", size=PHONE, script=False)
    bare.goto("/provider/documents")
    bare.get_by_role("link", name="Tillstånd").click()
    expect(bare.locator("main")).to_contain_text(live.persona("registrar")["name"])
    place = bare.url.removeprefix(live.base_url)
    press(bare, "Ladda upp den nya versionen")
    fill(bare, PAPER)
    press(bare, "Spara den nya versionen")
    expect(bare.locator("main")).to_contain_text("Den nya versionen är sparad.")
    press(bare, "Ta ur bruk…")
    press(bare, "Ta dokumentet ur bruk")
    expect(bare.locator("main")).to_contain_text("Dokumentet har tagits ur bruk.")
    press(bare, "Ta i bruk igen")
    expect(bare.locator("main")).to_contain_text("Dokumentet är i bruk igen.")

    shown = (
        place,
        f"{place}/renewal",
        f"{place}/withdrawal",
        "/provider/documents/new",
        "/provider/approvals",
    )
    for path in (*shown, f"{application}/filings/1"):
        owner.goto(path)
        assert axe(owner) == [], path
        assert fits(owner), path
    desk.goto(application.replace("/provider/", "/procurer/") + "/filings/1")
    assert axe(desk) == []
