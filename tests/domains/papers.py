"""Files as people send them, made here: good ones, and such as somebody means harm with."""

import io
import struct
import zipfile
import zlib
from datetime import date
from typing import Any
from uuid import UUID

import pikepdf
from PIL import Image
from PIL.ExifTags import Base

from setori import evidence, registry
from setori.evidence import DocumentKind, ExaminedFile, KeepDocument
from setori.people import Actor
from setori.registry import AnswerCriteria, CriterionKind, DraftCriterion, DraftRulebook
from tests.domains.builders import NOON, a_service


def a_pdf(words: str = "Sample document", **root: Any) -> bytes:
    """A page of words. `root` is added to the PDF's own dictionary."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(300, 200))
        pdf.pages[0].contents_add(b"% " + words.encode())
        for name, value in root.items():
            pdf.Root[f"/{name}"] = value(pdf) if callable(value) else value
        kept = io.BytesIO()
        pdf.save(kept, deterministic_id=True)
    return kept.getvalue()


def a_pdf_of(size: int) -> bytes:
    """A PDF of so many bytes."""
    content, more = b"", size - 2000
    while len(content) != size:
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.pages[0].Contents = pdf.make_stream(b"%" * more)
            kept = io.BytesIO()
            pdf.save(kept, compress_streams=False, deterministic_id=True)
        content = kept.getvalue()
        more += size - len(content)
    return content


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **saved: Any) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, "navy").save(kept, format=kind, **saved)
    return kept.getvalue()


def a_picture_with_a_place() -> bytes:
    """A JPEG that tells who took it."""
    told = Image.Exif()
    told[Base.Artist] = "Veera Laine"
    return a_picture(exif=told, comment=b"taken at home")


def a_zip() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as inside:
        inside.writestr("run.exe", b"MZ")
    return kept.getvalue()


def a_locked_pdf() -> bytes:
    kept = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf())) as pdf:
        pdf.save(kept, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return kept.getvalue()


def a_pdf_locked_for_changes_only() -> bytes:
    kept = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf())) as pdf:
        pdf.save(kept, encryption=pikepdf.Encryption(user="", owner="secret"))
    return kept.getvalue()


def a_running_pdf(where: str = "OpenAction") -> bytes:
    return a_pdf(**{where: pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")})


def a_pdf_that_runs_deep_within() -> bytes:
    """The script stands in an array of a dictionary of an annotation."""
    with pikepdf.open(io.BytesIO(a_pdf())) as pdf:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.fi", Next=pikepdf.Array([action])),
        )  # fmt: skip
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])
        kept = io.BytesIO()
        pdf.save(kept)
    return kept.getvalue()


def a_launching_pdf() -> bytes:
    return a_pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"))


def a_pdf_with_a_file() -> bytes:
    with pikepdf.open(io.BytesIO(a_pdf())) as pdf:
        pdf.attachments["run.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ", filename="run.exe")
        kept = io.BytesIO()
        pdf.save(kept)
    return kept.getvalue()


def a_bomb_of_dots() -> bytes:
    """A PNG of 50,000 by 50,000 dots in some kilobytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    side = 50_000
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def a_pdf_bomb(weight: int = 500_000_000) -> bytes:
    """A PDF whose stream of objects unpacks to half a gigabyte."""
    packer, parts = zlib.compressobj(9), []
    parts.append(packer.compress(b"5 0 << /A 1 >>"))
    spaces = b" " * 50_000_000
    parts.extend(packer.compress(spaces) for _ in range(weight // len(spaces)))
    parts.append(packer.flush())
    packed = b"".join(parts)
    out, at = io.BytesIO(), {}
    out.write(b"%PDF-1.5\n")
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R /X 5 0 R >>",
        2: b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>",
        4: b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (len(packed), packed),
        6: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    }
    for number, body in bodies.items():
        at[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    rows = [(0, 0, 255), (1, at[1], 0), (1, at[2], 0), (1, start, 0), (1, at[4], 0), (2, 4, 0), (1, at[6], 0)]
    table = b"".join(bytes([a]) + b.to_bytes(4, "big") + bytes([c]) for a, b, c in rows)
    out.write(b"3 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n" % len(table))
    out.write(table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


async def a_file(name: str = "insurance.pdf", words: str = "Sample document") -> ExaminedFile:
    return await evidence.examine(a_pdf(words), name)


async def a_document(
    db: Any,
    by: Actor,
    *,
    kind: DocumentKind = DocumentKind.LIABILITY_INSURANCE,
    since: date = date(2026, 1, 1),
    until: date | None = date(2026, 12, 31),
    at: Any = NOON,
    file: ExaminedFile | None = None,
) -> UUID:
    """A document in the firm's wallet. Returns its version's id."""
    order = KeepDocument(kind=kind, issuer="Vakuutus Oy", valid_from=since, valid_until=until)
    return await evidence.keep(db, order, file or await a_file(), by=by, at=at)


async def a_rulebook_of_papers(
    db: Any,
    registrar: Actor,
    code: str = "with-papers",
    *,
    kind: DocumentKind | None = DocumentKind.LIABILITY_INSURANCE,
    expires: bool = True,
    grace_days: int = 14,
    at: Any = NOON,
) -> UUID:
    """A published rulebook that asks for one document, under N1."""
    asked = DraftCriterion(
        code="N1",
        kind=CriterionKind.DOCUMENT,
        text={"fi": "Vastuuvakuutus", "en": "Liability insurance"},
        expires=expires,
        grace_days=grace_days if expires else 0,
        document_kind=kind,
    )
    order = DraftRulebook(
        service_id=await a_service(db, code, at=at), title={"fi": "Asiakirjat"}, criteria=[asked]
    )
    rulebook_id = await registry.draft_rulebook(db, order, by=registrar, at=at)
    await registry.publish_rulebook(db, rulebook_id, by=registrar, at=at)
    return rulebook_id


async def a_sent_document(
    db: Any, registrar: Actor, owner: Actor, *, at: Any = NOON
) -> tuple[UUID, UUID, UUID]:
    """A version in the wallet, an application that it was sent with, and one that asks for a document still."""
    version_id = await a_document(db, owner, until=date(2099, 12, 31), at=at)
    sent = await registry.start_application(
        db, await a_rulebook_of_papers(db, registrar, "papers-sent", at=at), by=owner, at=at
    )
    order = AnswerCriteria(answers={"N1": str(version_id)})
    await registry.answer(db, sent, order, by=owner, at=at)
    await registry.submit(db, sent, by=owner, at=at)
    asks = await a_rulebook_of_papers(db, registrar, "papers-asked", kind=None, at=at)
    return version_id, sent, await registry.start_application(db, asks, by=owner, at=at)
