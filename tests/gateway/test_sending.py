"""Sending payments: whatever the wire does, an order's outcome is told truly and its money moves once at most."""

import json
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import httpx
import pytest

from setori.gateway import HttpPaymentGateway
from setori.settlement.gateway import (
    GatewayStatus,
    GatewayUnreachable,
    Later,
    PaymentInstruction,
    Refused,
    Submitted,
    Unknown,
)
from tests.gateway.running import OTHER_IBAN, RunningGateway, instruction, until


async def is_settled(ours: HttpPaymentGateway, order: PaymentInstruction) -> GatewayStatus:
    """The final word about an order."""

    async def ask() -> GatewayStatus | None:
        payment = await ours.find(order.order_id)
        return None if payment is None else payment.status

    status = await until(ask, lambda status: status in ("booked", "rejected"))
    assert status is not None
    return status


def test_the_bytes_of_an_order_never_change() -> None:
    order = replace(instruction(), order_id=UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
    assert order.body().decode() == (
        '{"amount_cents":12345,"creditor_iban":"FI2112345600000785",'
        '"creditor_name":"Työpolku Äkäslompolo Oy","currency":"EUR",'
        '"end_to_end_id":"01890a5dac96774bbcceb302099a8057","execution_on":"2026-11-20","reference":"20017"}'
    )


def test_a_name_longer_than_a_payment_can_carry_is_cut() -> None:
    body = json.loads(replace(instruction(), creditor_name="Ä" * 200).body())
    assert body["creditor_name"] == "Ä" * 140


async def test_an_order_is_taken_and_its_money_moves_once(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    order = instruction(200_00)
    assert await ours.find(order.order_id) is None
    outcome = await ours.send(order.order_id, order.body())
    assert isinstance(outcome, Submitted)
    assert (outcome.payment.order_id, outcome.payment.amount_cents) == (order.order_id, 200_00)
    assert await is_settled(ours, order) == "booked"
    assert gateway.times_moved(order) == 1
    shown = gateway.ask("GET", f"/payments/{outcome.payment.id}").json()
    assert (shown["status"], shown["creditor_name"]) == ("booked", "Työpolku Äkäslompolo Oy")


async def test_the_same_bytes_under_the_same_key_are_one_payment(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    order = instruction()
    first = await ours.send(order.order_id, order.body())
    assert await is_settled(ours, order) == "booked"
    assert await ours.send(order.order_id, order.body()) == first
    assert gateway.times_moved(order) == 1


async def test_a_key_used_for_another_body_is_refused(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    order = instruction(100_00)
    await ours.send(order.order_id, order.body())
    changed = await ours.send(order.order_id, replace(order, amount_cents=100_01).body())
    assert isinstance(changed, Refused)
    assert changed.status == 422
    assert await is_settled(ours, order) == "booked"
    found = await ours.find(order.order_id)
    assert found is not None
    assert found.amount_cents == 100_00
    assert gateway.times_moved(order) == 1


@pytest.mark.parametrize("failure", ["500_before", "cut_before"])
async def test_an_order_lost_before_the_book_is_unknown_and_can_be_sent_again(
    gateway: RunningGateway, ours: HttpPaymentGateway, failure: str
) -> None:
    order = instruction()
    gateway.turn(fail=failure, times=1)
    assert isinstance(await ours.send(order.order_id, order.body()), Unknown)
    assert await ours.find(order.order_id) is None
    assert gateway.times_moved(order) is None
    assert isinstance(await ours.send(order.order_id, order.body()), Submitted)
    assert await is_settled(ours, order) == "booked"
    assert gateway.times_moved(order) == 1


@pytest.mark.parametrize("failure", ["500_after", "cut_after"])
async def test_an_answer_lost_after_the_book_is_unknown_until_the_gateway_is_asked(
    gateway: RunningGateway, ours: HttpPaymentGateway, failure: str
) -> None:
    order = instruction()
    gateway.turn(fail=failure, times=1)
    assert isinstance(await ours.send(order.order_id, order.body()), Unknown)
    found = await ours.find(order.order_id)
    assert found is not None
    again = await ours.send(order.order_id, order.body())
    assert isinstance(again, Submitted)
    assert again.payment.id == found.id
    assert await is_settled(ours, order) == "booked"
    assert gateway.times_moved(order) == 1


async def test_a_gateway_killed_before_it_answers_has_paid_once_after_the_same_key_is_sent_again(
    own_book: RunningGateway, client: httpx.AsyncClient
) -> None:
    ours, order = own_book.adapter(client), instruction()
    own_book.turn(fail="kill_after", times=1)
    assert isinstance(await ours.send(order.order_id, order.body()), Unknown)
    with pytest.raises(GatewayUnreachable):
        await ours.find(order.order_id)
    assert isinstance(await ours.send(order.order_id, order.body()), Unknown)
    own_book.restart()
    assert isinstance(await ours.send(order.order_id, order.body()), Submitted)
    assert await is_settled(ours, order) == "booked"
    assert own_book.times_moved(order) == 1


async def test_a_slow_answer_is_unknown_and_the_money_moves_all_the_same(
    gateway: RunningGateway, client: httpx.AsyncClient
) -> None:
    hasty, order = gateway.adapter(client, read_s=0.1), instruction()
    gateway.turn(delay_s=0.6)
    assert await hasty.send(order.order_id, order.body()) == Unknown("no answer in time")
    with pytest.raises(GatewayUnreachable):
        await hasty.find(order.order_id)
    gateway.turn()
    assert await is_settled(gateway.adapter(client), order) == "booked"
    assert gateway.times_moved(order) == 1


async def test_a_gateway_that_forgets_keys_pays_twice_and_its_truth_says_so(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    order = instruction()
    gateway.turn(forget_keys=True)
    for _ in range(2):
        assert isinstance(await ours.send(order.order_id, order.body()), Submitted)

    async def moved() -> int | None:
        return gateway.times_moved(order)

    assert await until(moved, lambda times: times == 2) == 2
    found = await ours.find(order.order_id)
    assert found is not None
    assert found.status == "booked"


async def test_an_answer_with_another_amount_freezes_the_order(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    order = instruction()
    gateway.turn(wrong_echo=True)
    assert await ours.send(order.order_id, order.body()) == Unknown(
        "The gateway answered with another amount than was ordered.", freeze=True
    )


async def test_an_answer_about_another_order_freezes_the_order(ours: HttpPaymentGateway) -> None:
    outcome = await ours.send(uuid4(), instruction().body())
    assert outcome == Unknown("The gateway answered about another order.", freeze=True)


async def test_a_busy_gateway_says_when_to_come_again(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    order = instruction()
    gateway.turn(too_many=1, retry_after_s=7)
    assert await ours.send(order.order_id, order.body()) == Later(7)
    assert await ours.find(order.order_id) is None
    assert isinstance(await ours.send(order.order_id, order.body()), Submitted)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"creditor_iban": "FI2112345600000786"}, "creditor_iban"),
        ({"creditor_iban": "FI21 1234 5600 0007 85"}, "creditor_iban"),
        ({"amount_cents": 0}, "amount_cents"),
        ({"amount_cents": -1}, "amount_cents"),
    ],
)
async def test_an_order_that_cannot_be_paid_is_refused_with_the_reason(
    gateway: RunningGateway, ours: HttpPaymentGateway, wrong: dict[str, str | int], named: str
) -> None:
    order = replace(instruction(), **wrong)  # type: ignore[arg-type]
    outcome = await ours.send(order.order_id, order.body())
    assert isinstance(outcome, Refused)
    assert outcome.status == 400
    assert named in outcome.reason
    assert gateway.times_moved(order) is None


async def test_an_account_the_bank_sends_back_from_is_rejected_and_no_money_moves(
    gateway: RunningGateway, ours: HttpPaymentGateway
) -> None:
    gateway.turn(reject_ibans=[OTHER_IBAN])
    order = instruction(iban=OTHER_IBAN)
    assert isinstance(await ours.send(order.order_id, order.body()), Submitted)
    assert await is_settled(ours, order) == "rejected"
    found = await ours.find(order.order_id)
    assert found is not None
    assert found.reason
    assert gateway.times_moved(order) == 0


async def test_without_the_token_nothing_is_told_and_nothing_paid(
    gateway: RunningGateway, client: httpx.AsyncClient
) -> None:
    stranger, order = HttpPaymentGateway(gateway.url, "guess", client), instruction()
    outcome = await stranger.send(order.order_id, order.body())
    assert isinstance(outcome, Refused)
    assert outcome.status == 401
    with pytest.raises(GatewayUnreachable):
        await stranger.find(order.order_id)
    with pytest.raises(GatewayUnreachable):
        await stranger.report(date(2026, 1, 1), date(2026, 12, 31))
    for path in ("/knobs", "/truth"):
        assert gateway.ask("GET", path, headers={"Authorization": "Bearer guess"}).status_code == 401
    assert gateway.times_moved(order) is None
