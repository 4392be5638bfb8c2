"""Vouchers for many: a list is handed in, looked at row by row, issued while one watches, printed, and ended."""

import asyncio
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template

from setori import vouchers
from setori.db import Database
from setori.errors import Conflict, NotFound
from setori.people import Actor, Role
from setori.readmodels import batches
from setori.readmodels import programmes as programme_rows
from setori.vouchers import LARGEST_FILE, EndBatch, HandInBatch, StartBatch
from setori.web import forms, letters
from setori.web.forms import Form
from setori.web.given import By, CodeKey, Config, Db, Filled, Id, Now, Number, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see
from setori.web.procurer import batch_words
from setori.web.procurer.desk import procurer_of

BASE = "/procurer/vouchers/batches"
Part = Annotated[int, QueryParameter(name="part", ge=1, le=1000)]


@get(BASE, opt=only(Role.CASE_WORKER))
async def index(request: Req, db: Db, by: By, before: FromQuery[UUID | None] = None) -> Template:
    """What has been handed in, the newest first."""
    listed, following = await batches.list_batches(db, procurer_of(by), before=before)
    return page(
        request,
        "procurer/batches/index.html",
        listed=listed,
        next=following,
        is_first=before is None,
    )


@get(f"{BASE}/new", opt=only(Role.CASE_WORKER))
async def new(request: Req, db: Db, by: By) -> Template:
    """A programme and a file."""
    return await write(request, db, by, Form())


