"""On a phone, in each language: five questions, three coaches, compare, choose, meet, say how it was, and it counts."""

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from setori import people, vouchers
from setori.app import clock, code_key
from setori.catalogue import figures_of
from setori.days import local_day
from setori.db import Database, new_id, wire_of
from setori.people import Role
from setori.vouchers import RedeemVoucher
from tests.browser import stage
from tests.browser.conftest import PHONE, Live
from tests.browser.test_voucher_life import issue, neat

Look = Callable[..., Page]


def record(live: Live, code: str, offering_id: UUID) -> UUID:
    """The chosen firm records a session. Returns its id."""

    async def write(db: Database) -> UUID:
        whose = text("select provider_id from offering where id = :id")
        provider_id = (await db.exec(whose, params={"id": offering_id})).scalar_one()
        members = await people.list_members(db, provider_id)
        owner = next(one for one in members if one.role is Role.PROVIDER_OWNER)
        by = people.Actor(owner.person_id, Role.PROVIDER_OWNER, provider_id, owner.person_name, "fi")
        held = RedeemVoucher(voucher_code=code, service_day=local_day(clock()))
        session_id, key = new_id(), code_key(live.programs.settings())
        await vouchers.redeem(await wire_of(db), session_id, held, key=key, by=by, at=clock())
        return session_id

    return stage.away(live, write)


def respondents(live: Live, offering_id: UUID, coach_id: UUID | None) -> int:
    """How many people the pair's figure counts."""

    async def read(db: Database) -> int:
        whose = text("select provider_id, service_id from offering where id = :id")
        provider_id, service_id = (await db.exec(whose, params={"id": offering_id})).one()
        kept = await figures_of(db, provider_id)
        return kept.of_pair(service_id, offering_id, coach_id).respondents

    return stage.away(live, read)


@pytest.mark.parametrize("language", ["fi-FI", "sv-SE", "en-GB"])
def test_five_questions_lead_to_a_coach_and_what_is_said_of_them_counts(
    look: Look, live: Live, axe, language: str
) -> None:
    first, _ = stage.whom_to_choose(live, 4)
    link = issue(look, first, f"Otso {uuid4().hex[:6]}", f"{uuid4().hex[:8]}@example.fi")
    holder = look(size=PHONE, language=language)
    holder.goto(link)
    holder.locator("main form button").first.click()
    holder.wait_for_url("**/wallet")
    holder.locator('a[href="/find"]').first.click()
    neat(holder, axe)
    holder.locator('[name="helps"][value="encouragement"]').check(force=True)
    holder.locator("main form button").last.click()
    holder.wait_for_url("**/find/three?*")
    neat(holder, axe)
    cards = holder.locator("article.found")
    assert 1 <= cards.count() <= 3
    assert cards.locator(".found-why dd").count() == 2 * cards.count(), "why, and what against"

    holder.locator('form[action="/find/three"][method="post"] button').click()
    holder.wait_for_url("**/wallet?said=kept*")
    expect(holder.locator("#found article.found")).to_have_count(cards.count())
    if cards.count() > 1:
        holder.go_back()
        holder.locator('a[href^="/coaches/compare"]').click()
        holder.wait_for_url("**/coaches/compare?*")
        neat(holder, axe)
        holder.goto("/wallet")

    holder.goto("/coaches")
    holder.locator('button[form="keep"]').first.click()
    holder.wait_for_url("**/coaches#c-*")
    neat(holder, axe)
    holder.locator('a[href="/shortlist"]').click()
    expect(holder.locator("main article")).to_have_count(1)
    neat(holder, axe)
    holder.locator('button[name="drop"]').click()
    expect(holder.locator("main article")).to_have_count(0)
    holder.goto("/wallet")

    choose = holder.locator("#found article.found").first.locator('a[href*="/choose?offering="]')
    chosen = re.search(
        r"offering=([0-9a-f-]{36})(?:&coach=([0-9a-f-]{36}))?", choose.get_attribute("href") or ""
    )
    assert chosen
    offering_id, coach_id = UUID(chosen[1]), UUID(chosen[2]) if chosen[2] else None
    choose.click()
    holder.locator('main form[method="post"] button').first.click()
    holder.wait_for_url("**/wallet")

    before = respondents(live, offering_id, coach_id)
    code = holder.locator(".code").first.inner_text().split()[-1]
    session_id = record(live, code, offering_id)
    holder.goto(f"/sessions/{session_id}")
    holder.locator('form[action$="/confirmation"] button').first.click()
    holder.wait_for_url("**/pulses/*")
    neat(holder, axe)
    for item, points in (("respect", 5), ("plan", 4), ("recommend", 5)):
        holder.locator(f'[name="{item}"][value="{points}"]').check(force=True)
    words = f"{language} {uuid4().hex[:8]}"
    holder.locator('[name="text"]').fill(words)
    holder.locator('main form[method="post"] button').last.click()
    holder.wait_for_url("**/wallet?said=thanks")

    assert respondents(live, offering_id, coach_id) == before + 1
    visitor = look(size=PHONE, language=language)
    visitor.goto(f"/offerings/{offering_id}" + (f"?coach={coach_id}" if coach_id else ""))
    expect(visitor.locator("#said")).to_contain_text(words)
    visitor.locator("details.spread summary").first.click()
    neat(visitor, axe)
