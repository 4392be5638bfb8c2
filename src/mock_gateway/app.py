"""The gateway's HTTP face, and the only place in it that reads the clock."""

import asyncio
import hmac
import json
import os
import signal
import time
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post, put
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mock_gateway.book import Book, KeyUsedForAnother, PaymentRequest
from mock_gateway.knobs import Failure, Knobs
from mock_gateway.webhooks import Courier

_LOOK_AGAIN_S = 60.0
_KILLED = 137


class Gateway:
    """The running gateway: its book, its courier, and the loop that moves money when the moment has come."""

    def __init__(self, book: Book, courier: Courier | None) -> None:
        self.book = book
        self.courier = courier
        self.accepted = asyncio.Event()

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def move_money(self) -> None:
        """Settle accepted payments, for ever."""
        while True:
            self.accepted.clear()
            next_at = self.book.settle(now=self.now())
            if self.courier is not None:
                self.courier.wake()
            pause = _LOOK_AGAIN_S if next_at is None else max(0.0, next_at - self.now())
            with suppress(TimeoutError):
                await asyncio.wait_for(self.accepted.wait(), min(pause, _LOOK_AGAIN_S))


Desk = NamedDependency[Gateway]


def create_app(file: Path, token: str, webhook_url: str | None, webhook_secret: bytes) -> Litestar:
    """The gateway as an ASGI application, keeping its book in `file`. Without a URL it tells no webhooks."""
    running: list[Gateway] = []

    @asynccontextmanager
    async def open_for_business(_: Litestar) -> AsyncIterator[None]:
        book = Book(file)
        courier = Courier(book, webhook_url, webhook_secret, time.time) if webhook_url else None
        gateway = Gateway(book, courier)
        running.append(gateway)
        works = [gateway.move_money()] if courier is None else [gateway.move_money(), courier.run()]
        tasks = [asyncio.create_task(work) for work in works]
        for task in tasks:
            task.add_done_callback(_stop_when_broken)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            running.clear()
            book.close()

    async def desk() -> Gateway:
        return running[0]

    return Litestar(
        [health, show_knobs, turn_knobs, truth, pay, show_payment, list_payments, report],
        dependencies={"desk": Provide(desk)},
        guards=[_bearer(token)],
        lifespan=[open_for_business],
        exception_handlers={HTTPException: _problem},
        openapi_config=None,
        logging_config=None,
    )


class _Cut(ASGIResponse):
    """An answer that breaks off in the middle: the server then closes the connection."""

    async def send_body(self, send: Send, receive: Receive) -> None:
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


@get("/health", open_to_all=True)
async def health() -> dict[str, str]:
    """Whether the gateway is up; asked without a token."""
    return {"status": "ok"}


@get("/knobs")
async def show_knobs(desk: Desk) -> Knobs:
    """How the gateway shall fail."""
    return desk.book.knobs()


@put("/knobs")
async def turn_knobs(desk: Desk, data: Knobs) -> Knobs:
    """Set all knobs; one that is not named goes back to rest."""
    desk.book.turn(data)
    return data


@get("/truth")
async def truth(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    """How often money moved for each key, whatever was answered."""
    return {"orders": desk.book.truth()}


@post("/payments")
async def pay(desk: Desk, request: Request[Any, Any, Any]) -> ASGIResponse:
    """Take an order to pay."""
    raw = await request.body()
    key = request.headers.get("idempotency-key", "")
    knobs = desk.book.knobs()
    if knobs.too_many:
        desk.book.turn(knobs.model_copy(update={"too_many": knobs.too_many - 1}))
        return _answer(429, {"detail": "Too many requests"}, {"retry-after": str(knobs.retry_after_s)})
    if knobs.fail is not None:
        desk.book.turn(knobs.after_failing())
        if knobs.fail.is_before:
            return _failed(knobs.fail)
    if not 1 <= len(key) <= 64:
        return _answer(400, {"detail": "Idempotency-Key is missing or too long"})
    try:
        order = PaymentRequest.model_validate_json(raw)
        is_new, answer = desk.book.accept(key, raw, order, knobs, now=desk.now())
    except ValidationError as wrong:
        return _answer(400, {"detail": "; ".join(_fault(error) for error in wrong.errors())})
    except KeyUsedForAnother:
        return _answer(422, {"detail": "The key has been used with another body"})
    if knobs.fail is Failure.KILL_AFTER:
        os._exit(_KILLED)
    desk.accepted.set()
    await asyncio.sleep(knobs.delay_s)
    if knobs.fail is not None:
        return _failed(knobs.fail)
    if knobs.wrong_echo:
        answer = answer | {"amount_cents": answer["amount_cents"] + 1}
    return _answer(201 if is_new else 200, answer)


@get("/payments/{payment_id:str}")
async def show_payment(desk: Desk, payment_id: FromPath[str]) -> dict[str, Any]:
    """One payment as it stands."""
    await asyncio.sleep(desk.book.knobs().delay_s)
    payment = desk.book.find(payment_id)
    if payment is None:
        raise NotFoundException("No such payment")
    return payment


@get("/payments")
async def list_payments(desk: Desk, idempotency_key: FromQuery[str]) -> dict[str, list[dict[str, Any]]]:
    """The payments made under a key."""
    await asyncio.sleep(desk.book.knobs().delay_s)
    return {"payments": desk.book.list_by_key(idempotency_key)}


@get("/reports")
async def report(
    desk: Desk,
    first: Annotated[date, QueryParameter(name="from")],
    last: Annotated[date, QueryParameter(name="to")],
    after: FromQuery[int] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """A page of what was booked on the days from `from` to `to`, both included."""
    knobs = desk.book.knobs()
    await asyncio.sleep(knobs.delay_s)
    lines, following = desk.book.report(first, last, after=after, limit=limit)
    shown = [
        {name: value for name, value in line.items() if name != "seq"}
        for line in lines
        if not (knobs.partial_report and line["seq"] % 2 == 0)
    ]
    return {"lines": shown, "next": None if following is None else str(following)}


def _stop_when_broken(task: asyncio.Task[None]) -> None:
    """A gateway that can no longer move money or tell of it must not go on taking orders."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        traceback.print_exception(fault)
        os.kill(os.getpid(), signal.SIGTERM)


def _bearer(token: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    expected = f"Bearer {token}".encode()

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        given = connection.headers.get("authorization", "").encode()
        if not handler.opt.get("open_to_all") and not hmac.compare_digest(given, expected):
            raise NotAuthorizedException("A bearer token is needed")

    return guard


def _problem(_: Request[Any, Any, Any], wrong: HTTPException) -> Response[dict[str, Any]]:
    content = {"status": wrong.status_code, "detail": wrong.detail}
    return Response(content, status_code=wrong.status_code, media_type="application/problem+json")


def _answer(status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> ASGIResponse:
    if status >= 400:
        content = {"status": status} | content
    return ASGIResponse(
        body=json.dumps(content),
        status_code=status,
        headers=headers,
        media_type="application/json" if status < 400 else "application/problem+json",
    )


def _failed(failure: Failure) -> ASGIResponse:
    if failure in (Failure.CUT_BEFORE, Failure.CUT_AFTER):
        return _Cut(body=json.dumps({"id": "pay_0", "status": "accepted"}), status_code=201)
    return _answer(500, {"detail": "Something went wrong"})


def _fault(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"]) + ": " + error["msg"]
