"""The letter that brings a voucher: its words in the language of whoever gets it, on a page or printed for many."""

import contextvars
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos

from setori import vouchers
from setori.readmodels.batches import LetterTo
from setori.web import i18n
from setori.web.assets import print_fonts
from setori.web.i18n import N_, gettext, ngettext
from setori.web.pages import pick

FONT = "Figtree"
GREY = (90, 90, 90)
QR_MM = 52.0
EDGE = 25.0


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter to the jobseeker, in the jobseeker's language."""

    language: str
    sender: str
    to: str
    greeting: str
    offer: str
    steps: tuple[str, ...]
    until: str
    link: str
    code_label: str
    code: str
    by_hand: str
    claim_path: str


def write_letter(told: LetterTo, *, key: bytes, base_url: str) -> Letter:
    """The letter's words. Link and code are made from the voucher's id, so a lost letter can be printed again."""
    before = i18n.language.set(told.language)
    try:
        return Letter(
            language=told.language,
            sender=told.sender,
            to=told.person_name,
            greeting=gettext("Hello %(name)s") % {"name": told.person_name},
            offer=_offer(told),
            steps=(
                gettext(N_("Open the link below, or point your phone's camera at the square code.")),
                gettext(N_("Press “Take it into use”.")),
                gettext(
                    N_("Look at the coaches and choose the one you like. You can change your mind later.")
                ),
            ),
            until=gettext("Use it by %(day)s.") % {"day": i18n.day(told.expires_on)},
            link=f"{base_url}/claim/{vouchers.claim_token_of(told.voucher_id, key)}",
            code_label=gettext(N_("The code that you show your coach")),
            code=vouchers.shown(vouchers.code_of(told.voucher_id, key)),
            by_hand=gettext(N_("No camera? Go to this address and type the code:")),
            claim_path=f"{base_url.removeprefix('https://')}/claim",
        )
    finally:
        i18n.language.reset(before)


def _offer(told: LetterTo) -> str:
    service = pick(told.service_name)
    if not told.units:
        words = gettext(N_("This is your voucher for %(service)s. It is worth %(sum)s, and you pay nothing."))
        return words % {"service": service, "sum": i18n.money(told.value_cents)}
    words = ngettext(
        "This is your voucher for %(service)s. It covers %(num)s session, and you pay nothing.",
        "This is your voucher for %(service)s. It covers %(num)s sessions, and you pay nothing.",
        told.units,
    )
    return words % {"service": service, "num": told.units}


def print_letters(letters: Sequence[Letter], title: str) -> bytes:
    """Letters as PDF, A4, one a page, ready for the printer."""
    return contextvars.copy_context().run(_print, letters, title)


def _print(letters: Sequence[Letter], title: str) -> bytes:
    sheet = _Sheet(format="A4")
    for style, path in print_fonts().items():
        sheet.add_font(FONT, style, path)
    sheet.set_title(title)
    sheet.set_creator("Setori")
    sheet.set_margins(EDGE, 22)
    sheet.set_auto_page_break(False)
    for letter in letters:
        sheet.add_page()
        sheet.write_letter(letter)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """A4. Where lines break is remembered, for most letters say the same."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.broken: dict[tuple[str, float, str, float], list[str]] = {}

    def write_letter(self, letter: Letter) -> None:
        """One page. The name stands alone where a window may be: no address is known."""
        self.line_of(letter.sender, 11, "B", after=14)
        self.line_of(letter.to, 11, after=22)
        self.line_of(letter.greeting, 20, "B", after=4)
        self.line_of(letter.offer, 12, after=3)
        for number, step in enumerate(letter.steps, 1):
            self.line_of(f"{number}.  {step}", 12, after=1)
        self.line_of(letter.until, 12, "B", after=8)
        top = self.get_y()
        _qr(self, letter.link, EDGE, top)
        self.link(EDGE, top, QR_MM, QR_MM, letter.link)
        self.set_left_margin(EDGE + QR_MM + 10)
        self.set_y(top)
        self.line_of(letter.code_label, 10, grey=True, after=1)
        self.line_of(letter.code, 20, "B", after=5)
        self.line_of(letter.by_hand, 10, grey=True, after=1)
        self.line_of(letter.claim_path, 11, "B", after=0)
        self.set_left_margin(EDGE)
        self.set_y(top + QR_MM + 6)
        self.line_of(letter.link, 8.5, grey=True, after=0)

    def line_of(self, words: str, size: float, style: str = "", *, after: float, grey: bool = False) -> None:
        """A paragraph."""
        self.set_font(FONT, style, size)
        self.set_text_color(*(GREY if grey else (0, 0, 0)))
        for line in self.lines_of(words, size, style):
            self.cell(0, size * 0.5, line, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(after)

    def lines_of(self, words: str, size: float, style: str) -> list[str]:
        """The paragraph's lines, in the font that is set."""
        if self.get_string_width(words) < self.epw - 1:
            return [words]
        known = (words, size, style, self.l_margin)
        if known not in self.broken:
            wrap = WrapMode.CHAR if " " not in words else WrapMode.WORD
            lines = self.multi_cell(
                0, size * 0.5, words, align="L", dry_run=True, output=MethodReturnValue.LINES, wrapmode=wrap
            )
            self.broken[known] = [str(line) for line in lines] if isinstance(lines, list) else [words]
        return self.broken[known]


def _qr(sheet: FPDF, content: str, x: float, y: float) -> None:
    """The square code as black bars, each as long as it goes on in its row.

    Whichever mask it has, it can be read; to try all of them would take long.
    """
    rows = [bytes(row) for row in segno.make(content, error="m", micro=False, mask=4).matrix_iter(border=0)]
    side = QR_MM / len(rows)
    sheet.set_fill_color(0, 0, 0)
    for down, row in enumerate(rows):
        begin = 0
        while (begin := row.find(1, begin)) >= 0:
            end = row.find(0, begin) if 0 in row[begin:] else len(row)
            sheet.rect(x + begin * side, y + down * side, (end - begin) * side, side, style="F")
            begin = end
