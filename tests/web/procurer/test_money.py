"""Finance closes, another person approves, the payment is followed, and a month adds up or says why not."""

import asyncio
import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from setori import people, registry, settlement
from setori.app import clock
from setori.people import Actor, Role
from setori.registry import UpdateProfile
from setori.settlement import GatewayPayment, Refused, ReportLine, Submitted
from setori.web import spreadsheets
from tests.domains import builders as a
from tests.web.procurer.conftest import MARCH


@pytest.fixture
async def statement(world, visitor) -> str:
    """The page of a statement of two sessions that finance has closed."""
    for _ in range(2):
        await world.a_confirmed_session()
    finance = await visitor(Role.FINANCE)
    closed = await finance.post(
        "/procurer/settlement/closings", month="2026-03-01", provider_id=str(world.provider_id)
    )
    assert closed.status_code == 303
    return closed.headers["location"]


async def booked(world, order_id: UUID, cents: int) -> None:
    """The worker sends an order and hears that it has been booked."""
    async with world.sessions.begin() as db:
        assert await settlement.next_step(db, order_id, at=clock())
        payment = GatewayPayment("P1", order_id, cents, "booked", "")
        await settlement.record_sent(db, order_id, Submitted(payment), at=clock())


async def test_a_month_is_closed_approved_by_another_paid_and_reconciled(world, visitor, statement) -> None:
    finance, approver = await visitor(Role.FINANCE), await visitor(Role.APPROVER)
    assert (await finance.post(f"{statement}/approval")).status_code == 403
    confirm = (await approver.get(f"{statement}/approval")).text
    assert "··· 0785" in confirm
    assert "FI2112345600000785" not in confirm, "no more of the account than its end"
    assert "Finance Nieminen" in confirm
    assert (await approver.post(f"{statement}/approval")).status_code == 303
    assert (await approver.post(f"{statement}/approval")).status_code == 409
    async with world.sessions.begin() as db:
        (order_id,) = await settlement.list_due(db, at=clock())
    await booked(world, order_id, 160_00)
    waits = (await finance.get("/procurer/reconciliation")).text
    assert "On the way" in waits
    async with world.sessions.begin() as db:
        line = ReportLine("L1", "P1", order_id, 160_00, "FI2112345600000785", "RF", clock().date())
        await settlement.match_report(db, [line], at=clock())
    page = (await finance.get("/procurer/reconciliation")).text
    row = page.split("March 2026")[1].split("</tr>")[0]
    assert row.count("€160.00") == 4
    assert "Reconciled" in row


async def test_whoever_closed_a_statement_sees_why_not(world, visitor, statement) -> None:
    closer = world.actors[Role.FINANCE]
    async with world.sessions.begin() as db:
        await people.add_member(db, closer.person_id, world.procurer_id, Role.APPROVER, at=clock())
    who = await visitor(Actor(closer.person_id, Role.APPROVER, world.procurer_id, closer.name))
    page = (await who.get(f"{statement}/approval")).text
    assert "You closed this statement yourself" in page
    assert '<form method="post" action="/procurer/statements' not in page
    assert (await who.post(f"{statement}/approval")).status_code == 409


async def test_the_live_part_answers_nothing_until_something_changes(world, visitor, statement) -> None:
    approver = await visitor(Role.APPROVER)
    assert 'hx-trigger="every 2s"' not in (await approver.get(statement)).text, "a draft is not moving"
    await approver.post(f"{statement}/approval")
    page = (await approver.get(statement)).text
    asks = re.search(r'hx-get="([^"]+)"', page)
    assert asks
    assert (await approver.get(asks[1])).status_code == 204
    async with world.sessions.begin() as db:
        (order_id,) = await settlement.list_due(db, at=clock())
        await settlement.next_step(db, order_id, at=clock())
        await settlement.record_sent(db, order_id, Refused(400, "no such account"), at=clock())
    changed = await approver.get(asks[1])
    assert changed.status_code == 200
    assert "no such account" in changed.text
    assert "hx-trigger" not in changed.text, "nothing moves any more"
    assert "Approve…" in changed.text, "the debt stands, and waits for a new approval"


