"""The gateway's report: every booked payment of the days asked for, once, and nothing else."""

import asyncio
from datetime import date

from setori.gateway import HttpPaymentGateway
from setori.settlement.gateway import ReportLine
from tests.gateway.running import IBAN, OTHER_IBAN, RunningGateway, instruction, until


async def reported(ours: HttpPaymentGateway, day: date, *, lines: int) -> list[ReportLine]:
    """The report of one day, once it has that many lines."""
    return await until(lambda: ours.report(day, day), lambda report: len(report) == lines)


async def test_the_report_names_the_order_the_amount_and_the_day(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    gateway.turn(reject_ibans=[OTHER_IBAN])
    day = date(2027, 1, 15)
    order, rejected = instruction(77_01, on=day), instruction(on=day, iban=OTHER_IBAN)
    for each in (rejected, order, instruction(on=date(2027, 1, 14)), instruction(on=date(2027, 1, 16))):
        await ours.send(each.order_id, each.body())
    (line,) = await reported(ours, day, lines=1)
    found = await ours.find(order.order_id)
    assert found is not None
    assert line == ReportLine(line.id, found.id, order.order_id, 77_01, IBAN, "20017", day)
    assert len(await ours.report(date(2027, 1, 14), date(2027, 1, 16))) == 3
    assert await ours.report(date(2027, 1, 17), date(2027, 1, 31)) == []


async def test_a_payment_not_yet_booked_is_not_reported(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    gateway.turn(settle_after=60)
    order = instruction(on=date(2027, 2, 1))
    await ours.send(order.order_id, order.body())
    found = await ours.find(order.order_id)
    assert found is not None
    assert found.status == "accepted"
    assert await ours.report(date(2027, 2, 1), date(2027, 2, 1)) == []


async def test_a_long_report_is_read_to_its_end(gateway: RunningGateway, ours: HttpPaymentGateway) -> None:
    day = date(2027, 3, 1)
    orders = [instruction(on=day) for _ in range(103)]
    await asyncio.gather(*(ours.send(order.order_id, order.body()) for order in orders))
    lines = await reported(ours, day, lines=103)
    assert {line.order_id for line in lines} == {order.order_id for order in orders}
    assert len({line.id for line in lines}) == 103
    page = gateway.ask("GET", f"/reports?from={day}&to={day}&limit=2").json()
    assert len(page["lines"]) == 2
    following = gateway.ask("GET", f"/reports?from={day}&to={day}&limit=2&after={page['next']}").json()
    assert {line["id"] for line in page["lines"]}.isdisjoint(line["id"] for line in following["lines"])


async def test_a_partial_report_lacks_lines_that_a_later_one_has(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    day = date(2027, 4, 1)
    for order in [instruction(on=day) for _ in range(4)]:
        await ours.send(order.order_id, order.body())
    whole = await reported(ours, day, lines=4)
    gateway.turn(partial_report=True)
    part = await ours.report(day, day)
    assert len(part) == 2
    assert set(part) < set(whole)
