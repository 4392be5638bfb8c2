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
from setori.web.given import Db, Req
from setori.web.guards import public
from setori.web.i18n import N_, gettext
from setori.web.joining_mails import JOINING
from setori.web.meeting_mails import MEETINGS, meeting_in_words
from setori.web.names import name
from setori.web.outcome_mails import OUTCOMES
from setori.web.pages import page, pick
from setori.web.voucher_mails import VOUCHERS

WORDS: dict[str, tuple[str, str, str, str]] = {
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
            "That happens, and is no judgement of your work. Sessions held are paid, booked times are free again."
        ),
        "/provider/clients?show=ended",
        N_("See your clients"),
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
    "approval_paused": (
        N_("Your approval is closed to new clients"),
        N_("You go on with the clients you have. The reason, and what to do, are on the page."),
        "/provider/approvals",
        N_("See why"),
    ),
    "document_ends": (
        N_("A document ends soon"),
        N_(
            "{document}: its last day is {closes_on}. Upload the new one in time, so that your approvals stay open to "
            "new clients."
        ),
        "/provider/documents/{document_id}",
        N_("See the document"),
    ),
    "approval_resumed": (
        N_("Your approval is open to new clients again"),
        N_("New clients can choose you again."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "approval_heard": (
        N_("Your side is asked before an approval is suspended"),
        N_("Read what it is about, and tell your side in time."),
        "/provider/approvals",
        N_("Tell your side"),
    ),
    "hearing_dropped": (
        N_("The hearing about your approval is closed"),
        N_("Your approval stays in force."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "approval_suspended": (
        N_("Your approval has been suspended"),
        N_("Sessions already held are paid. The reason is on the page."),
        "/provider/approvals",
        N_("See why"),
    ),
    "approval_ended": (
        N_("Your approval has ended"),
        N_("Sessions already held are paid. The reason is on the page."),
        "/provider/approvals",
        N_("See why"),
    ),
    "approval_reinstated": (
        N_("Your approval is in force again"),
        N_("New clients can choose you again, under the same terms as before."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "invited_to_apply": (
        N_("An employment area invites you to apply"),
        N_(
            "You are approved elsewhere already. What you have answered is filled in; a few questions are left."
        ),
        "/provider/rulebooks/{rulebook_id}",
        N_("See the terms and apply"),
    ),
    "approval_adopted": (
        N_("Another employment area has approved you"),
        N_("It trusts the approval that you have elsewhere. Tell how many clients you can take there."),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "application_submitted": (
        N_("An application has come"),
        N_("A provider has sent an application. It waits in the queue."),
        "/procurer/applications/{application_id}",
        N_("Open the application"),
    ),
    "application_assigned": (
        N_("Assess an application"),
        N_("You have been asked to assess an application. Mark each criterion by yourself."),
        "/procurer/applications/{application_id}/assessment",
        N_("Assess it"),
    ),
    "application_returned": (
        N_("Complete your application"),
        N_("The registrar asks you to complete the application. What is asked, and by when, is on its page."),
        "/provider/applications/{application_id}",
        N_("Complete it"),
    ),
    "appeal_resolved": (
        N_("Your appeal has been resolved"),
        N_("What came of your appeal, and why, is on the application's page."),
        "/provider/applications/{application_id}",
        N_("See what came of it"),
    ),
    "appeal_filed": (
        N_("A provider appeals against a decision"),
        N_("What it asks, and why, is on the application's page."),
        "/procurer/applications/{application_id}",
        N_("Open the application"),
    ),
    "completion_due": (
        N_("Complete your application in three days"),
        N_("The last day to complete it is {closes_on}."),
        "/provider/applications/{application_id}",
        N_("Complete it"),
    ),
    "firm_noticed": (
        N_("A register tells something of a firm that you approve"),
        N_(
            "Look at it and write down what you did. Only a firm that is gone is closed to new clients by itself."
        ),
        "/procurer/notices",
        N_("Look at the firms"),
    ),
    "desk_paused": (
        N_("Setori has closed an approval to new clients"),
        N_("The reason is on its page. You can open it again there; the clients it has go on."),
        "/procurer/approvals/{approval_id}",
        N_("See why"),
    ),
    "desk_resumed": (
        N_("Setori has opened an approval to new clients again"),
        N_("What it was closed for is over."),
        "/procurer/approvals/{approval_id}",
        N_("See the approval"),
    ),
    "delivery_missing": (
        N_("No sessions for a long time"),
        N_(
            "Your approval is closed to new clients on {closes_on} unless a session is held and confirmed before."
        ),
        "/provider/approvals",
        N_("See your approvals"),
    ),
    "pause_pleaded": (
        N_("A provider asks to be opened to new clients again"),
        N_(
            "It was closed because nothing had been delivered for long. What the provider says is on the page."
        ),
        "/procurer/approvals/{approval_id}",
        N_("See the approval"),
    ),
    "plea_refused": (
        N_("Your approval stays closed to new clients"),
        N_("The reason is on the page. You can ask again."),
        "/provider/approvals",
        N_("See why"),
    ),
    "partner_join_asked": (
        N_("A lead firm asks you to deliver with it"),
        N_("Read as what, and say yes or no. Nothing begins before your yes."),
        "/provider/changes/{change_id}",
        N_("Read it and answer"),
    ),
    "partner_alter_asked": (
        N_("Your lead firm asks you to deliver otherwise"),
        N_("Read what should change, and say yes or no. Nothing changes before your yes."),
        "/provider/changes/{change_id}",
        N_("Read it and answer"),
    ),
    "partner_leave_asked": (
        N_("Your lead firm applies for your leaving"),
        N_("The registrar decides. Until then you deliver as before."),
        "/provider/changes/{change_id}",
        N_("See why"),
    ),
    "partner_accepted": (
        N_("A firm has said yes"),
        N_("The firm that you asked delivers with you as soon as the registrar has decided."),
        "/provider/changes/{change_id}",
        N_("See it"),
    ),
    "partner_declined": (
        N_("A firm has said no"),
        N_("The firm that you asked does not deliver with you."),
        "/provider/changes/{change_id}",
        N_("See it"),
    ),
    "partner_withdrawn": (
        N_("A lead firm has taken its question back"),
        N_("Nothing changes for your firm."),
        "/provider/changes/{change_id}",
        N_("See it"),
    ),
    "partner_change_decided": (
        N_("A change of a consortium has been decided"),
        N_("What was decided, and why, is on the page."),
        "/provider/changes/{change_id}",
        N_("See the decision"),
    ),
    "partner_left": (
        N_("A firm leaves your consortium"),
        N_("Its last day and its reason are on the page. Its offerings cannot be chosen after that day."),
        "/provider/approvals/{approval_id}/partners",
        N_("See who delivers"),
    ),
    "partner_left_desk": (
        N_("A firm leaves a consortium"),
        N_("It has given notice itself. Its last day is on the page."),
        "/procurer/approvals/{approval_id}/partners",
        N_("See who delivers"),
    ),
    "partner_change_waits": (
        N_("A change of a consortium waits for you"),
        N_("A lead firm applies for it. Approve it, or refuse it with a reason."),
        "/procurer/changes/{change_id}",
        N_("Look at it"),
    ),
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
    leave_path: str = ""


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
            path=path.format_map(_Blank(mail.params)),
            button=gettext(button),
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