async def test_a_month_that_is_not_over_or_has_nothing_is_refused_in_a_sentence(world, visitor) -> None:
    finance = await visitor(Role.FINANCE)
    now = f"{clock():%Y-%m}-01"
    early = await finance.post("/procurer/settlement/closings", month=now)
    assert early.status_code == 409
    assert "The month is not over yet" in early.text
    empty = await finance.post("/procurer/settlement/closings", month="2025-01-01")
    assert empty.status_code == 409
    assert (await finance.post("/procurer/settlement/closings", month="soon")).status_code == 422
    approver = await visitor(Role.APPROVER)
    assert (await approver.post("/procurer/settlement/closings", month="2025-01-01")).status_code == 403


async def test_closing_a_month_says_first_what_it_will_do_and_twice_is_once(world, visitor) -> None:
    async with world.sessions.begin() as db:
        other_id = await a.a_provider(db, "Toinen Polku Oy")
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, other_id)
        await a.an_approval(db, world.rulebook_id, other_id)
        coach_id = await a.a_coach(db, other_id)
        offering_id = await a.an_offering(db, owner, world.service_id, [coach_id])
    april, other = (
        MARCH.replace(month=4),
        replace(world, owner=owner, offering_id=offering_id, coach_id=coach_id),
    )
    for day in (MARCH, april, april, april.replace(month=5)):
        await world.a_confirmed_session(day)
    await other.a_confirmed_session(april)
    finance = await visitor(Role.FINANCE)
    place = "/procurer/settlement/closings"
    first = re.search(rf'{place}/new\?month=2026-04-01"', (await finance.get("/procurer/settlement")).text)
    assert first
    before = (await finance.get(f"{place}/new?month=2026-04-01")).text
    shown = [re.sub(r"\s*<[^>]+>\s*", "|", row) for row in re.findall(r"<tr.*?</tr>", before, re.S)]
    assert "2 providers get a statement each" in before
    assert "on 1 May 2026 or later, goes to the next month that is open" in before
    assert "1 session of an earlier month" in before
    told = [next(row for row in shown if name in row) for name in ("Suunta Oy", "Toinen Polku Oy", "In all")]
    assert ["|3|" in told[0], "|1|" in told[1], "|4|" in told[2]] == [True] * 3
    assert ["€240.00" in told[0], "€80.00" in told[1], "€320.00" in told[2]] == [True] * 3

    clicks = await asyncio.gather(*[finance.post(place, month="2026-04-01") for _ in range(2)])
    clicks.append(await finance.post(place, month="2026-04-01"))
    clicks.append(await finance.get(f"{place}/new?month=2026-04-01"))
    assert {(one.status_code, one.headers.get("location")) for one in clicks} == {
        (303, f"{place}?month=2026-04-01")
    }
    after = (await finance.get(f"{place}?month=2026-04-01")).text
    assert "April 2026 is closed" in after
    assert "2 statements wait for approval" in after
    assert ["€240.00" in after, "€80.00" in after, "€320.00" in after] == [True] * 3, "as was said before"
    assert len(set(re.findall(r"/procurer/statements/[0-9a-f-]{36}", after))) == 2


async def test_one_provider_is_closed_once_however_often_one_clicks(world, visitor) -> None:
    await world.a_confirmed_session()
    finance, one = await visitor(Role.FINANCE), {"month": "2026-03-01", "provider_id": str(world.provider_id)}
    place = "/procurer/settlement/closings"
    page = (await finance.get(f"{place}/new?month=2026-03-01&provider_id={world.provider_id}")).text
    assert f'name="provider_id" value="{world.provider_id}"' in page
    assert "1 provider gets a statement" in page
    places = {(await finance.post(place, **one)).headers.get("location") for _ in range(2)}
    assert len(places) == 1
    assert (await finance.get(places.pop())).status_code == 200


async def test_closing_asks_for_a_month_that_is_over_and_has_something(world, visitor) -> None:
    finance, approver = await visitor(Role.FINANCE), await visitor(Role.APPROVER)
    place = "/procurer/settlement/closings"
    this_month = f"{clock():%Y-%m}-01"
    for path, status in {
        f"{place}/new?month={this_month}": 409,
        f"{place}/new?month=9999-12-01": 409,
        f"{place}/new?month=2025-01-01": 409,
        f"{place}/new?month=2026-03-02": 404,
        f"{place}/new?month=soon": 404,
        f"{place}/new": 404,
        f"{place}?month=2026-03-01": 404,
    }.items():
        assert (await finance.get(path)).status_code == status, path
    assert (await finance.post(place, month="9999-12-01")).status_code == 409
    assert (await approver.get(f"{place}/new?month=2026-03-01")).status_code == 403
    stranger = str(world.neighbour_id)
    assert (await finance.post(place, month="2026-03-01", provider_id=stranger)).status_code == 409


