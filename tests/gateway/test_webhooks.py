"""Webhooks: believed only when signed by the gateway, just now; and nothing is lost when they are."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from setori.gateway import HttpPaymentGateway
from setori.settlement.gateway import BadSignature, GatewayStatus, verify_webhook
from tests.gateway.running import OTHER_IBAN, SECRET, Ear, RunningGateway, instruction, until

OLD_SECRET = "whsec_YW4gb2xkZXIgc2VjcmV0"

# The example that the libraries of Standard Webhooks carry.
EXAMPLE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EXAMPLE_BODY = b'{"test": 2432232314}'
EXAMPLE_AT = datetime.fromtimestamp(1614265330, UTC)
EXAMPLE = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": "v1,Y2Vj v1a,bm9uZQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def moment_of(body: bytes) -> datetime:
    """When the event happened, by the gateway's own clock."""
    return datetime.fromisoformat(json.loads(body)["timestamp"])


def test_the_published_example_of_standard_webhooks_is_verified() -> None:
    event_id, payload = verify_webhook(EXAMPLE, EXAMPLE_BODY, [OLD_SECRET, EXAMPLE_SECRET], EXAMPLE_AT)
    assert (event_id, payload) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", {"test": 2432232314})


@pytest.mark.parametrize(
    ("change", "body", "secrets", "late_s"),
    [
        ({}, b'{"test": 2432232315}', [EXAMPLE_SECRET], 0),
        ({}, EXAMPLE_BODY, [OLD_SECRET], 0),
        ({}, EXAMPLE_BODY, [], 0),
        ({}, EXAMPLE_BODY, ["", "whsec_", "whsec_?"], 0),
        ({}, EXAMPLE_BODY, [EXAMPLE_SECRET], 301),
        ({}, EXAMPLE_BODY, [EXAMPLE_SECRET], -301),
        ({"Webhook-Id": "msg_other"}, EXAMPLE_BODY, [EXAMPLE_SECRET], 0),
        ({"Webhook-Id": ""}, EXAMPLE_BODY, [EXAMPLE_SECRET], 0),
        ({"Webhook-Timestamp": "1614265331"}, EXAMPLE_BODY, [EXAMPLE_SECRET], 0),
        ({"Webhook-Timestamp": "now"}, EXAMPLE_BODY, [EXAMPLE_SECRET], 0),
        ({"Webhook-Signature": ""}, EXAMPLE_BODY, [EXAMPLE_SECRET], 0),
        ({"Webhook-Signature": "v1,äö"}, EXAMPLE_BODY, [EXAMPLE_SECRET], 0),
    ],
)
def test_a_webhook_changed_in_any_way_is_refused(
    change: dict[str, str], body: bytes, secrets: list[str], late_s: int
) -> None:
    with pytest.raises(BadSignature):
        verify_webhook(EXAMPLE | change, body, secrets, EXAMPLE_AT + timedelta(seconds=late_s))


@pytest.mark.parametrize(("iban", "told"), [(None, "booked"), (OTHER_IBAN, "rejected")])
async def test_the_gateway_tells_what_became_of_a_payment(
    gateway: RunningGateway, ours: HttpPaymentGateway, ear: Ear, iban: str | None, told: str
) -> None:
    gateway.turn(reject_ibans=[OTHER_IBAN])
    order = instruction() if iban is None else instruction(iban=iban)
    await ours.send(order.order_id, order.body())
    ((headers, body),) = await ear.hears_of(order)
    event_id, payload = verify_webhook(headers, body, [OLD_SECRET, SECRET], moment_of(body))
    assert event_id
    assert payload["type"] == f"payment.{told}"
    assert UUID(payload["data"]["idempotency_key"]) == order.order_id
    found = await ours.find(order.order_id)
    assert found is not None
    assert (found.id, found.status) == (payload["data"]["id"], payload["data"]["status"])


@pytest.mark.parametrize("knob", ["missign_webhooks", "stale_webhooks"])
async def test_a_webhook_badly_signed_or_stale_is_refused(
    gateway: RunningGateway, ours: HttpPaymentGateway, ear: Ear, knob: str
) -> None:
    gateway.turn(**{knob: True})
    order = instruction()
    await ours.send(order.order_id, order.body())
    ((headers, body),) = await ear.hears_of(order)
    with pytest.raises(BadSignature):
        verify_webhook(headers, body, [SECRET], moment_of(body))


async def test_copies_of_a_webhook_carry_one_event_id(
    gateway: RunningGateway, ours: HttpPaymentGateway, ear: Ear
) -> None:
    gateway.turn(duplicate_webhooks=9)
    order = instruction()
    await ours.send(order.order_id, order.body())
    heard = await ear.hears_of(order, times=10)
    assert len({verify_webhook(headers, body, [SECRET], moment_of(body))[0] for headers, body in heard}) == 1


async def test_a_webhook_that_was_not_taken_is_told_again(
    gateway: RunningGateway, ours: HttpPaymentGateway, ear: Ear
) -> None:
    ear.answers = [500, 204]
    order = instruction()
    await ours.send(order.order_id, order.body())
    (first, _), (second, _) = await ear.hears_of(order, times=2)
    assert first["webhook-id"] == second["webhook-id"]


async def test_webhooks_can_come_out_of_order(
    gateway: RunningGateway, ours: HttpPaymentGateway, ear: Ear
) -> None:
    gateway.turn(reorder_webhooks=True)
    orders = [instruction() for _ in range(4)]
    await asyncio.gather(*(ours.send(order.order_id, order.body()) for order in orders))
    for order in orders:
        await ear.hears_of(order)
    keys = {str(order.order_id) for order in orders}
    taken = [row["idempotency_key"] for row in gateway.ask("GET", "/truth").json()["orders"]]
    told = [json.loads(body)["data"]["idempotency_key"] for _, body in ear.heard]
    assert [key for key in told if key in keys] != [key for key in taken if key in keys]


async def test_a_webhook_that_never_comes_hides_nothing_from_who_asks(
    gateway: RunningGateway, ours: HttpPaymentGateway, ear: Ear
) -> None:
    gateway.turn(drop_webhooks=True)
    dropped = instruction()
    await ours.send(dropped.order_id, dropped.body())

    async def status() -> GatewayStatus | None:
        found = await ours.find(dropped.order_id)
        return None if found is None else found.status

    assert await until(status, lambda told: told == "booked")
    gateway.turn()
    told = instruction()
    await ours.send(told.order_id, told.body())
    await ear.hears_of(told)
    assert not [body for _, body in ear.heard if str(dropped.order_id).encode() in body]