async def write(
    request: Req,
    db: Database,
    by: Actor,
    form: Form[Any],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which a list is handed in."""
    listed = await programme_rows.list_programmes(db, procurer_of(by))
    return page(
        request,
        "procurer/batches/new.html",
        status=status,
        form=form,
        refusal=refusal,
        programmes=[row for row in listed if row.is_open],
    )


@get(f"{BASE}/template.csv", opt=only(Role.CASE_WORKER))
async def template(request: Req) -> Response[bytes]:
    """A file to begin with."""
    return _file(batch_words.template_file(), "text/csv", "setori.csv")


@post(BASE, opt=only(Role.CASE_WORKER), request_max_body_size=LARGEST_FILE + 100_000)
async def hand_in(request: Req, db: Db, now: Now, by: By) -> Response[Any]:
    """Keep the file and have it checked in the background; nobody gets anything yet."""
    sent = await request.form()
    typed = {name: [value] for name, value in sent.items() if isinstance(value, str)}
    file, name = await _upload(sent.get("file"))
    if not file:
        form: Form[HandInBatch] = Form(typed, None, {"file": gettext(N_("Choose the file."))})
        return await write(request, db, by, form, status=422)
    form = forms.parse(HandInBatch, typed, file=file, file_name=name)
    if form.value is None:
        return await write(request, db, by, form, status=422)
    try:
        batch_id = await vouchers.hand_in_batch(db, form.value, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await write(request, db, by, form, status=409, refusal=refusal)
    return see(f"{BASE}/{batch_id}")


async def _upload(sent: Any) -> tuple[bytes, str]:
    if not isinstance(sent, UploadFile):
        return b"", ""
    name = "".join(c for c in Path(sent.filename.replace("\\", "/")).name if c.isprintable())[:120]
    return await sent.read(), name.strip() or "list.csv"


@get(f"{BASE}/{{batch_id:uuid}}", opt=only(Role.CASE_WORKER))
async def show(
    request: Req, db: Db, by: By, batch_id: Id, show: FromQuery[str] = "", after: Number = None
) -> Template:
    """Every row's verdict, how far it is, and what can be done next."""
    return await _shown(request, db, by, batch_id, only_some=show, after=after or 0)


async def _shown(
    request: Req,
    db: Database,
    by: Actor,
    batch_id: UUID,
    *,
    only_some: str = "",
    after: int = 0,
    refusal: Conflict | None = None,
) -> Template:
    batch = await batches.find_batch(db, procurer_of(by), batch_id)
    shown = "problems" if only_some == "problems" else ""
    listed, following = await batches.list_rows(db, batch_id, only=shown, after=after)
    return page(
        request,
        "procurer/batches/show.html",
        status=refusal.status if refusal else 200,
        batch=batch,
        failure=batch_words.failure(batch),
        rows=listed,
        following=following,
        shown=shown,
        is_first=not after,
        problem=batch_words.problem,
        column=batch_words.column,
        refusal=refusal,
    )


@get(f"{BASE}/{{batch_id:uuid}}/refused.csv", opt=only(Role.CASE_WORKER))
async def refused(request: Req, db: Db, by: By, batch_id: Id) -> Response[bytes]:
    """The rows that were not issued, with the reasons."""
    batch = await batches.find_batch(db, procurer_of(by), batch_id)
    content = batch_words.refused_file(batch, await batches.list_refused(db, batch_id))
    return _file(content, "text/csv", f"{Path(_plain(batch.file_name)).stem or 'list'}-refused.csv")


@get(f"{BASE}/{{batch_id:uuid}}/letters.pdf", opt=only(Role.CASE_WORKER))
async def print_part(
    request: Req, db: Db, by: By, code_key: CodeKey, settings: Config, batch_id: Id, part: Part = 1
) -> Response[bytes]:
    """The letters of one part of the batch, one a page. Raises NotFound when all have been claimed by now."""
    batch = await batches.find_batch(db, procurer_of(by), batch_id)
    told = await batches.list_letters(db, batch_id, part)
    if not told:
        raise NotFound
    written = [letters.write_letter(one, key=code_key, base_url=settings.base_url) for one in told]
    content = await asyncio.to_thread(letters.print_letters, written, batch.file_name)
    return _file(content, "application/pdf", f"setori-letters-{part}.pdf")


@post(f"{BASE}/{{batch_id:uuid}}/start", opt=only(Role.CASE_WORKER))
async def start(request: Req, db: Db, now: Now, by: By, batch_id: Id, typed: Filled) -> Response[Any]:
    """Issue what was checked, or go on where the money had run out."""
    order = StartBatch(gives_seconds=typed.get("gives_seconds", [""])[-1] == "yes")
    try:
        await vouchers.start_batch(db, batch_id, order, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _shown(request, db, by, batch_id, refusal=refusal)
    return see(f"{BASE}/{batch_id}")


@post(f"{BASE}/{{batch_id:uuid}}/check", opt=only(Role.CASE_WORKER))
async def check_again(request: Req, db: Db, now: Now, by: By, batch_id: Id) -> Response[Any]:
    """Read the file anew."""
    try:
        await vouchers.check_again(db, batch_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _shown(request, db, by, batch_id, refusal=refusal)
    return see(f"{BASE}/{batch_id}")


@get(f"{BASE}/{{batch_id:uuid}}/cancellation", opt=only(Role.CASE_WORKER))
async def before_ending(request: Req, db: Db, by: By, batch_id: Id) -> Template:
    """What ending the batch does, before it is done."""
    batch = await batches.find_batch(db, procurer_of(by), batch_id)
    return page(request, "procurer/batches/cancel.html", batch=batch, form=Form(), refusal=None)


@post(f"{BASE}/{{batch_id:uuid}}/cancellation", opt=only(Role.CASE_WORKER))
async def end(request: Req, db: Db, now: Now, by: By, batch_id: Id, typed: Filled) -> Response[Any]:
    """Leave out the rest, and take back what nobody has claimed when that is wanted."""
    takes_back = typed.get("takes_back", [""])[-1] == "yes"
    form = forms.parse(EndBatch, typed, takes_back=takes_back)
    refusal = None
    if form.value is not None:
        try:
            await vouchers.end_batch(db, batch_id, form.value, by=by, at=now)
            return see(f"{BASE}/{batch_id}")
        except Conflict as refused:
            await db.rollback()
            refusal = refused
    batch = await batches.find_batch(db, procurer_of(by), batch_id)
    return page(
        request,
        "procurer/batches/cancel.html",
        status=409 if refusal else 422,
        batch=batch,
        form=form,
        refusal=refusal,
    )


def _file(content: bytes, kind: str, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=kind,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


def _plain(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)


routes = [index, new, hand_in, template, show, refused, print_part, start, check_again, before_ending, end]
