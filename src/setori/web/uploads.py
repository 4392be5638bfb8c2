"""Files over the web: read up to the most that is kept, looked at before all else, and handed out to be saved only."""

import re
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile

from setori import evidence
from setori.evidence import ExaminedFile, FileRefused, FileView
from setori.web.forms import C, Form, Typed, parse
from setori.web.given import Req
from setori.web.i18n import gettext

LARGEST_FORM = 40 * 1024 * 1024
"""What a form with a file may weigh: more than a file, so that one too large is told in the form it came with."""


async def read(request: Req, command: type[C], **given: Any) -> tuple[Form[C], ExaminedFile | None]:
    """The form and its file, each with what is wrong with it. When there is a file, it may be kept."""
    sent = await request.form()
    typed: Typed = {
        name: [value for value in sent.getall(name) if isinstance(value, str)]
        for name in sent
        if not isinstance(sent.get(name), UploadFile)
    }
    fields = {name: values for name, values in typed.items() if name in command.model_fields}
    form = parse(command, fields, **given)
    form = Form(typed, form.value, form.errors)
    content, name = await _content(sent.get("file"))
    try:
        return form, await evidence.examine(content, name)
    except FileRefused as refused:
        errors = {**form.errors, "file": gettext(refused.sentence)}
        return Form(typed, None, errors), None


async def _content(sent: Any) -> tuple[bytes, str]:
    if not isinstance(sent, UploadFile):
        return b"", ""
    return await sent.read(evidence.LARGEST + 1), sent.filename


def attachment(file: FileView) -> Response[bytes]:
    """A file to be saved, never shown by the browser as ours."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "content-disposition": disposition(file.name),
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        },
    )


def disposition(name: str) -> str:
    """The header by which a file is saved under its name (RFC 6266): in plain letters, and in full (RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
