"""A young person on a phone, from the letter to the third session, and on to another coach with what is left."""

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser import stage
from tests.browser.conftest import PHONE, Live
from tests.browser.stage import Chosen, press, sign_in

Look = Callable[..., Page]
UNITS = 5


def issue(look: Look, chosen: Chosen, name: str, email: str) -> str:
    """A case worker issues a voucher in three fields and opens the letter. Returns the link that the letter holds."""
    desk = look("case_worker", language="en-GB")
    desk.goto("/procurer/vouchers/new")
    desk.locator(f'[name="programme_id"][value="{chosen.programme}"]').check(force=True)
    desk.locator('[name="name"]').fill(name)
    desk.locator('[name="email"]').fill(email)
    desk.locator('[name="language"][value="en"]').check(force=True)
    press(desk, "Issue the voucher")
    desk.wait_for_url(re.compile("/procurer/vouchers/[0-9a-f-]{36}"))
    desk.goto(re.findall("/procurer/vouchers/[0-9a-f-]{36}", desk.url)[0] + "/letter")
    link = desk.locator(".letter-link").get_attribute("href")
    assert link
    return link


def neat(page: Page, axe: Callable[[Page], list[str]]) -> None:
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def record(coach: Page, code: str, *, minutes: str, note: str) -> None:
    coach.goto(f"/provider/sessions/new?code={code}")
    coach.locator('[name="minutes"]').fill(minutes)
    coach.locator('[name="note"]').fill(note)
    coach.locator('[name="private_note"]').fill("For us only.")
    press(coach, "Record the session")
    coach.wait_for_url(re.compile("/provider/sessions/[0-9a-f-]{36}"))


def left_on(page: Page) -> str:
    return page.locator(".ticket-stub").first.inner_text().replace("\n", " ")


def test_from_the_letter_to_the_third_session_and_another_coach(look: Look, live: Live, axe) -> None:
    first, second = stage.whom_to_choose(live, UNITS)
    name, email = f"Lumi {uuid4().hex[:6]}", f"{uuid4().hex[:8]}@example.fi"
    link = issue(look, first, name, email)

    holder = look(size=PHONE, language="en-GB")
    holder.goto(link)
    neat(holder, axe)
    press(holder, "Take it into use")
    holder.wait_for_url("**/wallet")
    neat(holder, axe)
    code = holder.locator(".code").first.inner_text().split()[-1]
    assert f"{UNITS} sessions left" in left_on(holder)
    holder.goto(first.path)
    press(holder, f"Choose {first.who}")
    holder.locator("main form").get_by_role("button", name=f"Choose {first.who}").click()
    holder.wait_for_url("**/wallet")

    coach = look(size=PHONE, language="en-GB")
    sign_in(coach, first.records)
    for number in range(1, 4):
        record(coach, code, minutes=str(50 + number), note=f"We did exercise {number}.")
        holder.goto("/wallet")
        press(holder, "Give your answer")
        expect(holder.locator("main")).to_contain_text(f"We did exercise {number}.")
        expect(holder.locator("main")).not_to_contain_text("For us only.")
        neat(holder, axe)
        press(holder, "Yes, we met")
        # Asked after the first and midway, not each time.
        holder.wait_for_url("**/sessions/*said=thanks" if number == 2 else "**/pulses/*")
    neat(holder, axe)
    holder.locator('[name="recommend"][value="4"]').check(force=True)
    press(holder, "Send")
    holder.wait_for_url("**/wallet?said=thanks")
    assert "2 sessions left" in left_on(holder)
    assert "minutes met" in left_on(holder)

    holder.goto(second.path)
    press(holder, f"Choose {second.who}")
    expect(holder.locator("main")).to_contain_text(f"You change from {first.who}")
    neat(holder, axe)
    holder.locator('[name="reason"]').select_option("times")
    holder.locator("main form").get_by_role("button", name=f"Choose {second.who}").click()
    holder.wait_for_url("**/wallet")
    expect(holder.locator("main")).to_contain_text(second.who)
    assert "2 sessions left" in left_on(holder), "the rest goes along"
    expect(holder.locator(".history li", has_text=first.who)).to_have_count(3)

    # What was held before the change and forgotten is recorded after it, and the client is asked as ever.
    coach.goto(f"/provider/sessions/new?code={code}")
    press(coach, "Record the session")
    expect(coach.locator("main")).to_contain_text("The session is recorded.")
    holder.goto("/wallet")
    assert "1 session left" in left_on(holder)
    expect(holder.locator("main")).to_contain_text(first.who)
    coach.goto("/provider/sessions")
    expect(coach.locator("main")).to_contain_text(name.split()[0])
