"""Setori as a web application: the only place that wires things together, and the only one that looks at the clock."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import asyncpg
import structlog
from litestar import Litestar, Request, Response, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.openapi.config import OpenAPIConfig
from litestar.static_files import create_static_files_router

from setori import api, booking, catalogue
from setori.db import Database, Sessions, make_sessions
from setori.errors import NotFound, SetoriError
from setori.people import TooOften
from setori.settings import Settings
from setori.web import (
    assets,
    calendars,
    concerns,
    dialogue,
    guiding,
    home,
    jobseeker,
    joining,
    mails,
    moderating,
    procurer,
    provider,
    public,
    sign_in,
    watching,
)
from setori.web.forms import Typed
from setori.web.given import Req
from setori.web.guards import NotSignedIn, bearers, by_policy, refuse_silent_routes
from setori.web.guards import public as for_anybody
from setori.web.pages import engine, page, refusal_page, see, unsent_page
from setori.web.public.searching import KeptHtml
from setori.web.security import Doorkeeper, ForeignRequest, refuse_foreign_forms

log = structlog.get_logger()


class TooLarge(SetoriError):
    """More came than a route takes, so that nothing of it was read."""

    status = 413
    sentence = "What you sent is too large. A file may be at most 10 MB. Go back and choose a smaller one."


def clock() -> datetime:
    """The moment now, in UTC. Everything else in Setori is told the time."""
    return datetime.now(UTC)


def create_app(settings: Settings) -> Litestar:
    """The whole application. It does not start when a route has no policy."""
    built = assets.load()
    static = create_static_files_router(
        path="/static",
        directories=[built.directory],
        opt=for_anybody(),
        cache_control=CacheControlHeader(max_age=31536000, public=True, immutable=True),
        include_in_schema=False,
    )
    faces = [
        *home.routes,
        *sign_in.routes,
        *public.routes,
        *dialogue.routes,
        *jobseeker.routes,
        *joining.routes,
        *provider.routes,
        *procurer.routes,
        *calendars.routes,
        *guiding.routes,
        *concerns.routes,
        *moderating.routes,
        *watching.routes,
        *(mails.routes if settings.demo else []),
    ]
    for handler in faces:
        handler.include_in_schema = False
    app = Litestar(
        route_handlers=[static, *faces, *api.routes_with(bearers(), for_anybody())],
        lifespan=[connected],
        state=State({"settings": settings, "code_key": code_key(settings)}),
        dependencies={
            "db": Provide(provide_db),
            "wire": Provide(provide_wire, sync_to_thread=False),
            "now": Provide(provide_now, sync_to_thread=False),
            "by": Provide(provide_actor, sync_to_thread=False),
            "typed": Provide(provide_typed),
            "settings": Provide(provide_settings, sync_to_thread=False),
            "code_key": Provide(provide_code_key, sync_to_thread=False),
        },
        guards=[by_policy],
        plugins=api.plugins,
        before_request=refuse_foreign_forms,
        template_config=engine(settings, built),
        exception_handlers={
            SetoriError: show_refusal,
            ValidationException: show_bad_input,
            HTTPException: show_http_error,
            RecursionError: show_too_deep,
            Exception: show_fault,
        },
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5, minimum_size=800),
        openapi_config=OpenAPIConfig(
            title="Setori",
            version="1",
            openapi_router=Router(
                "/api/v1",
                route_handlers=[],
                opt=for_anybody(),
                before_request=show_nothing_but_the_schema,
                include_in_schema=False,
            ),
            render_plugins=api.documentation,
            components=api.security,
        ),
        request_max_body_size=2_000_000,
        debug=False,
    )
    refuse_silent_routes(app.routes)
    # Around the router, not behind it: a page that does not exist gets the same headers and the same look.
    app.asgi_handler = Doorkeeper(app.asgi_handler, settings=settings, clock=clock)
    return app


@asynccontextmanager
async def connected(app: Litestar) -> AsyncIterator[None]:
    """While it runs, the app has two ways to its database: sessions for the pages and a pool for the hot path."""
    settings: Settings = app.state.settings
    database, app.state.sessions = make_sessions(settings.database_url, pool_size=settings.pool_size)
    index = catalogue.Index(
        settings.database_url, clock, booking.first_times, max_age=settings.catalogue_seconds
    )
    catalogue.use_index(app.state.sessions, index)
    app.state.kept_html = KeptHtml()
    async with asyncpg.create_pool(
        settings.database_url,
        min_size=1,
        max_size=settings.pool_size,
        server_settings={"application_name": "setori hot", "jit": "off"},
        reset=leave_as_it_is,
    ) as pool:
        app.state.wire = pool
        yield
    await index.close()
    await database.dispose()


def code_key(settings: Settings) -> bytes:
    """The key of voucher codes, apart from the keys of cookies and forms."""
    return settings.code_key


async def leave_as_it_is(_: Any) -> None:
    """What a connection of the hot path is given back with: it holds no state, and a reset is one more round trip."""


async def provide_db(state: State) -> AsyncIterator[Database]:
    """One request, one transaction: committed before the answer leaves, rolled back when anything is raised."""
    sessions: Sessions = state.sessions
    async with sessions() as db:
        yield db
        if db.in_transaction():  # a page that asked nothing has nothing to commit
            await db.commit()


def provide_wire(state: State) -> Any:
    """The pool of the hot path."""
    return state.wire


def provide_now(request: Request[Any, Any, Any]) -> datetime:
    """The moment at which the request came in."""
    now: datetime = request.state.now
    return now


def provide_actor(request: Request[Any, Any, Any]) -> Any:
    """Who is signed in; the route's policy has seen to it that somebody is."""
    return request.state.actor


