"""The adapter to the payment gateway over HTTP: it turns whatever the network does into one of four outcomes."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import httpx

from setori.settlement import (
    GatewayPayment,
    GatewayUnreachable,
    Later,
    Outcome,
    PaymentGateway,
    Refused,
    ReportLine,
    Submitted,
    Unknown,
)

MAX_ANSWER_BYTES = 64 * 1024
_PAGE = 100
_MAX_PAGES = 10_000
_LATER_S = 30
_LONGEST_LATER_S = 3600
_TELLS_NOTHING = frozenset({408, 409, 425})
_MONEY_FIRST: tuple[Literal["booked", "accepted", "rejected"], ...] = ("booked", "accepted", "rejected")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the gateway is waited for, in seconds: to connect, between two pieces of an answer, and in all."""

    connect_s: float = 2
    read_s: float = 10
    total_s: float = 15


class HttpPaymentGateway(PaymentGateway):
    """A gateway behind a URL. The client is the caller's, so that connections are shared and closed in one place."""

    def __init__(
        self, base_url: str, token: str, client: httpx.AsyncClient, patience: Patience | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._client = client
        patience = patience or Patience()
        self._total_s = patience.total_s
        self._timeout = httpx.Timeout(patience.read_s, connect=patience.connect_s)

    async def send(self, key: UUID, body: bytes) -> Outcome:
        """Send an order's stored bytes under its key."""
        headers = {"Idempotency-Key": str(key), "Content-Type": "application/json"}
        try:
            answer = await self._ask("POST", "/payments", headers=headers, content=body)
        except GatewayUnreachable as silence:
            return Unknown(str(silence))
        if answer.status in (429, 503):
            return Later(_seconds(answer.retry_after))
        if 400 <= answer.status < 500 and answer.status not in _TELLS_NOTHING:
            return Refused(answer.status, _reason(answer))
        if not 200 <= answer.status < 300:
            return Unknown(f"HTTP {answer.status}")
        try:
            echo = _object(answer.json())
            payment = _payment(echo)
            echoed_key = _text(echo, "idempotency_key")
        except ValueError as wrong:
            return Unknown(f"garbage: {wrong}")
        if payment.order_id != key or echoed_key != str(key):
            return Unknown("The gateway answered about another order.", freeze=True)
        if payment.amount_cents != json.loads(body)["amount_cents"]:
            return Unknown("The gateway answered with another amount than was ordered.", freeze=True)
        return Submitted(payment)

    async def find(self, order_id: UUID) -> GatewayPayment | None:
        """The payment of an order. Where the gateway made several of them, the one that moved money."""
        answer = await self._ask("GET", "/payments", params={"idempotency_key": str(order_id)})
        try:
            payments = [_payment(_object(item)) for item in _list(_page(answer), "payments")]
        except ValueError as wrong:
            raise GatewayUnreachable(f"garbage: {wrong}") from wrong
        if any(payment.order_id != order_id for payment in payments):
            raise GatewayUnreachable("another order was answered")
        return min(payments, key=lambda payment: _MONEY_FIRST.index(payment.status), default=None)

    async def report(self, first: date, last: date) -> list[ReportLine]:
        """Every line booked on these days, page after page; never a part of them."""
        lines: list[ReportLine] = []
        params = {"from": first.isoformat(), "to": last.isoformat(), "limit": str(_PAGE)}
        cursors: set[str] = set()
        for _ in range(_MAX_PAGES):
            answer = await self._ask("GET", "/reports", params=params)
            try:
                page = _page(answer)
                lines += [_line(_object(item)) for item in _list(page, "lines")]
                following = page.get("next")
                if following is None:
                    return lines
                cursor = _text(page, "next")
            except ValueError as wrong:
                raise GatewayUnreachable(f"garbage: {wrong}") from wrong
            if cursor in cursors:
                break
            cursors.add(cursor)
            params["after"] = cursor
        raise GatewayUnreachable("the report has no end")

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> "_Answer":
        """One request without redirects; the whole answer, or GatewayUnreachable with the reason."""
        try:
            async with (
                asyncio.timeout(self._total_s),
                self._client.stream(
                    method,
                    self._base_url + path,
                    headers={**self._headers, **(headers or {})},
                    params=params,
                    content=content,
                    timeout=self._timeout,
                    follow_redirects=False,
                ) as response,
            ):
                read = bytearray()
                async for piece in response.aiter_raw():
                    read += piece
                    if len(read) > MAX_ANSWER_BYTES:
                        raise GatewayUnreachable("garbage: the answer is too long")
                return _Answer(response.status_code, bytes(read), response.headers.get("retry-after", ""))
        except TimeoutError as late:
            raise GatewayUnreachable("no answer in time") from late
        except httpx.TimeoutException as late:
            raise GatewayUnreachable("no answer in time") from late
        except httpx.HTTPError as broken:
            raise GatewayUnreachable(f"the connection failed: {type(broken).__name__}") from broken


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    retry_after: str

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as wrong:
            raise ValueError("not JSON") from wrong


def _page(answer: _Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise GatewayUnreachable(f"HTTP {answer.status}")
    return _object(answer.json())


def _payment(fields: dict[str, Any]) -> GatewayPayment:
    told = _text(fields, "status")
    status = next((known for known in _MONEY_FIRST if known == told), None)
    if status is None:
        raise ValueError("the status is none we know")
    return GatewayPayment(
        id=_text(fields, "id"),
        order_id=UUID(hex=_text(fields, "end_to_end_id")),
        amount_cents=_cents(fields),
        status=status,
        reason=str(fields.get("reason", ""))[:500],
    )


def _line(fields: dict[str, Any]) -> ReportLine:
    try:
        order_id = UUID(hex=_text(fields, "end_to_end_id"))
    except ValueError:
        order_id = None
    return ReportLine(
        id=_text(fields, "id"),
        payment_id=_text(fields, "payment_id"),
        order_id=order_id,
        amount_cents=_cents(fields),
        creditor_iban=_text(fields, "creditor_iban"),
        reference=str(fields.get("reference") or ""),
        booked_on=date.fromisoformat(_text(fields, "booked_on")),
    )


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _cents(fields: dict[str, Any]) -> int:
    value = fields.get("amount_cents")
    if type(value) is not int:
        raise ValueError("amount_cents is not whole cents")
    return value


def _reason(answer: _Answer) -> str:
    """The gateway's own words about a refusal, where it gave any (RFC 9457)."""
    try:
        detail = _text(_object(answer.json()), "detail")
    except ValueError:
        return f"HTTP {answer.status}"
    return detail[:500]


def _seconds(retry_after: str) -> int:
    """The pause a gateway asks for; a usual one when it names none, and never more than an hour."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= 9:
        return min(max(int(retry_after), 1), _LONGEST_LATER_S)
    return _LATER_S
