"""Coming in and going out: a link by e-mail, one's roles, and the way out."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Template
from pydantic import BaseModel, ConfigDict

from setori import people
from setori.db import Sessions
from setori.people import Actor, Email, Role, TooOften
from setori.settings import Settings
from setori.web import forms, kept_list
from setori.web.given import By, Config, Db, Filled, Id, Now, Req, visitor_of
from setori.web.guards import public, signed_in
from setori.web.pages import page, see

HOME = {
    Role.JOBSEEKER: "/wallet",
    Role.COACH: "/provider",
    Role.PROVIDER_OWNER: "/provider",
    Role.CASE_WORKER: "/procurer",
    Role.REGISTRAR: "/procurer",
    Role.FINANCE: "/procurer",
    Role.APPROVER: "/procurer",
    Role.SERVICE_MANAGER: "/guiding",
    Role.SAFEGUARDING: "/safeguarding",
}

Next = Annotated[str, QueryParameter(name="next", max_length=200)]
Token = Annotated[str, QueryParameter(name="token", max_length=200)]


class AskForLink(BaseModel):
    """Whose way in is asked for."""

    model_config = ConfigDict(extra="forbid")

    email: Email


@get("/sign-in", opt=public())
async def ask(request: Req, next: Next = "/") -> Template:
    """Where one writes one's e-mail address."""
    return page(request, "sign_in/ask.html", form=forms.Form(), next=own_path(next), refusal=None)


@post("/sign-in", opt=public())
async def send_link(request: Req, db: Db, now: Now, typed: Filled) -> Template:
    """Send a link. The answer is the same whether the address is known or not, and comes as fast."""
    form = forms.parse(AskForLink, typed)
    path = own_path((typed.get("next") or ["/"])[-1])
    if form.value is None:
        return page(request, "sign_in/ask.html", status=422, form=form, next=path, refusal=None)
    try:
        await people.count_request(db, form.value.email, at=now, visitor=visitor_of(request))
    except TooOften as refusal:
        await db.rollback()
        shown = page(
            request, "sign_in/ask.html", status=refusal.status, form=form, next=path, refusal=refusal
        )
        shown.headers["retry-after"] = str(refusal.after_s)
        return shown
    answer = page(request, "sign_in/sent.html", email=form.value.email)
    # Whoever has an answer cannot measure what is done after it.
    answer.background = BackgroundTask(_send, request.app.state.sessions, form.value.email, now, path)
    return answer


async def _send(sessions: Sessions, email: str, at: datetime, path: str) -> None:
    async with sessions.begin() as db:
        await people.send_link(db, email, at=at, next_path=path)


@get("/sign-in/link", opt=public())
async def look(request: Req, db: Db, now: Now, token: Token = "") -> Template:
    """What a link leads to: a button. Looking does not use it up, so that mail scanners do no harm."""
    seen = await people.look_at_link(db, token, at=now)
    return page(request, "sign_in/link.html", seen=seen, token=token)


@post("/sign-in/link", opt=public())
async def enter(request: Req, db: Db, now: Now, typed: Filled, settings: Config) -> Response[None]:
    """Come in: the link is used up, and the browser gets a secret that the server minted; a former one ends."""
    token = (typed.get("token") or [""])[-1]
    seen = await people.look_at_link(db, token, at=now)
    secret, actor = await people.sign_in(db, token, at=now, demo=settings.demo)
    if request.state.secret:
        await people.sign_out(db, request.state.secret, at=now)
    path = own_path(seen.next_path)
    answer = let_in(request, secret, HOME[actor.role] if path == "/" else path)
    await kept_list.move(request, db, answer, actor, now)
    return answer


@post("/sign-out", opt=signed_in())
async def leave(request: Req, db: Db, now: Now) -> Response[None]:
    """Go out: the secret is worth nothing from now on."""
    await people.sign_out(db, request.state.secret, at=now)
    answer = see("/")
    answer.delete_cookie(request.state.cookie_name)
    return answer


@get("/roles", opt=signed_in())
async def roles(request: Req, db: Db, by: By) -> Template:
    """All that one can act as."""
    return page(request, "sign_in/roles.html", memberships=await people.list_memberships(db, by.person_id))


@post("/roles/{membership_id:uuid}", opt=signed_in())
async def switch(request: Req, db: Db, now: Now, membership_id: Id) -> Response[None]:
    """Act as something else: the secret is minted anew."""
    secret = await people.switch_role(db, request.state.secret, membership_id, at=now)
    return let_in(request, secret, "/")


def let_in(request: Req, secret: str, path: str) -> Response[None]:
    """Give the browser the secret of its sign-in, and show it where to go."""
    answer = see(path)
    answer.set_cookie(
        Cookie(
            key=request.state.cookie_name,
            value=secret,
            path="/",
            httponly=True,
            samesite="lax",
            secure=request.state.is_https,
            max_age=int(people.SIGN_IN_LIVES.total_seconds()),
        )
    )
    return answer


def home_of(actor: Actor | None) -> str:
    """Where somebody begins."""
    return HOME[actor.role] if actor else "/"


def own_path(path: str) -> str:
    """A path of this site, or the front page when it points elsewhere."""
    parts = urlsplit(path)
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if is_own and "\\" not in path else "/"


routes = [ask, send_link, look, enter, leave, roles, switch]
__all__ = ["Settings", "home_of", "let_in", "own_path", "routes"]
