"""The pages of outcomes: fees in terms, a claim by the provider, the client's word, the case worker's decision."""

import re

import pytest

from setori import settlement
from setori.app import clock
from setori.days import local_day, month_of, noon
from setori.people import Role
from setori.settlement import ClosePeriod
from tests.outcomes import Claims, said_of_outcomes, some_claims
from tests.web.visiting import Visitor, visitor
from tests.world import Market, a_market

TERMS = {
    "gives": "units",
    "units": "3",
    "price_cap_euros": "80,00",
    "validity_days": "90",
    "fee_job_3_euros": "200,00",
    "fee_job_3_days": "180",
    "fee_job_12_euros": "",
    "fee_studies_3_euros": "150",
    "fee_studies_3_days": "200",
}


@pytest.fixture
async def market(app, fresh_database) -> Market:
    return await a_market(fresh_database, at=noon(month_of(local_day(clock()))), key=app.state.code_key)


@pytest.fixture
async def claims(app, fresh_database, market) -> Claims:
    return await some_claims(fresh_database, market, app.state.code_key)


@pytest.fixture
def come(client, fresh_database, market):
    """Somebody of the market in a role, with a browser."""

    async def come(role: Role) -> Visitor:
        return await visitor(client, fresh_database.sessions, market.actors[role])

    return come


async def test_fees_are_written_with_the_terms_and_read_in_words(market, come) -> None:
    desk = await come(Role.CASE_WORKER)
    here = f"/procurer/programmes/{market.programme_id}"
    wrong = await desk.post(f"{here}/terms", TERMS | {"fee_job_3_euros": "much", "fee_studies_3_days": "0"})
    assert wrong.status_code == 422
    assert 'href="#f-fee_job_3_euros"' in wrong.text
    assert 'href="#f-fee_studies_3_days"' in wrong.text
    assert 'value="much"' in wrong.text, "nothing typed is lost"
    assert (await desk.post(f"{here}/terms", TERMS)).status_code == 303
    shown = (await desk.get(here)).text
    assert "Job that has lasted 3 months" in shown
    assert "Studies that has lasted 3 months" in shown
    assert "within 200 days" in shown
    again = (await desk.get(f"{here}/terms")).text
    assert re.search(r'name="fee_job_3_euros"[^>]*value="200,00"', again), "the next terms begin from these"


async def test_a_claim_goes_from_the_provider_past_the_client_to_the_case_worker(claims, come) -> None:
    owner, holder, desk = [
        await come(role) for role in (Role.PROVIDER_OWNER, Role.JOBSEEKER, Role.CASE_WORKER)
    ]
    place = f"/provider/vouchers/{claims.free['voucher with fees']}/outcome"
    assert "Job" in (await owner.get(place)).text
    empty = await owner.post(place, {"kind": "job"})
    assert empty.status_code == 422
    words = said_of_outcomes()["POST /provider/vouchers/{voucher_id}/outcome"]
    early = await owner.post(place, words | {"months": "6"})
    assert early.status_code == 422
    assert "It has not lasted that long yet." in early.text
    sent = await owner.post(place, words)
    assert sent.status_code == 303
    claim = sent.headers["location"].rsplit("/", 1)[1]
    assert "Is this right?" in (await holder.get("/wallet")).text
    silent = await holder.post(f"/outcomes/{claim}/word", {"agrees": "false"})
    assert silent.status_code == 422, "whoever objects says why"
    assert (
        await holder.post(f"/outcomes/{claim}/word", {"agrees": "false", "words": "Only June."})
    ).is_redirect
    page = (await desk.get(f"/procurer/outcomes/{claim}")).text
    assert "Only June." in page
    word = await desk.post(f"/procurer/outcomes/{claim}/verification", {"proof": "own_word"})
    assert word.status_code == 422
    assert "own word is not enough" in word.text
    paid = await desk.post(f"/procurer/outcomes/{claim}/verification", {"proof": "document"})
    assert paid.status_code == 303
    twice = await desk.post(f"/procurer/outcomes/{claim}/verification", {"proof": "document"})
    assert twice.status_code == 409
    assert "€200.00" in (await owner.get(f"/provider/outcomes/{claim}")).text