async def test_an_account_that_changed_since_the_approver_looked_is_not_paid(
    world, visitor, statement
) -> None:
    approver = await visitor(Role.APPROVER)
    mark = re.search(r'name="seen" value="([0-9a-f]+)"', (await approver.get(f"{statement}/approval")).text)
    assert mark
    async with world.sessions.begin() as db:
        change = text("update provider_profile set iban = 'FI5542345670000081' where provider_id = :id")
        await (await db.connection()).execute(change, {"id": world.provider_id})
    refused = await approver.post(f"{statement}/approval", seen=mark[1])
    assert refused.status_code == 409
    assert "has changed since you looked" in refused.text
    anew = re.search(r'name="seen" value="([0-9a-f]+)"', refused.text)
    assert anew
    assert (await approver.post(f"{statement}/approval", seen=anew[1])).status_code == 303


async def test_an_account_that_took_anothers_place_is_not_paid_for_a_day(world, visitor, statement) -> None:
    approver = await visitor(Role.APPROVER)
    async with world.sessions.begin() as db:
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, world.provider_id, "Oona Omistaja")
        await registry.update_profile(
            db, UpdateProfile(iban="FI5542345670000081"), by=owner, at=clock() - timedelta(hours=23)
        )
    refused = await approver.post(f"{statement}/approval")
    assert refused.status_code == 409
    assert "within the last 24 hours" in refused.text
    async with world.sessions.begin() as db:
        told = [mail.kind for mail in (await people.list_outbox(db, person_id=owner.person_id)).items]
        assert told == ["account_changed"]
        changed = text("update provider_profile set iban_changed_at = :at where provider_id = :id")
        given = {"at": clock() - timedelta(hours=25), "id": world.provider_id}
        await (await db.connection()).execute(changed, given)
    assert (await approver.post(f"{statement}/approval")).status_code == 303


async def test_another_procurers_statement_is_as_a_missing_one(world, visitor, statement) -> None:
    async with world.sessions.begin() as db:
        stranger = await a.an_actor(db, Role.APPROVER, world.neighbour_id, "Naapurin Hyväksyjä")
    who = await visitor(stranger)
    missing = f"/procurer/statements/{uuid4()}"
    for end in ("", "/approval", "/payment", "/lines.csv"):
        theirs, none = await who.get(statement + end), await who.get(missing + end)
        assert (theirs.status_code, none.status_code) == (404, 404), end
    assert (await who.post(f"{statement}/approval")).status_code == 404


async def test_the_file_holds_every_session_and_nothing_that_runs(world, visitor, statement) -> None:
    finance = await visitor(Role.FINANCE)
    file = await finance.get(f"{statement}/lines.csv")
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert [row[-2] for row in rows[1:]] == ["80.00", "80.00"]
    assert "Virtanen" not in file.text, "no names of jobseekers"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_looks_like_a_formula_is_kept_as_text(cell) -> None:
    assert spreadsheets.harmless(cell) == f"'{cell}"


async def test_a_long_list_of_statements_costs_as_many_queries_as_a_short_one(
    world, visitor, statement, statements_sent
) -> None:
    finance = await visitor(Role.FINANCE)
    statements_sent.clear()
    await finance.get("/procurer/statements")
    short = len(statements_sent)
    for month in range(4, 9):
        await world.a_confirmed_session(a.NOON.replace(month=month))
        await finance.post("/procurer/settlement/closings", month=f"2026-{month:02d}-01")
    statements_sent.clear()
    page = (await finance.get("/procurer/statements")).text
    assert len(statements_sent) == short
    assert len(set(re.findall(r"/procurer/statements/([0-9a-f-]{36})\"", page))) == 6


