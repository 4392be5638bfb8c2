"""Registers of others, handed in by the registrar: checked, looked at, taken in, and taken back."""

from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromQuery
from litestar.response import Template

from setori import intake
from setori.errors import Conflict
from setori.importing import MappingRefused, RefusedRow, as_json, list_refused, parse_mapping
from setori.intake import HandIn
from setori.people import Role
from setori.readmodels import imports
from setori.web import spreadsheets
from setori.web.forms import Form
from setori.web.given import By, Db, Id, Now, Number, Req
from setori.web.guards import only
from setori.web.i18n import N_, gettext
from setori.web.pages import page, see

LARGEST = 20 * 1024 * 1024
SHIPPED = Path(__file__).resolve().parents[4] / "seed" / "mappings"
OWN = "own"
EXAMPLES = SHIPPED.parent / "examples"


@get("/procurer/imports", opt=only(Role.REGISTRAR))
async def index(request: Req, db: Db, by: By, after: FromQuery[UUID | None] = None) -> Template:
    """What has been handed in, the newest first."""
    listed = await intake.list_runs(db, by=by, after=after)
    return page(
        request, "procurer/imports/index.html", runs=listed.items, next=listed.next, is_first=after is None
    )


@get("/procurer/imports/new", opt=only(Role.REGISTRAR))
async def new(request: Req) -> Template:
    """A file, and how it is to be understood."""
    return write(request, Form())


def write(request: Req, form: Form[Any], *, status: int = 200, refusal: Conflict | None = None) -> Template:
    """The page of a new import."""
    return page(
        request,
        "procurer/imports/new.html",
        status=status,
        form=form,
        refusal=refusal,
        mappings=[(path.stem, parse_mapping(path.read_text("utf-8")).title) for path in _shipped()],
        own=OWN,
    )


def _shipped() -> list[Path]:
    return sorted(SHIPPED.glob("*.toml"))


