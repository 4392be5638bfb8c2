"""What comes back may be anything: only a whole, sound answer about this very order counts as knowledge."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from setori.gateway import MAX_ANSWER_BYTES, HttpPaymentGateway, Patience
from setori.settlement.gateway import GatewayUnreachable, Later, Outcome, Refused, Unknown
from tests.gateway.running import PLAIN, TOKEN, free_port, instruction

ORDER = instruction(123_45)
SOUND = {
    "id": "pay_1",
    "status": "accepted",
    "amount_cents": 123_45,
    "end_to_end_id": ORDER.order_id.hex,
    "idempotency_key": str(ORDER.order_id),
}
LINE = {
    "id": "line_1",
    "payment_id": "pay_1",
    "end_to_end_id": ORDER.order_id.hex,
    "amount_cents": 123_45,
    "creditor_iban": "FI2112345600000785",
    "reference": "20017",
    "booked_on": "2026-11-20",
}


def http(status: int, body: bytes | dict[str, Any], *headers: str) -> bytes:
    """The bytes of an answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} Said", f"content-length: {len(content)}", "connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


@dataclass(frozen=True)
class Stage:
    """A server of our own making, and our side of the wire to it."""

    url: str
    client: httpx.AsyncClient

    def ours(self, **waits: float) -> HttpPaymentGateway:
        return HttpPaymentGateway(self.url, TOKEN, self.client, Patience(**waits))


@asynccontextmanager
async def saying(said: bytes, *, drip_s: float = 0, heard: list[bytes] | None = None) -> AsyncIterator[Stage]:
    """A server that says the same to everybody, at once or one byte after another."""
    questions = [] if heard is None else heard

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        questions.append(await reader.readuntil(b"\r\n\r\n"))
        try:
            for byte in [said] if not drip_s else [said[i : i + 1] for i in range(len(said))]:
                writer.write(byte)
                await writer.drain()
                await asyncio.sleep(drip_s)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(verify=PLAIN, trust_env=False, follow_redirects=True) as client:
        yield Stage(f"http://127.0.0.1:{port}", client)
    server.close()


async def sent_to(said: bytes) -> Outcome:
    async with saying(said) as stage:
        return await stage.ours().send(ORDER.order_id, ORDER.body())


@pytest.mark.parametrize(
    "said",
    [
        http(200, b"<html>Welcome to the hotel network</html>"),
        http(201, b"["),
        http(201, b"[" * 60_000),
        http(201, b"null"),
        http(201, b"\xff\xfe"),
        http(201, {}),
        http(201, SOUND | {"status": "perhaps"}),
        http(201, SOUND | {"end_to_end_id": "somebody"}),
        http(201, SOUND | {"amount_cents": "12345"}),
        http(201, SOUND | {"amount_cents": 12345.0}),
        http(201, SOUND | {"padding": "x" * MAX_ANSWER_BYTES}),
        http(201, SOUND)[:-5],
        http(201, gzip.compress(json.dumps(SOUND).encode()), "content-encoding: gzip"),
        http(302, b"", "location: /elsewhere"),
        http(408, b""),
        http(409, b""),
        http(500, SOUND),
        http(502, b""),
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_not_whole_and_sound_leaves_the_outcome_unknown(said: bytes) -> None:
    outcome = await sent_to(said)
    assert isinstance(outcome, Unknown)
    assert not outcome.freeze


async def test_an_order_is_never_carried_on_to_another_address() -> None:
    elsewhere: list[bytes] = []
    async with saying(http(201, SOUND), heard=elsewhere) as other:
        location = f"location: {other.url}/payments"
        assert await sent_to(http(307, b"", location)) == Unknown("HTTP 307")
    assert elsewhere == []


@pytest.mark.parametrize(
    ("said", "after_s"),
    [
        (http(503, b"", "retry-after: 120"), 120),
        (http(429, b"", "retry-after: 999999999"), 3600),
        (http(429, b"", "retry-after: 0"), 1),
        (http(503, b"", "retry-after: soon"), 30),
        (http(503, b""), 30),
    ],
)
async def test_a_busy_gateway_is_obeyed_within_reason(said: bytes, after_s: int) -> None:
    assert await sent_to(said) == Later(after_s)


async def test_a_refusal_carries_the_gateways_words_or_its_number() -> None:
    assert await sent_to(http(400, {"detail": "No such account"})) == Refused(400, "No such account")
    assert await sent_to(http(404, b"<html>")) == Refused(404, "HTTP 404")


async def test_a_dripping_answer_is_given_up_after_the_whole_time() -> None:
    async with saying(http(201, SOUND), drip_s=0.05) as stage:
        begun = time.monotonic()
        outcome = await stage.ours(total_s=0.3).send(ORDER.order_id, ORDER.body())
        assert outcome == Unknown("no answer in time")
        assert time.monotonic() - begun < 2


async def test_where_nobody_listens_the_outcome_is_unknown() -> None:
    async with httpx.AsyncClient(verify=PLAIN, trust_env=False) as client:
        ours = HttpPaymentGateway(f"http://127.0.0.1:{free_port()}", TOKEN, client)
        assert isinstance(await ours.send(ORDER.order_id, ORDER.body()), Unknown)
        with pytest.raises(GatewayUnreachable):
            await ours.find(ORDER.order_id)


@pytest.mark.parametrize(
    "said",
    [
        http(200, {}),
        http(200, {"payments": [SOUND | {"end_to_end_id": "0" * 32}]}),
        http(200, {"payments": [SOUND | {"amount_cents": None}]}),
        http(404, {}),
        http(500, {"payments": []}),
        http(200, {"payments": []})[:-1],
    ],
)
async def test_nothing_found_is_only_believed_from_a_sound_answer(said: bytes) -> None:
    async with saying(said) as stage:
        with pytest.raises(GatewayUnreachable):
            await stage.ours().find(ORDER.order_id)


@pytest.mark.parametrize(
    "said",
    [
        http(200, {"lines": [LINE], "next": 7}),
        http(200, {"lines": [LINE | {"booked_on": "20.11.2026"}], "next": None}),
        http(200, {"next": None}),
        http(429, b""),
    ],
)
async def test_a_report_that_makes_no_sense_is_no_report(said: bytes) -> None:
    async with saying(said) as stage:
        with pytest.raises(GatewayUnreachable):
            await stage.ours().report(date(2026, 11, 1), date(2026, 11, 30))


async def test_a_report_that_turns_in_a_circle_is_given_up_at_once() -> None:
    heard: list[bytes] = []
    async with saying(http(200, {"lines": [LINE], "next": "7"}), heard=heard) as stage:
        with pytest.raises(GatewayUnreachable, match="no end"):
            await stage.ours().report(date(2026, 11, 1), date(2026, 11, 30))
    assert len(heard) == 2


async def test_a_line_of_an_order_that_is_none_of_ours_is_still_reported() -> None:
    async with saying(http(200, {"lines": [LINE | {"end_to_end_id": "NOTPROVIDED"}], "next": None})) as stage:
        (line,) = await stage.ours().report(date(2026, 11, 1), date(2026, 11, 30))
        assert (line.order_id, line.amount_cents) == (None, 123_45)