async def test_finance_grants_and_others_only_look(world, visitor) -> None:
    finance, registrar = await visitor(Role.FINANCE), await visitor(Role.REGISTRAR)
    start = {
        "service_id": str(world.service_id),
        "name.fi": "Kevään valmennus",
        "units": "4",
        "price_cap_euros": "85,00",
        "validity_days": "120",
        "budget_euros": "1 000",
    }
    assert (await finance.post("/procurer/programmes", **start | {"units": "no"})).status_code == 422
    assert (await registrar.post("/procurer/programmes", **start)).status_code == 303
    found = re.search(r"/procurer/programmes/[0-9a-f-]{36}", (await finance.get("/procurer/programmes")).text)
    assert found
    place = f"{found[0]}/grants"
    why = {"reason": "Decision 4 of the board"}
    assert (await registrar.post(place, amount_euros="1 000", **why)).status_code == 403
    assert (await finance.post(place, amount_euros="-5", **why)).status_code == 422
    assert (await finance.post(place, amount_euros="1 000")).status_code == 422, "a reason is kept"
    assert (await finance.post(place, amount_euros="12 345,60", **why)).status_code == 303
    once = {"amount_euros": "50", **why, "posting_id": str(uuid4())}
    assert [(await finance.post(place, **once)).status_code for _ in range(2)] == [303, 303]
    seen = (await registrar.get(place)).text
    assert "€12,395.60" in seen, "pressed twice is granted once"
    assert (await finance.post(f"{found[0]}/cuts", amount_euros="50", **why)).status_code == 303
    cuts = f"{found[0]}/cuts"
    assert (await registrar.post(cuts, amount_euros="1", **why)).status_code == 403
    refused = await finance.post(cuts, amount_euros="12 345,61", **why)
    assert refused.status_code == 409
    assert 'value="12 345,61"' in refused.text, "nothing typed is lost"
    assert (await finance.post(cuts, amount_euros="345,60", reason="Savings")).status_code == 303
    page = (await registrar.get(place)).text
    assert "Savings" in page
    assert "-€345.60" in page
    page = (await registrar.get(place)).text
    assert "€12,345.60" in page
    assert "€1,000.00" not in page, "only finance gives money"


async def test_a_line_that_nobody_knows_is_a_break(world, visitor) -> None:
    async with world.sessions.begin() as db:
        line = ReportLine("L9", "P9", uuid4(), 12_34, "FI2112345600000785", "RF0199999", clock().date())
        await settlement.match_report(db, [line], at=clock())
    finance = await visitor(Role.FINANCE)
    page = (await finance.get("/procurer/reconciliation")).text
    assert "€12.34" in page
    assert "in the report but unknown to us" in page


async def test_a_line_about_our_statement_is_not_shown_to_the_neighbour(world, visitor, statement) -> None:
    finance = await visitor(Role.FINANCE)
    number = re.search(r"Statement (\d+)", (await finance.get(statement)).text)
    assert number
    async with world.sessions.begin() as db:
        line = ReportLine(
            "L8", "P8", uuid4(), 56_78, "FI2112345600000785", f"RF01{number[1]}", clock().date()
        )
        await settlement.match_report(db, [line], at=clock())
        stranger = await a.an_actor(db, Role.FINANCE, world.neighbour_id, "Naapurin Talous")
    neighbour = await visitor(stranger)
    assert "€56.78" in (await finance.get("/procurer/reconciliation")).text
    assert "€56.78" not in (await neighbour.get("/procurer/reconciliation")).text


async def test_new_terms_begin_from_those_in_force_and_the_old_stay_readable(world, visitor) -> None:
    worker, approver = await visitor(Role.CASE_WORKER), await visitor(Role.APPROVER)
    start = {
        "service_id": str(world.service_id),
        "name.fi": "Syksyn valmennus",
        "gives": "value",
        "value_euros": "600",
        "price_cap_euros": "85,00",
        "validity_days": "120",
        "silent_days": "14",
    }
    small = await worker.post("/procurer/programmes", **start | {"value_euros": "80"})
    assert small.status_code == 422
    assert "must pay for at least one session" in small.text
    place = (await worker.post("/procurer/programmes", **start)).headers["location"]
    assert "€600.00" in (await approver.get(place)).text
    form = (await worker.get(f"{place}/terms")).text
    assert 'value="600,00"' in form
    assert 'value="14"' in form
    assert (await approver.get(f"{place}/terms")).status_code == 403
    new = {"gives": "units", "units": "6", "price_cap_euros": "90", "validity_days": "60", "switches": "2"}
    wrong = await worker.post(f"{place}/terms", **new | {"silent_days": "90"})
    assert wrong.status_code == 422
    assert (await worker.post(f"{place}/terms", **new)).status_code == 303
    page = (await approver.get(place)).text
    assert "Terms, version 2" in page
    assert "2 times" in page
    assert page.index("6 sessions") < page.index("€600.00"), "the newest first"
    assert (await worker.post(f"{place}/closing")).status_code == 303
    assert "Closed" in (await approver.get(place)).text
    assert (await worker.post(f"{place}/opening")).status_code == 303
