"""A personal budget on its pages: given, tried out, taken from, changed and ended."""

import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from setori.app import clock
from setori.days import local_day
from setori.people import Role
from tests.conftest import RealDatabase
from tests.web.envelope_things import REASON
from tests.web.test_meetings import Stage, a_stage, counted
from tests.web.visiting import Visitor


@pytest.fixture
async def stage(app: Litestar, client: httpx.AsyncClient, fresh_database: RealDatabase) -> Stage:
    return await a_stage(app, client, fresh_database)


@pytest.fixture
async def desk(stage: Stage) -> Visitor:
    return await stage.visit(Role.CASE_WORKER)


@pytest.fixture
async def me(stage: Stage) -> Visitor:
    return await stage.visit(Role.JOBSEEKER)


def form(stage: Stage, **other: str) -> dict[str, object]:
    told = {
        "programme_id": str(stage.market.programme_id),
        "voucher_id": str(stage.market.voucher_id),
        "name": "Aino Virtanen",
        "email": "aino@example.fi",
        "amount_euros": "800,00",
        "expires_on": str(local_day(clock()) + timedelta(days=100)),
        f"limits.{stage.market.service_id}": "500",
        **REASON,
    }
    return told | other


async def given(stage: Stage, desk: Visitor, **other: str) -> str:
    """The id of a budget."""
    answer = await desk.post("/procurer/envelopes", form(stage, **other))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


def picked(stage: Stage, sessions: int) -> str:
    return f"pair={stage.market.offering_id}_{stage.market.coach_id}&sessions={sessions}"


async def test_a_budget_is_given_to_a_client_and_stands_in_the_wallet(stage: Stage, desk, me) -> None:
    voucher = f"/procurer/vouchers/{stage.market.voucher_id}"
    assert f"/procurer/envelopes/new?voucher={stage.market.voucher_id}" in (await desk.get(voucher)).text
    assert (
        "Aino Virtanen" in (await desk.get(f"/procurer/envelopes/new?voucher={stage.market.voucher_id}")).text
    )
    assert "Nobody has a personal budget yet." in (await desk.get("/procurer/envelopes")).text

    envelope = await given(stage, desk)

    listed = (await desk.get("/procurer/envelopes")).text
    assert f"/procurer/envelopes/{envelope}" in listed
    assert "€800.00" in listed
    wallet = (await me.get("/wallet")).text
    assert f"/wallet/budgets/{envelope}" in wallet
    assert "of €800.00 is free" in wallet
    assert "€500.00" in (await me.get(f"/wallet/budgets/{envelope}")).text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount_euros": "a lot"}, "Write an amount in euros"),
        ({"expires_on": "1.1.2020"}, "The last day must be in the coming three years."),
        ({"reason": ""}, "Fill this in."),
        ({"amount_euros": "900000"}, "There is not enough money left for this."),
    ],
    ids=["no amount", "a day long past", "no reason", "more than there is"],
)
async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    stage: Stage, desk, wrong: dict[str, str], says: str
) -> None:
    answer = await desk.post("/procurer/envelopes", form(stage, **wrong))
    assert answer.status_code in (409, 422)
    assert says in answer.text
    assert 'value="500"' in answer.text
    assert "Nobody has a personal budget yet." in (await desk.get("/procurer/envelopes")).text


async def test_without_a_limit_a_budget_is_for_nothing_and_is_refused(stage: Stage, desk) -> None:
    answer = await desk.post("/procurer/envelopes", form(stage, **{f"limits.{stage.market.service_id}": ""}))
    assert answer.status_code == 422
    assert "Say for at least one service how much it may take." in answer.text
    wrong = await desk.post("/procurer/envelopes", form(stage, **{f"limits.{stage.market.service_id}": "x"}))
    assert "Write an amount in euros" in wrong.text


async def test_trying_out_says_what_it_costs_and_whether_it_fits_and_decides_nothing(
    stage: Stage, desk, me
) -> None:
    envelope = await given(stage, desk)
    page = f"/wallet/budgets/{envelope}"
    fits = (await me.get(f"{page}?{picked(stage, 5)}")).text
    assert "It fits" in fits
    assert "It costs €400.00" in fits
    assert "€300.00 of the budget would be left" in fits
    assert "€100.00 of what is set aside comes back" in fits
    over = (await me.get(f"{page}?{picked(stage, 6)}")).text
    assert "It does not fit" in over
    assert "would be €100.00 over what it may take" in over
    assert "Take this" not in over
    assert "It fits" in (await desk.get(f"/procurer/envelopes/{envelope}?{picked(stage, 5)}")).text
    for odd in (
        "pair=nobody&sessions=5",
        f"pair={uuid4()}_&sessions=5",
        "pair=&sessions=-1",
        picked(stage, 5) + "x",
    ):
        assert (await me.get(f"{page}?{odd}")).status_code == 200
    assert "€800.00" in (await me.get(page)).text, "still all of it"


