"""The sample firms' documents: small PDFs that say in three languages that they are samples."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from setori import evidence
from setori.days import local_day, noon
from setori.db import Database
from setori.evidence import ExaminedFile, KeepDocument, RenewDocument
from setori.people import Actor

WORDS = (
    "NÄYTE",
    "Tämä on keksitty asiakirja.",
    "PROV: ett påhittat dokument.",
    "SAMPLE: an invented document.",
)


async def sample_file() -> ExaminedFile:
    """One small PDF for all of them, examined as any other."""
    return await evidence.examine(sample_pdf(WORDS), "näyte.pdf")


async def fill_wallet(
    db: Database,
    told: dict[str, Any],
    key: str,
    file: ExaminedFile,
    *,
    by: Actor,
    arrived: datetime,
    at: datetime,
) -> None:
    """What seed/world/documents.yaml says that every firm keeps, before it applies anywhere."""
    today = local_day(at)
    for one in told["everybody"]:
        until = one.get("until")
        if until is not None:
            until = told["ends"].get(key, until + len(key) * 7)
        order = KeepDocument(
            kind=one["kind"],
            label=one.get("label", ""),
            issuer=one["issuer"],
            valid_from=min(today + timedelta(days=one["since"]), local_day(arrived)),
            valid_until=_day(today, until),
        )
        await evidence.keep(db, order, file, by=by, at=arrived)


async def add_more(
    db: Database, told: dict[str, Any], owners: dict[str, Actor], file: ExaminedFile, *, at: datetime
) -> None:
    """The rest: ending soon, renewed, withdrawn."""
    today = local_day(at)
    for one in told["more"]:
        by, since = owners[one["provider"]], today + timedelta(days=one["since"])
        order = KeepDocument(
            kind=one["kind"],
            label=one.get("label", ""),
            issuer=one["issuer"],
            valid_from=since,
            valid_until=_day(today, one.get("until")),
        )
        kept = min(noon(since + timedelta(days=2)), at)
        version_id = await evidence.keep(db, order, file, by=by, at=kept)
        document_id = await _document_of(db, version_id, by)
        if renewed := one.get("renewed"):
            newer = RenewDocument(
                issuer=one["issuer"],
                valid_from=today + timedelta(days=renewed["since"]),
                valid_until=_day(today, renewed["until"]),
            )
            await evidence.renew(db, document_id, newer, file, by=by, at=noon(newer.valid_from))
        if "withdrawn" in one:
            gone = noon(today + timedelta(days=one["withdrawn"]))
            await evidence.withdraw(db, document_id, by=by, at=gone)


async def _document_of(db: Database, version_id: UUID, by: Actor) -> UUID:
    assert by.organisation_id is not None
    known = await evidence.list_versions(db, [version_id], provider_id=by.organisation_id)
    return known[version_id].document_id


def _day(today: date, days: int | None) -> date | None:
    return None if days is None else today + timedelta(days=days)


def sample_pdf(lines: tuple[str, ...]) -> bytes:
    """A page of A6 with some lines, written by hand (ISO 32000-1): its letters are one byte each."""
    shown = "".join(f"({line}) Tj 0 -24 Td " for line in lines)
    drawn = f"BT /F1 14 Tf 24 360 Td {shown}ET".encode("cp1252")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 420] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(written))
    )
