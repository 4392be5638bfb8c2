"""A decision as PDF: set in the site's own font, which has every letter of Finnish, Swedish and the Sámi languages."""

from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, WrapMode, XPos, YPos

from setori.registry import AppealView, ApplicationStatus, ApplicationView, DecisionView
from setori.web import i18n
from setori.web.assets import print_fonts
from setori.web.i18n import N_, gettext
from setori.web.names import name
from setori.web.pages import pick

FONT = "Figtree"
GREY = (90, 90, 90)
APPEAL = N_(
    "You may ask the employment area to correct the decision. Do it in writing within 14 days of the day on which you "
    "were told of it, say what should be changed and why, and give the number of the application. Send the request to "
    "the employment area's registry."
)

LAST_DAY = N_(
    "The last day to ask for it is %(day)s. The message that told of the decision is held to have reached you three "
    "days after it was sent."
)
COLUMNS = (N_("Code"), N_("Criterion"), N_("Verdict"), N_("Reason"))


class Sheet(FPDF):
    """A4 with the number of the page at its foot."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        for style, path in print_fonts().items():
            self.add_font(FONT, style, path)
        self.set_title(title)
        self.set_creator("Setori")
        self.set_lang({"fi": "fi-FI", "sv": "sv-FI"}.get(i18n.language.get(), "en-GB"))
        self.set_margins(22, 20)
        self.set_auto_page_break(True, 22)
        self.head = title

    def footer(self) -> None:
        """The title and the page's number."""
        self.set_y(-15)
        self.set_font(FONT, size=8)
        self.set_text_color(*GREY)
        self.cell(0, 5, f"{self.head}  ·  {self.page_no()} / {{nb}}", align="R")
        self.set_text_color(0)

    def line_of(self, words: str, *, size: float = 10.5, style: str = "", after: float = 1.5) -> None:
        """A paragraph."""
        self.set_font(FONT, style, size)
        self.multi_cell(
            0, size * 0.5, words, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=_wrap(words)
        )
        self.ln(after)

    def heading(self, words: str) -> None:
        """A heading, which is also a bookmark."""
        self.ln(3)
        self.start_section(words)
        self.line_of(words, size=13, style="B")


def write(seen: ApplicationView, decision: DecisionView) -> bytes:
    """The whole document in the reader's language; what people wrote stands as they wrote it."""
    row = seen.row
    title = gettext(N_("Decision on application %(number)s")) % {"number": row.number}
    sheet = Sheet(title)
    sheet.set_author(row.procurer_name)
    sheet.set_creation_date(decision.decided_at)
    sheet.add_page()
    sheet.line_of(row.procurer_name, style="B")
    sheet.line_of(i18n.day(decision.decided_at), after=6)
    sheet.start_section(title)
    sheet.line_of(title, size=20, style="B", after=3)
    sheet.line_of(outcome(decision), size=13, style="B", after=4)
    version = gettext(N_("version %(n)s")) % {"n": row.rulebook_version}
    for term, value in (
        (gettext(N_("Provider")), row.provider_name),
        (gettext(N_("Rulebook")), f"{pick(row.rulebook_title)}, {version}"),
        (gettext(N_("Sent")), i18n.moment(row.submitted_at) if row.submitted_at else "–"),
        (gettext(N_("Decided")), f"{i18n.moment(decision.decided_at)}, {decision.decided_by}"),
    ):
        sheet.line_of(f"{term}: {value}", after=0.5)
    for appeal in seen.resolved_appeals:
        _appealed(sheet, appeal)
    if decision.conditions:
        sheet.heading(gettext(N_("Conditions")))
        sheet.line_of(decision.conditions)
    sheet.heading(gettext(N_("Reasons")))
    sheet.line_of(decision.reason)
    _criteria(sheet, seen)
    sheet.heading(gettext(N_("How to appeal")))
    sheet.line_of(gettext(APPEAL))
    sheet.line_of(gettext(LAST_DAY) % {"day": i18n.day(decision.appeal_until)})
    sheet.line_of(gettext(N_("The firm's owner can also appeal in Setori, on the page of the application.")))
    return bytes(sheet.output())


def _appealed(sheet: Sheet, appeal: AppealView) -> None:
    sheet.heading(name(f"appeal_{appeal.outcome}"))
    days = [gettext(N_("received %(day)s")) % {"day": i18n.day(appeal.received_on)}]
    if appeal.resolved_at:
        days.append(gettext(N_("resolved %(day)s")) % {"day": i18n.day(appeal.resolved_at)})
    sheet.line_of(" · ".join(days), after=0.5)
    sheet.line_of(appeal.outcome_reason)


def outcome(decision: DecisionView) -> str:
    """What was decided, in words."""
    if decision.outcome is ApplicationStatus.APPROVED and decision.conditions:
        return gettext(N_("Approved with conditions"))
    return name(decision.outcome)


def _criteria(sheet: Sheet, seen: ApplicationView) -> None:
    marked = [item for item in seen.criteria if item.met is not None]
    if not marked:
        return
    sheet.heading(gettext(N_("Criterion by criterion")))
    sheet.set_font(FONT, size=9)
    with sheet.table(
        col_widths=(14, 84, 22, 46),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD"),
        line_height=4.6,
        padding=1.2,
        text_align="LEFT",
        wrapmode=_wrap(" ".join(item.verdict_reason for item in marked)),
    ) as table:
        table.row([gettext(words) for words in COLUMNS])
        for item in marked:
            verdict = gettext(N_("Met")) if item.met else gettext(N_("Not met"))
            table.row([item.asked.code, pick(item.asked.text), verdict, item.verdict_reason])


def _wrap(words: str) -> WrapMode:
    """Where lines break: between words, unless some word is too long for a line."""
    return WrapMode.CHAR if any(len(word) > 30 for word in words.split()) else WrapMode.WORD