async def provide_typed(request: Request[Any, Any, Any]) -> Typed:
    """The fields of the form, each with all its values, and without the NUL that no text in the database holds."""
    form = await request.form()
    return {name: [str(value).replace("\0", "") for value in form.getall(name)] for name in form}


def provide_settings(state: State) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = state.settings
    return settings


def provide_code_key(state: State) -> bytes:
    """The key that voucher codes are made with."""
    key: bytes = state.code_key
    return key


def show_refusal(request: Req, refusal: SetoriError) -> Response[Any]:
    """A refusal: a problem document for machines, a page for people, and the way in for whoever is not signed in."""
    if _is_machine(request):
        return problem(refusal.status, refusal.code, str(refusal), getattr(refusal, "errors", None))
    if isinstance(refusal, NotSignedIn):
        # A part of a page cannot become the way in: the page says itself what to do, and keeps what was typed.
        if request.headers.get("hx-request") == "true":
            return Response(b"", status_code=401)
        if refusal.unsent is not None:
            return unsent_page(request, refusal.unsent, refusal.status)
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return see(f"/sign-in?next={quote(asked)}")
    if isinstance(refusal, ForeignRequest) and refusal.unsent is not None:
        return unsent_page(request, refusal.unsent, refusal.status)
    shown = refusal_page(request, refusal)
    if isinstance(refusal, TooOften):
        shown.headers["retry-after"] = str(refusal.after_s)
    return shown


def show_bad_input(request: Req, wrong: ValidationException) -> Response[Any]:
    """Input that does not fit: each field with its fault for machines; for people an address that is not one."""
    if not _is_machine(request):
        return refusal_page(request, NotFound())
    details = wrong.extra if isinstance(wrong.extra, list) else []
    errors = {
        str(detail.get("key") or "body").removeprefix("data."): str(detail.get("message"))
        for detail in details
        if isinstance(detail, Mapping)
    }
    return problem(422, "invalid", api.WRONG_FIELDS, errors)


def show_http_error(request: Req, error: HTTPException) -> Response[Any]:
    """What the framework refuses: no such page, not this method, too large."""
    if _is_machine(request):
        return problem(error.status_code, "http-error", error.detail)
    if error.status_code == 404:
        return refusal_page(request, NotFound())
    if error.status_code == 413:
        return refusal_page(request, TooLarge())
    refusal = SetoriError("The page could not be shown. Go back and try again.")
    return page(request, "errors/refused.html", status=error.status_code, refusal=refusal)


def show_fault(request: Req, fault: Exception) -> Response[Any]:
    """Our own fault: said plainly, with the number under which it was logged."""
    route = request.scope.get("path_template", "")
    log.error("fault", id=request.state.get("request_id", ""), route=route, exc_info=fault)
    if _is_machine(request):
        return problem(500, "fault", "Something went wrong on our side. Nothing was changed; try again.")
    return page(request, "errors/fault.html", status=500, number=request.state.request_id[:8])


def show_too_deep(request: Req, fault: Exception) -> Response[Any]:
    """A body that is nested deeper than anything means."""
    detail = "The body is nested too deeply."
    if _is_machine(request):
        return problem(400, "too-deep", detail)
    return page(request, "errors/fault.html", status=400, number=request.state.request_id[:8])


def problem(status: int, code: str, detail: str, errors: Mapping[str, str] | None = None) -> Response[Any]:
    """An RFC 9457 problem document."""
    body: dict[str, Any] = {
        "type": f"urn:setori:problem:{code}",
        "title": code.replace("-", " "),
        "status": status,
    }
    body["detail"] = detail
    if errors:
        body["errors"] = dict(errors)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def show_nothing_but_the_schema(request: Req) -> None:
    """The framework answers what it does not know beside the schema with a web page; a machine wants a problem."""
    if not request.url.path.endswith("/openapi.json"):
        raise NotFoundException


def _is_machine(request: Req) -> bool:
    return request.url.path.startswith(("/api/", "/webhooks/", "/register.", "/register/"))


__all__ = ["clock", "create_app"]
