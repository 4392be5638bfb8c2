"""What stands around every page: who is signed in, the form's token, where a request comes from, and the headers."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

import structlog
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from setori import people
from setori.db import Sessions
from setori.errors import SetoriError
from setori.settings import Settings
from setori.web import i18n
from setori.web.unsent import Unsent, unsent_of

SAFE = {"GET", "HEAD", "OPTIONS"}
MACHINES = ("/api/", "/webhooks/")
VARIES_BY = ("Accept-Language", "Cookie", "HX-Request")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}
RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
log = structlog.get_logger()


class ForeignRequest(SetoriError):
    """A form came from another site, or from a page of somebody else's sign-in."""

    status = 403
    sentence = "The form had been open too long, or it came from another site. Go back, reload the page and try again."

    def __init__(self, unsent: Unsent | None = None) -> None:
        super().__init__()
        self.unsent = unsent


class Doorkeeper:
    """ASGI middleware: looks who is there before a page is made, and sets the headers on the way out."""

    def __init__(self, app: ASGIApp, settings: Settings, clock: Callable[[], datetime]):
        self.app = app
        self.key = settings.secret_key.get_secret_value().encode()
        self.is_https = settings.base_url.startswith("https://")
        self.cookie_name = "__Host-setori" if self.is_https else "setori"
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stand before one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = as_get(scope, send)
        without_nul(scope)
        request: Request[Any, Any, Any] = Request(scope)
        path, state = scope["path"], scope.setdefault("state", {})
        cookies = request.cookies  # read leniently: another program's odd cookie must not hide ours
        at = self.clock()
        asked = request.query_params.get("lang")
        remembered = cookies.get("lang")
        language = i18n.negotiate(asked, remembered, request.headers.get("accept-language", ""))
        secret = cookies.get(self.cookie_name)
        actor = None
        if secret and not path.startswith(("/static/", *MACHINES)):
            sessions: Sessions = scope["litestar_app"].state.sessions
            async with sessions.begin() as db:
                actor = await people.find_sign_in(db, secret, at=at)
        if actor is None:
            secret = None
        state.update(
            actor=actor,
            secret=secret,
            language=language,
            now=at,
            csrf=mask(self.expected(secret)),
            csrf_expected=self.expected(secret),
            cookie_name=self.cookie_name,
            is_https=self.is_https,
            request_id=uuid4().hex,
        )
        i18n.language.set(language)
        is_static = path.startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                told = {name.lower() for name, _ in message["headers"]}
                headers.headers.extend(header for header in RAW_HEADERS if header[0] not in told)
                headers["x-request-id"] = state["request_id"]
                if self.is_https:
                    headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"
                if not is_static and "public" not in headers.get("cache-control", ""):
                    # What is the same for everybody says so itself, and varies by nobody.
                    headers["vary"] = with_words(headers.get("vary", ""), VARIES_BY)
                    headers.setdefault("cache-control", "no-store" if actor else "no-cache")
                if asked == language and asked != remembered:
                    headers.add("set-cookie", f"lang={language}; Path=/; Max-Age=31536000; SameSite=Lax")
                # The route and not the address: an address may carry a secret, as a link in mail does.
                log.info(
                    "request",
                    method=request.method,
                    route=scope.get("path_template", ""),
                    status=message["status"],
                    id=state["request_id"],
                )
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def expected(self, secret: str | None) -> bytes:
        """The form token of a sign-in; without one, of anybody (the origin is looked at all the same)."""
        return hmac.new(self.key, b"form " + (secret or "anybody").encode(), hashlib.sha256).digest()


def as_get(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """A request for the headers alone: a page is made as for GET, and only its headers are sent (RFC 9110, 9.3.2)."""

    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {
                "type": "http.response.body",
                "body": b"",
                "more_body": message.get("more_body", False),
            }
        await send(message)

    asked = {**scope, "method": "GET"}
    return cast(Scope, asked), send_headers


def with_words(said: str, more: tuple[str, ...]) -> str:
    """A header that is a list of words, with more of them: what stands there stays, and nothing stands twice."""
    words = [word.strip() for word in said.split(",") if word.strip()]
    known = {word.lower() for word in words}
    return ", ".join([*words, *(word for word in more if word.lower() not in known)])


def without_nul(scope: Scope) -> None:
    """NUL, which no text in the database holds, is left out of the query, and an address that has one is nobody's."""
    while b"%00" in scope["query_string"]:
        scope["query_string"] = scope["query_string"].replace(b"%00", b"")
    scope["path"] = scope["path"].replace("\0", "\N{REPLACEMENT CHARACTER}")


def mask(token: bytes) -> str:
    """A token made to look different each time, so that its length under compression tells nothing."""
    pad = secrets.token_bytes(len(token))
    mixed = bytes(a ^ b for a, b in zip(pad, token, strict=True))
    return base64.urlsafe_b64encode(pad + mixed).decode()


def unmask(shown: str) -> bytes:
    """The token behind a masked one; empty when it cannot be one."""
    try:
        raw = base64.urlsafe_b64decode(shown.encode())
    except ValueError:
        return b""
    half = len(raw) // 2
    return bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=False))


ONE_CLICK = "/news/leave"
"""Where a mail program leaves for its reader (RFC 8058). It has no cookie; the token in the address is the proof."""


async def refuse_foreign_forms(request: Request[Any, Any, Any]) -> None:
    """Before a page's POST: it must come from our own site and carry this sign-in's token. Raises ForeignRequest."""
    if request.method in SAFE or request.url.path.startswith(MACHINES):
        return
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    # Under our own referrer policy a browser names no origin, and vouches with Sec-Fetch-Site that it is the same.
    is_unnamed = origin == "null" and site == "same-origin"
    is_foreign = origin is not None and not is_unnamed and origin.split("://")[-1] != host
    if site in ("cross-site", "same-site") or is_foreign:
        raise ForeignRequest
    form = await request.form()
    if request.url.path == ONE_CLICK and form.get("List-Unsubscribe") == "One-Click":
        return
    shown = request.headers.get("x-csrf-token") or str(form.get("_csrf", ""))
    if not hmac.compare_digest(unmask(shown), request.state.csrf_expected):
        # Where the browser vouches for our own page, it is an old one: of a sign-in that has ended since.
        is_vouched = site == "same-origin" or (origin is not None and not is_unnamed)
        raise ForeignRequest(await unsent_of(request) if is_vouched else None)
