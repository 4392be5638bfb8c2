"""The adapter to the public registers over HTTP: an answer about the firm that was asked for, or nobody answered."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
from stdnum.fi import ytunnus

from setori.facts import CompanyRegister, FactAnswer, FactKind, Office, RegisterUnreachable, Told

MAX_ANSWER_BYTES = 64 * 1024
_PATHS = {Office.COMPANY: "/companies/", Office.OBLIGATIONS: "/obligations/"}


@dataclass(frozen=True, slots=True)
class RegisterPatience:
    """How long a register is waited for, in seconds: to connect, between two pieces of an answer, and in all."""

    connect_s: float = 2
    read_s: float = 5
    total_s: float = 8


class HttpCompanyRegister(CompanyRegister):
    """The registers behind a URL. The client is the caller's, so that connections are shared."""

    def __init__(
        self, base_url: str, token: str, client: httpx.AsyncClient, patience: RegisterPatience | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._client = client
        patience = patience or RegisterPatience()
        self._total_s = patience.total_s
        self._timeout = httpx.Timeout(patience.read_s, connect=patience.connect_s)

    async def ask(self, office: Office, business_id: str) -> Told:
        """What an office says. Only an answer about this very firm counts; everything else is silence."""
        if not ytunnus.is_valid(business_id):
            raise RegisterUnreachable("the Business ID is none")
        status, body = await self._fetch(_PATHS[office] + business_id)
        if status not in (200, 404):
            raise RegisterUnreachable(f"HTTP {status}")
        try:
            fields = _object(body)
            if fields.get("business_id") != business_id:
                raise RegisterUnreachable("another firm was answered")
            if status == 404:
                return _unknown(office)
            return Told(str(fields.get("source") or self._base_url)[:120], _answers(office, fields))
        except ValueError as wrong:
            raise RegisterUnreachable(f"garbage: {wrong}") from wrong

    async def _fetch(self, path: str) -> tuple[int, bytes]:
        try:
            async with (
                asyncio.timeout(self._total_s),
                self._client.stream(
                    "GET",
                    self._base_url + path,
                    headers=self._headers,
                    timeout=self._timeout,
                    follow_redirects=False,
                ) as response,
            ):
                read = bytearray()
                async for piece in response.aiter_raw():
                    read += piece
                    if len(read) > MAX_ANSWER_BYTES:
                        raise RegisterUnreachable("garbage: the answer is too long")
                return response.status_code, bytes(read)
        except (TimeoutError, httpx.TimeoutException) as late:
            raise RegisterUnreachable("no answer in time") from late
        except httpx.HTTPError as broken:
            raise RegisterUnreachable(f"the connection failed: {type(broken).__name__}") from broken


def _unknown(office: Office) -> Told:
    """No register knows the firm: that is an answer of the business register, and none of the other office."""
    if office is Office.OBLIGATIONS:
        return Told("", {})
    return Told("Business register", {FactKind.STANDING: FactAnswer.MISSING})


def _answers(office: Office, fields: dict[str, Any]) -> dict[str, str]:
    if office is Office.OBLIGATIONS:
        owes_tax, owes_pension = _flag(fields, "tax_debt"), _flag(fields, "pension_debt")
        return {
            FactKind.TAX: FactAnswer.TAX_DEBT if owes_tax else FactAnswer.TAXES_PAID,
            FactKind.PENSION: FactAnswer.PENSION_DEBT if owes_pension else FactAnswer.PENSIONS_PAID,
        }
    status = fields.get("status")
    if status not in (FactAnswer.ACTIVE, FactAnswer.CEASED, FactAnswer.BANKRUPT):
        raise ValueError("the status is none we know")
    is_registered = _flag(fields, "prepayment_register")
    return {
        FactKind.STANDING: FactAnswer(status),
        FactKind.PREPAYMENT: FactAnswer.REGISTERED if is_registered else FactAnswer.NOT_REGISTERED,
    }


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise ValueError("not JSON") from wrong
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is missing")
    return value
