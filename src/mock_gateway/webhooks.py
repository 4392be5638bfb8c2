"""Webhooks: telling the customer that a payment was booked or rejected, signed by Standard Webhooks version 1.

See https://www.standardwebhooks.com: the signature covers the id, the time and the very bytes of the body.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable

import httpx

from mock_gateway.book import Book, Event
from mock_gateway.knobs import Knobs

_ANSWER_WITHIN_S = 5
_STALE_BY_S = 600
_LOOK_AGAIN_S = 60.0


def sign(secret: bytes, event_id: str, timestamp: int, body: str) -> str:
    """The signature header of one webhook."""
    signed = f"{event_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def secret_bytes(secret: str) -> bytes:
    """The key inside a `whsec_…` secret. Raises ValueError when it is no such secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    if not key or not secret.startswith("whsec_"):
        raise ValueError("a webhook secret is whsec_ and a key in base64")
    return key


class Courier:
    """Tells what the book has to tell, one event after another, until each is taken."""

    def __init__(self, book: Book, url: str, secret: bytes, clock: Callable[[], float]) -> None:
        self._book = book
        self._url = url
        self._secret = secret
        self._clock = clock
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to tell."""
        self._news.set()

    async def run(self) -> None:
        """Tell, for ever."""
        async with httpx.AsyncClient(timeout=_ANSWER_WITHIN_S, trust_env=False) as client:
            while True:
                self._news.clear()
                event = self._book.next_event(now=self._clock())
                if event is None:
                    await self._rest()
                else:
                    await self._deliver(client, event, self._book.knobs())

    async def _rest(self) -> None:
        next_at = self._book.next_event_at()
        pause = _LOOK_AGAIN_S if next_at is None else max(0.0, next_at - self._clock())
        try:
            await asyncio.wait_for(self._news.wait(), min(pause, _LOOK_AGAIN_S))
        except TimeoutError:
            return

    async def _deliver(self, client: httpx.AsyncClient, event: Event, knobs: Knobs) -> None:
        if knobs.drop_webhooks:
            self._book.told(event)
            return
        taken = [await self._tell(client, event, knobs) for _ in range(1 + knobs.duplicate_webhooks)]
        if all(taken):
            self._book.told(event)
        else:
            self._book.tell_again(event, now=self._clock())

    async def _tell(self, client: httpx.AsyncClient, event: Event, knobs: Knobs) -> bool:
        timestamp = int(self._clock()) - (_STALE_BY_S if knobs.stale_webhooks else 0)
        secret = self._secret + b"another" if knobs.missign_webhooks else self._secret
        headers = {
            "content-type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secret, event.id, timestamp, event.body),
        }
        try:
            answer = await client.post(self._url, content=event.body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success
