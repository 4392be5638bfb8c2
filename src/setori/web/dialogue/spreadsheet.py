"""A dialogue as files for a spreadsheet."""

from collections.abc import Iterable

from setori.dialogue import RemarkView
from setori.web.comparison import Pair, Side
from setori.web.i18n import N_, gettext
from setori.web.names import name
from setori.web.spreadsheets import table

REMARKS = (
    N_("Kind"),
    N_("Criterion code"),
    N_("From"),
    N_("Text"),
    N_("Written"),
    N_("Verdict"),
    N_("Answer"),
    N_("Answered"),
)
CHANGES = (N_("Criterion code"), N_("Change"), N_("Before"), N_("After"))


def of_remarks(said: Iterable[RemarkView]) -> bytes:
    """What was said, one a row, with its answer."""
    return table(
        [gettext(column) for column in REMARKS],
        [
            [
                name(one.kind),
                one.code or "",
                one.author_name,
                gettext(N_("Withdrawn by its author")) if one.is_withdrawn else one.text,
                one.written_at.isoformat(timespec="seconds"),
                name(one.reply.verdict) if one.reply and one.reply.verdict else "",
                one.reply.text if one.reply else "",
                one.reply.replied_at.isoformat(timespec="seconds") if one.reply else "",
            ]
            for one in said
        ],
    )


def of_changes(pairs: Iterable[Pair]) -> bytes:
    """What changed, one criterion a row."""
    return table(
        [gettext(column) for column in CHANGES],
        [
            [
                pair.code,
                ", ".join(name(change) for change in pair.changes),
                _told(pair.before),
                _told(pair.after),
            ]
            for pair in pairs
        ],
    )


def _told(side: Side | None) -> str:
    if side is None:
        return ""
    return " ".join(words for _, words in side.words) + f" ({', '.join(side.facts)})"
