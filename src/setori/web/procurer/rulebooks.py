"""Rulebooks at the registrar's desk: written row by row, edited until published, read, and compared."""

import re
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from setori import dialogue, registry
from setori.db import Database
from setori.errors import Conflict, Invalid, NotFound
from setori.evidence import DocumentKind
from setori.people import PROCURER_ROLES, Actor, Role
from setori.readmodels import procurer_desk
from setori.registry import CriterionKind, DraftRulebook, RulebookStatus, RulebookView
from setori.web import forms, names
from setori.web.comparison import beside, conditions_of, facts_of
from setori.web.forms import Form, Typed
from setori.web.given import By, Db, Filled, Id, Now, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see

FIELDS = (
    "code", "kind", "mandatory", "minimum", "maximum", "expires", "grace_days", "document_kind",
    "text.fi", "text.sv", "text.en",
)  # fmt: skip
MOST_ROWS = 200
EDITABLE = (RulebookStatus.DRAFT, RulebookStatus.CONSULTATION)
_ROW = re.compile(r"^criteria\.(\d{1,3})\.(.+)$")

Row = dict[str, str]


@get("/procurer/rulebooks", opt=only(*PROCURER_ROLES))
async def index(request: Req, db: Db, by: By) -> Template:
    """All versions, service by service, the newest first."""
    services = await procurer_desk.list_services(db)
    books = await registry.list_rulebooks(db, by=by)
    shelves = [(services[one], [book for book in books if book.service_id == one]) for one in services]
    return page(
        request,
        "procurer/rulebooks/index.html",
        shelves=[shelf for shelf in shelves if shelf[1]],
        services=services,
    )


@get("/procurer/rulebooks/new", opt=only(Role.REGISTRAR))
async def new(
    request: Req, db: Db, by: By, service: FromQuery[UUID | None] = None, copy: FromQuery[UUID | None] = None
) -> Template:
    """A draft: a copy of the version in force, or of the one named, or empty rows."""
    services = await procurer_desk.list_services(db)
    copied = await own(db, copy, by) if copy else None
    service_id = copied.service_id if copied else service
    if service_id not in services:
        return page(request, "procurer/rulebooks/service.html", services=services)
    if copied is None:
        current = [
            book
            for book in await registry.list_rulebooks(db, by=by)
            if book.service_id == service_id and book.status is RulebookStatus.PUBLISHED
        ]
        copied = await own(db, current[0].id, by) if current else None
    typed = as_typed(copied) if copied else with_rows({}, [{}])
    form = Form[DraftRulebook]({**typed, "service_id": [str(service_id)]})
    return await write(request, db, form, services[service_id], copied=copied)


@post("/procurer/rulebooks", opt=only(Role.REGISTRAR))
async def draft(request: Req, db: Db, now: Now, by: By, typed: Filled) -> Response[Any]:
    """Add or remove a row, or keep the draft: one form, and the button says which."""
    return await keep(request, db, now, by, typed)


@get("/procurer/rulebooks/{rulebook_id:uuid}/edit", opt=only(Role.REGISTRAR))
async def edit(request: Req, db: Db, by: By, rulebook_id: Id) -> Template:
    """A draft as it stands, to be written anew in its place."""
    book = await own(db, rulebook_id, by)
    if book.status not in EDITABLE:
        raise registry.NotDraft
    services = await procurer_desk.list_services(db)
    form = Form[DraftRulebook]({**as_typed(book), "service_id": [str(book.service_id)]})
    return await write(request, db, form, services[book.service_id], edited=book)


@post("/procurer/rulebooks/{rulebook_id:uuid}", opt=only(Role.REGISTRAR))
async def rewrite(request: Req, db: Db, now: Now, by: By, typed: Filled, rulebook_id: Id) -> Response[Any]:
    """The same form for a draft that is there already."""
    return await keep(request, db, now, by, typed, await own(db, rulebook_id, by))


