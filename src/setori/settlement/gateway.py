"""The port to the payment gateway: what settlement asks of it, and what its answers can mean. No network here."""

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

WEBHOOK_TOLERANCE_S = 300
"""How far a webhook's time may be from ours, by the Standard Webhooks specification."""

DEEPEST_EVENT = 32
"""How deep a webhook may be nested; the gateway's have two storeys."""

GatewayStatus = Literal["accepted", "booked", "rejected"]
"""The gateway's words about a payment; booked means that money has moved."""

LONGEST_NAME = 140
"""How much of a creditor's name a SEPA payment carries (Max140Text of ISO 20022)."""

_SECRET_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """What the gateway is asked to pay. `body()` is made once, stored with the order, and sent unchanged ever after."""

    order_id: UUID
    amount_cents: int
    creditor_name: str
    creditor_iban: str
    reference: str
    execution_on: date

    def body(self) -> bytes:
        """The bytes of the request: JSON with sorted names and no spaces, in UTF-8."""
        fields = {
            "end_to_end_id": self.order_id.hex,
            "amount_cents": self.amount_cents,
            "currency": "EUR",
            "creditor_name": self.creditor_name[:LONGEST_NAME],
            "creditor_iban": self.creditor_iban,
            "reference": self.reference,
            "execution_on": self.execution_on.isoformat(),
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A payment as the gateway knows it. `amount_cents` is the gateway's word: compare it with the order's."""

    id: str
    order_id: UUID
    amount_cents: int
    status: GatewayStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Money that left, as the gateway reports it. `order_id` is None when the line's end-to-end id is none of ours."""

    id: str
    payment_id: str
    order_id: UUID | None
    amount_cents: int
    creditor_iban: str
    reference: str
    booked_on: date


@dataclass(frozen=True, slots=True)
class Submitted:
    """The gateway has taken the order, for the amount and the order that were sent."""

    payment: GatewayPayment


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway would not have it. On the first sending nothing moved; after an unknown one it says nothing."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether money will move. `freeze`: the answer contradicts the order, so a person must look."""

    why: str
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """The gateway is busy: send the same bytes under the same key after so many seconds."""

    after_s: int


Outcome = Submitted | Refused | Unknown | Later


class GatewayUnreachable(Exception):
    """A question got no usable answer. Nothing is known, and nothing has changed by asking."""


class BadSignature(Exception):
    """A webhook that cannot be shown to come from the gateway, now."""


class BadEvent(Exception):
    """A webhook that the gateway has signed, and that holds what cannot be kept or read."""


class PaymentGateway(Protocol):
    """A gateway that pays."""

    async def send(self, key: UUID, body: bytes) -> Outcome:
        """Send an order under its idempotency key (the order's id). Never raises for what the network does."""
        ...

    async def find(self, order_id: UUID) -> GatewayPayment | None:
        """The payment of an order; None when the gateway has never heard of it. Raises GatewayUnreachable."""
        ...

    async def report(self, first: date, last: date) -> list[ReportLine]:
        """Everything booked on these days, both included; whole, or GatewayUnreachable is raised."""
        ...


def verify_webhook(
    headers: Mapping[str, str], raw_body: bytes, secrets: Iterable[str], at: datetime
) -> tuple[str, dict[str, Any]]:
    """The event id and the payload of a webhook by Standard Webhooks version 1; a hint, not yet the truth.

    `secrets` are the live `whsec_…` secrets: two while they are being changed. Raises BadSignature, and BadEvent for
    a signed body that is not a JSON object or that JSON of the database cannot hold.
    """
    given = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (1 <= len(event_id) <= 120 and event_id.isprintable()):
        raise BadSignature("no usable id")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("no usable time")
    if abs(at.timestamp() - int(timestamp)) > WEBHOOK_TOLERANCE_S:
        raise BadSignature("too old or too new")
    signed = f"{event_id}.{timestamp}.".encode() + raw_body
    claims = [claim.removeprefix("v1,") for claim in given.get("webhook-signature", "").split(" ")[:10]]
    if not any(_is_signed(signed, secret, claims) for secret in secrets):
        raise BadSignature("no signature fits")
    try:
        payload = json.loads(raw_body)
    except (ValueError, RecursionError) as wrong:
        raise BadEvent("not JSON") from wrong
    if not isinstance(payload, dict):
        raise BadEvent("not a JSON object")
    if not _can_be_kept(payload):
        raise BadEvent("not what the database can keep")
    return event_id, payload


def _can_be_kept(value: Any, depth: int = 0) -> bool:
    """Whether it is JSON by the standard, and by PostgreSQL: no NaN, nothing endless, no NUL and no half characters."""
    if depth > DEEPEST_EVENT:
        return False
    if isinstance(value, dict):
        return all(_can_be_kept(name) and _can_be_kept(part, depth + 1) for name, part in value.items())
    if isinstance(value, list):
        return all(_can_be_kept(part, depth + 1) for part in value)
    if isinstance(value, str):
        return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)
    return not isinstance(value, float) or math.isfinite(value)


def _is_signed(signed: bytes, secret: str, claims: list[str]) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        return False
    if not key:
        return False
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    return any(hmac.compare_digest(expected, claim.encode()) for claim in claims)
