"""Outcomes in a real browser: claimed on a phone, verified at the desk, doubted and taken back by a second person."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from setori.app import clock
from setori.days import local_day
from setori.db import Database
from setori.people import Role
from setori.readmodels.outcomes import Claimable, list_claimable
from tests.browser import stage
from tests.browser.conftest import PHONE, Live
from tests.browser.stage import away

Look = Callable[..., Page]


def somebody(live: Live) -> Claimable:
    """A client of the sample firm of whom nothing is claimed, and who was met long enough ago."""

    async def find(db: Database) -> Claimable:
        owner = await stage.persona(db, live, Role.PROVIDER_OWNER)
        found = await list_claimable(db, by=owner, on=local_day(clock()), limit=200)
        today = local_day(clock())
        fresh = [
            one
            for one in found.items
            if any(fee.months == 3 and fee.kind == "job" for fee in one.open_fees(today))
        ]
        return min(fresh, key=lambda one: one.first_session_on)

    return away(live, find)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_an_outcome_from_the_claim_to_its_taking_back(
    look: Look, axe: Callable[[Page], list[str]], live: Live, script: bool
) -> None:
    def well(page: Page) -> None:
        assert fits(page), page.url
        if script:
            assert axe(page) == [], page.url

    owner = look("provider_owner", size=PHONE, script=script, language="en-GB")
    owner.goto("/provider/outcomes")
    well(owner)
    owner.get_by_role("link", name="Claim an outcome").click()
    well(owner)
    client = somebody(live)
    owner.goto(f"/provider/vouchers/{client.voucher_id}/outcome")
    owner.get_by_role("button", name="Claim the fee").click()
    expect(owner.get_by_role("alert")).to_be_visible()
    well(owner)
    owner.get_by_role("radio", name="Job").check()
    since = client.first_session_on
    owner.get_by_label("Since which day").fill(f"{since.day}.{since.month}.{since.year}")
    owner.get_by_role("radio", name="3 months").check()
    owner.get_by_role("radio", name="A contract, payslip").check()
    owner.get_by_label("Tell what it is").fill("A contract of work with Sample Oy.")
    owner.get_by_role("button", name="Claim the fee").click()
    expect(owner.get_by_text("Waits for a decision")).to_be_visible()
    well(owner)
    claim = owner.url.rsplit("/", 1)[1]

    desk = look("case_worker", size=PHONE, script=script, language="en-GB")
    desk.goto("/procurer/outcomes")
    well(desk)
    desk.goto(f"/procurer/outcomes/{claim}")
    well(desk)
    desk.get_by_role("button", name="It is true: pay the fee").click()
    expect(desk.get_by_text("Verified", exact=True).first).to_be_visible()
    desk.get_by_text("It turned out untrue").click()
    desk.get_by_label("Why was it not due?").fill("The firm has never heard of it.")
    desk.get_by_role("button", name="Propose to take it back").click()
    expect(desk.get_by_text("You proposed this yourself")).to_be_visible()
    well(desk)

    approver = look("approver", size=PHONE, script=script, language="en-GB")
    approver.goto("/procurer/outcomes")
    well(approver)
    approver.goto(f"/procurer/outcomes/{claim}")
    approver.get_by_role("button", name="Take the fee back").click()
    expect(approver.get_by_text("Taken back", exact=True).first).to_be_visible()
    well(approver)
    owner.reload()
    expect(owner.get_by_text("The firm has never heard of it.").first).to_be_visible()
    well(owner)
