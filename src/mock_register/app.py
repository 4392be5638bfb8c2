"""The registers' HTTP face: two offices to ask, and the admin's door to the firms and the knobs."""

import asyncio
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, put
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

from mock_register.book import Book, Firm, Knobs, Status, is_business_id

Desk = NamedDependency[Book]


def create_app(file: Path, token: str, firms: Path | None = None) -> Litestar:
    """The registers as an ASGI application, keeping their book in `file`."""
    book = Book(file, firms)

    async def desk() -> Book:
        return book

    return Litestar(
        [health, show_knobs, turn_knobs, show_firm, say, asked, company, obligations],
        dependencies={"desk": Provide(desk)},
        guards=[_bearer(token)],
        exception_handlers={HTTPException: _problem},
        openapi_config=None,
        logging_config=None,
    )


class _Cut(ASGIResponse):
    """An answer that breaks off in the middle."""

    async def send_body(self, send: Send, receive: Receive) -> None:
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


@get("/health", open_to_all=True)
async def health() -> dict[str, str]:
    """Whether the registers are up; asked without a token."""
    return {"status": "ok"}


@get("/knobs")
async def show_knobs(desk: Desk) -> Knobs:
    """How the registers shall fail."""
    return desk.knobs


@put("/knobs")
async def turn_knobs(desk: Desk, data: Knobs) -> Knobs:
    """Set all knobs; one that is not named goes back to rest."""
    desk.turn(data)
    return data


@get("/firms/{business_id:str}")
async def show_firm(desk: Desk, business_id: FromPath[str]) -> Firm:
    """How a firm stands, whatever the knobs say."""
    return desk.find(business_id)


@put("/firms/{business_id:str}")
async def say(desk: Desk, business_id: FromPath[str], data: Firm) -> Firm:
    """Make a firm active, ceased, bankrupt or missing, with or without debts; what is not named is in order."""
    if not is_business_id(business_id):
        raise HTTPException("No Business ID", status_code=400)
    desk.say(business_id, data)
    return data


@get("/asked")
async def asked(desk: Desk) -> dict[str, int]:
    """How often each firm was asked about."""
    return desk.asked


@get("/companies/{business_id:str}")
async def company(desk: Desk, business_id: FromPath[str]) -> ASGIResponse:
    """The business register: whether the firm lives, and whether it is in the prepayment register."""
    firm = desk.find(business_id)
    told = {
        "source": "Business register (sample)",
        "business_id": business_id,
        "status": firm.status.value,
        "prepayment_register": firm.prepayment_registered,
    }
    return await _answer(desk, business_id, firm, told, is_down=desk.knobs.down)


@get("/obligations/{business_id:str}")
async def obligations(desk: Desk, business_id: FromPath[str]) -> ASGIResponse:
    """Taxes and pension insurance: whether anything is overdue."""
    firm = desk.find(business_id)
    told = {
        "source": "Register of tax debts and pension insurance (sample)",
        "business_id": business_id,
        "tax_debt": firm.tax_debt,
        "pension_debt": firm.pension_debt,
    }
    is_down = desk.knobs.down or desk.knobs.obligations_down
    return await _answer(desk, business_id, firm, told, is_down=is_down)


async def _answer(
    desk: Book, business_id: str, firm: Firm, told: dict[str, Any], *, is_down: bool
) -> ASGIResponse:
    knobs = desk.knobs
    desk.count(business_id)
    await asyncio.sleep(knobs.delay_s)
    if is_down:
        return _json(503, {"status": 503, "detail": "The register is closed for maintenance"})
    if knobs.garbage:
        return ASGIResponse(body="<html>Tervetuloa</html>", media_type="text/html")
    if not is_business_id(business_id):
        return _json(400, {"status": 400, "detail": "No Business ID"})
    if firm.status is Status.MISSING:
        return _json(404, {"status": 404, "detail": "No such firm", "business_id": business_id})
    if knobs.wrong_firm:
        told = told | {"business_id": "0000000-0"}
    if knobs.cut:
        return _Cut(body=json.dumps(told), media_type="application/json")
    return _json(200, told)


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


def _json(status: int, content: dict[str, Any]) -> ASGIResponse:
    kind = "application/json" if status < 400 else "application/problem+json"
    return ASGIResponse(body=json.dumps(content), status_code=status, media_type=kind)
