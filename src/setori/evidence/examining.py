"""What a file that came over the web is: read in a process of its own, with little memory, little time, no secrets.

Run as a program it reads a file from its input and answers with one line of words, then the bytes to keep. A PDF is
kept as it came, or refused; a picture is drawn anew, so that nothing but the picture is kept. It imports nothing of
Setori.
"""

import io
import re
import resource
import sys
import zipfile
from contextlib import suppress

MEMORY = 1_500_000_000
SECONDS = 20
DOTS = 40_000_000
UNPACKED = 100_000_000
_ACTIVE_KEYS = {"/JS", "/JavaScript", "/XFA"}
_ACTIVE_TYPES = {
    *(
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    ),
}
_WITHIN_KEYS = {"/EF", "/EmbeddedFiles", "/RichMediaContent"}
_WITHIN_TYPES = {"/FileAttachment", "/RichMedia", "/EmbeddedFile", "/3D", "/Screen", "/GoToE"}
_WEB = re.compile(rb"<script|<!doctype|<html[\s>]", re.I)
_TRAILER = re.compile(rb"%%EOF[\s\0]*\Z")


class RefusedError(Exception):
    """The file is not kept; the word says why."""


def examine(content: bytes) -> tuple[str, bytes]:
    """The media type of a file by its content, and the bytes to keep. Raises RefusedError with a word."""
    if content.startswith(b"%PDF-"):
        _examine_pdf(content)
        return "application/pdf", content
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", _draw_anew(content, "JPEG")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", _draw_anew(content, "PNG")
    raise RefusedError("kind")


def _examine_pdf(content: bytes) -> None:
    import pikepdf

    if zipfile.is_zipfile(io.BytesIO(content)):
        raise RefusedError("within")
    if not _TRAILER.search(content[-4096:]):
        raise RefusedError("within" if b"%%EOF" in content else "broken")
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=UNPACKED, run_length_max_memory=UNPACKED, parser_max_nesting=100
    )
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedError("locked")
            if not len(pdf.pages):
                raise RefusedError("broken")
            for one in (pdf.trailer, *pdf.objects):
                _refuse_active(one)
            # What could not be read might be read by others: nothing is kept that was not looked through.
            if any(not str(told).endswith("repairing") for told in pdf.get_warnings()):
                raise RefusedError("broken")
    except pikepdf.PasswordError as locked:
        raise RefusedError("locked") from locked
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError) as broken:
        raise RefusedError("broken") from broken


def _refuse_active(one: object) -> None:
    """Look through an object and what lies within it; what it only points to is looked at by itself."""
    import pikepdf

    waiting = [one]
    while waiting:
        it = waiting.pop()
        if isinstance(it, pikepdf.Array):
            waiting.extend(part for part in it if _is_within(part))
        elif isinstance(it, (pikepdf.Dictionary, pikepdf.Stream)):
            for key in it.keys():  # noqa: SIM118
                if key in _ACTIVE_KEYS:
                    raise RefusedError("active")
                if key in _WITHIN_KEYS:
                    raise RefusedError("within")
                value = it.get(key)
                if key in ("/S", "/Subtype", "/Type") and isinstance(value, pikepdf.Name):
                    if str(value) in _ACTIVE_TYPES:
                        raise RefusedError("active")
                    if str(value) in _WITHIN_TYPES:
                        raise RefusedError("within")
                elif _is_within(value):
                    waiting.append(value)


def _is_within(value: object) -> bool:
    import pikepdf

    return isinstance(value, (pikepdf.Array, pikepdf.Dictionary)) and not value.is_indirect


def _draw_anew(content: bytes, kind: str) -> bytes:
    from PIL import Image, ImageOps

    if _WEB.search(content) or zipfile.is_zipfile(io.BytesIO(content)):
        raise RefusedError("within")
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as found:
            if found.width * found.height > DOTS:
                raise RefusedError("dots")
            found.load()
            turned = ImageOps.exif_transpose(found)
            is_clear = kind == "PNG" and ("A" in turned.mode or "transparency" in turned.info)
            colours = "RGBA" if is_clear else "RGB"
            drawn = Image.new(colours, turned.size)
            drawn.paste(turned.convert(colours))
    except RefusedError:
        raise
    except Exception as broken:
        raise RefusedError("broken") from broken
    kept = io.BytesIO()
    drawn.save(kept, format=kind, **({"quality": 88} if kind == "JPEG" else {}))
    return kept.getvalue()


def main() -> None:
    """The program."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    content = sys.stdin.buffer.read()
    try:
        media_type, kept = examine(content)
    except RefusedError as refused:
        sys.stdout.buffer.write(f"refused {refused}\n".encode())
        return
    except (MemoryError, RecursionError):
        sys.stdout.buffer.write(b"refused broken\n")
        return
    sys.stdout.buffer.write(f"kept {media_type}\n".encode() + kept)


if __name__ == "__main__":
    main()
