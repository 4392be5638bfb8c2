"""Documents of a firm: of which kinds they are, how they stand on a day, when to remind, and names that do no harm."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

LARGEST = 10 * 1024 * 1024
"""How many bytes a file may have: 10 MB."""

STAGES = (60, 30, 7)
"""So many days before the last day of a document its owners are reminded."""

EXTENSIONS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
"""What may be kept, and how its name ends. What a file is, its content says."""


class DocumentKind(StrEnum):
    """What a document shows. A rulebook asks for one of these, and the wallet finds it."""

    LIABILITY_INSURANCE = "liability_insurance"
    TAX_CERTIFICATE = "tax_certificate"
    PENSION_CERTIFICATE = "pension_certificate"
    REGISTER_EXTRACT = "register_extract"
    QUALIFICATION = "qualification"
    LICENCE = "licence"
    AGREEMENT = "agreement"
    OTHER_DOCUMENT = "other_document"


class DocumentStatus(StrEnum):
    """How a document stands on a day; derived from its versions, never stored."""

    NOT_YET = "not_yet"
    VALID = "valid"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Days(Protocol):
    """The days of one version of a document; without a last day it holds until further notice."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


def in_force(versions: Sequence[Days], *, on: date) -> Days | None:
    """The version that counts on a day: the newest one that has begun. They come newest first."""
    return next((one for one in versions if one.valid_from <= on), None)


def holds_until(versions: Sequence[Days], *, on: date) -> date | None:
    """The last day on which a document holds without a gap, as things stand on a day; None: until further notice.

    A newer version that begins before the one in force is over goes on from it. They come newest first, at least one.
    """
    now = in_force(versions, on=on) or versions[-1]
    last = now.valid_until
    later = [one for one in versions if one.valid_from > now.valid_from and one.valid_from > on]
    for one in sorted(later, key=lambda one: one.valid_from):
        if last is not None and one.valid_from <= last + timedelta(days=1):
            last = one.valid_until
    return last


def status_of(versions: Sequence[Days], *, is_withdrawn: bool, on: date) -> DocumentStatus:
    """How a document stands on a day; its versions come newest first."""
    if is_withdrawn:
        return DocumentStatus.WITHDRAWN
    now = in_force(versions, on=on)
    if now is None:
        return DocumentStatus.NOT_YET
    last = holds_until(versions, on=on)
    if last is None:
        return DocumentStatus.VALID
    if last < on:
        return DocumentStatus.ENDED
    return DocumentStatus.ENDS_SOON if (last - on).days <= STAGES[0] else DocumentStatus.VALID


def stage_due(valid_until: date, kept_on: date, *, on: date) -> int | None:
    """Which reminder is due on a day: the nearest one that has come, if it had not come yet when the file was kept."""
    left = (valid_until - on).days
    if left < 0:
        return None
    come = [days for days in STAGES if left <= days and (valid_until - kept_on).days > days]
    return min(come, default=None)


def safe_name(typed: str, media_type: str) -> str:
    """A file's name for people to read: no folders, nothing unseen, at most 84 characters, ending as its content says.

    It never becomes a path anywhere.
    """
    bare = unicodedata.normalize("NFC", typed).replace("\\", "/").rsplit("/", 1)[-1]
    # Categories that begin with C are controls, the marks that turn the direction of reading, and halves of characters.
    seen = "".join(c if unicodedata.category(c)[0] != "Z" else " " for c in bare if _is_seen(c))
    seen = re.sub(r"\s+", " ", re.sub(r"[<>:\"|?*%;]", "_", seen))
    stem = re.sub(r"\.(pdf|jpe?g|png)$", "", seen, flags=re.I).strip(". _")
    return (stem[:80].strip(". _") or "document") + EXTENSIONS[media_type]


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] != "C"
