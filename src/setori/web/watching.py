"""The watch on pages: flags for the procurer's registrars, questions for the firm, limits for all."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import watch
from setori.db import Database
from setori.errors import Conflict
from setori.people import Actor, Command, Role
from setori.watch import (
    AnswerFlag,
    AskProvider,
    CloseFlag,
    FlagKind,
    FlagOutcome,
    FlagStatus,
    FlagView,
    TakeFlag,
)
from setori.web import forms
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see

TITLES: dict[FlagKind, str] = {
    FlagKind.BURST: N_("Many answers at once"),
    FlagKind.SAME_DEVICE: N_("Several people, one device"),
    FlagKind.SAME_NETWORK: N_("Half of the answers from one network"),
    FlagKind.FEW_ANSWERS: N_("Few clients answer"),
    FlagKind.FALLING_ANSWERS: N_("Fewer clients answer than before"),
    FlagKind.SILENCE: N_("Sessions confirmed by silence"),
    FlagKind.SAME_LENGTH: N_("Every session of exactly the paid length"),
    FlagKind.CREAMING: N_("Clients with less need of support"),
    FlagKind.PARKING: N_("Clients with much need wait"),
    FlagKind.ODD_HOURS: N_("Sessions at odd hours"),
}

EVIDENCE: dict[FlagKind, str] = {
    FlagKind.BURST: N_("%(answers)s answers came within 48 hours. Usual in that time: %(usual)s."),
    FlagKind.SAME_DEVICE: N_(
        "%(people)s people answered from one and the same device, of %(known)s whose device is known."
    ),
    FlagKind.SAME_NETWORK: N_(
        "%(people)s people answered from one network, of %(known)s whose network is known. Hardly any other firm was "
        "answered about from there."
    ),
    FlagKind.FEW_ANSWERS: N_("%(asked)s clients were asked how it is, %(answered)s answered."),
    FlagKind.FALLING_ANSWERS: N_(
        "%(now)s %% of %(asked)s clients answered; in the three months before it was %(before)s %%."
    ),
    FlagKind.SILENCE: N_(
        "%(silent)s of %(confirmed)s confirmed sessions were confirmed because the client said nothing."
    ),
    FlagKind.SAME_LENGTH: N_(
        "%(exact)s of %(timed)s sessions lasted to the minute what is paid for. Those of other firms do not."
    ),
    FlagKind.CREAMING: N_(
        "%(low)s %% of %(chose)s clients who came have a low need of support; of %(saw)s who saw the firm in a list it "
        "is %(low_saw)s %%."
    ),
    FlagKind.PARKING: N_(
        "%(waiting)s of %(high)s clients with a high need of support have had no session for six weeks and have none "
        "booked; of the others it is %(others)s %%."
    ),
    FlagKind.ODD_HOURS: N_(
        "%(odd)s of %(clocked)s sessions whose time is known began before seven in the morning or after nine in the "
        "evening."
    ),
}
"""What was counted, in a sentence."""

REASONS: dict[FlagKind, str] = {
    FlagKind.BURST: N_(
        "A group that ended on one day, or reminders that were sent late, bring many answers at once."
    ),
    FlagKind.SAME_DEVICE: N_(
        "Clients may have answered on the computer of a workshop, or on a tablet that the firm lends. Then ask it to "
        "leave the answering to the clients."
    ),
    FlagKind.SAME_NETWORK: N_("Clients may have used the network of the firm, of a school or of a hostel."),
    FlagKind.FEW_ANSWERS: N_("Addresses may be old, and some clients do not like to write."),
    FlagKind.FALLING_ANSWERS: N_("Another group of clients, or letters that were not delivered."),
    FlagKind.SILENCE: N_(
        "Clients may have no phone at hand. The coach can take the client's code on the spot."
    ),
    FlagKind.SAME_LENGTH: N_("Group sessions with a timetable do last exactly as long as planned."),
    FlagKind.CREAMING: N_("A firm that is made for a certain group of people draws that group."),
    FlagKind.PARKING: N_("Illness, a summer break, or clients who do not answer."),
    FlagKind.ODD_HOURS: N_("Clients who work by day meet their coach in the evening."),
}
"""What else may be behind it: shown with every flag."""

OUTCOMES: dict[FlagOutcome, str] = {
    FlagOutcome.EXPLAINED: N_("There is a good reason for it"),
    FlagOutcome.PUT_RIGHT: N_("The firm has put it right"),
    FlagOutcome.IN_VIEW: N_("It is kept in view"),
    FlagOutcome.BREACH: N_("It is a breach of the rulebook"),
}

STATES: dict[FlagStatus, tuple[str, str]] = {
    FlagStatus.FOUND: (N_("Nobody looks after it yet"), "warn"),
    FlagStatus.TAKEN_UP: (N_("Taken up"), "warn"),
    FlagStatus.ASKED: (N_("The firm was asked"), "warn"),
    FlagStatus.ANSWERED: (N_("The firm has answered"), "warn"),
    FlagStatus.CLOSED: (N_("Closed"), "ok"),
}

NUMBERS: dict[str, str] = {
    "LOOKED_AT": N_("Days that each night's look goes back"),
    "USUAL_OVER": N_("Days over which the usual number of answers is counted"),
    "BURST_WITHIN": N_("Days within which many answers are a burst"),
    "BURST_LOOKED_AT": N_("Days in which a burst is looked for"),
    "BURST_AT_LEAST": N_("Answers from which on it may be a burst"),
    "BURST_TIMES_USUAL": N_("Times the usual number that make it one"),
    "SAME_DEVICE": N_("People on one device"),
    "SAME_NETWORK": N_("People on one network"),
    "SAME_NETWORK_SHARE": N_("and their share of all whose network is known"),
    "SHARED_BY_FIRMS": N_("Firms answered about from one place, from which on it is a public one"),
    "TRACES_KEPT": N_("Days after which the traces are erased"),
    "ASKED_AT_LEAST": N_("Clients asked, from whom on the share of answers counts"),
    "TIME_TO_ANSWER": N_("Days that clients have before they count"),
    "FEW_ANSWERED": N_("Share of answers below which it is a question"),
    "FALLEN_TO": N_("Part of the former share to which it fell"),
    "CONFIRMED_AT_LEAST": N_("Confirmed sessions, from which on silence counts"),
    "SILENT_ABOVE": N_("Share confirmed by silence"),
    "TIMED_AT_LEAST": N_("Sessions with a told length"),
    "EXACT_ABOVE": N_("Share that lasts exactly what is paid for"),
    "EXACT_USUAL": N_("unless that share at other firms is at least"),
    "MIX_OVER": N_("Days over which those who came and those who saw are compared"),
    "CHOSEN_AT_LEAST": N_("Clients who came"),
    "SEEN_AT_LEAST": N_("and jobseekers who saw the firm"),
    "EASIER_BY": N_("Difference of the shares with a low need"),
    "SURELY": N_("and in standard errors"),
    "WAITING_AFTER": N_("Days without a session or a booked time"),
    "WITH_MUCH_NEED": N_("Clients with a high need of support"),
    "WAITING_ABOVE": N_("Share of them that waits"),
    "WAITING_TIMES": N_("Times the share of the others"),
    "DAY_BEGINS": N_("Hour from which on a session is nothing special"),
    "DAY_ENDS": N_("and until which"),
    "ODD_AT_LEAST": N_("Sessions at odd hours"),
    "ODD_ABOVE": N_("and their share"),
    "ANSWER_WITHIN": N_("Days that a firm has for its answer"),
    "QUIET": N_("Days for which a closed question is not raised again"),
}
"""The limits in words; a test holds that none is missing."""


def method_numbers() -> list[tuple[str, float]]:
    """Each limit in words, with its number: days for times."""
    given = [(words, getattr(watch.rules, name)) for name, words in NUMBERS.items()]
    return [
        (words, value.total_seconds() / 86400 if isinstance(value, timedelta) else value)
        for words, value in given
    ]


def evidence_of(flag: FlagView, *, latest: bool = False) -> str:
    """What was counted when it was found, or on the latest night on which it was found again."""
    counted = flag.latest if latest else flag.evidence
    return gettext(EVIDENCE[flag.kind]) % {name: f"{value:g}" for name, value in counted.items()}


@get("/procurer/watch", opt=only(Role.REGISTRAR))
async def index(
    request: Req, db: Db, by: By, done: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Template:
    """What was found, the newest first; or what is over."""
    is_open = done != "yes"
    return page(
        request,
        "watching/index.html",
        listed=await watch.list_of_procurer(db, by=by, is_open=is_open, after=after),
        is_open=is_open,
        is_first=after is None,
        **_words(),
    )


@get("/procurer/watch/{flag_id:uuid}", opt=only(Role.REGISTRAR))
async def show(request: Req, db: Db, now: Now, by: By, flag_id: Id) -> Template:
    """One of them, and what can be done next."""
    return await _page(request, db, by, flag_id)


@post("/procurer/watch/{flag_id:uuid}/taking", opt=only(Role.REGISTRAR))
async def take(request: Req, db: Db, now: Now, by: By, flag_id: Id, typed: Filled) -> Response[Any]:
    """Look after it oneself."""
    return await _do(request, db, now, by, flag_id, typed, TakeFlag, watch.take)


@post("/procurer/watch/{flag_id:uuid}/question", opt=only(Role.REGISTRAR))
async def ask(request: Req, db: Db, now: Now, by: By, flag_id: Id, typed: Filled) -> Response[Any]:
    """Ask the firm."""
    return await _do(request, db, now, by, flag_id, typed, AskProvider, watch.ask)


@post("/procurer/watch/{flag_id:uuid}/closing", opt=only(Role.REGISTRAR))
async def close(request: Req, db: Db, now: Now, by: By, flag_id: Id, typed: Filled) -> Response[Any]:
    """Write down what it was."""
    return await _do(request, db, now, by, flag_id, typed, CloseFlag, watch.close)


@get("/provider/watch", opt=only(Role.PROVIDER_OWNER))
async def questions(request: Req, db: Db, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """What the firm was asked, the newest first."""
    listed = await watch.list_of_provider(db, by=by, after=after)
    return page(request, "watching/questions.html", listed=listed, is_first=after is None, **_words())


@get("/provider/watch/{flag_id:uuid}", opt=only(Role.PROVIDER_OWNER))
async def question(request: Req, db: Db, by: By, flag_id: Id) -> Template:
    """One question with what was counted, and where it is answered."""
    return await _page(request, db, by, flag_id)


@post("/provider/watch/{flag_id:uuid}/answer", opt=only(Role.PROVIDER_OWNER))
async def answer(request: Req, db: Db, now: Now, by: By, flag_id: Id, typed: Filled) -> Response[Any]:
    """Say how it is."""
    return await _do(request, db, now, by, flag_id, typed, AnswerFlag, watch.answer)


def _words() -> dict[str, Any]:
    return {
        "choices": [(value.value, gettext(words)) for value, words in OUTCOMES.items()],
        "titles": TITLES,
        "states": STATES,
        "outcomes": OUTCOMES,
        "evidence_of": evidence_of,
    }


async def _do(
    request: Req,
    db: Database,
    now: Now,
    by: Actor,
    flag_id: UUID,
    typed: Filled,
    command: type[Command],
    deed: Any,
) -> Response[Any]:
    form = forms.parse(command, typed)
    status, refusal = 422, None
    if form.value is not None:
        try:
            await deed(db, flag_id, form.value, by=by, at=now)
            return see(request.url.path.rsplit("/", 1)[0])
        except Conflict as refused:
            status, refusal = refused.status, refused
            await db.rollback()
    return await _page(request, db, by, flag_id, form, status=status, refusal=refusal)


async def _page(
    request: Req,
    db: Database,
    by: Actor,
    flag_id: UUID,
    form: forms.Form[Any] | None = None,
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    flag = await watch.find(db, flag_id, by=by)
    return page(
        request,
        "watching/question.html" if by.role is Role.PROVIDER_OWNER else "watching/show.html",
        status=status,
        flag=flag,
        form=form or forms.Form(),
        refusal=refusal,
        reason=REASONS[flag.kind],
        **_words(),
    )


routes = [index, show, take, ask, close, questions, question, answer]
