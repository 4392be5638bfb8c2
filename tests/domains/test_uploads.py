"""What comes over the web as a file: kept when it is a PDF or a picture and nothing else, refused with what to do."""

import hashlib
import io

import pikepdf
import pytest
from PIL import Image

from setori import evidence
from setori.evidence import LARGEST, FileRefused
from tests.domains import papers as a

HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "empty": (lambda: b"", "Choose a file."),
    "one byte over 10 MB": (lambda: a.a_pdf_of(LARGEST + 1), "over 10 MB"),
    "PDF and ZIP": (lambda: a.a_pdf() + a.a_zip(), "another file within"),
    "ZIP and PDF": (lambda: a.a_zip() + a.a_pdf(), "not a PDF"),
    "GIF and HTML": (lambda: b"GIF89a" + HTML, "not a PDF"),
    "JPEG and HTML": (lambda: a.a_picture() + HTML, "another file within"),
    "JPEG with HTML as its comment": (lambda: a.a_picture(comment=HTML), "another file within"),
    "JPEG and ZIP": (lambda: a.a_picture() + a.a_zip(), "another file within"),
    "PDF and HTML after it": (lambda: a.a_pdf() + HTML, "another file within"),
    "SVG": (lambda: SVG, "not a PDF"),
    "HTML called PDF": (lambda: HTML, "not a PDF"),
    "HTML that begins as a PDF": (lambda: b"%PDF-1.7\n" + HTML, "damaged"),
    "a bomb of dots": (a.a_bomb_of_dots, "too many dots"),
    "a PDF bomb": (a.a_pdf_bomb, "damaged"),
    "a locked PDF": (a.a_locked_pdf, "password"),
    "a PDF locked for changes": (a.a_pdf_locked_for_changes_only, "password"),
    "a PDF that runs when opened": (a.a_running_pdf, "program"),
    "a PDF with a script of no kind": (
        lambda: a.a_pdf(Note=pikepdf.Dictionary(JS="app.alert(1)")),
        "program",
    ),
    "a PDF that runs deep within": (a.a_pdf_that_runs_deep_within, "program"),
    "a PDF that launches": (a.a_launching_pdf, "program"),
    "a PDF with a file in it": (a.a_pdf_with_a_file, "another file within"),
    "half a PDF": (lambda: a.a_pdf()[:-200], "damaged"),
    "half a PNG": (lambda: a.a_picture("PNG", (400, 300))[:-60], "damaged"),
    "a GIF": (lambda: a.a_picture("GIF"), "not a PDF"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_it_is_refused_with_a_sentence_that_says_what_to_do(what):
    made, said = REFUSED[what]
    with pytest.raises(FileRefused) as refused:
        await evidence.examine(made(), "paper.pdf")
    assert said in str(refused.value)
    assert refused.value.errors == {"file": refused.value.sentence}
    assert any(verb in str(refused.value) for verb in ("Choose", "Save", "Print", "send"))


async def test_a_pdf_is_kept_to_the_byte_whatever_it_is_called():
    content = a.a_pdf()
    kept = await evidence.examine(content, "holiday.jpg")
    assert (kept.media_type, kept.content, kept.name) == ("application/pdf", content, "holiday.pdf")
    assert kept.sha256 == hashlib.sha256(content).hexdigest()


async def test_exactly_10_mb_is_kept():
    assert len((await evidence.examine(a.a_pdf_of(LARGEST), "a.pdf")).content) == LARGEST


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
async def test_a_picture_is_drawn_anew_and_tells_nothing_but_the_picture(kind, media_type):
    content = a.a_picture_with_a_place() if kind == "JPEG" else a.a_picture("PNG")
    kept = await evidence.examine(content, "IMG 1.HEIC.jpeg")
    assert kept.media_type == media_type
    assert b"Veera" not in kept.content
    assert b"home" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert (drawn.format, drawn.size) == (kind, (40, 30))
        assert not drawn.getexif()


async def test_links_and_forms_in_a_pdf_do_no_harm():
    link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.fi")
    assert (await evidence.examine(a.a_pdf(OpenAction=link), "a.pdf")).media_type == "application/pdf"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../x.pdf", "x.pdf"),
        ("..\\..\\windows\\system.pdf", "system.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("a\0b.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ("x" * 5000 + ".pdf", "x" * 80 + ".pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("vakuutus päivä.PDF", "vakuutus päivä.pdf"),
        ('a"b;c\r\nSet-Cookie: x.pdf', "a_b_cSet-Cookie_ x.pdf"),
        ("con\u200bfi\u2066dential.pdf", "confidential.pdf"),
        ("%2e%2e%2fx.pdf", "2e_2e_2fx.pdf"),
    ],
)
async def test_a_name_is_only_a_name(typed, kept):
    assert (await evidence.examine(a.a_pdf(), typed)).name == kept