async def keep(
    request: Req, db: Database, now: Any, by: Actor, typed: Typed, edited: RulebookView | None = None
) -> Response[Any]:
    """What the form of a new or an edited draft does."""
    services = await procurer_desk.list_services(db)
    service_name = next(
        (name for id, name in services.items() if str(id) == _last(typed, "service_id")), None
    )
    if service_name is None:
        raise NotFound
    wish, rows = _last(typed, "do"), read_rows(typed)
    if wish == "add" or wish.startswith("remove-"):
        rows = [*rows, {}] if wish == "add" else [row for n, row in enumerate(rows) if wish != f"remove-{n}"]
        changed = Form[DraftRulebook](with_rows(typed, rows[:MOST_ROWS]))
        at_row = len(rows) - 1 if wish == "add" else None
        return await write(request, db, changed, service_name, edited=edited, at_row=at_row)
    rows = [row for row in rows if any(row.get(name) for name in ("code", "text.fi", "text.sv", "text.en"))]
    form = read_draft(typed, rows)
    if form.value is not None:
        try:
            if edited is None:
                rulebook_id = await registry.draft_rulebook(db, form.value, by=by, at=now)
            else:
                rulebook_id = edited.id
                seen = _last(typed, "seen")
                await registry.edit_rulebook(db, rulebook_id, form.value, seen=seen, by=by, at=now)
            return see(f"/procurer/rulebooks/{rulebook_id}")
        except registry.ChangedMeanwhile as refusal:
            await db.rollback()
            shown = Form[DraftRulebook]({**with_rows(typed, rows), "seen": [edited.print if edited else ""]})
            return await write(request, db, shown, service_name, edited=edited, status=409, refusal=refusal)
        except Invalid as refused:
            await db.rollback()
            form = form.with_errors(refused)
    shown = Form[DraftRulebook](with_rows(typed, rows), None, form.errors)
    return await write(request, db, shown, service_name, edited=edited, status=422)


@get("/procurer/rulebooks/{rulebook_id:uuid}", opt=only(*PROCURER_ROLES))
async def show(request: Req, db: Db, by: By, rulebook_id: Id) -> Template:
    """One version with everything that it asks."""
    return page(
        request,
        "procurer/rulebooks/show.html",
        book=await own(db, rulebook_id, by),
        services=await procurer_desk.list_services(db),
        dialogue_id=await dialogue.find_of_rulebook(db, rulebook_id),
        facts_of=facts_of,
        conditions_of=conditions_of,
    )


@get("/procurer/rulebooks/{rulebook_id:uuid}/changes", opt=only(*PROCURER_ROLES))
async def changes(
    request: Req, db: Db, by: By, rulebook_id: Id, against: FromQuery[UUID | None] = None
) -> Template:
    """A version beside another, drafts too."""
    await own(db, rulebook_id, by)
    shown = await beside(db, rulebook_id, against, by=by)
    return page(request, "procurer/rulebooks/changes.html", **shown)


@get("/procurer/rulebooks/{rulebook_id:uuid}/publication", opt=only(Role.REGISTRAR))
async def before_publishing(request: Req, db: Db, by: By, rulebook_id: Id) -> Template:
    """What publishing does, before it is done."""
    return await confirm(request, db, by, rulebook_id)


@post("/procurer/rulebooks/{rulebook_id:uuid}/publication", opt=only(Role.REGISTRAR))
async def publish(request: Req, db: Db, now: Now, by: By, typed: Filled, rulebook_id: Id) -> Response[Any]:
    """Open the rulebook for applications; what has no Finnish is confirmed."""
    await own(db, rulebook_id, by)
    knowingly = _last(typed, "without_finnish") == "yes"
    try:
        await dialogue.publish(db, rulebook_id, by=by, at=now, without_finnish=knowingly)
    except Conflict as refused:
        await db.rollback()
        return await confirm(request, db, by, rulebook_id, refusal=refused)
    return see(f"/procurer/rulebooks/{rulebook_id}")


@get("/procurer/rulebooks/{rulebook_id:uuid}/discarding", opt=only(Role.REGISTRAR))
async def before_discarding(request: Req, db: Db, by: By, rulebook_id: Id) -> Template:
    """What throwing a draft away does, before it is done."""
    book = await own(db, rulebook_id, by)
    if book.status is not RulebookStatus.DRAFT:
        raise registry.NotDraft
    services = await procurer_desk.list_services(db)
    return page(request, "procurer/rulebooks/discard.html", book=book, services=services)


@post("/procurer/rulebooks/{rulebook_id:uuid}/discarding", opt=only(Role.REGISTRAR))
async def discard(db: Db, now: Now, by: By, rulebook_id: Id) -> Response[Any]:
    """Throw a draft away that nobody outside has seen."""
    await registry.discard_draft(db, rulebook_id, by=by, at=now)
    return see("/procurer/rulebooks")


async def own(db: Database, rulebook_id: UUID, by: Actor) -> RulebookView:
    """A rulebook of one's own procurer. Raises NotFound for another's, published or not."""
    book = await registry.find_rulebook(db, rulebook_id, by=by)
    if book.procurer_id != by.organisation_id:
        raise NotFound
    return book


