"""A payment that was stopped has a way out: asked about again, or called unpaid by an approver with a reason."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from setori import settlement
from setori.app import clock
from setori.errors import Forbidden, NotFound
from setori.people import Role
from setori.settlement import CallUnpaid, GatewayPayment, MoneyLeft, NotFrozen, ReportLine, Submitted, Unknown
from tests.domains import builders as a

IBAN = "FI2112345600000785"
TOLD = CallUnpaid(reason="Gateway support, 24.11., case 881: nothing was booked.")


@pytest.fixture
async def approved(world, visitor) -> str:
    """The page of an approved statement of 80 € whose order waits to be sent."""
    await world.a_confirmed_session()
    finance, approver = await visitor(Role.FINANCE), await visitor(Role.APPROVER)
    closed = await finance.post(
        "/procurer/settlement/closings", month="2026-03-01", provider_id=str(world.provider_id)
    )
    statement = closed.headers["location"]
    await approver.post(f"{statement}/approval")
    async with world.sessions.begin() as db:
        (world.order_id,) = await settlement.list_due(db, at=clock())
    return statement


@pytest.fixture
async def stopped(world, approved) -> str:
    """The same after the gateway has answered with another sum."""
    await sent(world, Unknown("The gateway answered with another amount than was ordered.", freeze=True))
    return approved


async def sent(world, outcome) -> None:
    async with world.sessions.begin() as db:
        assert await settlement.next_step(db, world.order_id, at=clock())
        await settlement.record_sent(db, world.order_id, outcome, at=clock())


def statement_of(page: str) -> UUID:
    return UUID(page.rsplit("/", 1)[1])


async def status_of(world) -> str:
    async with world.sessions.begin() as db:
        found = await db.exec(
            text("select status from payment_order where id = :id"), params={"id": world.order_id}
        )
        return str(found.scalar_one())


async def report(world, line: ReportLine):
    async with world.sessions.begin() as db:
        return await settlement.match_report(db, [line], at=clock())


async def test_asking_again_lets_a_payment_go_on_when_the_answer_agrees(world, visitor, stopped) -> None:
    finance = await visitor(Role.FINANCE)
    assert "Ask the gateway again" in (await finance.get(stopped)).text
    asked = await asyncio.gather(*(finance.post(f"{stopped}/payment/question") for _ in range(3)))
    assert {answer.status_code for answer in asked} == {303}, "pressed twice is once"
    assert await status_of(world) == "unknown"
    async with world.sessions.begin() as db:
        assert world.order_id in await settlement.list_due(db, at=clock())
        payment = GatewayPayment("P1", world.order_id, 80_00, "booked", "")
        await settlement.record_found(db, world.order_id, payment, at=clock())
    assert await status_of(world) == "paid"
    assert "Ask the gateway again" not in (await finance.get(stopped)).text


async def test_an_answer_that_still_differs_stops_it_again(world, visitor, stopped) -> None:
    finance = await visitor(Role.FINANCE)
    await finance.post(f"{stopped}/payment/question")
    async with world.sessions.begin() as db:
        payment = GatewayPayment("P1", world.order_id, 8_00, "booked", "")
        await settlement.record_found(db, world.order_id, payment, at=clock())
    assert await status_of(world) == "frozen"


async def test_a_stopped_payment_is_called_unpaid_by_an_approver_and_approved_anew(
    world, visitor, stopped
) -> None:
    finance, approver = await visitor(Role.FINANCE), await visitor(Role.APPROVER)
    assert "Call it unpaid" not in (await finance.get(stopped)).text
    assert (await finance.post(f"{stopped}/payment/unpaid", reason="x")).status_code == 403
    assert "Call it unpaid" in (await approver.get(stopped)).text
    assert "Call this payment unpaid?" in (await approver.get(f"{stopped}/payment/unpaid")).text
    assert (await approver.post(f"{stopped}/payment/unpaid", reason=" ")).status_code == 422
    early = await approver.post(f"{stopped}/payment/unpaid", reason=TOLD.reason)
    assert early.status_code == 409
    assert "two days after" in early.text
    assert TOLD.reason in early.text, "nothing typed is lost"

    by, later = world.actors[Role.APPROVER], clock() + timedelta(days=3)
    async with world.sessions.begin() as db:
        await settlement.call_unpaid(db, statement_of(stopped), TOLD, by=by, at=later)
    assert await status_of(world) == "failed"
    page = (await approver.get(stopped)).text
    assert TOLD.reason in page
    assert (await approver.post(f"{stopped}/approval")).status_code == 303
    async with world.sessions.begin() as db:
        (anew,) = await settlement.list_due(db, at=clock())
        assert anew != world.order_id
        with pytest.raises(NotFrozen):
            await settlement.call_unpaid(db, statement_of(stopped), TOLD, by=by, at=later)


async def test_money_that_left_is_never_called_unpaid(world, visitor, stopped) -> None:
    async with world.sessions.begin() as db:
        found = await db.exec(
            text("select reference from payment_order where id = :id"), params={"id": world.order_id}
        )
        reference = found.scalar_one()
    line = ReportLine("L9", "P1", world.order_id, 8_00, IBAN, reference, clock().date())
    assert (await report(world, line)).breaks == 1
    later = clock() + timedelta(days=3)
    with pytest.raises(MoneyLeft):
        async with world.sessions.begin() as db:
            await settlement.call_unpaid(
                db, statement_of(stopped), TOLD, by=world.actors[Role.APPROVER], at=later
            )
    assert await status_of(world) == "frozen"


async def test_another_procurers_stopped_payment_is_as_a_missing_one(world, visitor, stopped) -> None:
    async with world.sessions.begin() as db:
        neighbour = await a.an_actor(db, Role.APPROVER, world.neighbour_id)
    for statement_id in (statement_of(stopped), uuid4()):
        async with world.sessions.begin() as db:
            with pytest.raises(NotFound):
                await settlement.ask_again(db, statement_id, by=neighbour, at=clock())
            with pytest.raises(NotFound):
                await settlement.call_unpaid(db, statement_id, TOLD, by=neighbour, at=clock())
    async with world.sessions.begin() as db:
        with pytest.raises(Forbidden):
            await settlement.call_unpaid(
                db, statement_of(stopped), TOLD, by=world.actors[Role.FINANCE], at=clock()
            )


async def test_a_break_is_matched_once_its_order_has_moved(world, visitor, approved) -> None:
    finance = await visitor(Role.FINANCE)
    early = ReportLine("L1", "P1", world.order_id, 80_00, IBAN, "RF", clock().date())
    assert (await report(world, early)).breaks == 1
    assert "the order is queued" in (await finance.get("/procurer/reconciliation")).text
    again = await report(world, early)
    assert (again.matched, again.breaks, again.known) == (0, 0, 1), "the same report again adds nothing"

    await sent(world, Submitted(GatewayPayment("P1", world.order_id, 80_00, "booked", "")))
    changed = replace(early, amount_cents=8_00)
    assert (await report(world, changed)).matched == 0, "a line that says something else now stays a break"
    assert (await report(world, early)).matched == 1
    assert await status_of(world) == "matched"
    assert "the order is queued" not in (await finance.get("/procurer/reconciliation")).text


async def test_a_stopped_payment_is_settled_by_a_line_that_agrees(world, visitor, stopped) -> None:
    wrong = ReportLine("L2", "P1", world.order_id, 80_00, "FI4950009420028730", "RF", clock().date())
    assert (await report(world, wrong)).breaks == 1
    assert await status_of(world) == "frozen"
    right = replace(wrong, id="L3", creditor_iban=IBAN)
    assert (await report(world, right)).matched == 1
    assert await status_of(world) == "matched"
    assert (await report(world, wrong)).breaks == 1, "and the other line says now that it was paid twice"
