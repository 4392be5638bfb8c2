"""Mail: what each message says, made when it is looked at. In the demo it is shown on a page instead of sent."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template

from setori import people
from setori.people import MailView
from setori.web import i18n
from setori.web.concern_mails import CONCERNS
from setori.web.given import Db, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.joining_mails import JOINING
from setori.web.meeting_mails import MEETINGS, meeting_in_words
from setori.web.names import name
from setori.web.outcome_mails import OUTCOMES
from setori.web.pages import page, pick
from setori.web.registry_mails import REGISTRY
from setori.web.voucher_mails import VOUCHERS

WORDS: dict[str, tuple[str, str, str, str]] = {
    **CONCERNS,
    **JOINING,
    **OUTCOMES,
    **VOUCHERS,
    "sign_in_link": (
        N_("Your link to Setori"),
        N_("Open the link and press the button. It works once, for ten minutes. Not yours? Do nothing."),
        "/sign-in/link?token={token}",
        N_("Sign in"),
    ),
    "session_recorded": (
        N_("Did you meet your coach?"),
        N_("Your coach says that you met. Tell us whether that is right: nothing is paid before you do."),
        "/sessions/{redemption_id}",
        N_("Look at it"),
    ),
    "client_moved_on": (
        N_("A client has chosen another coach"),
        N_(
            "That happens, and is no judgement of your work. Sessions held are paid, booked times are free again. Is a "
            "session not recorded yet? You have 14 days."
        ),
        "/provider/clients/{choice_id}",
        N_("See this client"),
    ),
    "account_changed": (
        N_("The bank account of your firm was changed"),
        N_("It is paid from tomorrow on. Was it not you or a colleague? Tell the employment area at once."),
        "/provider/profile",
        N_("Look at the profile"),
    ),
    "session_waits": (
        N_("Did you meet? Tell us before it counts as a yes"),
        N_("Your coach recorded a session. If you say nothing, it will soon count as held and be paid."),
        "/sessions/{redemption_id}",
        N_("Give your answer"),
    ),
    "session_disputed": (
        N_("Your client says that a session is not right"),
        N_("Read what the client says, and tell your side. The money stays held until it is settled."),
        "/provider/sessions/{redemption_id}",
        N_("Tell your side"),
    ),
    "dispute_decided": (
        N_("What you said of a session has been decided"),
        N_("The decision and its reason are on the session's page."),
        "/sessions/{redemption_id}",
        N_("Read the decision"),
    ),
    "dispute_decided_provider": (
        N_("A disputed session has been decided"),
        N_("The decision and its reason are on the session's page."),
        "/provider/sessions/{redemption_id}",
        N_("Read the decision"),
    ),
    **MEETINGS,
    "provider_lost": (
        N_("Your coach cannot go on at the moment"),
        N_("That is not because of you. What is left on your voucher is yours: see who else there is."),
        "/wallet",
        N_("See who else there is"),
    ),
    **REGISTRY,
    "dialogue_confirm": (
        N_("Send in what you wrote about a rulebook"),
        N_(
            "“{title}”: open the link and press the button, and what you wrote counts. Not yours? Do nothing."
        ),
        "/dialogue/confirmation?token={token}",
        N_("See what you wrote"),
    ),
    "dialogue_answered": (
        N_("The rulebook you commented on is published"),
        N_("“{title}”: every comment has its answer, and you see what changed."),
        "/dialogue/{dialogue_id}",
        N_("See the answers"),
    ),
    "news_confirm": (
        N_("Follow rulebooks by e-mail"),
        N_("Open the link and press the button. Not yours? Do nothing, and we write no more."),
        "/news/confirmation?token={token}",
        N_("Follow"),
    ),
    "news_opened": (
        N_("A draft rulebook is open for comments"),
        N_("{procurer} asks what you think of “{title}”. The last day for comments is {closes_on}."),
        "{path}",
        N_("Read and comment"),
    ),
    "news_closing": (
        N_("The last day for comments is near"),
        N_("“{title}” of {procurer} is open for comments until the end of {closes_on}."),
        "{path}",
        N_("Read and comment"),
    ),
    "news_published": (
        N_("A rulebook has been published"),
        N_("{procurer} has published “{title}”. Providers can apply now."),
        "{path}",
        N_("Read it"),
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
    about: str = ""
    leave_path: str = ""
    taps: tuple[tuple[int, str], ...] = ()
    """Points of 1–5 with the address that begins the answer with them."""


def letter(mail: MailView) -> Letter:
    """A message of the outbox in its reader's language."""
    subject, body, path, button = WORDS.get(mail.kind, (mail.kind, "", "/", N_("Open Setori")))
    leave_token = mail.params.get("leave_token")
    before = i18n.language.set(mail.language)
    try:
        return Letter(
            id=mail.id,
            to=mail.name,
            email=mail.email,
            at=mail.created_at,
            subject=gettext(subject).format_map(_Blank(_in_words(mail))),
            body=gettext(body).format_map(_Blank(_in_words(mail))),
            about=_about(mail),
            path=path.format_map(_Blank(mail.params)),
            button=gettext(button),
            taps=_taps(mail),
            leave_path=f"/news/leave?token={leave_token}" if leave_token else "",
        )
    finally:
        i18n.language.reset(before)


def _in_words(mail: MailView) -> dict[str, object]:
    """What a message is about, in its reader's language: texts picked, days written out."""
    told = {key: pick(value) if isinstance(value, dict) else value for key, value in mail.params.items()}
    if told.get("document"):
        told["document"] = name(str(told["document"]))
    told |= meeting_in_words(told)
    if told.get("closes_on"):
        told["closes_on"] = i18n.day(date.fromisoformat(str(told["closes_on"])))
    return told


def _taps(mail: MailView) -> tuple[tuple[int, str], ...]:
    if mail.kind not in ("pulse_asked", "pulse_again"):
        return ()
    return tuple((n, f"/how-is-it/{mail.params['code']}?recommend={n}") for n in range(1, 6))


def _about(mail: MailView) -> str:
    told = mail.params
    if not told.get("about"):
        return ""
    about = f"{pick(told['about'])} · {told['about_whose']}"
    number = told.get("about_number")
    return f"{about} · {gettext('Application %(number)s') % {'number': number}}" if number else about


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
