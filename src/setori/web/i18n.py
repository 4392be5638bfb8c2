"""Languages: which one a reader gets, and the words, dates and sums in it."""

from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

from setori.days import HELSINKI
from setori.errors import SetoriError
from setori.money import Money
from setori.texts import LANGUAGES

LOCALES = Path(__file__).resolve().parents[3] / "web" / "locale"
NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
_FORMATS = {"fi": Locale("fi"), "sv": Locale("sv", "FI"), "en": Locale("en", "GB")}

language: ContextVar[str] = ContextVar("language", default="fi")
"""The language of the request in hand."""


def N_(message: str) -> str:  # noqa: N802
    """Mark a message for the catalogs where it is written; it is translated where it is shown."""
    return message


def _read_all() -> dict[str, dict[str | tuple[str, ...], Any]]:
    words: dict[str, dict[str | tuple[str, ...], Any]] = {}
    for code in LANGUAGES:
        words[code] = {}
        for path in sorted((LOCALES / code).glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale=code):
                    if message.id and message.string and not message.fuzzy:
                        key = message.id if isinstance(message.id, str) else message.id[0]
                        words[code][key] = message.string
    return words


_WORDS = _read_all()


def gettext(message: str) -> str:
    """A message in the reader's language; Swedish not yet translated falls back to English, the source."""
    found = _WORDS[language.get()].get(message, message)
    return found if isinstance(found, str) else str(found[0])


def ngettext(singular: str, plural: str, n: int) -> str:
    """A message that counts."""
    found = _WORDS[language.get()].get(singular)
    if isinstance(found, tuple | list):
        return str(found[0 if n == 1 else 1])
    return singular if n == 1 else plural


def sentence(refusal: SetoriError) -> str:
    """A refusal in the reader's language, with its places filled."""
    filled = {name: shown(value) for name, value in refusal.params.items()}
    if refusal.plural:
        translated = ngettext(refusal.sentence, refusal.plural, refusal.number)
    else:
        translated = gettext(refusal.sentence)
    return translated.format(**filled) if filled else translated


def shown(value: Any) -> str:
    """A value inside a sentence: money and days by locale, states by their translated name."""
    if isinstance(value, Money):
        return money(value.cents)
    if isinstance(value, date):
        return day(value)
    return gettext(str(value)) if isinstance(value, str) else str(value)


def locale() -> Locale:
    """How numbers and days are written in the reader's language."""
    return _FORMATS[language.get()]


def money(cents: int) -> str:
    """An amount of cents: `85,00 €` in Finnish, `€85.00` in English."""
    return str(numbers.format_currency(cents / 100, "EUR", locale=locale()))


def decimal(value: float, digits: int = 1) -> str:
    """A number with a fixed number of decimals."""
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return str(numbers.format_decimal(value, format=pattern, locale=locale()))


def percent(share: float) -> str:
    """A share of one as whole per cent."""
    return str(numbers.format_percent(share, locale=locale()))


def day(value: date | datetime) -> str:
    """A day: `23.11.2026`."""
    plain = value.astimezone(HELSINKI).date() if isinstance(value, datetime) else value
    pattern = "d.M.yyyy" if language.get() != "en" else "d MMM yyyy"
    return dates.format_date(plain, pattern, locale=locale())


def moment(value: datetime) -> str:
    """A day and a time in Finland: `23.11.2026 klo 16.30`."""
    local = value.astimezone(HELSINKI)
    pattern = {"fi": "d.M.yyyy 'klo' H.mm", "sv": "d.M.yyyy 'kl.' H.mm", "en": "d MMM yyyy 'at' H:mm"}
    return dates.format_datetime(local, pattern[language.get()], tzinfo=HELSINKI, locale=locale())


def clock(value: datetime) -> str:
    """A time of the day in Finland: `16.30`, `16:30` in English."""
    pattern = "H:mm" if language.get() == "en" else "H.mm"
    return dates.format_datetime(value.astimezone(HELSINKI), pattern, tzinfo=HELSINKI, locale=locale())


def clock_of_minute(minute: int) -> str:
    """The same of minutes since midnight: 570 is `9.30`."""
    return f"{minute // 60}{':' if language.get() == 'en' else '.'}{minute % 60:02d}"


def weekday(value: date | datetime) -> str:
    """A day with its name: `tiistai 24.11.`."""
    plain = value.astimezone(HELSINKI).date() if isinstance(value, datetime) else value
    return dates.format_date(plain, "cccc d MMM" if language.get() == "en" else "cccc d.M.", locale=locale())


def weekday_name(number: int) -> str:
    """The name of a day of the week; Monday is 1."""
    return str(dates.get_day_names("wide", context="stand-alone", locale=locale())[number - 1])


def month(value: date) -> str:
    """A month by name: `lokakuu 2026`."""
    return dates.format_date(value, "LLLL yyyy", locale=locale())


def negotiate(asked: str | None, remembered: str | None, accepts: str) -> str:
    """The language to use: asked for in the address, else remembered, else the browser's first that we have."""
    for wanted in (asked, remembered):
        if wanted in LANGUAGES:
            return str(wanted)
    for code, weight in sorted(_accepted(accepts), key=lambda one: -one[1]):
        if code in LANGUAGES and weight > 0:
            return code
    return "fi"


def _accepted(header: str) -> list[tuple[str, float]]:
    """The languages of an Accept-Language header, each with how much it is wanted (RFC 9110, 12.5.4)."""
    found = []
    for part in header.split(","):
        tag, _, wish = part.partition(";")
        try:
            weight = float(wish.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        found.append((tag.strip().lower().split("-")[0], weight))
    return found
