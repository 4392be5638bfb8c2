"""The wallet of a firm's documents: kept once for all procurers, renewed, withdrawn, and who has looked at them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import evidence, registry
from setori.days import local_day
from setori.db import Database
from setori.errors import Conflict, Invalid
from setori.evidence import DocumentKind, KeepDocument, RenewDocument
from setori.people import PROVIDER_ROLES, Actor, Role
from setori.readmodels import documents
from setori.web import uploads
from setori.web.forms import Form
from setori.web.given import By, Db, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see

BASE = "/provider/documents"
ONE = BASE + "/{document_id:uuid}"
KINDS = [kind.value for kind in DocumentKind]


@get(BASE, opt=only(*PROVIDER_ROLES))
async def index(request: Req, db: Db, now: Now, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """All documents, the newest first, and what closes when."""
    assert by.organisation_id is not None
    on = local_day(now)
    return page(
        request,
        "provider/documents/index.html",
        listed=await evidence.list_documents(db, by=by, on=on, after=after),
        deadlines=await documents.list_deadlines(db, by.organisation_id, on=on),
        is_first=after is None,
        on=on,
    )


@get(BASE + "/new", opt=only(*PROVIDER_ROLES))
async def new(request: Req) -> Template:
    """A document that is not in the wallet yet."""
    return page(request, "provider/documents/new.html", form=Form(), kinds=KINDS)


@post(BASE, opt=only(*PROVIDER_ROLES), request_max_body_size=uploads.LARGEST_FORM)
async def keep(request: Req, db: Db, now: Now, by: By) -> Response[Any]:
    """Put a document into the wallet; approvals that waited for one open at once."""
    form, file = await uploads.read(request, KeepDocument)
    if form.value is not None and file is not None:
        try:
            version_id = await evidence.keep(db, form.value, file, by=by, at=now)
            await registry.sweep_documents(db, at=now)
            return see(await _page_of(db, version_id, by))
        except Invalid as refused:
            await db.rollback()
            form = form.with_errors(refused)
    return page(request, "provider/documents/new.html", status=422, form=form, kinds=KINDS)


async def _page_of(db: Database, version_id: UUID, by: Actor) -> str:
    assert by.organisation_id is not None
    known = await evidence.list_versions(db, [version_id], provider_id=by.organisation_id)
    return f"{BASE}/{known[version_id].document_id}?said=kept"


@get(ONE, opt=only(*PROVIDER_ROLES))
async def show(
    request: Req, db: Db, now: Now, by: By, document_id: Id, said: FromQuery[str] = ""
) -> Template:
    """One document with its versions, and who looked at it."""
    return await _show(request, db, now, by, document_id, said=said)


async def _show(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    document_id: UUID,
    *,
    said: str = "",
    refusal: Conflict | None = None,
) -> Template:
    on = local_day(now)
    document = await evidence.find_document(db, document_id, by=by, on=on)
    return page(
        request,
        "provider/documents/show.html",
        status=refusal.status if refusal else 200,
        document=document,
        looks=await evidence.list_looks(db, document_id),
        deadlines=await _deadlines(db, by, document_id, now),
        said=said,
        refusal=refusal,
        on=on,
    )


async def _deadlines(db: Database, by: Actor, document_id: UUID, now: datetime) -> list[documents.Deadline]:
    assert by.organisation_id is not None
    found = await documents.list_deadlines(db, by.organisation_id, on=local_day(now))
    return [one for one in found if one.document_id == document_id]


@get(ONE + "/renewal", opt=only(*PROVIDER_ROLES))
async def before_renewing(request: Req, db: Db, now: Now, by: By, document_id: Id) -> Template:
    """A newer version of a document."""
    return await _renewal(request, db, now, by, document_id, Form())


async def _renewal(
    request: Req,
    db: Database,
    now: datetime,
    by: Actor,
    document_id: UUID,
    form: Form[RenewDocument],
    *,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    return page(
        request,
        "provider/documents/renew.html",
        status=status,
        document=await evidence.find_document(db, document_id, by=by, on=local_day(now)),
        must_end=await documents.must_end(db, document_id, on=local_day(now)),
        form=form,
        refusal=refusal,
    )


@post(ONE + "/renewal", opt=only(*PROVIDER_ROLES), request_max_body_size=uploads.LARGEST_FORM)
async def renew(request: Req, db: Db, now: Now, by: By, document_id: Id) -> Response[Any]:
    """Add the newer version; approvals that waited for it open at once."""
    await evidence.find_document(db, document_id, by=by, on=local_day(now))
    form, file = await uploads.read(request, RenewDocument)
    is_endless = form.value is not None and form.value.valid_until is None
    if is_endless and await documents.must_end(db, document_id, on=local_day(now)):
        lacking = gettext(N_("Give the last day: the rulebook asks for it."))
        form = Form(form.typed, None, {"valid_until": lacking})
    status, refusal = 422, None
    if form.value is not None and file is not None:
        try:
            await evidence.renew(db, document_id, form.value, file, by=by, at=now)
            await registry.sweep_documents(db, at=now)
            return see(f"{BASE}/{document_id}?said=renewed")
        except (Conflict, Invalid) as refused:
            await db.rollback()
            if isinstance(refused, Invalid):
                form = form.with_errors(refused)
            else:
                status, refusal = refused.status, refused
    return await _renewal(request, db, now, by, document_id, form, status=status, refusal=refusal)


@get(ONE + "/withdrawal", opt=only(Role.PROVIDER_OWNER))
async def before_withdrawing(request: Req, db: Db, now: Now, by: By, document_id: Id) -> Template:
    """What withdrawing does, before it is done."""
    return page(
        request,
        "provider/documents/withdraw.html",
        document=await evidence.find_document(db, document_id, by=by, on=local_day(now)),
    )


@post(ONE + "/withdrawal", opt=only(Role.PROVIDER_OWNER))
async def withdraw(db: Db, now: Now, by: By, document_id: Id) -> Response[Any]:
    """Take a document out of use."""
    await evidence.withdraw(db, document_id, by=by, at=now)
    return see(f"{BASE}/{document_id}?said=withdrawn")


@post(ONE + "/return", opt=only(Role.PROVIDER_OWNER))
async def restore(db: Db, now: Now, by: By, document_id: Id) -> Response[Any]:
    """Take it back into use."""
    await evidence.restore(db, document_id, by=by, at=now)
    await registry.sweep_documents(db, at=now)
    return see(f"{BASE}/{document_id}?said=restored")


@get("/provider/document-versions/{version_id:uuid}/file", opt=only(*PROVIDER_ROLES))
async def download(db: Db, by: By, version_id: Id) -> Response[bytes]:
    """The file of a version of one's own."""
    return uploads.attachment(await evidence.open_own(db, version_id, by=by))


routes = [
    index,
    new,
    keep,
    show,
    before_renewing,
    renew,
    before_withdrawing,
    withdraw,
    restore,
    download,
]