async def confirm(
    request: Req, db: Database, by: Actor, rulebook_id: UUID, refusal: Conflict | None = None
) -> Template:
    """The page before publishing."""
    book = await own(db, rulebook_id, by)
    return page(
        request,
        "procurer/rulebooks/publish.html",
        status=refusal.status if refusal else 200,
        book=book,
        missing=unread_in_finnish(book),
        services=await procurer_desk.list_services(db),
        refusal=refusal,
    )


def unread_in_finnish(book: RulebookView) -> list[str]:
    """What applicants could not read in Finnish: the title, and the codes of criteria."""
    missing = registry.missing_finnish(book.title, [(asked.code, asked.text) for asked in book.criteria])
    return [gettext(N_("the title")) if what == "title" else what for what in missing]


async def write(
    request: Req,
    db: Database,
    form: Form[DraftRulebook],
    service_name: dict[str, str],
    *,
    copied: RulebookView | None = None,
    edited: RulebookView | None = None,
    at_row: int | None = None,
    status: int = 200,
    refusal: Conflict | None = None,
) -> Template:
    """The page on which a draft is written."""
    cores = await registry.list_cores(db, limit=1)
    return page(
        request,
        "procurer/rulebooks/new.html",
        status=status,
        form=form,
        service_name=service_name,
        copied=copied,
        edited=edited,
        core=cores[0] if cores else None,
        facts_of=facts_of,
        row_count=len(read_rows(form.typed)),
        at_row=at_row,
        refusal=refusal,
        kinds=[kind.value for kind in CriterionKind],
        document_kinds=[
            ("", gettext(N_("Any document"))),
            *((kind.value, names.name(kind)) for kind in DocumentKind),
        ],
    )


def as_typed(book: RulebookView) -> Typed:
    """A rulebook as if somebody had typed it."""
    rows = [
        {
            "code": asked.code,
            "kind": asked.kind.value,
            "mandatory": "yes" if asked.mandatory else "",
            "minimum": "" if asked.minimum is None else str(asked.minimum),
            "maximum": "" if asked.maximum is None else str(asked.maximum),
            "expires": "yes" if asked.expires else "",
            "document_kind": asked.document_kind or "",
            "grace_days": str(asked.grace_days) if asked.grace_days else "",
            **{f"text.{language}": words for language, words in asked.text.items()},
        }
        for asked in book.criteria
        if not asked.is_core
    ]
    told = {f"title.{language}": [words] for language, words in book.title.items()}
    told["decision_days"] = [str(book.decision_days)]
    if book.no_delivery_months is not None:
        told["no_delivery_months"] = [str(book.no_delivery_months)]
    told["allows_consortia"] = ["yes" if book.allows_consortia else ""]
    told["subcontract_cap"] = [str(book.subcontract_cap or "")]
    told["two_assessors"] = ["yes" if book.two_assessors else ""]
    return with_rows(told, rows)


def read_rows(typed: Typed) -> list[Row]:
    """The rows as typed, in their order."""
    rows: dict[int, Row] = {}
    for name, values in typed.items():
        if (found := _ROW.match(name)) and found[2] in FIELDS:
            rows.setdefault(int(found[1]), {})[found[2]] = values[-1]
    return [rows[n] for n in sorted(rows)][:MOST_ROWS]


def with_rows(typed: Typed, rows: list[Row]) -> dict[str, list[str]]:
    """What was typed with these rows in place of its own, numbered from nought."""
    others = {name: list(values) for name, values in typed.items() if not _ROW.match(name)}
    for n, row in enumerate(rows):
        others |= {f"criteria.{n}.{name}": [row.get(name, "")] for name in FIELDS}
    return others


def read_draft(typed: Typed, rows: list[Row]) -> Form[DraftRulebook]:
    """The draft as typed, its errors under the names of the fields on the page."""
    criteria = [
        {
            "code": row.get("code", ""),
            "kind": row.get("kind", ""),
            "mandatory": row.get("mandatory") == "yes",
            "minimum": row.get("minimum", ""),
            "maximum": row.get("maximum", ""),
            "expires": row.get("expires") == "yes",
            "document_kind": row.get("document_kind", ""),
            "grace_days": row.get("grace_days", ""),
            "text": {language: row.get(f"text.{language}", "") for language in ("fi", "sv", "en")},
        }
        for row in rows
    ]
    form = forms.parse(DraftRulebook, typed, criteria=criteria)
    errors = {
        f"{name}.fi" if name == "title" or name.endswith(".text") else name: error
        for name, error in form.errors.items()
    }
    return Form(typed, None if errors else form.value, errors)


def _last(typed: Typed, name: str) -> str:
    return typed.get(name, [""])[-1]


routes = [
    index,
    new,
    draft,
    show,
    edit,
    rewrite,
    changes,
    before_publishing,
    publish,
    before_discarding,
    discard,
]
