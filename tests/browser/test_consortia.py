"""A firm joins a consortium in real browsers on phones: invited, says yes, approved, shown to everybody."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from setori import people
from setori.app import clock
from setori.db import Database
from setori.people import OrganisationKind, Role
from tests.browser.conftest import PHONE, Live
from tests.browser.stage import away, press, sign_in

Look = Callable[..., Page]
FIRM = "Satakieli"


def the_firm(live: Live) -> tuple[str, str]:
    """The Business ID of a firm that is not in it yet, and the link that signs its owner in."""

    async def find(db: Database) -> tuple[str, str]:
        at = clock()
        listed = await people.list_organisations(db, OrganisationKind.PROVIDER)
        firm = next(one for one in listed if one.name.startswith(FIRM))
        owner = next(one for one in await people.list_members(db, firm.id) if one.role is Role.PROVIDER_OWNER)
        held = next(
            one
            for one in await people.list_memberships(db, owner.person_id)
            if one.role is Role.PROVIDER_OWNER
        )
        token = await people.mint_link(db, owner.person_id, held.id, at=at, for_demo=True)
        assert firm.business_id
        return firm.business_id, f"{live.base_url}/sign-in/link?token={token}"

    return away(live, find)


def test_a_firm_joins_a_consortium(look: Look, live: Live, axe: Callable[[Page], list[str]]) -> None:
    number, link = the_firm(live)
    lead = look("provider_owner", language="en-GB", size=PHONE)
    lead.goto("/provider/consortia")
    assert axe(lead) == []
    lead.locator("main").get_by_role("link", name="Job-search coaching").click()
    assert axe(lead) == []
    lead.locator('[name="business_id"]').fill(number)
    lead.locator('[name="part"]').select_option("subcontractor")
    lead.locator('[name="share_percent"]').fill("99")
    press(lead, "Send the invitation")
    expect(lead.locator("main")).to_contain_text("at most 30 %")
    assert axe(lead) == []
    lead.locator('[name="share_percent"]').fill("20")
    press(lead, "Send the invitation")
    expect(lead.locator("main")).to_contain_text("The firm has been asked")
    assert axe(lead) == []

    firm = look(language="en-GB", size=PHONE)
    sign_in(firm, link)
    firm.goto("/provider/consortia")
    assert axe(firm) == []
    firm.locator("main").get_by_role("link", name="joins").first.click()
    assert axe(firm) == []
    press(firm, "Yes, we deliver")
    expect(firm.locator("main")).to_contain_text("Accepted")

    registrar = look("registrar", language="en-GB", size=PHONE)
    registrar.goto("/procurer/consortia")
    assert axe(registrar) == []
    registrar.locator("main").get_by_role("link", name=FIRM).first.click()
    assert axe(registrar) == []
    registrar.locator('[name="outcome"][value="approved"]').check(force=True)
    press(registrar, "Give the decision")
    expect(registrar.locator("main")).to_contain_text("Approved")
    registrar.goto("/procurer/consortia")
    registrar.locator("main").get_by_role("link", name="Job-search coaching").first.click()
    expect(registrar.locator("main")).to_contain_text(FIRM)
    assert axe(registrar) == []

    firm.goto("/provider/consortia")
    firm.get_by_role("link", name="Leave…").first.click()
    assert axe(firm) == []
    lead.reload()
    lead.get_by_role("link", name="Manage…").first.click()
    lead.locator("summary").first.click()
    assert axe(lead) == []

    anybody = look(language="en-GB", size=PHONE)
    anybody.goto(f"/providers?q={FIRM}")
    anybody.locator("main").get_by_role("link", name=FIRM).first.click()
    expect(anybody.locator("main")).to_contain_text("Delivers for others")
    assert axe(anybody) == []
