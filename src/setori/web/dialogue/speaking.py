"""Drafts that are or were up for comments: reading them, speaking, and what became of it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template

from setori import catalogue, dialogue, places, registry
from setori.days import local_day
from setori.db import Database
from setori.dialogue import DialogueStatus, RemarkKind, WriteFromOutside, WriteRemark
from setori.errors import Conflict, Invalid, NotFound, SetoriError
from setori.people import PROVIDER_ROLES
from setori.web import forms
from setori.web.comparison import compare, facts_of
from setori.web.dialogue import spreadsheet
from setori.web.dialogue.mending import mend_page
from setori.web.forms import Form
from setori.web.given import Db, Filled, Id, Now, Req
from setori.web.guards import public
from setori.web.pages import page, see

Token = Annotated[str, QueryParameter(name="token", max_length=200)]
MOST_IN_A_FILE = 100_000
SAID = ("yes", "mended", "withdrawn")
"""What the page thanks for."""


@get("/dialogue", opt=public())
async def index(
    request: Req,
    db: Db,
    now: Now,
    area: FromQuery[str] = "",
    service: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
) -> Template:
    """All dialogues, those that are open on top."""
    listed = await dialogue.list_dialogues(
        db, on=local_day(now), area_code=area or None, service_id=id_in(service), after=after
    )
    return page(
        request,
        "dialogue/index.html",
        listed=listed,
        form=Form(typed={name: [value] for name, value in (("area", area), ("service", service)) if value}),
        areas=await places.list_areas(db),
        services={one.id: one.name for one in await catalogue.list_services(db)},
        is_first=after is None,
    )


@get("/dialogue/{dialogue_id:uuid}", opt=public())
async def show(
    request: Req,
    db: Db,
    now: Now,
    dialogue_id: Id,
    criterion: FromQuery[str] = "",
    after: FromQuery[UUID | None] = None,
    said: FromQuery[str] = "",
) -> Template:
    """What is up for comments, what was said, and after publication the answers and what changed."""
    form = Form[WriteRemark](typed={"code": [criterion]} if criterion else {})
    return await _show(
        request, db, now, dialogue_id, form, after=after, has_spoken=said if said in SAID else ""
    )


@post("/dialogue/{dialogue_id:uuid}/remarks", opt=public())
async def speak(request: Req, db: Db, now: Now, dialogue_id: Id, typed: Filled) -> Response[Any]:
    """Comment or ask: in the firm's name at once, from outside through a link that is sent."""
    actor = request.state.actor
    from_firm = actor is not None and actor.role in PROVIDER_ROLES
    await dialogue.find_dialogue(db, dialogue_id, on=local_day(now))
    form: Form[Any]
    if from_firm:
        form = forms.parse(WriteRemark, typed)
    else:
        form = forms.parse(WriteFromOutside, typed, language=request.state.language)
    if form.value is None:
        return await _show(request, db, now, dialogue_id, form, status=422)
    try:
        if from_firm:
            await dialogue.remark(db, dialogue_id, form.value, by=actor, at=now)
            return see(f"/dialogue/{dialogue_id}?said=yes#said")
        await dialogue.remark_from_outside(db, dialogue_id, form.value, at=now)
        return page(request, "dialogue/sent.html", email=form.value.email, back=f"/dialogue/{dialogue_id}")
    except Invalid as refusal:
        await db.rollback()
        return await _show(request, db, now, dialogue_id, form.with_errors(refusal), status=422)
    except (Conflict, dialogue.TooMuch) as refusal:
        await db.rollback()
        return await _show(request, db, now, dialogue_id, form, status=refusal.status, refusal=refusal)


@get("/dialogue/{dialogue_id:uuid}/remarks.csv", opt=public())
async def download(request: Req, db: Db, now: Now, dialogue_id: Id) -> Response[bytes]:
    """All that was said and answered, as far as the reader may see it, for a spreadsheet."""
    view = await dialogue.find_dialogue(db, dialogue_id, on=local_day(now))
    said = [
        remark
        for kind in RemarkKind
        for remark in (
            await dialogue.list_remarks(  # one for each of two kinds
                db, view.row, by=request.state.actor, kind=kind, limit=MOST_IN_A_FILE
            )
        ).items
    ]
    return Response(
        spreadsheet.of_remarks(said),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="dialogue-{dialogue_id}.csv"'},
    )


@get("/dialogue/{dialogue_id:uuid}/changes.csv", opt=public())
async def download_changes(db: Db, now: Now, dialogue_id: Id) -> Response[bytes]:
    """What changed from the draft to the published version. Not there before publication."""
    view = await dialogue.find_dialogue(db, dialogue_id, on=local_day(now))
    if view.row.status is not DialogueStatus.PUBLISHED:
        raise NotFound
    book = await registry.find_rulebook(db, view.row.rulebook_id)
    return Response(
        spreadsheet.of_changes(compare(view.terms, registry.terms_of(book))),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="changes-{dialogue_id}.csv"'},
    )


@get("/dialogue/confirmation", opt=public())
async def before_confirming(request: Req, db: Db, now: Now, token: Token = "") -> Template:
    """What a link leads to: the words and a button. Looking changes nothing, so that mail scanners do no harm.

    Once what was written counts, the same link leads to changing it.
    """
    said, about = await dialogue.look_at_remark(db, token)
    if said.verified_at is not None:
        own = await dialogue.find_linked_remark(db, token, on=local_day(now))
        return mend_page(request, own, Form(), token=token)
    return page(request, "dialogue/confirm.html", said=said.text, title=about.title, token=token)


@post("/dialogue/confirmation", opt=public())
async def confirm(db: Db, now: Now, typed: Filled) -> Response[None]:
    """Count what was written."""
    dialogue_id = await dialogue.confirm_remark(db, (typed.get("token") or [""])[-1], at=now)
    return see(f"/dialogue/{dialogue_id}?said=yes#said")


async def _show(
    request: Req,
    db: Database,
    now: Any,
    dialogue_id: UUID,
    form: Form[Any],
    *,
    after: UUID | None = None,
    has_spoken: str = "",
    status: int = 200,
    refusal: SetoriError | None = None,
) -> Template:
    actor = request.state.actor
    view = await dialogue.find_dialogue(db, dialogue_id, on=local_day(now))
    pairs = None
    if view.row.status is DialogueStatus.PUBLISHED:
        book = await registry.find_rulebook(db, view.row.rulebook_id)
        pairs = compare(view.terms, registry.terms_of(book))
    services = {one.id: one.name for one in await catalogue.list_services(db)}
    return page(
        request,
        "dialogue/show.html",
        status=status,
        view=view,
        row=view.row,
        service_name=services.get(view.row.service_id, {}),
        facts_of=facts_of,
        comments=await dialogue.list_remarks(db, view.row, by=actor, after=after),
        questions=await dialogue.list_remarks(db, view.row, by=actor, kind=RemarkKind.QUESTION, limit=200),
        pairs=pairs,
        form=form,
        refusal=refusal,
        has_spoken=has_spoken,
        is_first=after is None,
        is_from_firm=actor is not None and actor.role in PROVIDER_ROLES,
        is_own=dialogue.is_own_dialogue(view.row, actor),
    )


def id_in(typed: str) -> UUID | None:
    """An id that a filter names. Raises NotFound for what is none."""
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise NotFound from None


routes = [index, before_confirming, confirm, show, speak, download, download_changes]