async def test_the_person_takes_somebody_out_of_it_once(stage: Stage, desk, me) -> None:
    envelope = await given(stage, desk)
    at = f"/wallet/budgets/{envelope}/take"
    offered = f"?offering={stage.market.offering_id}&coach={stage.market.coach_id}&sessions=4"
    shown = (await me.get(at + offered)).text
    assert "Take Maija Mäkelä out of your budget?" in shown
    voucher_id = re.search(r'name="voucher_id" value="([^"]+)"', shown)
    assert voucher_id
    order = {
        "offering_id": str(stage.market.offering_id),
        "coach_id": str(stage.market.coach_id),
        "sessions": "4",
        "voucher_id": voucher_id[1],
    }
    for _ in range(2):
        assert (await me.post(at, order)).headers["location"] == "/wallet"
    page = (await desk.get(f"/procurer/envelopes/{envelope}")).text
    assert page.count(f"/procurer/vouchers/{voucher_id[1]}") == 1
    assert "€400.00" in page
    refused = await me.post(at, order | {"voucher_id": str(uuid4())})
    assert refused.status_code == 409
    assert "limit for this service does not cover it" in refused.text
    assert "limit for this service does not cover it" in (await me.get(at + offered)).text


async def test_the_desk_draws_changes_and_ends_it(stage: Stage, desk, me) -> None:
    envelope = await given(stage, desk)
    page = f"/procurer/envelopes/{envelope}"
    drawn = await desk.post(
        f"{page}/vouchers", {"programme_id": str(stage.market.programme_id), "units": "3"}
    )
    assert drawn.headers["location"].endswith("/letter")
    many = await desk.post(f"{page}/vouchers", {"programme_id": str(stage.market.programme_id), "units": "3"})
    assert (many.status_code, "limit for this service" in many.text) == (409, True)
    money = await desk.post(
        f"{page}/vouchers", {"programme_id": str(stage.market.programme_id), "value_euros": "3"}
    )
    assert (money.status_code, "not money" in money.text) == (422, True)

    assert 'value="800"' in (await desk.get(f"{page}/change")).text
    small = await desk.post(f"{page}/change", form(stage, amount_euros="100"))
    assert (small.status_code, "have taken more than this" in small.text) == (422, True)
    assert (await desk.post(f"{page}/change", form(stage, amount_euros="1000"))).status_code == 303
    assert "€1,000.00" in (await desk.get(page)).text

    assert "€700.00 goes back to" in (await desk.get(f"{page}/end")).text
    assert (await desk.post(f"{page}/end", {"reason": ""})).status_code == 422
    assert (await desk.post(f"{page}/end", REASON)).status_code == 303
    assert "Over" in (await desk.get(page)).text
    late = await desk.post(f"{page}/vouchers", {"programme_id": str(stage.market.programme_id), "units": "1"})
    assert (late.status_code, "This budget is over." in late.text) == (409, True)
    assert "This budget is over." in (await me.get(f"/wallet/budgets/{envelope}")).text


async def test_the_offering_page_leads_to_trying_it_out(stage: Stage, desk, me) -> None:
    offering = f"/offerings/{stage.market.offering_id}?coach={stage.market.coach_id}"
    assert "Try it in my budget" not in (await me.get(offering)).text
    envelope = await given(stage, desk)
    assert f"/wallet/budgets/{envelope}?pair=" in (await me.get(offering)).text
    assert "Try it in my budget" not in (await desk.get(offering)).text


async def test_more_vouchers_cost_no_more_queries(stage: Stage, desk, me) -> None:
    envelope = await given(stage, desk)
    await desk.get(f"/procurer/envelopes/{envelope}")  # the first who looks reads the catalogue for everybody
    sent = []
    for _ in range(2):
        told = {"programme_id": str(stage.market.programme_id), "units": "1"}
        await desk.post(f"/procurer/envelopes/{envelope}/vouchers", told)
        for path in ("/procurer/envelopes", f"/procurer/envelopes/{envelope}"):
            with counted() as statements:
                await desk.get(path)
            sent.append((path, len(statements)))
        with counted() as statements:
            await me.get(f"/wallet/budgets/{envelope}?{picked(stage, 1)}")
        sent.append(("budget", len(statements)))
    assert sent[:3] == sent[3:]
    assert max(count for _, count in sent) <= 16, sent
