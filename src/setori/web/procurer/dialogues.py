"""The market dialogue at the registrar's desk: a draft is opened for comments, and each comment is answered."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import dialogue, registry
from setori.days import local_day
from setori.db import Database
from setori.dialogue import DialogueStatus, DialogueView, OpenDialogue, Prolong, RemarkKind, ReplyToRemarks
from setori.errors import Conflict, Invalid, NotFound
from setori.people import Actor, Role
from setori.registry import RulebookStatus, RulebookView
from setori.web import forms
from setori.web.forms import Form
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import gettext
from setori.web.pages import page, see
from setori.web.procurer.rulebooks import unread_in_finnish

WHOLE = "whole"
AT_ONCE = 500
"""How many are answered with one answer."""


@get("/procurer/rulebooks/{rulebook_id:uuid}/dialogue", opt=only(Role.REGISTRAR))
async def new(request: Req, db: Db, by: By, rulebook_id: Id) -> Response[Any]:
    """Until when, and who sees what when; a draft that is up for comments already has its dialogue."""
    try:
        return _opening(request, await _draft(db, rulebook_id, by), Form())
    except registry.InConsultation:
        return see(f"/procurer/dialogues/{await dialogue.find_of_rulebook(db, rulebook_id)}")


@post("/procurer/rulebooks/{rulebook_id:uuid}/dialogue", opt=only(Role.REGISTRAR))
async def begin(request: Req, db: Db, now: Now, by: By, rulebook_id: Id, typed: Filled) -> Response[Any]:
    """Open a draft for comments."""
    book = await _draft(db, rulebook_id, by)
    form = forms.parse(OpenDialogue, typed)
    if form.value is None:
        return _opening(request, book, form, status=422)
    try:
        dialogue_id = await dialogue.open_dialogue(
            db,
            rulebook_id,
            form.value,
            by=by,
            at=now,
            without_finnish=form.get("without_finnish") == "yes",
        )
    except Invalid as refused:
        await db.rollback()
        return _opening(request, book, form.with_errors(refused), status=422)
    except Conflict as refused:
        await db.rollback()
        return _opening(request, book, form, status=refused.status, refusal=refused)
    return see(f"/procurer/dialogues/{dialogue_id}")


@get("/procurer/dialogues/{dialogue_id:uuid}", opt=only(Role.REGISTRAR))
async def show(
    request: Req,
    db: Db,
    now: Now,
    by: By,
    dialogue_id: Id,
    kind: FromQuery[str] = "",
    waiting: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """What was said, what waits for an answer, and the form to answer one or several."""
    wanted = RemarkKind.QUESTION if kind == RemarkKind.QUESTION.value else RemarkKind.COMMENT
    view = await _own(db, dialogue_id, by, now)
    return await _desk(request, db, by, view, Form(), kind=wanted, is_waiting=waiting == "yes", after=after)


@post("/procurer/dialogues/{dialogue_id:uuid}/replies", opt=only(Role.REGISTRAR))
async def answer(request: Req, db: Db, now: Now, by: By, dialogue_id: Id, typed: Filled) -> Response[Any]:
    """Give the ticked ones, or all unanswered comments about a criterion, one answer."""
    view = await _own(db, dialogue_id, by, now)
    about = (typed.get("about") or [""])[-1]
    given: dict[str, Any] = {}
    if about:
        listed = await dialogue.list_remarks(db, view.row, by=by, is_unanswered=True, limit=AT_ONCE)
        given["remark_ids"] = [one.id for one in listed.items if (one.code or WHOLE) == about]
    form = forms.parse(ReplyToRemarks, typed, **given)
    is_question = (typed.get("kind") or [""])[-1] == RemarkKind.QUESTION.value
    kind = RemarkKind.QUESTION if is_question else RemarkKind.COMMENT
    if form.value is None:
        if "remark_ids" in form.errors:
            form.errors["remark_ids"] = gettext(
                "Tick at least one to answer. None waits about what you chose."
            )
        return await _desk(request, db, by, view, form, kind=kind, status=422)
    try:
        await dialogue.reply(db, dialogue_id, form.value, by=by, at=now)
    except Invalid as refused:
        await db.rollback()
        return await _desk(request, db, by, view, form.with_errors(refused), kind=kind, status=422)
    return see(f"/procurer/dialogues/{dialogue_id}?kind={kind.value}")


@post("/procurer/dialogues/{dialogue_id:uuid}/deadline", opt=only(Role.REGISTRAR))
async def put_off(request: Req, db: Db, now: Now, by: By, dialogue_id: Id, typed: Filled) -> Response[Any]:
    """Give people more time."""
    view = await _own(db, dialogue_id, by, now)
    form = forms.parse(Prolong, typed)
    if form.value is not None:
        try:
            await dialogue.prolong(db, dialogue_id, form.value, by=by, at=now)
            return see(f"/procurer/dialogues/{dialogue_id}")
        except Invalid as refused:
            await db.rollback()
            form = form.with_errors(refused)
    return await _desk(request, db, by, view, form, status=422)


async def _draft(db: Database, rulebook_id: UUID, by: Actor) -> RulebookView:
    """A draft of one's own. Raises NotFound, and NotDraft or InConsultation for what is none."""
    book = await registry.find_rulebook(db, rulebook_id, by=by)
    if book.procurer_id != by.organisation_id:
        raise NotFound
    if book.status is RulebookStatus.CONSULTATION:
        raise registry.InConsultation
    if book.status is not RulebookStatus.DRAFT:
        raise registry.NotDraft
    return book


def _opening(
    request: Req,
    book: RulebookView,
    form: Form[OpenDialogue],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    return page(
        request,
        "procurer/dialogues/new.html",
        status=status,
        book=book,
        missing=unread_in_finnish(book),
        form=form,
        refusal=refusal,
    )


async def _own(db: Database, dialogue_id: UUID, by: Actor, now: Any) -> DialogueView:
    view = await dialogue.find_dialogue(db, dialogue_id, on=local_day(now))
    if not dialogue.is_own_dialogue(view.row, by):
        raise NotFound
    return view


async def _desk(
    request: Req,
    db: Database,
    by: Actor,
    view: DialogueView,
    form: Form[Any],
    *,
    kind: RemarkKind = RemarkKind.COMMENT,
    is_waiting: bool = False,
    after: UUID | None = None,
    status: int = 200,
) -> Template:
    return page(
        request,
        "procurer/dialogues/show.html",
        status=status,
        view=view,
        row=view.row,
        kind=kind,
        is_waiting=is_waiting,
        is_first=after is None,
        said=await dialogue.list_remarks(
            db, view.row, by=by, kind=kind, is_unanswered=is_waiting, after=after, limit=50
        ),
        is_over=view.row.status is DialogueStatus.PUBLISHED,
        form=form,
        whole=WHOLE,
    )


routes = [new, begin, show, answer, put_off]
