"""What somebody typed into a form that could not be taken as it came: given back, to be sent once more."""

from dataclasses import dataclass
from typing import Any

from litestar.connection import Request

LEFT_OUT = frozenset({"_csrf", "token"})
WORTH_COPYING = 12
"""A shorter word without a space is as soon typed again, or was never typed: a code, a tick."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form's address and fields. One with a file has none: files do not come back, and are chosen anew."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def words(self) -> list[str]:
        """What was written by hand, as far as can be told, for whoever wants to copy it."""
        said = dict.fromkeys(
            value.strip()
            for name, value in self.fields
            if not name.endswith("_id") and (" " in value.strip() or len(value.strip()) >= WORTH_COPYING)
        )
        return list(said)


async def unsent_of(request: Request[Any, Any, Any]) -> Unsent | None:
    """The form that a request brings, or None when it brings none."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    if request.method != "POST" or request.headers.get("hx-request") == "true":
        return None
    if kind != "application/x-www-form-urlencoded":
        return Unsent(request.url.path, ()) if kind == "multipart/form-data" else None
    form = await request.form()
    fields = tuple(
        (name, str(value).replace("\0", ""))
        for name in form
        if name not in LEFT_OUT
        for value in form.getall(name)
    )
    return Unsent(request.url.path, fields)