async def test_every_page_of_outcomes_is_there_in_three_languages(claims, come) -> None:
    pages = {
        Role.PROVIDER_OWNER: ("/provider/outcomes", "/provider/outcomes/clients"),
        Role.JOBSEEKER: ("/wallet", f"/wallet/{claims.free['voucher with fees']}/outcome"),
        Role.CASE_WORKER: ("/procurer", "/procurer/outcomes", "/procurer/outcomes?show=all"),
        Role.APPROVER: ("/procurer", "/procurer/outcomes"),
        Role.FINANCE: (f"/procurer/programmes/{claims.programme_id}", "/procurer/settlement"),
    }
    of_claim = {
        Role.PROVIDER_OWNER: "/provider/outcomes/",
        Role.JOBSEEKER: "/outcomes/",
        Role.CASE_WORKER: "/procurer/outcomes/",
        Role.APPROVER: "/procurer/outcomes/",
    }
    for role, places in pages.items():
        who = await come(role)
        each = [f"{of_claim[role]}{claim}" for claim in claims.by_name.values()] if role in of_claim else []
        for place in (*places, *each):
            for language in ("fi", "sv", "en"):
                mark = "&" if "?" in place else "?"
                assert (await who.get(f"{place}{mark}lang={language}")).status_code == 200, place


async def test_statements_show_each_fee_to_both_sides(fresh_database, market, claims, come) -> None:
    owner, finance, approver = [
        await come(role) for role in (Role.PROVIDER_OWNER, Role.FINANCE, Role.APPROVER)
    ]
    month = month_of(local_day(clock()))
    async with fresh_database.sessions.begin() as db:
        (statement,) = await settlement.close_period(
            db,
            ClosePeriod(month=month),
            by=market.actors[Role.FINANCE],
            at=noon(month.replace(year=month.year + 1)),
        )
    page = (await owner.get(f"/provider/statements/{statement}")).text
    assert "Outcome fees" in page
    assert page.count("Job, 3 months") == 2
    assert "Job, 3 months" in (await finance.get(f"/procurer/statements/{statement}")).text
    assert "2 fees, €400.00" in (await approver.get(f"/procurer/statements/{statement}/approval")).text
    for viewer, place in ((owner, "provider"), (finance, "procurer")):
        sheet = await viewer.get(f"/{place}/statements/{statement}/lines.csv")
        assert sheet.text.count(",200.00,") == 2, "the file holds the fees too"


async def test_the_second_person_decides_that_a_fee_is_taken_back(claims, come) -> None:
    desk, owner = await come(Role.CASE_WORKER), await come(Role.PROVIDER_OWNER)
    doubted = claims.by_name["claim that is doubted"]
    assert "never heard" in (await desk.get(f"/procurer/outcomes/{doubted}")).text
    place = f"/procurer/clawbacks/{claims.clawback}/decision"
    assert (await desk.post(place, {"approves": "perhaps"})).status_code == 422
    assert (await desk.post(place, {"approves": "true"})).status_code == 303
    assert (await desk.post(place, {"approves": "true"})).status_code == 409
    assert "never heard" in (await owner.get(f"/provider/outcomes/{doubted}")).text


async def test_ones_own_proposal_is_for_another_to_decide(claims, come) -> None:
    desk, approver = await come(Role.CASE_WORKER), await come(Role.APPROVER)
    verified = claims.by_name["claim that is verified"]
    asked = await desk.post(f"/procurer/outcomes/{verified}/clawback", {"reason": "It ended in a week."})
    assert asked.status_code == 303
    page = (await desk.get(f"/procurer/outcomes/{verified}")).text
    assert "You proposed this yourself" in page
    assert "/decision" not in page
    found = re.search(
        r"/procurer/clawbacks/[0-9a-f-]+/decision",
        (await approver.get(f"/procurer/outcomes/{verified}")).text,
    )
    assert found
    assert (await desk.post(found[0], {"approves": "true"})).status_code == 409
    assert (await approver.post(found[0], {"approves": "false", "answer": "It lasted."})).status_code == 303
    assert "It lasted." in (await desk.get(f"/procurer/outcomes/{verified}")).text