@post("/procurer/imports", opt=only(Role.REGISTRAR), request_max_body_size=LARGEST)
async def hand_in(request: Req, db: Db, now: Now, by: By) -> Response[Any]:
    """Hand a file in. It is checked in the background; nothing is written to the register yet."""
    sent = await request.form()
    typed = {name: [value] for name, value in sent.items() if isinstance(value, str)}
    errors: dict[str, str] = {}
    file, name = await _upload(sent.get("file"))
    if not file:
        errors["file"] = gettext(N_("Choose the file."))
    words = await _mapping(sent, errors)
    if errors:
        return write(request, Form(typed, None, errors), status=422)
    try:
        mapping = parse_mapping(words)
    except MappingRefused as refused:
        told = " ".join(in_words(as_json(problem), problem) for problem in refused.problems[:5])
        return write(request, Form(typed, None, {"mapping_text": told}), status=422)
    order = HandIn(
        kind=mapping.kind.value,
        title=mapping.title,
        register_code=mapping.register_code,
        file_name=name,
        mapping=words,
        file=file,
        skip_bad_rows="skip_bad_rows" in typed,
    )
    try:
        run_id = await intake.hand_in(db, order, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return write(request, Form(typed), status=409, refusal=refusal)
    return see(f"/procurer/imports/{run_id}")


async def _upload(sent: Any) -> tuple[bytes, str]:
    if not isinstance(sent, UploadFile):
        return b"", ""
    name = "".join(c for c in Path(sent.filename.replace("\\", "/")).name if c.isprintable())[:120]
    return await sent.read(), name or "register.csv"


async def _mapping(sent: Any, errors: dict[str, str]) -> str:
    chosen = str(sent.get("mapping", ""))
    for path in _shipped():
        if path.stem == chosen:
            return path.read_text("utf-8")
    words = str(sent.get("mapping_text", "")).replace("\r\n", "\n")
    if chosen != OWN:
        errors["mapping"] = gettext(N_("Choose how the file is to be understood."))
    elif not words.strip():
        errors["mapping_text"] = gettext(N_("Paste the mapping, or choose one of those above."))
    elif len(words) > 100_000:
        errors["mapping_text"] = gettext(N_("The mapping is too long."))
    return words


@get("/procurer/imports/{run_id:uuid}", opt=only(Role.REGISTRAR))
async def show(request: Req, db: Db, by: By, run_id: Id, start: Number = None) -> Template:
    """What was found, how far it is, and what can be done next."""
    return await _shown(request, db, by, run_id, start=start or 0)


async def _shown(
    request: Req, db: Db, by: By, run_id: UUID, *, start: int = 0, refusal: Conflict | None = None
) -> Template:
    run = await intake.find_run(db, run_id, by=by)
    problems, following = await intake.list_problems(db, run_id, by=by, start=start)
    return page(
        request,
        "procurer/imports/show.html",
        status=refusal.status if refusal else 200,
        run=run,
        problems=[{**one, "reason": in_words(one.get("said"), one["reason"])} for one in problems],
        failure=in_words(run.failure_said, run.failure),
        start=start,
        following=following,
        refusal=refusal,
    )


def in_words(said: Any, english: str) -> str:
    """A reason in the reader's language; what was kept before reasons had parts stays in English."""
    if not said:
        return gettext(english)
    return " ".join(
        before + gettext(template).format(**{name: gettext(value) for name, value in filled.items()}) + behind
        for template, filled, before, behind in said
    )


@get("/procurer/imports/{run_id:uuid}/refused.csv", opt=only(Role.REGISTRAR))
async def download_refused(db: Db, by: By, run_id: Id) -> Response[bytes]:
    """All rows that are refused, each with its line and the reasons, to be put right."""
    header, rows = await list_refused(db, run_id, by=by)
    told = [
        [
            str(row.line) if row.line else "",
            " ".join(f"{column}: {words}" if column else words for column, words in _reasons(row)),
            *row.fields,
        ]
        for row in rows
    ]
    head = [gettext(N_("Line")), gettext(N_("Why")), *(spreadsheets.harmless(name) for name in header)]
    return Response(
        spreadsheets.table(head, told),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="refused-{run_id}.csv"'},
    )


def _reasons(row: RefusedRow) -> list[tuple[str, str]]:
    return [(column, in_words(said, "")) for column, said in row.reasons]


@get("/procurer/imports/example.csv", opt=only(Role.REGISTRAR))
async def example() -> Response[bytes]:
    """A small register, to begin from."""
    return _example("providers.csv", "text/csv")


@get("/procurer/imports/example.toml", opt=only(Role.REGISTRAR))
async def example_mapping() -> Response[bytes]:
    """The mapping that fits it, with a word on each part."""
    return _example("providers.toml", "text/plain")


def _example(name: str, media_type: str) -> Response[bytes]:
    return Response(
        (EXAMPLES / name).read_bytes(),
        media_type=media_type,
        headers={"content-disposition": f'attachment; filename="example-{name}"'},
    )


@post("/procurer/imports/{run_id:uuid}/start", opt=only(Role.REGISTRAR))
async def start_import(request: Req, db: Db, now: Now, by: By, run_id: Id) -> Response[Any]:
    """Take in what was checked."""
    try:
        await intake.start_import(db, run_id, by=by, at=now)
    except Conflict as refusal:
        await db.rollback()
        return await _shown(request, db, by, run_id, refusal=refusal)
    return see(f"/procurer/imports/{run_id}")


@get("/procurer/imports/{run_id:uuid}/undo", opt=only(Role.REGISTRAR))
async def before_undoing(request: Req, db: Db, by: By, run_id: Id) -> Template:
    """What undoing takes away, and what stands in its way, before it is done."""
    return await _undoing(request, db, by, run_id)


async def _undoing(request: Req, db: Db, by: By, run_id: UUID, refusal: Conflict | None = None) -> Template:
    run = await intake.find_run(db, run_id, by=by)
    return page(
        request,
        "procurer/imports/undo.html",
        status=refusal.status if refusal else 200,
        run=run,
        uses=await imports.uses_of(db, run.id),
        refusal=refusal,
    )


@post("/procurer/imports/{run_id:uuid}/undo", opt=only(Role.REGISTRAR))
async def undo(request: Req, db: Db, now: Now, by: By, run_id: Id) -> Response[Any]:
    """Take everything away that the import made."""
    try:
        await intake.undo(db, run_id, by=by, at=now)
    except intake.IsInUse as refusal:
        await db.rollback()
        return await _undoing(request, db, by, run_id, refusal)
    except Conflict as refusal:
        await db.rollback()
        return await _shown(request, db, by, run_id, refusal=refusal)
    return see(f"/procurer/imports/{run_id}")


routes = [
    index,
    new,
    hand_in,
    show,
    download_refused,
    example,
    example_mapping,
    start_import,
    before_undoing,
    undo,
]
