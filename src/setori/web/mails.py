"""Mail: what each message says, made when it is looked at. In the demo it is shown on a page instead of sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template

from setori import people
from setori.people import MailView
from setori.web import i18n
from setori.web.given import Db, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.pages import page

WORDS: dict[str, tuple[str, str, str, str]] = {
    "sign_in_link": (
        N_("Your link to Setori"),
        N_("Open the link and press the button. It works once, for ten minutes. Not yours? Do nothing."),
        "/sign-in/link?token={token}",
        N_("Sign in"),
    ),
    "voucher_issued": (
        N_("You have a voucher"),
        N_("You choose the coach, and the employment area pays. Take the voucher into use and look around."),
        "/claim/{claim_token}",
        N_("Take the voucher into use"),
    ),
    "session_recorded": (
        N_("Did you meet your coach?"),
        N_("Your coach says that you met. Tell us whether that is right: nothing is paid before you do."),
        "/sessions/{redemption_id}",
        N_("Look at it"),
    ),
    "application_decided": (
        N_("Your application has been decided"),
        N_("The decision and its reasons are on the application's page."),
        "/provider/applications/{application_id}",
        N_("See the decision"),
    ),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words."""

    id: UUID
    to: str
    email: str
    at: datetime
    subject: str
    body: str
    path: str
    button: str


def letter(mail: MailView) -> Letter:
    """A message of the outbox in its reader's language."""
    subject, body, path, button = WORDS.get(mail.kind, (mail.kind, "", "/", N_("Open Setori")))
    before = i18n.language.set(mail.language)
    try:
        return Letter(
            id=mail.id,
            to=mail.name,
            email=mail.email,
            at=mail.created_at,
            subject=gettext(subject),
            body=gettext(body),
            path=path.format_map(_Blank(mail.params)),
            button=gettext(button),
        )
    finally:
        i18n.language.reset(before)


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


@get("/demo/mail", opt=public())
async def outbox(
    request: Req, db: Db, after: Annotated[UUID | None, QueryParameter(name="after")] = None
) -> Template:
    """The mail that would have been sent, the newest first. The demo only."""
    listed = await people.list_outbox(db, after=after, limit=20)
    letters = [letter(mail) for mail in listed.items]
    return page(request, "demo/mail.html", letters=letters, next=listed.next)


routes = [outbox]
