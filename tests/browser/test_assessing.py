"""An application in a real browser: typed, sent, returned for completion, completed, assessed by two, approved."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from playwright.sync_api import Page, expect

from setori import catalogue, people, registry
from setori.app import clock
from setori.catalogue import AddService
from setori.days import local_day
from setori.db import Database
from setori.people import AddPerson, Role
from setori.registry import AnswerCriteria, CriterionKind, DraftCriterion, DraftRulebook
from tests.browser import stage
from tests.browser.conftest import PHONE, Live
from tests.browser.stage import away, press, sign_in

Look = Callable[..., Page]


def lay_the_terms(live: Live) -> str:
    """A rulebook that asks for two assessors, and a second registrar. Returns the link that signs the second in."""

    async def build(db: Database) -> str:
        at = clock()
        registrar = await stage.persona(db, live, Role.REGISTRAR)
        order = AddPerson(name="Toini Toinen", email="toini.toinen@example.fi", language="en")
        second = await people.add_person(db, order, at=at)
        held = await people.add_member(db, second, registrar.organisation_id, Role.REGISTRAR, at=at)
        criteria = [
            DraftCriterion(
                code="A1",
                kind=CriterionKind.DECLARATION,
                text={"fi": "Valmentajilla on rikosrekisteriote", "en": "The coaches have been vetted"},
            ),
            DraftCriterion(
                code="A2",
                kind=CriterionKind.NUMBER,
                minimum=2,
                text={"fi": "Montako valmentajaa?", "en": "How many coaches?"},
            ),
            DraftCriterion(
                code="A3",
                kind=CriterionKind.TEXT,
                text={"fi": "Kerro tavoistanne", "en": "Tell how you work"},
            ),
        ]
        service = AddService(code="two-eyes", name={"fi": "Tarkka palvelu", "en": "A careful service"})
        service_id = await catalogue.add_service(db, service, at=at)
        draft = DraftRulebook(
            service_id=service_id,
            title={"fi": "Kahden arvioijan ehdot", "en": "Terms marked by two"},
            criteria=criteria,
            two_assessors=True,
        )
        rulebook_id = await registry.draft_rulebook(db, draft, by=registrar, at=at)
        await registry.publish_rulebook(db, rulebook_id, by=registrar, at=at)
        token = await people.mint_link(db, second, held, at=at, for_demo=True)
        return f"{live.base_url}/sign-in/link?token={token}"

    return away(live, build)


def answer_what_all_rulebooks_ask(live: Live, application_id: UUID) -> None:
    """What the national core asks and the firm has not answered elsewhere is not what this is about."""

    async def answer(db: Database) -> None:
        owner = await stage.persona(db, live, Role.PROVIDER_OWNER)
        seen = await registry.find_application(db, application_id, by=owner)
        words = {"declaration": "yes", "number": "9", "document": "Certificate", "text": "As always."}
        answers = {
            one.asked.code: words[one.asked.kind]
            for one in seen.criteria
            if not one.value and one.asked.code not in ("A1", "A2", "A3")
        }
        await registry.answer(db, application_id, AnswerCriteria(answers=answers), by=owner, at=clock())

    away(live, answer)


def mark_all(page: Page, *, unmet: str = "") -> None:
    for met in page.locator('[name^="met-"][value="yes"]').all():
        met.check(force=True)
    if unmet:
        page.locator(f'[name="met-{unmet}"][value="no"]').check(force=True)


def done(page: Page) -> tuple[int, int]:
    """How many of how many tasks are done."""
    heading = page.get_by_role("heading", name=re.compile(r"\d+ of \d+ done")).inner_text()
    ready, total = re.findall(r"\d+", heading)
    return int(ready), int(total)


def test_an_application_goes_back_and_forth_and_is_approved(
    look: Look, live: Live, axe: Callable[[Page], list[str]]
) -> None:
    second_link = lay_the_terms(live)
    owner = look("provider_owner", language="en-GB", size=PHONE)
    owner.goto("/provider/rulebooks")
    owner.locator("main h2").get_by_role("link", name="Terms marked by two").click()
    press(owner, "Start an application")
    owner.wait_for_url("**/provider/applications/*")
    application = owner.url.removeprefix(live.base_url)
    answer_what_all_rulebooks_ask(live, UUID(application.split("/")[-1]))
    owner.reload()
    ready, total = done(owner)
    assert ready == total - 3
    owner.get_by_role("link", name="The coaches have been vetted").click()
    owner.locator('[name="answers.A1"][value="yes"]').check(force=True)
    press(owner, "Save and go on")
    owner.locator('[name="answers.A2"]').fill("many")
    expect(owner.locator("#saved")).to_contain_text("Write a whole number.")
    owner.locator('[name="answers.A2"]').fill("3")
    expect(owner.locator("#saved")).to_contain_text("Saved")
    owner.goto(f"{application}/questions/A3")
    lost = "form => form.dispatchEvent(new CustomEvent('htmx:sendError', { bubbles: true }))"
    owner.locator("form[hx-target='#saved']").evaluate(lost)
    expect(owner.locator("#saved")).to_contain_text("Not saved: Setori cannot be reached.")
    owner.locator('[name="answers.A3"]').fill("We meet in cafés, also in the evening.")
    expect(owner.locator("#saved")).to_contain_text("Saved")
    assert axe(owner) == []
    owner.goto(application)  # nothing was pressed: it had been saved while it was typed
    assert done(owner) == (total, total)
    assert axe(owner) == []
    press(owner, "Check the answers and send")
    press(owner, "Send the application")
    expect(owner.locator("main")).to_contain_text("Its number is")
    assert axe(owner) == []

    at_desk = f"/procurer{application.removeprefix('/provider')}"
    first, second = look("registrar", language="en-GB"), look(language="en-GB")
    sign_in(second, second_link)
    first.goto(at_desk)
    assert axe(first) == []
    press(first, "Return for completion…")
    due = local_day(clock()) + timedelta(days=14)
    first.locator('[name="message"]').fill("Tell where you meet.")
    first.locator('[name="due_on"]').fill(f"{due.day}.{due.month}.{due.year}")
    first.locator('[name="to_mend.A3"]').fill("Which cafés?")
    assert axe(first) == []
    press(first, "Return the application")
    expect(first.locator("main")).to_contain_text("The provider completes this by")

    owner.goto(application)
    expect(owner.locator("main")).to_contain_text("Which cafés?")
    assert axe(owner) == []
    owner.get_by_role("link", name="Tell how you work").click()
    owner.locator('[name="answers.A3"]').fill("We meet in the cafés of the library.")
    press(owner, "Save and go on")
    press(owner, "Send the completed application")
    expect(owner.locator("main")).to_contain_text("Its number is")

    first.goto(at_desk)
    expect(first.locator("main")).to_contain_text("cafés of the library")
    expect(first.locator('[name="outcome"]')).to_have_count(0)
    for who in (live.persona("registrar")["name"], "Toini Toinen"):
        first.locator('[name="person_id"]').select_option(label=who)
        first.get_by_role("button", name="Ask", exact=True).click()
    expect(first.locator('[name="person_id"]')).to_have_count(0)
    expect(first.locator("#assessors-title + p + ul li")).to_have_count(2)
    for page, unmet in ((first, "A2"), (second, "")):
        page.goto(f"{at_desk}/assessment")
        mark_all(page, unmet=unmet)
        if unmet:
            page.locator('[name="why-A2"]').fill("Three is few.")
        assert axe(page) == []
        press(page, "Give the assessment")
        page.wait_for_url(f"**{at_desk}")
        shown = page.locator("main .mark", has_text="Three is few.")
        expect(shown).to_have_count(0 if page is first else 1)
    assert axe(second) == []
    mark_all(second)
    second.locator('[name="outcome"][value="conditional"]').check(force=True)
    second.locator('[name="conditions"]').fill("A fourth coach by the summer.")
    second.locator('[name="reason"]').fill("Everything else is met.")
    press(second, "Check the decision")
    press(second, "Give the decision")
    expect(second.locator("main")).to_contain_text("Decision: Approved with conditions")
    assert axe(second) == []

    owner.goto(application)
    expect(owner.locator("main")).to_contain_text("You are approved with conditions")
    with owner.expect_download() as download:
        press(owner, "Download as PDF")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    press(owner, "The decision as a document")
    expect(owner.locator("main")).to_contain_text("A fourth coach by the summer.")
    assert axe(owner) == []
    assert owner.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
